import { expect, test } from 'vitest';
import { accept, allOf, nothing, PASSED, reject, rejectInput } from '../../../domain/kernel/decider.ts';

test('a decision is events, none, or a refusal', () => {
  expect(accept('one', 'two')).toStrictEqual({ ok: true, events: ['one', 'two'] });
  expect(nothing).toStrictEqual({ ok: true, events: [] });
  expect(reject('code', 'Why.')).toStrictEqual({ ok: false, rejection: { code: 'code', detail: 'Why.' } });
  expect(reject('code', 'Why.', '')).toStrictEqual({ ok: false, rejection: { code: 'code', detail: 'Why.', pointer: '' } });
});

test('an input is refused with all its problems, and points to the first', () => {
  const problems = ['/a', '/b'].map((pointer) => ({ pointer, detail: 'is missing' }));
  expect(rejectInput('code', problems)).toStrictEqual({
    ok: false,
    rejection: { code: 'code', detail: '/a is missing; /b is missing', pointer: '/a', problems },
  });
});

test('of several checks the first that fails counts', () => {
  const refused = [reject('one', 'One.'), reject('two', 'Two.')] as const;
  expect(allOf(PASSED, ...refused)).toBe(refused[0]);
  expect(allOf(PASSED, PASSED)).toStrictEqual({ ok: true });
});
