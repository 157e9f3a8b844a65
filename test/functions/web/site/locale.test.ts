import { expect, test } from 'vitest';
import { localeOf } from '../../../../functions/web/site/locale.ts';

test.each([
  ['en', '2026-06-02T06:00:00.000Z', 'the end of Monday, June 1, 2026'],
  ['en', '2026-06-01T14:00:00.000Z', 'Monday, June 1, 2026 at 8:00 AM'],
  ['es', '2026-06-02T06:00:00.000Z', 'el final del lunes, 1 de junio de 2026'],
  ['es', '2026-06-01T14:00:00.000Z', 'el lunes, 1 de junio de 2026 a las 8:00'],
] as const)('in %s a deadline of %s is %s, in the city’s time zone, which has a name', (language, instant, text) => {
  const locale = localeOf(language, 'America/Denver', '2026-03-03T15:00:00.000Z');
  expect(locale.deadline(instant)).toBe(text);
  expect(locale.zoneName).toBe(language === 'en' ? 'Mountain Time' : 'hora de las Montañas Rocosas');
});

test('UTC is called by its name', () => {
  for (const language of ['en', 'es'] as const)
    expect(localeOf(language, 'UTC', '2026-03-03T15:00:00.000Z').zoneName).toBe('UTC');
});
