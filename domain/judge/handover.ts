import { plusDuration } from '../kernel/zone.ts';
import type { RosterEvent } from '../roster/events.ts';
import type { Holder, Roster } from '../roster/schema.ts';
import { type City, type ProposalCase, type RosterVersion, staleBefore } from './city.ts';
import { equal } from './equal.ts';
import { beginningOf, lastsUntil, type Moment } from './sitting.ts';
import { must } from './verdict.ts';

// A proposal that changes who receives a sitting holder's links names that holder and waits two days, so that they can object.

const WAIT = 'P2D';
const LASTS = 'P14D';

type Filed = Extract<RosterEvent, { type: 'RosterProposed' }>;
type Content = Pick<RosterVersion, 'roster' | 'contacts'>;

const addressIn = ({ contacts }: Content, id: string): string => (Object.hasOwn(contacts, id) ? (contacts[id] ?? '') : '');

/** Returns when a person's present term in a seat ends; undefined if they do not sit in it at that moment. */
const endIn = ({ holders }: Roster, { id, body, seat }: Holder, { at, zone }: Moment): string | undefined =>
  holders
    .filter((term) => term.id === id && term.body === body && term.seat === seat)
    .map((term) => ({ from: beginningOf(term, zone), until: lastsUntil(term, zone) }))
    .find(({ from, until }) => from <= at && at < until)?.until;

/** Returns the holders who sit at a moment and would lose their links, or get them elsewhere, by the next roster. */
export const losing = (now: Content, next: Content, when: Moment): readonly string[] => {
  const found = new Set<string>();
  for (const term of now.roster.holders) {
    const end = endIn(now.roster, term, when);
    if (end === undefined) continue;
    const then = endIn(next.roster, term, when);
    if (then === undefined || then < end || addressIn(now, term.id) !== addressIn(next, term.id)) found.add(term.id);
  }
  return [...found];
};

/** Checks that a proposal names the holders who would lose their links, and waits for them. */
export const mustBeFiled = (
  inForce: RosterVersion,
  { at, roster, contacts, handovers, effectiveAt }: Filed,
  zone: string,
): void => {
  const expected = losing(inForce, { roster, contacts }, { at, zone });
  must(
    equal([...(handovers ?? [])].sort(), [...expected].sort()),
    'handover',
    `the proposal takes links from ${expected.join(', ') || 'no holder'}`,
  );
  const from = expected.length === 0 ? undefined : plusDuration(at, WAIT, zone);
  must(effectiveAt === from, 'handover', `the proposal can take effect at ${from ?? 'once'}`);
};

/** Checks that a proposal also names those who took a seat since its filing and would lose their links. */
export const mustNameAll = (inForce: RosterVersion, proposal: ProposalCase, when: Moment): void => {
  const missed = losing(inForce, proposal, when).filter((id) => !proposal.handovers.includes(id));
  must(missed.length === 0, 'handover', `the proposal does not name ${missed.join(', ')}`);
};

/** Checks that a proposal ends because its confirmations did not come within fourteen days. */
export const mustHaveLapsed = ({ since, effectiveAt }: ProposalCase, at: string, zone: string): void =>
  must(effectiveAt !== undefined && at >= plusDuration(since, LASTS, zone), 'not-due', 'the proposal can still be confirmed');

/** Records from when on the links of the holders that a proposal names decide nothing. */
export const suspend = ({ suspensions }: City, { handovers }: ProposalCase, from: string): void => {
  for (const id of handovers) suspensions.set(id, [...(suspensions.get(id) ?? []), { from, until: null }]);
};

/** Records that the links of the holders that a proposal named decide again. */
export const reinstate = ({ suspensions }: City, proposal: Pick<ProposalCase, 'handovers'> | null, until: string): void => {
  for (const id of proposal?.handovers ?? [])
    suspensions.set(
      id,
      (suspensions.get(id) ?? []).map((each) => (each.until === null ? { ...each, until } : each)),
    );
};

/** Checks that a person's links could decide at an instant. A gate may have read the rules just before a filing. */
export const mustNotBeSuspended = ({ suspensions }: City, holder: string, at: string): void => {
  const read = staleBefore(at);
  const held = suspensions.get(holder)?.some(({ from, until }) => from <= read && (until === null || at < until));
  must(held !== true, 'handover', `who receives the links of ${holder} was about to change`);
};
