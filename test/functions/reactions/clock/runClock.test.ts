import { expect, test } from 'vitest';
import { directoryEntry } from '../../../../functions/gate/directory.ts';
import { confirmProposal, setRoster } from '../../../../functions/gate/rosters.ts';
import { StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import { commitOf } from '../../../../functions/platform/store/record.ts';
import { adoptPolicy } from '../../../../functions/reactions/adoption/policies.ts';
import { runClock as run } from '../../../../functions/reactions/clock/runClock.ts';
import { project, readChange } from '../../../../functions/register/project.ts';
import { roster } from '../../../support/fixtures/city.ts';
import { permitted } from '../../../support/permitted.ts';
import { atOnce, failing, type Gate, NOON, openGate, rosterFile } from '../../openGate.ts';

const LATER = '2026-06-01T00:00:00.000Z';

const runClock = (ports: Parameters<typeof run>[0], now: string) => run(permitted('clock', ports), now);

const typesOf = async ({ store }: Pick<Gate, 'store'>, stream = 'feature/acme') =>
  (await store.history(stream, {})).map((record) => commitOf(record).events.map(({ type }) => type));

test('records a lapse, once, at the instant of the run with the instant at which it happened', async () => {
  const gate = await openGate();
  await gate.notice();
  await project(gate.ports, 'feature/acme');
  expect(await runClock(gate.ports, NOON)).toEqual({ ticked: [], failed: [] });
  await Promise.all([runClock(gate.ports, LATER), runClock(gate.ports, LATER)]);
  expect(await runClock(gate.ports, LATER)).toEqual({ ticked: [], failed: [] });
  expect(await typesOf(gate)).toEqual([['ChangeNotified'], ['ChangeLapsed']]);
  const head = await gate.store.head('feature/acme');
  expect(head).toMatchObject({ at: LATER, commandId: 'clock/acme@1' });
  expect(head && commitOf(head).events[0]).toMatchObject({ at: '2026-05-31T12:00:00.000Z' });
});

test('more than one commit holds is recorded anyway', async () => {
  const gate = await openGate();
  for (let n = 0; n < 16; n += 1) await gate.notice({ optOut: 'yes' });
  await project(gate.ports, 'feature/acme');
  await runClock(gate.ports, LATER);
  expect((await typesOf(gate)).flat().filter((type) => type === 'ChangeLapsed').length).toBe(16);
});

test('changes from before any policy are bound to the first one; without one nothing is written', async () => {
  const gate = await openGate({ rules: null });
  await gate.notice();
  await project(gate.ports, 'feature/acme');
  expect(await runClock(gate.ports, NOON)).toEqual({ ticked: [], failed: [] });
  await adoptPolicy(gate.ports, atOnce);
  expect(await runClock(gate.ports, NOON)).toEqual({ ticked: ['acme'], failed: [] });
  expect(await readChange(gate.ports, 'acme', 1)).toMatchObject({ view: { pinned: { policy: 1 }, status: 'pending' } });
});

test('one feature’s trouble holds up no other, and the next run finishes', async () => {
  let down = true;
  const gate = await openGate({
    storeOf: (store) =>
      failing(store, (method, [records]) =>
        down && method === 'append' && (records as { commandId: string }[])[0]?.commandId.startsWith('clock/acme@')
          ? new StoreUnavailable('down')
          : undefined,
      ),
  });
  for (const feature of ['acme', 'other']) {
    await gate.notice({ feature });
    await project(gate.ports, `feature/${feature}`);
  }
  expect(await runClock(gate.ports, LATER)).toEqual({ ticked: ['other'], failed: ['acme'] });
  down = false;
  expect(await runClock(gate.ports, LATER)).toEqual({ ticked: ['acme'], failed: [] });
});

test('ends a proposal that two persons did not confirm within fourteen days, once', async () => {
  const { ports, store, sideStore } = await openGate();
  const put = await setRoster(ports, rosterFile(roster({ mayor: { id: 'successor' } })), new Uint8Array(32));
  if (!put.ok || put.state.proposal === null) throw new Error('not proposed');
  const { sha256 } = put.state.proposal;
  expect(await confirmProposal(ports, { sha256, holder: 'clerk', body: 'clerk', seat: 'clerk' })).toMatchObject({ waits: true });
  const types = async () => (await typesOf({ store }, 'roster')).flat();
  await runClock(ports, '2026-03-16T11:59:59.999Z');
  expect(await types()).not.toContain('ProposalEnded');
  for (let runs = 0; runs < 2; runs += 1) expect((await runClock(ports, '2026-03-16T12:00:00.000Z')).failed).toEqual([]);
  expect((await types()).filter((type) => type === 'ProposalEnded')).toHaveLength(1);
  expect([await directoryEntry(sideStore, 'successor'), await sideStore.list('directory-proposed')]).toEqual([undefined, []]);
});
