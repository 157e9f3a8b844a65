import { describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../../../../domain/feature/terms.ts';
import { catchUp } from '../../../../../functions/register/project.ts';
import { apiApp } from '../../../../../functions/web/api/app.ts';
import { NOON } from '../../../openGate.ts';
import { bearer, post, refusal } from '../world.ts';
import { FLAGS, story } from './story.ts';

const audience = (...agencies: string[]) => ({ ...NO_TERMS, audience: agencies });

describe('one flag', () => {
  test('an unknown and a malformed key are an explicit no', async () => {
    const { ask } = await story();
    for (const key of ['nobody', 'UPPER', 'a..b', '%00', 'a/b/c', '%F0%9F%8E%89', 'constructor', '__proto__']) {
      const answer = { key: decodeURIComponent(key), value: false, reason: 'STATIC', variant: 'unknown' };
      expect(await ask(key), key).toMatchObject({ status: 200, body: answer });
    }
  });

  test('what is approved is on, with what it rests on; metadata is flat', async () => {
    const { world, token, on } = await story();
    await on('acme');
    const app = apiApp({ ...world.deps, checkpoint: () => '17' });
    expect((await post({ app }, `${FLAGS}/acme`, {}, bearer(token))).body).toStrictEqual({
      key: 'acme',
      value: true,
      reason: 'STATIC',
      variant: 'enabled',
      metadata: {
        change: 'acme/1',
        revision: 1,
        version: '2026.3',
        asOf: NOON,
        validUntil: '2027-03-02T12:00:00.000Z',
        because: 'every required approval is in force',
        pending: 0,
        checkpoint: '17',
        leaseSeconds: 30,
      },
    });
  });

  test('no body, an empty one and one without a context are an empty context', async () => {
    const { world, token, ask } = await story();
    for (const body of ['', '{}']) expect((await ask('acme', body)).status).toBe(200);
    const bare = await world.app.request(`${FLAGS}/acme`, { method: 'POST', headers: { 'x-api-key': token } });
    expect(bare.status).toBe(200);
  });

  test('agency and version of the context decide', async () => {
    const { ask, on } = await story();
    await on('acme', audience('Denver PD'));
    for (const [context, answer] of [
      [{ targetingKey: 'x' }, { value: false, reason: 'TARGETING_MATCH', variant: 'audience' }],
      [{ agency: 'Denver PD' }, { value: true, reason: 'TARGETING_MATCH', variant: 'enabled' }],
      [{ agency: 'Denver PD', version: '2026.3' }, { value: true }],
      [
        { agency: 'Denver PD', version: '2026.4' },
        { value: false, variant: 'version' },
      ],
    ] as const)
      expect((await ask('acme', { context })).body).toMatchObject(answer);
  });

  test('a token with agencies answers for its own only, in one answer and in all', async () => {
    const { world, ask, bulk, on } = await story();
    await on('acme', audience('Aurora PD', 'Denver PD'));
    const as = async (...agencies: string[]) => bearer(await world.token('state:read', agencies));
    const asked = async (headers: Record<string, string>, context: object = {}) => {
      const [one, all] = [await ask('acme', { context }, headers), await bulk({ context }, headers)];
      expect(all.body.flags).toMatchObject([{ key: 'acme', value: one.body.value, variant: one.body.variant }]);
      return [one.body.variant, all.headers.get('etag')];
    };
    const [denver, elsewhere] = [await as('Denver PD'), await as('Denver PD', 'Parks')];
    const own = await asked(denver);
    const other = await asked(denver, { agency: 'Aurora PD' });
    expect([own[0], other[0], own[1] === other[1]]).toEqual(['enabled', 'audience', false]);
    expect((await asked(await as('Denver PD', 'Aurora PD')))[0]).toBe('enabled');
    // Nobody can say for which of its agencies this one asks.
    expect((await asked(elsewhere))[0]).toBe('audience');
    expect((await asked(elsewhere, { agency: 'Denver PD' }))[0]).toBe('enabled');
  });

  test('a token with agencies answers for no other where the approval is for everybody, too', async () => {
    const { world, ask, on } = await story();
    await on('acme');
    const own = bearer(await world.token('state:read', ['Denver PD']));
    const asked = async (agency: string) => (await ask('acme', { context: { agency } }, own)).body;
    expect(await asked('Denver PD')).toMatchObject({ value: true });
    expect(await asked('Aurora PD')).toMatchObject({ value: false, variant: 'audience' });
  });

  test('what cannot be read is a problem that OFREP clients understand', async () => {
    const { ask, bulk } = await story();
    const { type } = refusal(400, 'invalid-json').body;
    const parse = { type, status: 400, key: 'acme', errorCode: 'PARSE_ERROR', errorDetails: expect.any(String) };
    expect(await ask('acme', '{"context":')).toMatchObject({ status: 400, body: parse });
    const invalid = { errorCode: 'INVALID_CONTEXT' };
    expect(await ask('acme', { context: [] })).toMatchObject({ status: 400, body: { key: 'acme', ...invalid } });
    const whole = await bulk({ context: { agency: 7 } });
    expect(whole).toMatchObject({ status: 400, body: { ...invalid, errors: [{ pointer: '/context/agency' }] } });
    expect(whole.body).not.toHaveProperty('key');
  });
});

describe('all flags', () => {
  test('a page of another origin can read each refusal, so that no client takes it for a failure of the network', async () => {
    const { world, token } = await story();
    const asked = (path: string, by: string, body = '{}', method = 'POST') =>
      world.app.request(path, {
        method,
        body,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${by}` },
      });
    const answers = await Promise.all([
      asked(FLAGS, 'ald_revoked'),
      asked(`${FLAGS}/acme`, 'ald_revoked'),
      asked(FLAGS, token, 'x'.repeat(70_000)),
      asked(`${FLAGS}/`, token),
      asked(FLAGS, token, '{}', 'PUT'),
    ]);
    const seen = answers.map(({ status, headers }) => [status, headers.get('access-control-allow-origin')]);
    expect(seen).toEqual([401, 401, 413, 404, 405].map((status) => [status, '*']));
    expect(answers[0]?.headers.get('access-control-expose-headers')).toContain('retry-after');
    expect((await asked('/v1/observations', 'ald_revoked')).headers.get('access-control-allow-origin')).toBe(null);
  });

  test('a key that the context names is answered up to 512 characters', async () => {
    const { bulk } = await story();
    const [longest, longer] = ['x'.repeat(512), 'x'.repeat(513)];
    const { body } = await bulk({ context: { keys: [longest, longer, 7] } });
    expect(body.flags).toMatchObject([{ key: longest, value: false }]);
  });

  test('once an approval has ended, no tag of before gives a 304 that would keep a yes', async () => {
    const { bulk, on, world } = await story();
    const until = '2026-03-03T00:00:00.000Z';
    await on('acme', { ...NO_TERMS, until });
    const ask = (tag: string) => bulk({}, { 'if-none-match': tag });
    const tagNow = async () => (await bulk()).headers.get('etag') ?? '';
    const etag = await tagNow();
    expect((await ask(etag)).status).toBe(304);
    world.at(until);
    const expired = { status: 200, body: { flags: [{ key: 'acme', value: false, variant: 'expired' }] } };
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, '*']) expect(await ask(tag), tag).toMatchObject(expired);
    const ended = await tagNow();
    expect([ended === etag, (await ask(ended)).status]).toStrictEqual([false, 304]);
  });

  test('each key of the register is answered on its own heads; the ETag covers the context and the answers, and not the moment', async () => {
    const { bulk, on, world, notify } = await story();
    await on('acme');
    await notify({ feature: 'acme.a' });
    await catchUp(world.deps.ports, 'acme.a');
    const ask = (text: string, tag?: string) => bulk(text, tag === undefined ? {} : { 'if-none-match': tag });
    const first = await ask('{"context":{"b":1,"a":2}}');
    expect(first.body.flags.map(({ key, value, variant }: Record<string, unknown>) => [key, value, variant])).toStrictEqual([
      ['acme', true, 'enabled'],
      ['acme.a', false, 'pending'],
    ]);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    world.at('2026-03-02T13:00:00.000Z');
    const same = await ask('{"context":{"a":2,"b":1}}', etag);
    expect([same.status, same.body, same.headers.get('etag')]).toStrictEqual([304, null, etag]);
    expect((await ask('{"context":{"a":2,"b":2}}', etag)).status).toBe(200);
    expect((await ask('{"context":{"b":1,"a":2}}', `"x", W/${etag}`)).status).toBe(304);
  });
});
