import { earliest } from '../kernel/order.ts';
import { localDateOf } from '../kernel/zone.ts';
import type { Requirement } from '../policy/schema.ts';
import { firstVoteDay } from './decide/secondVote.ts';
import {
  type ChangeState,
  type ChangeStatus,
  confirmationRule,
  counts,
  type DecisionClock,
  decidableUntil,
  type FeatureState,
  findChange,
  personsAnywhere,
  personsElsewhere,
  requirementsOf,
  splitPersons,
} from './state.ts';
import type { ChangeView } from './view.ts';

export interface AwaitedAct {
  readonly requirement: string;
  readonly asks: 'decide' | 'override' | 'confirm';
}

/** `statusOf` returns undefined for a requirement that is not open yet. */
interface AwaitingChange {
  readonly status: ChangeStatus;
  readonly veto: { readonly requirement: string } | null;
  readonly confirmation: { readonly requirement: string; readonly disputed: boolean } | null;
  readonly rules: readonly Requirement[];
  readonly statusOf: (requirement: string) => string | undefined;
}

/**
 * Returns the acts that an open change waits for, in the order of its rules. Under a veto only the overriding body decides; while a
 * certificate waits for its confirmation, no other vote can be certified. Advice can be given throughout.
 */
export const awaitedActs = ({ status, veto, confirmation, rules, statusOf }: AwaitingChange): readonly AwaitedAct[] => {
  if (status !== 'pending' && status !== 'vetoed') return [];
  const overriding = rules.find(({ id }) => id === veto?.requirement)?.override?.requirement;
  return rules.flatMap(({ id, instrument }): readonly AwaitedAct[] => {
    if (confirmation !== null && id === confirmation.requirement && !confirmation.disputed)
      return [{ requirement: id, asks: 'confirm' }];
    if (veto !== null && id === overriding) return [{ requirement: id, asks: 'override' }];
    const isHeld = confirmation !== null && id !== confirmation.requirement && instrument === 'certification';
    const decides = statusOf(id) === 'open' && (veto === null || instrument === 'advice') && !isHeld;
    return decides ? [{ requirement: id, asks: 'decide' }] : [];
  });
};

const awaitingOf = (view: Pick<ChangeView, 'status' | 'veto' | 'confirmation' | 'requirements'>): AwaitingChange => ({
  ...view,
  rules: view.requirements.map(({ rule }) => rule),
  statusOf: (requirement) => view.requirements.find(({ id }) => id === requirement)?.status,
});

export const awaitedIn = (view: Parameters<typeof awaitingOf>[0]): readonly AwaitedAct[] => awaitedActs(awaitingOf(view));

const clockOf = (view: ChangeView) => {
  const { closesAt, veto, confirmation, revisions } = view;
  const words = revisions.at(-1);
  return { closesAt, veto, confirmation, since: words?.at ?? '', endsAt: words?.notice.endsAt ?? null };
};

/** {@link decidableUntil} for a change in a view. */
export const decidableUntilOf = (view: ChangeView): string | null => decidableUntil(clockOf(view));

/**
 * Returns the instant by which the bodies whose turn it is must act on a change: the earliest deadline of their requirements, or {@link
 * decidableUntil} if that is earlier; null without either. Advice is not awaited.
 */
const turnEnd = (
  change: AwaitingChange & DecisionClock,
  deadlineOf: (requirement: string) => string | null | undefined,
): string | null => {
  const deadlines = awaitedActs(change).map(({ requirement, asks }) => {
    const rule = change.rules.find(({ id }) => id === requirement);
    return asks === 'decide' && rule !== undefined && counts(rule) ? (deadlineOf(requirement) ?? null) : null;
  });
  return earliest(...deadlines, decidableUntil(change));
};

/** {@link turnEnd} for a change in a state. */
export const turnEndIn = (state: FeatureState, change: ChangeState): string | null =>
  turnEnd(
    { ...change, rules: requirementsOf(state, change), statusOf: (id) => change.requirements[id]?.status },
    (id) => change.requirements[id]?.deadlineAt,
  );

/** {@link turnEnd} for a change in a view. */
export const turnEndOf = (view: ChangeView): string | null =>
  turnEnd({ ...awaitingOf(view), ...clockOf(view) }, (id) => view.requirements.find((each) => each.id === id)?.deadlineAt);

/** The rule for who can do an act, whatever the roster. Persons are fingerprints, see `personOf`. */
export interface Actors {
  readonly body: string;
  readonly byClerk: boolean;
  /** The only seat that can act; null: every seat. */
  readonly seat: string | null;
  readonly barred: readonly string[];
  readonly answered: readonly string[];
}

/** `until`: the instant from which the act can no longer be done; null without one. */
interface AskedAct extends Pick<AwaitedAct, 'asks'> {
  readonly rule: Requirement;
  readonly actors: Actors;
  readonly until: string | null;
}

/** Excludes the clerk who certified, the person who entered the notice and anyone who disputed a certificate. */
const confirmersIn = (change: ChangeState, rules: readonly Requirement[]): Actors | undefined => {
  const { confirmation, requirements, by } = change;
  const [body, seat = null] = confirmationRule(change, rules)?.confirmedBy.split('/') ?? [];
  if (body === undefined || confirmation === null) return undefined;
  const clerk = splitPersons(requirements[confirmation.requirement]?.clerks).slice(-1);
  return { body, byClerk: false, seat, barred: [by, ...clerk, ...splitPersons(confirmation.disputers)], answered: [] };
};

/** The clerk acts on a certification, the members on any other instrument; the person who entered the notice never acts. */
export const decidersOf = ({ body, instrument }: Requirement, { by }: Pick<ChangeState, 'by'>): Actors => ({
  body,
  byClerk: instrument === 'certification',
  seat: null,
  barred: [by],
  answered: [],
});

/**
 * A person counts once: one who voted, signed or cast a ballot cannot certify, one who certified can neither sign nor ballot, and one
 * ballot is allowed whatever the seat.
 */
export const barredFrom = (
  { id, instrument }: Pick<Requirement, 'id' | 'instrument'>,
  change: ChangeState,
): readonly string[] => {
  if (instrument === 'advice') return [change.by];
  if (instrument === 'certification') return personsAnywhere(change);
  return [...personsElsewhere(change, id), ...splitPersons(change.requirements[id]?.persons)];
};

/** Returns the acts that an open change waits for, each with the actors who can do it. `state`: as of the instant asked about. */
export const askedActs = (state: FeatureState, change: ChangeState): readonly AskedAct[] => {
  const rules = requirementsOf(state, change);
  const statusOf = (id: string) => change.requirements[id]?.status;
  return awaitedActs({ ...change, rules, statusOf }).flatMap(({ requirement, asks }): readonly AskedAct[] => {
    const rule = rules.find(({ id }) => id === requirement);
    if (rule === undefined) return [];
    const known = change.requirements[requirement];
    const end = decidableUntil(change);
    const until = asks === 'decide' ? earliest(known?.deadlineAt ?? null, end) : end;
    const answers = rule.instrument === 'ballots' || rule.instrument === 'advice';
    const deciders = {
      ...decidersOf(rule, change),
      barred: barredFrom(rule, change),
      answered: answers ? Object.keys(known?.ballots ?? {}) : [],
    };
    const actors = asks === 'confirm' ? confirmersIn(change, rules) : deciders;
    return actors === undefined ? [] : [{ asks, rule, actors, until }];
  });
};

/** The local day of a meeting, or an instant. */
export type Beginning = { readonly day: string } | { readonly instant: string };

/**
 * Returns when an act begins to count, if that is to come: for a vote the day of its meeting, for others an instant; advice counts at
 * once.
 */
export const actOpens = (
  rules: readonly Requirement[],
  change: Parameters<typeof firstVoteDay>[1],
  rule: Requirement,
  { now, zone }: { readonly now: string; readonly zone: string },
): Beginning | undefined => {
  const { from } = change;
  if (rule.instrument !== 'certification') return from !== null && from > now && counts(rule) ? { instant: from } : undefined;
  const day = firstVoteDay(rules, change, rule, zone);
  return day > localDateOf(now, zone) ? { day } : undefined;
};

export const missingDocuments = ({ pinned, documents }: Pick<ChangeView, 'pinned' | 'documents'>): readonly string[] =>
  (pinned?.missing ?? []).filter((kind) => documents.every((document) => document.kind !== kind));

/** Returns the first day on which a vote can overturn the veto on a change; undefined without such a vote. */
export const secondVoteFrom = (state: FeatureState, n: number, zone: string): string | undefined => {
  const change = findChange(state, n);
  const rules = change === undefined ? [] : requirementsOf(state, change);
  const by = rules.find(({ id }) => id === change?.veto?.requirement)?.override?.requirement;
  const rule = rules.find(({ id }) => id === by);
  return change && rule && firstVoteDay(rules, change, rule, zone);
};
