import type { EventOf, FeatureEvent } from '../../domain/feature/events.ts';

// A second opinion on what is on, from acts alone, written from nothing but the text of the rule. It ignores what the gate records about
// what an approval becomes, when it begins or ends, and what outdates it.

/** Where words count as arrived: an instant, and the number of the arrival. */
type Came = readonly [at: string, number: number];

/** Words as they arrived, at `arrived`. `runs`: when they begin to run at the vendor without the city's consent; null: never. */
interface Wording {
  readonly change: number;
  readonly revision: number;
  readonly came: Came;
  readonly arrived: string;
  readonly effect: string;
  readonly runs: string | null;
  /** For words that run unless the city opts out: their place if it does, and the vendor's last day for that; else null. */
  readonly unlessTold: { readonly came: Came; readonly by: string | null } | null;
  /** True for a signed update that claims to change nothing and was not contested or refused. */
  readonly small: boolean;
}

interface Approval extends Pick<Wording, 'change' | 'revision' | 'came' | 'arrived' | 'effect'> {
  readonly given: string;
  readonly from: string;
  readonly until: string | null;
  readonly tolerant: boolean;
}

interface Person {
  readonly holder: string;
  readonly body: string;
}

/** What a reader has found out about the feature `key`. */
export interface Reading {
  readonly key: string;
  readonly arrivals: number;
  /** The standing words of each change, and earlier ones that ran. */
  readonly wordings: readonly Wording[];
  readonly current: Approval | null;
  readonly next: Approval | null;
  /** When the last approval in force expired. */
  readonly freed: string;
  readonly removal: { readonly at: string; readonly over: Came } | null;
  /** The last unsettled contest; until it is settled no update counts as maintenance. */
  readonly contest: { readonly change: number; readonly number: number } | null;
  /** Opt-outs that were recorded late but may have been made in time: the number of the arrival, and who confirmed it. */
  readonly claims: readonly { readonly change: number; readonly number: number; readonly said: readonly Person[] }[];
  /** Who confirmed that a change was rolled back, and for which body. */
  readonly said: readonly { readonly change: number; readonly holder: string; readonly body: string }[];
}

export const NOTHING_READ: Reading = {
  key: '',
  arrivals: 0,
  wordings: [],
  current: null,
  next: null,
  freed: '',
  removal: null,
  contest: null,
  claims: [],
  said: [],
};

const later = (one: Came, other: Came) => (one[0] === other[0] ? one[1] > other[1] : one[0] > other[0]);
const last = (...instants: readonly string[]) => instants.toSorted().at(-1) ?? '';

/** Reports whether a removal ends an approval: its words arrived before the removal was complete, whenever they take effect. */
const isTaken = ({ removal }: Reading, { arrived, came }: Approval) =>
  removal !== null && later(removal.over, [arrived, came[1]]);

/** Returns what is known after an approval came into force, which settles contests of earlier words. */
const begin = (reading: Reading, approval: Approval): Reading => {
  const { contest, removal, wordings } = reading;
  const contested = wordings.filter(({ change, runs }) => change === contest?.change && runs !== null);
  const number = wordings.find(({ change, revision }) => change === approval.change && revision === approval.revision)?.came[1];
  const settles =
    contest !== null &&
    (number ?? approval.came[1]) >= contest.number &&
    !contested.some((each) => later(each.came, approval.came));
  return {
    ...reading,
    current: approval,
    contest: settles ? null : contest,
    removal: isTaken(reading, approval) ? removal : null,
  };
};

/** Returns what is known at an instant, after everything that time alone did until then. */
const readUntil = (reading: Reading, now: string): Reading => {
  const { current, next, removal, freed } = reading;
  const gone = (approval: Approval | null) =>
    approval === null || removal === null || !isTaken(reading, approval) ? null : last(approval.given, removal.at);
  // If an opt-out since its approval moved a waiting approval before the words in force, it never begins, and ends with them.
  const isOlder = current !== null && next !== null && later(current.came, next.came);
  const following = isOlder ? null : next;
  const starts = next === null || isOlder ? null : last(next.given, next.from, current === null ? freed : next.effect);
  const happens = [
    {
      at: current?.until ?? null,
      after: (): Reading => ({ ...reading, current: null, next: following, freed: current?.until ?? '' }),
    },
    { at: gone(current), after: (): Reading => ({ ...reading, current: null, next: following }) },
    { at: next?.until ?? null, after: (): Reading => ({ ...reading, next: null }) },
    { at: gone(next), after: (): Reading => ({ ...reading, next: null }) },
    { at: starts, after: () => (next === null ? reading : begin({ ...reading, next: null }, next)) },
  ];
  const first = happens.reduce((found, each) => (each.at !== null && (found.at === null || each.at < found.at) ? each : found));
  return first.at === null || first.at > now ? reading : readUntil(first.after(), now);
};

const isSmall = ({ notice, provenance }: EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>) =>
  provenance.scheme !== null && notice.kind === 'update' && Object.values(notice.impact).every((value) => value === 'unchanged');

const arrived = (before: Reading, event: EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>): Reading => {
  const { at, change, revision, notice } = event;
  const key = event.type === 'ChangeNotified' ? event.key : before.key;
  const number = before.arrivals + 1;
  const effect = notice.effectiveAt === null ? at : last(at, notice.effectiveAt);
  if (notice.kind === 'removal') {
    // A removal that was complete before this one was announced no longer counts.
    const removal = before.removal !== null && before.removal.over[0] <= at ? null : before.removal;
    const over: Came = [last(effect, removal?.over[0] ?? effect), number];
    const from = removal !== null && removal.at < effect ? removal.at : effect;
    return { ...before, key, arrivals: number, removal: { at: from, over } };
  }
  // Silence is not an opt-out, unless the vendor states that nothing happens without an act of the city.
  const silence =
    notice.optOut === 'yes' && notice.withoutAction !== 'off' && notice.effectiveAt !== null && notice.kind !== 'contract';
  const unasked = notice.optOut !== 'yes' || silence;
  const ofContract = notice.kind === 'contract' && !key.includes('.');
  const small = isSmall(event) && before.contest === null;
  const came: Came = [unasked ? effect : at, number];
  const unlessTold = silence ? { came: [at, number] as const, by: notice.optOutBy } : null;
  const runs = unasked && !ofContract ? effect : null;
  const wording: Wording = { change, revision, came, arrived: at, effect, runs, unlessTold, small };
  const claims = before.claims.filter((each) => each.change !== change);
  const kept = before.wordings.filter((each) => each.change !== change || (each.runs !== null && each.runs <= at));
  return { ...before, key, arrivals: number, claims, wordings: [...kept, wording] };
};

const approved = (reading: Reading, { at, change, revision, terms, validUntil }: EventOf<'ChangeApproved'>) => {
  const wording = reading.wordings.findLast((each) => each.change === change && each.revision === revision);
  if (wording === undefined) throw new Error(`revision ${revision} of change ${change} never arrived`);
  const { came, arrived, effect } = wording;
  const from = terms.from ?? at;
  const own: Approval = {
    change,
    revision,
    came,
    arrived,
    effect,
    given: at,
    from,
    until: validUntil,
    tolerant: terms.maintenance,
  };
  const { current, next } = reading;
  if (current !== null && later(current.came, came)) {
    const isYetToRun = at < current.effect;
    const isBetween = later(came, [current.arrived, current.came[1]]) && came[0] < current.came[0];
    if (!isYetToRun || from > at || !isBetween) return reading;
    // It is on until the words of the former approval take effect, or those of a later one.
    const last = next !== null && later(next.came, current.came) ? next : current;
    return begin({ ...reading, next: last }, own);
  }
  const olderNext = next !== null && later(came, next.came);
  if (from <= at && (current === null || effect <= at)) return begin({ ...reading, next: olderNext ? null : next }, own);
  return next === null || olderNext ? { ...reading, next: own } : reading;
};

const endedBy = (reading: Reading, change: number) => {
  if (reading.current?.change === change) return { ...reading, current: null, next: null };
  return reading.next?.change === change ? { ...reading, next: null } : reading;
};

const contested = (reading: Reading, change: number): Reading => {
  const own = reading.wordings.filter((each) => each.change === change);
  const number = Math.max(0, ...own.map(({ came }) => came[1]));
  const wordings = reading.wordings.map((each) => (each.change === change ? { ...each, small: false } : each));
  return { ...reading, wordings, contest: { change, number } };
};

const isMaintenance = ({ wordings }: Reading, change: number) =>
  wordings.findLast((each) => each.change === change)?.small === true;

/** Returns what is known after a withdrawal, which only words that ran outlast. */
const withdrawn = (reading: Reading, { change, at }: EventOf<'ChangeWithdrawn'>): Reading => ({
  ...reading,
  wordings: reading.wordings.filter((each) => each.change !== change || (each.runs !== null && each.runs <= at)),
});

const toldOf = (approval: Approval | null, change: number, number: number): Approval | null =>
  approval?.change === change && approval.came[1] === number ? { ...approval, came: [approval.arrived, number] } : approval;

/** Returns what is known after an opt-out in time: the words never ran, and count as arrived when they came. */
const told = (reading: Reading, change: number, number: number): Reading => ({
  ...reading,
  current: toldOf(reading.current, change, number),
  next: toldOf(reading.next, change, number),
  wordings: reading.wordings.map((each) =>
    each.change === change && each.came[1] === number && each.unlessTold !== null
      ? { ...each, came: each.unlessTold.came, runs: null, unlessTold: null }
      : each,
  ),
  claims: reading.claims.filter((each) => each.change !== change),
});

const optedOut = (reading: Reading, { change, revision, at, evidence }: EventOf<'OptOutRecorded'>): Reading => {
  const wording = reading.wordings.findLast((each) => each.change === change);
  if (wording?.revision !== revision || wording.unlessTold === null) return reading;
  const { by } = wording.unlessTold;
  const number = wording.came[1];
  if (at < wording.effect && (by === null || at < by)) return told(reading, change, number);
  const mayHaveBeen = evidence !== null || (by !== null && at < by);
  const isKnown = reading.claims.some((each) => each.change === change);
  return mayHaveBeen && !isKnown ? { ...reading, claims: [...reading.claims, { change, number, said: [] }] } : reading;
};

const areTwoOfTwo = (persons: readonly Person[]) =>
  persons.some((one) => persons.some((other) => one.holder !== other.holder && one.body !== other.body));

const saidInTime = (reading: Reading, { change, holder, body }: EventOf<'RollbackConfirmed'>): Reading => {
  const claim = reading.claims.find((each) => each.change === change);
  if (claim === undefined) return reading;
  const said = [...claim.said, { holder, body }];
  if (areTwoOfTwo(said)) return told(reading, change, claim.number);
  return { ...reading, claims: reading.claims.map((each) => (each === claim ? { ...each, said } : each)) };
};

const saidSo = (reading: Reading, { change, holder, body, at }: EventOf<'RollbackConfirmed'>): Reading => {
  const said = [...reading.said, { change, holder, body }];
  const own = said.filter((each) => each.change === change);
  if (!areTwoOfTwo(own)) return { ...reading, said };
  const wordings = reading.wordings.filter((each) => each.change !== change || (each.runs !== null && each.runs > at));
  return { ...reading, said, wordings, contest: reading.contest?.change === change ? null : reading.contest };
};

const REFUSALS = ['vote', 'holder', 'override-failed', 'correction'];

export const readEvent = (reading: Reading, event: FeatureEvent): Reading => {
  const known = readUntil(reading, event.at);
  const { change } = event;
  switch (event.type) {
    case 'ChangeNotified':
    case 'ChangeRevised':
      return arrived(known, event);
    case 'ChangeWithdrawn':
      return withdrawn(known, event);
    case 'ChangeApproved':
      return approved(known, event);
    case 'ApprovalRevoked':
      return endedBy(known, change);
    case 'ApprovalEnded':
      return event.because === 'correction' ? endedBy(known, change) : known;
    case 'MaintenanceContested':
      return contested(known, change);
    case 'ChangeRefused':
      return REFUSALS.includes(event.because) && isMaintenance(known, change) ? contested(known, change) : known;
    case 'ChangeVetoed':
      return event.by === 'holder' && isMaintenance(known, change) ? contested(known, change) : known;
    case 'RollbackConfirmed':
      return event.of === 'opt-out' ? saidInTime(known, event) : saidSo(known, event);
    case 'OptOutRecorded':
      return optedOut(known, event);
    default:
      return known;
  }
};

/** The words that are on at an instant, or every reason why none are. */
interface Opinion {
  readonly on: { readonly change: number; readonly revision: number } | null;
  readonly against: readonly string[];
}

/** Returns what may be on at an instant that lies not before the last event read. */
export const opinionAt = (reading: Reading, now: string): Opinion => {
  const { current, removal, wordings, contest } = readUntil(reading, now);
  const against: string[] = [];
  if (removal !== null && removal.at <= now) against.push('it is removed');
  if (current === null) return { on: null, against: [...against, 'no approval is in force'] };
  for (const { change, revision, came, runs, small } of wordings) {
    if (runs === null || runs > now) continue;
    // Before the approved words take effect, any words that run and arrived after them run in their place.
    const meanwhile = now < current.effect && later(came, [current.arrived, current.came[1]]);
    if (!meanwhile && !later(came, current.came)) continue;
    if (current.tolerant && small && contest === null) continue;
    against.push(`words ${revision} of change ${change} run, which arrived later than those in force`);
  }
  return { on: against.length > 0 ? null : { change: current.change, revision: current.revision }, against };
};

/** Returns every reason why a feature, apart from its prefixes, may not be on at `t`, or not with the words that are shown. */
export const reasonsAgainst = (
  events: readonly FeatureEvent[],
  t: string,
  shown?: { readonly change: number | null; readonly revision: number | null },
): readonly string[] => {
  const { on, against } = opinionAt(events.filter(({ at }) => at <= t).reduce(readEvent, NOTHING_READ), t);
  const other = on !== null && shown !== undefined && (shown.change !== on.change || shown.revision !== on.revision);
  return other ? [...against, `change ${shown.change} is shown, and change ${on.change} is in force`] : against;
};
