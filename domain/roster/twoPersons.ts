import type { LocalMoment } from '../kernel/zone.ts';
import { attestingBodies } from './bodies.ts';
import type { Officer } from './events.ts';
import { endOfTerm, holderOfSeat, startOfTerm } from './holders.ts';
import type { Roster } from './schema.ts';

/** Enough of a policy to know which bodies decide. `bodies`: a term in a seat that the policy lacks counts nowhere. */
export interface ActingRules {
  readonly rules: readonly { readonly require: readonly { readonly body: string; readonly instrument: string }[] }[];
  readonly bodies?: Readonly<Record<string, { readonly seats: readonly string[] }>>;
}

const isSeat = (bodies: NonNullable<ActingRules['bodies']>, { body, seat }: Pick<Officer, 'body' | 'seat'>): boolean =>
  Object.hasOwn(bodies, body) && bodies[body]?.seats.includes(seat) === true;

const isDeciding = (
  policy: ActingRules | null,
  { bodies }: Pick<Roster, 'bodies'>,
  at: Pick<Officer, 'body' | 'seat'>,
): boolean => decidingBodies(policy, bodies).has(at.body) && [bodies, policy?.bodies ?? bodies].every((each) => isSeat(each, at));

// Where a no becomes a yes outside the rules of the policy, two named persons of two bodies confirm it.

/**
 * Returns the bodies whose holders can be one of the two: those asked to approve or certify, and those that certify for them;
 * none that only advises. Without a policy the certifying bodies, or every body if none certifies.
 */
export const decidingBodies = (policy: ActingRules | null, bodies: Roster['bodies']): ReadonlySet<string> => {
  if (policy === null) {
    const attesting = attestingBodies({ bodies });
    return attesting.size > 0 ? attesting : new Set(Object.keys(bodies));
  }
  const asked = policy.rules.flatMap(({ require }) =>
    require.filter(({ instrument }) => instrument !== 'advice').map(({ body }) => body),
  );
  const attesting = asked.flatMap((body) => (Object.hasOwn(bodies, body) ? (bodies[body]?.attestedBy ?? []) : []));
  return new Set([...asked, ...attesting]);
};

export const isInDecidingBody = (
  policy: ActingRules | null,
  roster: Roster,
  { holder, body, seat }: Officer,
  when: LocalMoment,
): boolean => isDeciding(policy, roster, { body, seat }) && holderOfSeat(roster, body, seat, when)?.id === holder;

/**
 * Reports whether a person was the last in a seat of a deciding body, and has no successor. They confirm a roster, so that a city
 * whose terms all ran out is not locked out, and nothing else.
 */
export const isLastInDecidingBody = (
  policy: ActingRules | null,
  roster: Roster,
  { holder, body, seat }: Officer,
  { at, zone }: LocalMoment,
): boolean => {
  if (!isDeciding(policy, roster, { body, seat })) return false;
  const newest = roster.holders
    .filter((term) => term.body === body && term.seat === seat)
    .reduce<Roster['holders'][number] | undefined>(
      (last, term) => (last === undefined || startOfTerm(last, zone) < startOfTerm(term, zone) ? term : last),
      undefined,
    );
  const end = newest === undefined ? undefined : endOfTerm(newest, zone);
  return newest?.id === holder && end !== undefined && end <= at;
};

export const areTwoOfTwoBodies = (confirmations: readonly Pick<Officer, 'holder' | 'body'>[]): boolean =>
  confirmations.some((one) => confirmations.some((other) => other.holder !== one.holder && other.body !== one.body));
