import { ROSTER } from './city.ts';

const DISTRICTS = Array.from({ length: 12 }, (_, index) => index + 1);

/** The seats of a council of thirteen, of which district 12 has no holder. */
export const SEATS_OF_13 = [...DISTRICTS.map((n) => `district-${n}`), 'at-large'] as const;

/** The tests' roster with a council of thirteen seats, one of them vacant. */
export const ROSTER_OF_13: typeof ROSTER = {
  bodies: { ...ROSTER.bodies, council: { ...ROSTER.bodies.council, seats: [...SEATS_OF_13] as never } },
  holders: [
    ...ROSTER.holders,
    ...DISTRICTS.slice(3, 11).map((n) => ({
      id: `d${n}`,
      name: `Council member, District ${n}`,
      body: 'council',
      seat: `district-${n}`,
      from: '2023-01-01',
      email: `d${n}@city.example`,
      language: 'en',
    })),
  ],
};
