import { localMoment } from '../../../domain/kernel/zone.ts';
import { publicRoster } from '../../../domain/roster/contacts.ts';
import { rosterDecider } from '../../../domain/roster/decide.ts';
import type { Officer } from '../../../domain/roster/events.ts';
import type { Roster, RosterFile } from '../../../domain/roster/schema.ts';
import { initialRosterState } from '../../../domain/roster/state.ts';

export const COUNCIL_SEATS = [...Array.from({ length: 11 }, (_, index) => `district-${index + 1}`), 'at-large-a', 'at-large-b'];

const holder = (body: string, seat: string) => ({
  id: `holder-${seat}`,
  name: `Holder of ${seat}`,
  body,
  seat,
  from: '2023-07-17',
  email: `${seat}@city.example`,
  language: 'en',
});

/** Returns the usual holder of a seat as an officer, or somebody else in it. */
export const by = (body: string, seat = body, holder = `holder-${seat}`): Officer => ({ holder, body, seat });

/** Returns a roster with a council of thirteen attested by a clerk, a mayor, an auditor, and a board of three that answers by ballots. */
export const cityRosterFile = (): RosterFile => ({
  bodies: {
    council: { name: 'City Council', seats: [...COUNCIL_SEATS], attestedBy: 'clerk' },
    mayor: { name: 'Mayor', seats: ['mayor'] },
    clerk: { name: 'City Clerk', seats: ['clerk'] },
    auditor: { name: 'Auditor', seats: ['auditor'] },
    board: { name: 'Privacy Board', seats: ['board-1', 'board-2', 'board-3'] },
  },
  holders: [
    ...COUNCIL_SEATS.map((seat) => holder('council', seat)),
    holder('mayor', 'mayor'),
    holder('clerk', 'clerk'),
    holder('auditor', 'auditor'),
    ...['board-1', 'board-2', 'board-3'].map((seat) => holder('board', seat)),
  ],
});

/** Returns the same without mail addresses. */
export const cityRoster = (): Roster => publicRoster(cityRosterFile());

/** A city whose roster is in force, on a day on which the clerk and the mayor hold their seats. */
export const inForce = (() => {
  const at = '2026-04-06T09:00:00.000Z';
  const set = rosterDecider.decide(
    { type: 'setRoster', at, zone: 'UTC', roster: cityRosterFile(), salt: new Uint8Array(32) },
    initialRosterState,
  );
  const state = set.ok ? set.events.reduce(rosterDecider.evolve, initialRosterState) : initialRosterState;
  const clerk = { holder: 'holder-clerk', body: 'clerk', seat: 'clerk', when: localMoment(at, 'UTC') };
  const mayor = { holder: 'holder-mayor', body: 'mayor', seat: 'mayor', when: localMoment(at, 'UTC') };
  return { at, state, clerk, mayor };
})();
