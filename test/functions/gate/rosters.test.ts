import { expect, test } from 'vitest';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { proposedRoster, ROSTER_STREAM, RosterState } from '../../../domain/roster/state.ts';
import { foldStream, readPolicies, readRosters } from '../../../functions/gate/aggregates.ts';
import { addressOf, directoryEntry, proposedAddress } from '../../../functions/gate/directory.ts';
import type { GatePorts } from '../../../functions/gate/ports.ts';
import { addressChanges, confirmProposal, refuseProposal, setRoster } from '../../../functions/gate/rosters.ts';
import type { Store } from '../../../functions/platform/store/port.ts';
import { commitOf } from '../../../functions/platform/store/record.ts';
import type { SideStore } from '../../../functions/platform/store/sideStore.ts';
import { roster, term } from '../../support/fixtures/city.ts';
import { openGate, rosterFile } from '../openGate.ts';

const SALT = new Uint8Array(32);
/** Two persons of two bodies, who put a roster in force. */
const [CLERK, MEMBER] = [
  { holder: 'clerk', body: 'clerk', seat: 'clerk' },
  { holder: 'district-1', body: 'council', seat: 'district-1' },
];
const MOVED = JSON.parse(JSON.stringify(rosterFile()).replace('mayor@city.example', 'new-mayor@city.example')) as JsonValue;

const propose = async (ports: GatePorts, file: JsonValue) => {
  const proposed = await setRoster(ports, file, SALT);
  const proposal = proposed.ok ? proposedRoster(proposed.state) : null;
  return proposal ?? expect.fail(`not proposed: ${JSON.stringify(proposed)}`);
};

test('the roster in force, sent again, withdraws the one that waits; the next one brings its addresses with it', async () => {
  const { ports, sideStore } = await openGate();
  const next = rosterFile(roster({ mayor: { id: 'successor', name: 'Another mayor' } }));
  const ofPolicy = (await readPolicies(ports)).inForce?.sha256 ?? '';
  await sideStore.put('directory-proposed', ofPolicy, {});
  await propose(ports, next);
  expect(await setRoster(ports, rosterFile(), SALT)).toMatchObject({ ok: true, waits: false, state: { proposal: null } });
  expect((await sideStore.list('directory-proposed')).map(({ id }) => id)).toEqual([ofPolicy]);
  const { sha256 } = await propose(ports, next);
  expect(await directoryEntry(sideStore, 'mayor')).toMatchObject({ email: 'mayor@city.example' });
  expect(await confirmProposal(ports, { sha256, ...CLERK })).toMatchObject({ ok: true, waits: true });
  expect(await directoryEntry(sideStore, 'successor')).toBeUndefined();
  expect(await confirmProposal(ports, { sha256, ...MEMBER })).toMatchObject({ ok: true, waits: false });
  expect(await directoryEntry(sideStore, 'successor')).toMatchObject({ email: 'successor@city.example' });
  expect(await directoryEntry(sideStore, 'mayor')).toBeUndefined();
});

test('the addresses of the first roster are kept before anyone is in office', async () => {
  const kept: SideStore[] = [];
  const before: string[][] = [];
  const { sideStore } = await openGate({
    sideStoreOf: (side) => {
      kept.push(side);
      return side;
    },
    storeOf: (store) => ({
      ...store,
      append: async (records) => {
        const proposed = (await kept[0]?.list('directory-proposed')) ?? [];
        if (records[0]?.stream === ROSTER_STREAM) before.push(proposed.flatMap(({ value }) => Object.keys(value as object)));
        return store.append(records);
      },
    }),
  });
  expect(before.map((ids) => ids.sort())).toEqual([(await sideStore.list('directory')).map(({ id }) => id).sort()]);
});

test('what is no roster is refused', async () => {
  const { ports } = await openGate();
  expect(await setRoster(ports, {}, SALT)).toMatchObject({ ok: false, rejection: { code: 'roster-refused' } });
});

test('a refusal stops nothing; without a reason it commits to none', async () => {
  const { ports, store } = await openGate();
  const { sha256 } = await propose(ports, MOVED);
  expect(await refuseProposal(ports, { sha256, ...CLERK, reason: '' }, SALT)).toMatchObject({ ok: true, waits: true });
  expect(await refuseProposal(ports, { sha256, ...MEMBER, reason: 'Wrong.' }, SALT)).toMatchObject({ ok: true, waits: true });
  const stranger = { sha256, ...MEMBER, holder: 'stranger', reason: '' };
  expect(await refuseProposal(ports, stranger, SALT)).toMatchObject({ ok: false, rejection: { code: 'not-in-office' } });
  const answers = (await store.history(ROSTER_STREAM, { after: 2 })).flatMap((record) => commitOf(record).events);
  expect(answers).toMatchObject([{ reason: null }, { reason: expect.stringMatching(/^sha256:/) }]);
});

test('an address altered in the side store gets no mail, nor does another person’s address', async () => {
  const { ports, sideStore } = await openGate({ officials: rosterFile(roster(), { mayor: 'es' }) });
  expect(await addressOf(ports, 'mayor')).toMatchObject({ address: { email: 'mayor@city.example', language: 'es' } });
  expect(await addressOf(ports, 'clerk')).toMatchObject({ address: { email: 'clerk@city.example', language: 'en' } });
  const mine = (await sideStore.get('directory', 'mayor')) as { email: string; language: string; salt: string };
  await sideStore.put('directory', 'mayor', { ...mine, email: 'stranger@elsewhere.example' });
  expect(await addressOf(ports, 'mayor')).toEqual({ ok: false, problem: 'altered' });
  await sideStore.put('directory', 'mayor', (await sideStore.get('directory', 'clerk')) ?? null);
  expect(await addressOf(ports, 'mayor')).toEqual({ ok: false, problem: 'altered' });
  await sideStore.put('directory', 'stranger', mine);
  expect(await addressOf(ports, 'stranger')).toEqual({ ok: false, problem: 'altered' });
  await sideStore.remove('directory', 'mayor');
  expect(await addressOf(ports, 'mayor')).toEqual({ ok: false, problem: 'missing' });
  await sideStore.put('directory', 'mayor', mine);
  expect(await addressOf(ports, 'mayor')).toMatchObject({ ok: true });
});

test('the address of a confirmed roster counts although a crash kept it out of the directory', async () => {
  const { ports, sideStore } = await openGate();
  const { sha256 } = await propose(ports, MOVED);
  const [before, waiting] = [await sideStore.get('directory', 'mayor'), await sideStore.get('directory-proposed', sha256)];
  expect(await confirmProposal(ports, { sha256, ...CLERK })).toMatchObject({ ok: true });
  expect(await confirmProposal(ports, { sha256, ...MEMBER })).toMatchObject({ ok: true, waits: false });
  expect(await addressOf(ports, 'mayor')).toMatchObject({ address: { email: 'new-mayor@city.example' } });
  await sideStore.put('directory', 'mayor', before ?? null);
  expect(await addressOf(ports, 'mayor')).toEqual({ ok: false, problem: 'altered' });
  await sideStore.put('directory-proposed', sha256, waiting ?? null);
  expect(await addressOf(ports, 'mayor')).toMatchObject({ address: { email: 'new-mayor@city.example' } });
});

test('an address of a proposed roster is shown if the proposal committed to it', async () => {
  const { ports, sideStore } = await openGate();
  const changes = async () => addressChanges(ports, await readRosters(ports));
  expect(await changes()).toEqual([]);
  const proposal = await propose(ports, MOVED);
  expect(await proposedAddress(ports, proposal, 'mayor')).toBe('new-mayor@city.example');
  expect(await changes()).toEqual([{ holder: 'mayor', before: 'mayor@city.example', after: 'new-mayor@city.example' }]);
  // In the side store, and in no roster.
  expect(await proposedAddress(ports, { ...proposal, contacts: {} }, 'mayor')).toBeUndefined();
  const entries = JSON.stringify(await sideStore.get('directory-proposed', proposal.sha256));
  await sideStore.put('directory-proposed', proposal.sha256, JSON.parse(entries.replace('new-mayor', 'stranger')));
  expect(await proposedAddress(ports, proposal, 'mayor')).toBeUndefined();
  // In a roster, and not in the side store.
  const contacts = { constructor: proposal.contacts['mayor'] ?? '' };
  expect(await proposedAddress(ports, { ...proposal, contacts }, 'constructor')).toBeUndefined();
});

test.each(['Mayor', 'constructor', 'toString'])('a roster that names a person %s is read back as it was written', async (id) => {
  const { ports, store } = await openGate({ officials: rosterFile(roster({ mayor: { id } }), { [id]: 'en' }) });
  await propose(ports, rosterFile(roster({ mayor: { id }, auditor: { id: `${id}.2` } }), { [id]: 'en' }));
  const commits = await store.history(ROSTER_STREAM, {});
  const { state } = foldStream(
    ROSTER_STREAM,
    undefined,
    commits.flatMap((commit) => commitOf(commit).events),
  );
  expect(RosterState.parse(state)).toMatchObject({
    inForce: { contacts: { [id]: expect.any(String) } },
    proposal: { contacts: { [`${id}.2`]: expect.any(String) } },
  });
});

test('the roster in force, sent again, puts lost addresses back, and another address waits for two persons', async () => {
  const { ports, sideStore } = await openGate();
  for (const { id } of await sideStore.list('directory')) await sideStore.remove('directory', id);
  expect(await setRoster(ports, MOVED, SALT)).toMatchObject({ ok: true, waits: true });
  expect(await addressOf(ports, 'mayor')).toMatchObject({ ok: false, problem: 'missing' });
  expect(await setRoster(ports, rosterFile(), SALT)).toMatchObject({ ok: true, waits: false });
  expect(await addressOf(ports, 'mayor')).toMatchObject({ ok: true, address: { email: 'mayor@city.example' } });
});

test('with another salt every address is another; who is not mailed a link to confirm that is named', async () => {
  const { ports, sideStore } = await openGate();
  const other = Buffer.alloc(32, 'of another gate');
  const mailed = await setRoster(ports, rosterFile(), other);
  expect(mailed).toMatchObject({ ok: true, waits: true });
  expect(mailed).not.toHaveProperty('warning');
  for (const { id } of await sideStore.list('directory')) if (id !== 'mayor') await sideStore.remove('directory', id);
  const warned = await setRoster(ports, MOVED, other);
  expect(warned).toMatchObject({
    waits: true,
    warning: expect.stringMatching(/^No link is mailed to district-1, [a-z0-9, -]+, clerk, deputy-clerk: /),
  });
  expect(warned).not.toMatchObject({ warning: expect.stringContaining('mayor') });
});

test('a roster that only ends terms is taken with a warning', async () => {
  const { ports } = await openGate();
  const fewer = rosterFile(roster({ mayor: null, auditor: null, 'deputy-clerk': null }));
  expect(await setRoster(ports, fewer, SALT)).toMatchObject({ warning: expect.stringMatching(/^With clerk gone/) });
});

test('a term that is taken out of the file instead of ended is named, since votes of before are read by it', async () => {
  const { ports } = await openGate();
  const instead = rosterFile(roster({ 'district-1': { id: 'next', from: '2026-03-01' } }));
  expect(await setRoster(ports, instead, SALT)).toMatchObject({
    warning: expect.stringMatching(/^Taken out and not ended: district-1 in council\/district-1\. /),
  });
  const after = term('council', 'district-1', { id: 'next', from: '2026-04-01' });
  const ended = rosterFile(roster({ 'district-1': { to: '2026-03-31' } }, after));
  const earlier = rosterFile(roster({ 'district-1': { from: '2020-01-01' } }));
  for (const file of [ended, earlier]) expect(await setRoster(ports, file, SALT)).not.toHaveProperty('warning');
});

test('no person is in office without an address, not even while the directory is written', async () => {
  const stores: Store[] = [];
  const found: boolean[] = [];
  const watching = (kept: SideStore): SideStore =>
    Object.assign(Object.create(kept), {
      put: async (...[kind, ...rest]: Parameters<SideStore['put']>) => {
        for (const store of stores)
          if (kind === 'directory') found.push((await addressOf({ store, sideStore: kept }, 'mayor')).ok);
        await kept.put(kind, ...rest);
      },
    });
  await openGate({
    storeOf: (store) => {
      stores.push(store);
      return store;
    },
    sideStoreOf: watching,
  });
  expect(new Set(found)).toEqual(new Set([true]));
});
