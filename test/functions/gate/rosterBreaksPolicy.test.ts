import { expect, test } from 'vitest';
import type { Roster } from '../../../domain/roster/schema.ts';
import { confirmRoster, setRoster } from '../../../functions/gate/rosters.ts';
import { brokenPins } from '../../../functions/register/brokenPins.ts';
import { catchUp } from '../../../functions/register/project.ts';
import { roster } from '../../support/fixtures/city.ts';
import { atOnce, openGate, rosterFile } from '../openGate.ts';

const SALT = new Uint8Array(32);
const CLERK = { holder: 'clerk', body: 'clerk', seat: 'clerk' };

/** The roster with other seats of a body; holders of seats that are gone are left out. */
const withSeats = (body: string, seats: readonly string[], base: Roster = roster()): Roster => {
  const known = base.bodies[body];
  if (known === undefined) throw new Error(`no ${body}`);
  return {
    bodies: { ...base.bodies, [body]: { ...known, seats: [...seats] } },
    holders: base.holders.filter((holder) => holder.body !== body || seats.includes(holder.seat)),
  };
};

const without = (body: string, base: Roster = roster()): Roster => {
  const { [body]: _gone, ...bodies } = base.bodies;
  return { bodies, holders: base.holders.filter((holder) => holder.body !== body) };
};

test('a roster whose seats could not meet the policy is refused when it is proposed, with the list', async () => {
  const { ports, store } = await openGate();
  for (const [next, reason] of [
    [withSeats('council', ['at-large-a']), 'at-once/council'],
    [without('mayor'), 'at-once/mayor: the roster has no body mayor'],
  ] as const) {
    const refused = await setRoster(ports, rosterFile(next), SALT);
    expect(refused).toMatchObject({ ok: false, rejection: { code: 'roster-breaks-policy' } });
    expect(refused.ok ? '' : refused.rejection.detail).toContain(reason.replace('at-once', atOnce.rules[0]?.id ?? ''));
  }
  expect((await store.head('roster'))?.version).toBe(1);
});

test('a vacant seat, or one person in two seats, is no reason to refuse', async () => {
  const { ports } = await openGate();
  for (const next of [roster({ mayor: null }), roster({ mayor: { id: 'deputy-clerk' }, 'deputy-clerk': { id: 'deputy-clerk' } })])
    expect(await setRoster(ports, rosterFile(next), SALT)).toMatchObject({ ok: true, waits: true });
});

test('an open change whose own rule would break is listed, and does not keep the roster out', async () => {
  const gate = await openGate();
  await gate.notice();
  await catchUp(gate.ports, 'acme');
  const next = without('mayor', withSeats('council', ['district-1']));
  const [pin] = await brokenPins(gate.ports, next);
  expect(pin).toMatchObject({ change: 'acme/1' });
  expect(pin?.problems).toContain('mayor: the roster has no body mayor');
  expect(await brokenPins(gate.ports, roster({ mayor: null }))).toEqual([]);
});

test('a roster that fits is confirmed as before', async () => {
  const { ports } = await openGate();
  const proposed = await setRoster(ports, rosterFile(roster({ 'district-1': { id: 'newcomer' } })), SALT);
  const sha256 = proposed.ok ? (proposed.state.proposal?.sha256 ?? '') : '';
  expect(await confirmRoster(ports, { sha256, ...CLERK })).toMatchObject({ ok: true });
});
