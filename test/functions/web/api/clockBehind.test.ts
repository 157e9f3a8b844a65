import { expect, onTestFinished, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { evaluateKey } from '../../../../functions/gate/heads.ts';
import { recordTimeZone } from '../../../../functions/gate/rules.ts';
import { rotateVendor } from '../../../../functions/gate/vendors.ts';
import { keptFlags } from '../../../../functions/web/api/ofrep/keptFlags.ts';
import { createToken, type Scope } from '../../../../functions/web/http/tokens.ts';
import { UNCHANGED } from '../../../support/fixtures/vendor.ts';
import { loggedBytes, objections } from '../../../support/judged.ts';
import {
  bearer,
  councilAndMayor,
  ed25519Signer,
  NOON,
  notice,
  notified,
  officials,
  post,
  refusal,
  type Signer,
  signed,
  story,
  type World,
} from './world.ts';

// A clock that ran ahead and was put right, or went on: whatever is acknowledged stands before the judge.

const plus = (minutes: number) => new Date(Date.parse(NOON) + minutes * 60_000).toISOString();
/** The newest commits are of this instant, by a clock that ran ahead. */
const AHEAD = 300;

/** A city with one of everything that a path needs, all of it written by the clock that ran ahead. */
const staged = async () => {
  const { world, acme: old } = await story();
  onTestFinished(async () =>
    expect(objections(await loggedBytes(world.deps.ports.store)), 'what the judge objects to').toEqual([]),
  );
  const { gate } = world;
  const announce = async (by: Signer, change: Readonly<Record<string, unknown>>) => (await notified(world, by, change)).body;
  await gate.decide(await announce(old, {}), { terms: { ...NO_TERMS, maintenance: true } });
  world.at(plus(AHEAD));
  const acme = ed25519Signer(world.now);
  await rotateVendor(world.deps.ports, 'acme', acme.publicKey);
  await announce(acme, { kind: 'update', title: 'A fix', impact: UNCHANGED });
  for (const feature of ['acme.revised', 'acme.withdrawn']) await announce(acme, { feature });
  for (const feature of ['acme.on', 'acme.removed', 'acme.beside']) await gate.decide(await announce(acme, { feature }));
  const [open, halfway] = [await announce(acme, { feature: 'acme.open' }), await announce(acme, { feature: 'acme.halfway' })];
  await gate.certify(halfway.change, halfway.digest);
  const made = (scope: Scope) => createToken(world.deps.ports, { name: scope.replace(':', '-'), scopes: [scope], person: null });
  const tokens = {
    admin: await made('admin'),
    observe: await made('observe'),
    notice: await made('notice'),
    spare: await made('state:read'),
  };
  const send = async (token: keyof typeof tokens, path: string, body: unknown = {}, method = 'POST') => {
    const headers = { ...bearer(tokens[token].token), 'content-type': 'application/json' };
    const answer = await world.app.request(path, { method, headers, ...(method !== 'DELETE' && { body: JSON.stringify(body) }) });
    if (answer.status === 503) expect(answer.headers.get('retry-after')).toBe('60');
    return answer.status;
  };
  const signs = async (path: string, message: object) => {
    const answer = await signed(world, acme, path, message);
    if (answer.status === 503) expect(answer).toMatchObject(refusal(503, 'clock-behind'));
    return answer.status;
  };
  await send('admin', '/v1/vendors/acme/forms');
  const { body } = await post(world, '/v1/vendors', { id: 'zeta', name: 'Zeta' }, bearer(tokens.admin.token));
  return { world, tokens, open, halfway, send, signs, key: body.keys[0].id as string };
};
type Act = (stage: Awaited<ReturnType<typeof staged>>) => Promise<number>;

const done = (act: Promise<unknown>) => act.then(() => 303);

const entered = { notice: notice({ feature: 'acme.heard' }), channel: 'letter', heardAt: '2026-03-01T09:00:00Z' };
const observed = (at: string) => ({ vendor: 'acme', source: 'city', observedAt: at, features: { acme: true } });

const newKey = ({ now }: World) => ed25519Signer(now).publicKey;

/** Every path that writes, with how it does; those that switch off or end something are taken whatever the clock shows. */
const WAITS: Readonly<Record<string, Act>> = {
  'a signed notice': ({ signs }) => signs('/v1/notices', notice({ feature: 'acme.new' })),
  'a signed revision': ({ signs }) => signs('/v1/notices', notice({ feature: 'acme.revised', revises: 1, title: 'Other words' })),
  'a signed withdrawal': ({ signs }) => signs('/v1/changes/acme.withdrawn/1/withdraw', { withdraw: 'acme.withdrawn/1' }),
  'a notice that the city enters': ({ send }) => send('notice', '/v1/intake', entered),
  'an observation': ({ send, world }) => send('observe', '/v1/observations', observed(world.now())),
  'a roster': ({ send }) => send('admin', '/v1/roster', officials({ auditor: { id: 'newcomer', name: 'New Comer' } }), 'PUT'),
  'a policy': ({ send }) => send('admin', '/v1/policy', { policy: { ...councilAndMayor, version: '2027-01' } }),
  'a vendor': ({ send, world }) => send('admin', '/v1/vendors', { id: 'other', name: 'Other', publicKey: newKey(world) }),
  'a vendor’s new key': ({ send, world }) => send('admin', '/v1/vendors/acme/keys', { publicKey: newKey(world) }),
  'a form': ({ send }) => send('admin', '/v1/vendors/acme/forms'),
  'a token': ({ send }) => send('admin', '/v1/tokens', { name: 'new', scopes: ['state:read'] }),
  'a reset of passkeys': ({ send }) => send('admin', '/v1/holders/mayor/passkeys', {}, 'DELETE'),
  'a certificate': ({ world, open }) => done(world.gate.certify(open.change, open.digest)),
  'a signature': ({ world, halfway }) => done(world.gate.sign(halfway.change, halfway.digest)),
};
const TAKEN: Readonly<Record<string, Act>> = {
  'a removal': ({ signs }) => signs('/v1/notices', notice({ feature: 'acme.removed', kind: 'removal' })),
  'a revocation': ({ world }) => done(world.gate.revoke('acme.on/1')),
  'a contest': ({ send }) => send('notice', '/v1/changes/acme/2/contest', { reason: 'It stores faces.' }),
  'the end of a token': ({ send, tokens }) => send('admin', `/v1/tokens/${tokens.spare.id}`, {}, 'DELETE'),
  'the end of a key': ({ send, key }) => send('admin', `/v1/vendors/zeta/keys/${key}`, {}, 'DELETE'),
  'the end of forms': ({ send }) => send('admin', '/v1/vendors/acme/forms', {}, 'DELETE'),
  'the end of links': ({ send }) => send('admin', '/v1/holders/mayor/links', { reissue: true }),
  'a revocation beside its feature': ({ world }) => done(world.gate.revokeBeside('acme.beside/1')),
};

test.each([-150, -15, 15])(
  'the clock %s minutes after the newest commit: each path is refused before it is acknowledged, or stands before the judge',
  async (minutes) => {
    const stage = await staged();
    const { world } = stage;
    world.at(plus(AHEAD + minutes));
    for (const [name, act] of Object.entries({ ...WAITS, ...TAKEN })) {
      const before = await world.commits();
      const status = await act(stage).catch((error: { readonly code?: string }) => {
        if (error.code === 'clock-behind') return 503;
        throw error;
      });
      const waits = minutes < 0 && Object.hasOwn(WAITS, name);
      expect(status === 503, `${name}: ${status}`).toBe(waits);
      expect(status < 400 || waits, `${name}: ${status}`).toBe(true);
      expect((await world.commits()) > before, name).toBe(!waits);
    }
    // The zone of another setting waits, and a start goes on with that on record.
    expect(await recordTimeZone({ ...world.deps.ports, zone: 'America/Denver' })).toBe(minutes < 0 ? 'UTC' : 'America/Denver');
  },
);

test('an approval does not begin by a clock that ran ahead: before its day the answer is false, whatever was committed then', async () => {
  const { world, approved } = await story();
  await approved({}, { ...NO_TERMS, from: plus(120) });
  world.at(plus(AHEAD));
  await createToken(world.deps.ports, { name: 'late', scopes: ['state:read'], agencies: [], person: null });
  const { one } = keptFlags(world.deps);
  const answers = async () => [
    (await evaluateKey(world.deps.ports, 'acme', {})).enabled,
    JSON.parse(`${(await one('acme', {})).text}}}`).value,
  ];
  for (const minutes of [1, 119]) {
    world.at(plus(minutes));
    expect(await answers(), `${minutes} minutes`).toEqual([false, false]);
  }
  world.at(plus(120));
  expect(await answers()).toEqual([true, true]);
});
