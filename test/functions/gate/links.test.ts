import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../../domain/kernel/json.ts';
import { lastMomentOf, localMoment } from '../../../domain/kernel/zone.ts';
import { personOf } from '../../../domain/roster/holders.ts';
import {
  type LinkTarget,
  linksFor,
  makeLink,
  personGeneration,
  resolveLink,
  resolveReadableLink,
  resolveToSwitchOff,
  rollbackConfirmersFor,
} from '../../../functions/gate/links.ts';
import type { GatePorts } from '../../../functions/gate/ports.ts';
import { confirmProposal, cutOffLinksOf, setRoster } from '../../../functions/gate/rosters.ts';
import { adoption, confirmRollback, day, facts, notify, withdraw } from '../../domain/feature/support.ts';
import { city as cityLog } from '../../domain/judge/log.ts';
import { ballots, council, mayor, roster, thirteenSeats } from '../../support/fixtures/city.ts';
import { openGate, rosterFile } from '../openGate.ts';

const who = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
const CLERK = { holder: 'clerk', body: 'clerk', seat: 'clerk' };
const target: LinkTarget = { purpose: 'decide', ...who, requirement: 'mayor', key: 'acme.lpr', n: 3, revision: 1 };
const rosterTarget: LinkTarget = { purpose: 'confirm-roster', ...CLERK, sha256: `sha256:${'a'.repeat(64)}` };
const hashed = (token: string) => createHash('sha256').update(token).digest('hex');
const ports = async () => ({ ...(await openGate()).ports, linkKey: new Uint8Array(32).fill(7) });

/** Cuts off the mayor's links; `seen`: their generation as it was seen. */
const cutOff = async (gate: GatePorts, seen: number) => {
  const done = await cutOffLinksOf(gate, { holder: 'mayor', by: null, reissued: false, seen });
  expect(done.ok).toBe(true);
};

test('the same link for the same target, and nothing but its hash is kept', async () => {
  const with_ = await ports();
  const { sideStore } = with_;
  const token = await makeLink(with_, target);
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(await makeLink(with_, target)).toBe(token);
  const stored = await sideStore.list('link');
  expect(stored).toEqual([{ id: hashed(token), value: { target, generation: 1, address: expect.any(String) } }]);
  expect(JSON.stringify(stored)).not.toContain(token);
  expect(await resolveLink(with_, token)).toEqual({ ...target, generation: 1 });
});

// A link in a mail of today has to open in years, so what it is derived from never changes.
test.each<[string, LinkTarget, readonly (string | number)[]]>([
  ['a decision', { ...target, holder: 'deputy', revision: 2 }, ['mayor', 'acme.lpr/3', 2]],
  ['a proposal', { ...rosterTarget, ...who }, ['confirm-roster/mayor', `roster@sha256:${'a'.repeat(64)}`, 0]],
  [
    'a rollback',
    { purpose: 'confirm-rollback', ...who, key: 'acme', n: 2, revision: 4 },
    ['confirm-rollback/mayor', 'acme/2', 4],
  ],
  ['passkeys', { purpose: 'passkeys', ...who, resets: 1 }, ['passkeys/mayor', 'passkeys@1', 0]],
  ['what waits this week', { purpose: 'weekly', ...who }, ['weekly/mayor', 'weekly', 0]],
])('the link for %s is the same with every version of the program', async (_, to, names) => {
  const with_ = await ports();
  const token = await makeLink(with_, to);
  const [{ value } = { value: {} }] = await with_.sideStore.list('link');
  const { address } = value as { readonly address: string | null };
  const named = JSON.stringify([to.holder, 'mayor', ...names, 1, address]);
  expect(token).toBe(createHmac('sha256', with_.linkKey).update(named).digest('base64url'));
});

test('a link is bound to the installation’s key', async () => {
  const with_ = await ports();
  const token = await makeLink(with_, target);
  const other = { ...with_, linkKey: new Uint8Array(32).fill(8) };
  expect(await makeLink(other, target)).not.toBe(token);
  expect(await resolveLink(other, token)).toBeUndefined();
});

test('write access to the side store creates no link', async () => {
  const with_ = await ports();
  const mine = 'A'.repeat(43);
  await with_.sideStore.put('link', hashed(mine), { target, generation: 1, address: null });
  expect(await resolveLink(with_, mine)).toBeUndefined();
  const token = await makeLink(with_, target);
  const stored = (await with_.sideStore.get('link', hashed(token))) as { target: JsonObject };
  for (const altered of [
    { ...stored, target: { ...stored.target, n: 4 } },
    { ...stored, admin: true },
  ]) {
    await with_.sideStore.put('link', hashed(token), altered);
    expect(await resolveLink(with_, token)).toBeUndefined();
  }
  await with_.sideStore.put('link', hashed(token), stored);
  expect(await resolveLink(with_, token)).toMatchObject({ n: 3 });
});

test.each(['', 'x', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`, `${'A'.repeat(42)}\n`, '../../etc/passwd'])(
  '%j is no token',
  async (token) => {
    expect(await resolveLink(await ports(), token)).toBeUndefined();
  },
);

const invited = (...args: Parameters<typeof linksFor>) => linksFor(...args).map(({ holder }) => holder.id);
const DAY = lastMomentOf('2026-03-02', 'UTC');

test('a certification belongs to the clerks, signatures, ballots and advice to the members', () => {
  const city = roster();
  expect(invited(council(), { by: '' }, city, DAY)).toEqual(['clerk', 'deputy-clerk']);
  expect(invited(mayor(), { by: '' }, city, DAY)).toEqual(['mayor']);
  expect(invited(ballots(), { by: '' }, city, DAY)).toHaveLength(13);
  expect(invited({ id: 'advice', body: 'board', instrument: 'advice' }, { by: '' }, city, DAY)).toHaveLength(3);
});

test('only holders in office on the day, without the person who entered the notice', () => {
  const city = roster({ mayor: { to: '2026-03-01' }, clerk: null });
  expect(invited(mayor(), { by: '' }, city, DAY)).toEqual([]);
  expect(invited(mayor(), { by: '' }, city, lastMomentOf('2026-03-01', 'UTC'))).toEqual(['mayor']);
  expect(invited(council(), { by: personOf('deputy-clerk') }, city, DAY)).toEqual([]);
});

test('all links of a person end at once, once for each request; those of others go on', async () => {
  const with_ = await ports();
  const [first, other] = [await makeLink(with_, target), await makeLink(with_, rosterTarget)];
  const kept = (await with_.sideStore.get('link', hashed(first))) ?? null;
  await cutOff(with_, 1);
  expect(await resolveLink(with_, first)).toBeUndefined();
  expect(await resolveLink(with_, other)).toEqual({ ...rosterTarget, generation: 1 });
  const second = await makeLink(with_, target);
  // They stay worthless, whatever is put back into the side store.
  await with_.sideStore.put('link', hashed(first), kept);
  expect(await resolveLink(with_, first)).toBeUndefined();
  await cutOff(with_, 1);
  expect(await resolveLink(with_, second)).toEqual({ ...target, generation: 2 });
  await cutOff(with_, 2);
  const third = await makeLink(with_, target);
  // A request of long ago that arrives again must not bring back what was cut off since.
  await cutOff(with_, 1);
  expect(await personGeneration(with_, 'mayor')).toBe(3);
  expect(await resolveLink(with_, second)).toBeUndefined();
  expect(await resolveLink(with_, third)).toEqual({ ...target, generation: 3 });
});

describe('of a person who left the roster and comes back', () => {
  const CAME = { purpose: 'weekly', holder: 'district-2', body: 'council', seat: 'district-2' } as const;
  const adopt = async (gate: GatePorts, file: JsonValue) => {
    const proposed = await setRoster(gate, file, new Uint8Array(32));
    const sha256 = proposed.ok ? (proposed.state.proposal?.sha256 ?? '') : '';
    await confirmProposal(gate, { sha256, ...CLERK });
    const done = await confirmProposal(gate, { sha256, holder: 'district-1', body: 'council', seat: 'district-1' });
    expect(done).toMatchObject({ ok: true, waits: false });
  };
  const story = async () => {
    const with_ = await ports();
    const before = await makeLink(with_, CAME);
    await adopt(with_, rosterFile(roster({ 'district-2': null })));
    // Who left still sees what the link shows.
    expect(await resolveLink(with_, before)).toMatchObject(CAME);
    return { with_, before };
  };

  test('at the same address the links of before go on', async () => {
    const { with_, before } = await story();
    await adopt(with_, rosterFile());
    expect(await resolveLink(with_, before)).toMatchObject(CAME);
    expect(await makeLink(with_, CAME)).toBe(before);
  });

  test('at another address those mailed to the first are dead, also to switch off', async () => {
    const { with_, before } = await story();
    await adopt(with_, JSON.parse(JSON.stringify(rosterFile()).replace('district-2@city', 'elsewhere@city')));
    for (const resolve of [resolveLink, resolveToSwitchOff, resolveReadableLink])
      expect(await resolve(with_, before)).toBeUndefined();
    const after = await makeLink(with_, CAME);
    expect(await resolveLink(with_, after)).toMatchObject(CAME);
    // The commitment is part of what the token is derived from.
    await with_.sideStore.put('link', hashed(before), (await with_.sideStore.get('link', hashed(after))) ?? null);
    expect(await resolveLink(with_, before)).toBeUndefined();
  });
});

test('a rollback can be confirmed by everyone in office in a deciding body who has not', () => {
  const log = cityLog().feat(notify(day(0), 1), ...adoption(1));
  log.feat(notify(day(20), 2, { notice: facts({ kind: 'update', optOut: 'no' }) }));
  const rules = { policy: thirteenSeats, roster: roster({ mayor: { to: day(25).slice(0, 10) } }) };
  const asked = (at: number) =>
    rollbackConfirmersFor(log.feature(), 2, rules, localMoment(day(at), 'UTC')).map(({ holder, body }) => `${body}/${holder.id}`);
  expect(asked(21)).toEqual([]);
  log.feat(withdraw(day(21), 2));
  expect(asked(22)).toHaveLength(17);
  expect(asked(22)).toEqual(expect.arrayContaining(['mayor/mayor', 'clerk/clerk', 'auditor/auditor', 'council/district-1']));
  log.feat(confirmRollback(day(22)));
  expect(asked(23)).toHaveLength(16);
  expect(asked(23)).not.toContain('clerk/clerk');
  expect(asked(26)).not.toContain('mayor/mayor');
});
