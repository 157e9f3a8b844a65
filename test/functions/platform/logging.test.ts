import { expect, test } from 'vitest';
import { errorFields, jsonLogger, masked } from '../../../functions/platform/logging.ts';
import { StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import { errorAnswer } from '../../../functions/web/http/respond.ts';

const SECRETS = ['ald_0123456789abcdef', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsk_AAAA+/BBBB=='];

test('secrets are masked wherever they turn up', () => {
  for (const secret of SECRETS) expect(masked(`sent ${secret}.`)).toBe('sent [secret].');
  for (const kind of ['d', 'm', 'n'])
    expect(masked(`GET /${kind}/AbCdEfGhIjKlMnOpQrSt_-12/revoke`)).toBe(`GET /${kind}/[secret]/revoke`);
});

test('a line is JSON with its instant, and holds no secret of any field', () => {
  const lines: string[] = [];
  jsonLogger(
    () => '2026-03-02T12:00:00.000Z',
    (line) => lines.push(line),
  )({ level: 'warn', event: 'odd', deep: { secret: SECRETS[1] } });
  expect(lines).toStrictEqual(['{"at":"2026-03-02T12:00:00.000Z","level":"warn","event":"odd","deep":{"secret":"[secret]"}}\n']);
});

test('an error is logged whole, causes included, and answered with nothing of it', () => {
  const entries: object[] = [];
  const error = new Error('outer', { cause: new TypeError(`inner ${SECRETS[0]}`) });
  const answer = errorAnswer((entry) => void entries.push(entry), error, 'POST /v1/notices');
  expect(answer.status).toBe(500);
  expect(answer.body).not.toContain('outer');
  expect(entries).toMatchObject([
    {
      level: 'error',
      where: 'POST /v1/notices',
      error: { message: 'outer', cause: { name: 'TypeError', message: 'inner [secret]' } },
    },
  ]);
});

test('an outage of the store is 503', () => {
  expect(errorAnswer(() => undefined, new StoreUnavailable('head'), 'GET /')).toMatchObject({ status: 503 });
});

test('a thrown value that is not an error, and endless causes, are logged too', () => {
  expect(errorFields('x')).toStrictEqual({ name: 'thrown', message: 'x' });
  const endless = new Error('a');
  endless.cause = endless;
  expect(() => errorFields(endless)).not.toThrow();
});
