import { expect, test } from 'vitest';
import type { Roster } from '../../../domain/roster/schema.ts';
import { confirmRoster, directoryEntry, setRoster } from '../../../functions/gate/rosters.ts';
import { roster } from '../../support/fixtures/city.ts';
import { openGate, rosterFile } from '../openGate.ts';

const SALT = new Uint8Array(32);

test('the roster in force, sent again, leaves the addresses of the one that waits alone', async () => {
  const { ports, sideStore } = await openGate();
  const base: Roster = roster();
  const [first] = base.holders.filter(({ body }) => body === 'mayor');
  if (first === undefined) throw new Error('no mayor');
  const holders = base.holders.map((holder) =>
    holder === first ? { ...holder, id: 'successor', name: 'Another mayor' } : holder,
  );
  const proposed = await setRoster(ports, rosterFile({ ...base, holders }), SALT);
  if (!proposed.ok || proposed.state.proposal === null) throw new Error('not proposed');
  const { sha256 } = proposed.state.proposal;

  expect(await setRoster(ports, rosterFile(base), SALT)).toMatchObject({ ok: true, waits: true });
  expect(await directoryEntry(sideStore, 'successor')).toBeUndefined();
  expect(await directoryEntry(sideStore, first.id)).toMatchObject({ email: `${first.id}@city.example` });

  const clerk = base.holders.find(({ body }) => body === 'clerk');
  if (clerk === undefined) throw new Error('no clerk');
  const done = await confirmRoster(ports, { sha256, holder: clerk.id, body: 'clerk', seat: clerk.seat });
  expect(done).toMatchObject({ ok: true });
  expect(await directoryEntry(sideStore, 'successor')).toMatchObject({ email: 'successor@city.example' });
});
