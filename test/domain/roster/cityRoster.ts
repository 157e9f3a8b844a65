import { publicRoster } from '../../../domain/roster/contacts.ts';
import type { Roster, RosterFile } from '../../../domain/roster/schema.ts';

/** The thirteen council seats of the worked example. */
export const COUNCIL_SEATS = [...Array.from({ length: 11 }, (_, index) => `district-${index + 1}`), 'at-large-a', 'at-large-b'];

const holder = (body: string, seat: string, from = '2023-07-17') => ({
  id: `holder-${seat}`,
  name: `Holder of ${seat}`,
  body,
  seat,
  from,
  email: `${seat}@city.example`,
  language: 'en',
});

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
