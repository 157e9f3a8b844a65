import type { EventOf, FeatureEvent } from '../../../domain/feature/events.ts';

/** Durations of a rule after a veto, in days. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/** What is known of a veto that a second vote may overturn. `waits`: the first certificate of that vote; `held`: the day of
 * the vote; `again`: it was certified again, or corrected, while the first waited. */
export interface SecondVote {
  readonly at: string;
  readonly span: Span;
  readonly waits: string | null;
  readonly held: string | null;
  readonly again: boolean;
}

const DAY_MS = 86_400_000;
const after = (at: string, days: number): string => new Date(Date.parse(at) + days * DAY_MS).toISOString();
const dateOf = (instant: string): string => instant.slice(0, 10);
const daysOf = (duration: string): number => Number(/^P(\d+)D$/.exec(duration)?.[1]);

/** Returns the durations of the rule that a revision is pinned to, by the requirement whose refusal can be overturned. */
export const spansOf = ({ pinned }: EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>): Readonly<Record<string, Span>> =>
  Object.fromEntries(
    (pinned?.require ?? []).flatMap(({ id, override }) => {
      if (override === undefined) return [];
      const within = typeof override.within === 'string' ? { notAfter: override.within } : override.within;
      const { notBefore = 'P0D', notAfter } = within;
      return [[id, { first: daysOf(notBefore), last: daysOf(notAfter) }]];
    }),
  );

export const vetoedAt = (span: Span, { at }: FeatureEvent): SecondVote => ({
  at,
  span,
  waits: null,
  held: null,
  again: false,
});

/** Returns a veto after a second vote on it is certified, or its record corrected while it waits for its confirmation. */
export const votedOn = (
  second: SecondVote | undefined,
  { at, purpose, meetingDate: held }: EventOf<'VoteCertified'>,
): SecondVote | undefined => {
  if (second === undefined || (purpose === 'correct' && second.waits === null)) return second;
  return { ...second, waits: second.waits ?? at, held, again: second.waits !== null };
};

/** Returns what is wrong with the day of a vote that overturns a veto, or with the time at which it was first certified. */
export const overturningFaults = (vote: SecondVote | undefined): readonly string[] => {
  if (vote === undefined) return [];
  const { at, span, waits, held, again } = vote;
  if (waits === null || held === null) return ['a veto was overturned without a second vote'];
  const end = after(at, span.last);
  const late = held > dateOf(end) && !(again && held >= dateOf(waits));
  const early = held < dateOf(after(at, span.first));
  return [
    ...(waits >= end ? ['a second vote was certified after the end of the veto'] : []),
    ...(late || early ? ['a second vote was held out of its time'] : []),
  ];
};
