import { expect, test } from 'vitest';
import { CorruptStore, StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import { errorAnswer } from '../../../../functions/web/http/respond.ts';

const logged = (error: Error) => {
  const lines: { readonly level: string; readonly error?: unknown }[] = [];
  const { status } = errorAnswer((entry) => void lines.push(entry), error, 'POST /v1/notices');
  return { status, lines };
};

test.each(['disk-low', 'clock-behind'] as const)(
  '%s is stated by /readyz: of a request that meets it the log has one line',
  (code) => {
    const { status, lines } = logged(new StoreUnavailable('no write now', { code }));
    expect(status).toBe(503);
    expect(lines).toStrictEqual([{ level: 'warn', event: 'request refused', where: 'POST /v1/notices', code }]);
  },
);

test.each([
  ['a store that cannot be reached', new StoreUnavailable('closed'), 503],
  ['a defect', new TypeError('undefined'), 500],
])('%s is logged with its stack', (_, error, status) => {
  const answer = logged(error);
  expect(answer).toMatchObject({ status, lines: [{ level: 'error', error: { stack: error.stack } }] });
});

test('a store that was not compared yet is to be asked again soon, one with a row that cannot be read later', () => {
  const retryAfter = (error: Error) => errorAnswer(() => undefined, error, 'POST /v1/notices').headers['retry-after'];
  expect(retryAfter(new CorruptStore('not yet', { code: 'not-compared' }))).toBe('5');
  expect(retryAfter(new CorruptStore('altered'))).toBe('60');
});
