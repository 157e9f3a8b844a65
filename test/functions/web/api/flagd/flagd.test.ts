import { FlagdCore } from '@openfeature/flagd-core';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { NO_TERMS } from '../../../../../domain/feature/terms.ts';
import { catchUp } from '../../../../../functions/register/project.ts';
import { FLAGS, story } from '../ofrep/story.ts';
import { bearer, post } from '../world.ts';

const NOON = Date.parse('2026-03-02T12:00:00.000Z');
const HALF_LEASE_MS = 15_000;

const POLICE = { ...NO_TERMS, audience: ['police'] };

const played = async () => {
  const { world, approved, notify, on, token } = await story();
  await on('acme');
  await on('acme.lpr', { ...NO_TERMS, audience: ['police', 'town-pd'] });
  await on('acme.lpr.search', POLICE);
  await on('acme.short', { ...NO_TERMS, until: '2026-03-02T12:00:20.000Z' });
  await approved({ feature: 'acme.plain', version: undefined });
  await catchUp(world.deps.ports, 'acme.plain');
  await on('acme.removed');
  await notify({ feature: 'acme.removed', kind: 'removal', effectiveAt: '2026-03-02T12:00:20Z' });
  await catchUp(world.deps.ports, 'acme.removed');
  await on('acme.later', { ...NO_TERMS, from: '2026-04-01T00:00:00.000Z' });
  const fetched = async (by = token, etag?: string) => {
    const headers = { ...bearer(by), ...(etag !== undefined && { 'if-none-match': etag }) };
    const answer = await world.app.request('/v1/flagd.json', { headers });
    return { status: answer.status, etag: answer.headers.get('etag') ?? '', text: await answer.text() };
  };
  const asked = async (key: string, context: object, by = token) =>
    (await post(world, `${FLAGS}/${key}`, { context }, bearer(by))).body.value as boolean;
  return { world, token, fetched, asked };
};

/** flagd's own evaluation of a source, at an instant of its own clock; it complains of nothing. */
const flagd = (source: string, atMs = NOON) => {
  const complaints: unknown[] = [];
  const complain = (...said: unknown[]) => void complaints.push(said);
  const core = new FlagdCore(undefined, { debug: () => undefined, info: () => undefined, warn: complain, error: complain });
  core.setConfigurations(source);
  vi.useFakeTimers({ toFake: ['Date'], now: atMs });
  onTestFinished(() => void vi.useRealTimers());
  return {
    complaints,
    isOn: (key: string, context: Readonly<Record<string, string>> = {}, whenMs = atMs) => {
      vi.setSystemTime(whenMs);
      const { value } = core.resolveBooleanEvaluation(key, true, context);
      vi.setSystemTime(atMs);
      return value;
    },
  };
};

test('every key of the register stands in it, what is off as a plain false, without a complaint of flagd', async () => {
  const { fetched } = await played();
  const { text } = await fetched();
  const { flags } = JSON.parse(text) as { flags: Readonly<Record<string, object>> };
  expect(Object.keys(flags)).toStrictEqual([
    'acme',
    'acme.later',
    'acme.lpr',
    'acme.lpr.search',
    'acme.plain',
    'acme.removed',
    'acme.short',
  ]);
  expect(flags['acme.later']).toStrictEqual({ state: 'ENABLED', variants: { off: false }, defaultVariant: 'off' });
  // A reader that gives no clock has `null` for it, which stands before every end.
  for (const flag of Object.values(flags))
    expect('targeting' in flag ? JSON.stringify(flag.targeting) : '').toMatch(
      /^$|^\{"if":\[\{"and":\[\{">":\[\{"var":"\$flagd.timestamp"\},0\]\},/,
    );
  const daemon = flagd(text);
  expect(['acme', 'acme.later', 'acme.lpr', 'acme.short'].map((key) => daemon.isOn(key))).toStrictEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(daemon.complaints).toStrictEqual([]);
});

test('when the source is gone, flagd says false from the end of the lease on; it has more than half of it left', async () => {
  for (const ms of [0, 1, 7_499, 14_999]) {
    const { world, fetched } = await played();
    world.at(new Date(NOON + ms).toISOString());
    const daemon = flagd((await fetched()).text, NOON + ms);
    expect(daemon.isOn('acme'), `${ms}`).toBe(true);
    expect(daemon.isOn('acme', {}, NOON + ms + HALF_LEASE_MS), `${ms}`).toBe(true);
    expect(daemon.isOn('acme', {}, NOON + 2 * HALF_LEASE_MS), `${ms}`).toBe(false);
  }
});

test.each(['acme.short', 'acme.removed'])('the lease of %s ends with its approval', async (key) => {
  const { fetched } = await played();
  const daemon = flagd((await fetched()).text);
  expect(daemon.isOn(key, {}, NOON + 19_999)).toBe(true);
  expect(daemon.isOn(key, {}, NOON + 20_000)).toBe(false);
});

test('nothing new is a 304 only while more than half of the lease remains', async () => {
  const { world, fetched } = await played();
  const { etag } = await fetched();
  world.at(new Date(NOON + HALF_LEASE_MS - 1).toISOString());
  expect((await fetched(undefined, etag)).status).toBe(304);
  world.at(new Date(NOON + HALF_LEASE_MS).toISOString());
  const next = await fetched(undefined, etag);
  expect(next.status).toBe(200);
  await world.gate.revoke('acme/1');
  await catchUp(world.deps.ports, 'acme');
  const after = await fetched(undefined, next.etag);
  expect(after.status).toBe(200);
  expect(flagd(after.text, NOON + HALF_LEASE_MS).isOn('acme')).toBe(false);
});

test('a token is needed that may ask; the tag is of its agencies, too', async () => {
  const { world, fetched, token } = await played();
  expect((await fetched('ald_wrong')).status).toBe(401);
  expect((await fetched(await world.token('observe'))).status).toBe(403);
  expect((await fetched(token)).etag).not.toBe((await fetched(await world.token('state:read', ['police']))).etag);
});

test('flagd answers as OFREP does, for every key, agency, version and token', async () => {
  const { world, fetched, asked, token } = await played();
  const tokens = [
    token,
    ...(await Promise.all([['police'], ['police', 'town-pd'], ['fire']].map((own) => world.token('state:read', own)))),
  ];
  const sources = new Map(await Promise.all(tokens.map(async (each) => [each, (await fetched(each)).text] as const)));
  const keys = ['acme', 'acme.later', 'acme.lpr', 'acme.lpr.search', 'acme.plain', 'acme.short'];
  const context = fc.record(
    { agency: fc.constantFrom('police', 'town-pd', 'fire', ''), version: fc.constantFrom('2026.3', '2', '') },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...keys), context, fc.constantFrom(...tokens), async (key, given, by) => {
      const expected = await asked(key, given, by);
      const daemon = flagd(sources.get(by) ?? '');
      const value = daemon.isOn(key, given);
      vi.useRealTimers();
      expect([value, daemon.complaints]).toStrictEqual([expected, []]);
    }),
    { numRuns: 200 },
  );
});
