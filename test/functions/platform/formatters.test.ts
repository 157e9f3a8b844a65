import { expect, test } from 'vitest';
import { dateFormat, listFormat, numberFormat, pluralRules } from '../../../functions/platform/catalogue.ts';
import { sourceFiles, textOf } from '../../support/projectFiles.ts';

test('a formatter is made once for a language, a time zone and its options, and formats for them alone', () => {
  const options = { dateStyle: 'long', timeZone: 'America/Chicago' } as const;
  expect(dateFormat('en', { ...options })).toBe(dateFormat('en', options));
  const instant = new Date('2026-03-17T03:00:00Z');
  const written = [dateFormat('en', options), dateFormat('es', options), dateFormat('en', { ...options, timeZone: 'UTC' })];
  expect(written.map((format) => format.format(instant))).toEqual(['March 16, 2026', '16 de marzo de 2026', 'March 17, 2026']);
  expect(dateFormat('en', { ...options, dateStyle: 'medium' }).format(instant)).toBe('Mar 16, 2026');
  for (const made of [numberFormat, listFormat, pluralRules]) {
    expect(made('en')).toBe(made('en'));
    expect(made('en')).not.toBe(made('es'));
  }
  expect(numberFormat('en', { style: 'unit', unit: 'day', unitDisplay: 'long' }).format(3)).toBe('3 days');
});

test('nothing that answers requests or writes mails makes a formatter of its own', () => {
  const making = /new Intl\.(?:DateTimeFormat|NumberFormat|ListFormat|PluralRules)\(/;
  const found = sourceFiles().filter((file) => file.startsWith('functions/') && making.test(textOf(file)));
  expect(found).toEqual(['functions/platform/catalogue.ts']);
});
