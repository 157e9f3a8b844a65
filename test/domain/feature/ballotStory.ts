import { byBallots, COUNCIL } from '../../support/fixtures/city.ts';
import { tell } from './story.ts';
import { ballot, day, inForce, notify, sign } from './support.ts';

/** The policy of these stories: ballots of the council, and the mayor in parallel. */
export const rules = { policy: inForce(byBallots) };
type Over = Parameters<typeof ballot>[3];
/** Returns a ballot of a seat on change 1; yes by default. */
export const cast = (at: string, seat: string, over: Over = {}) => ballot(at, 1, seat, { ...rules, ...over });
/** Returns yes ballots of the first seats. */
export const yes = (count: number, at = day(1), over: Over = {}) => COUNCIL.slice(0, count).map((seat) => cast(at, seat, over));
/** Turns a ballot into a no. */
export const no = { decision: 'refuse' } as const;
/** Starts a story with change 1, notified on day 0. */
export const open = (over = {}) => tell(notify(day(0), 1, { ...rules, ...over }));
/** Returns the mayor's signature on change 1. */
export const signed = (at: string) => sign(at, 1, rules);
