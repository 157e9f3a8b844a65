import type { EventOf, FeatureEvent } from '../../../domain/feature/events.ts';

interface Words {
  readonly change: number;
  readonly revision: number;
  readonly digest: string;
  /** The times of the rule for second votes, by requirement. */
  readonly spans: ReturnType<typeof spansOf>;
  /** The requirements whose veto only a vote that a second person confirms overturns. */
  readonly guarded: readonly string[];
  /** The kinds of documents that the rule asks for. */
  readonly asks: readonly string[];
}

/** An act of a person on the words that stand, by what it says. */
interface Act {
  readonly change: number;
  readonly person: string;
  readonly act: string;
  readonly does: 'certifies' | 'confirms' | 'signs';
  readonly certificate: string | null;
}

export interface Known {
  readonly words: readonly Words[];
  readonly acts: readonly Act[];
  /** The changes that nothing can be decided on any more. */
  readonly closed: readonly number[];
  /** The changes under a veto that only a confirmed vote overturns; `acts`: how many there were at the veto. */
  readonly vetoes: readonly { readonly change: number; readonly acts: number }[];
  /** The vetoes that stand, by change, as far as a second vote can overturn them. */
  readonly seconds: Readonly<Record<number, SecondVote>>;
  readonly refusers: Readonly<Record<number, string>>;
  /** The kinds of documents attached to the words that stand, by change. */
  readonly attached: Readonly<Record<number, readonly string[]>>;
  readonly wrong: readonly string[];
}

export const NOTHING_KNOWN: Known = {
  words: [],
  acts: [],
  closed: [],
  vetoes: [],
  seconds: {},
  refusers: {},
  attached: {},
  wrong: [],
};

/** Reports whether the words of a notice are those that stand of another change that is still open. */
const standsTwice = ({ words, closed }: Known, { change, digest }: EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>) =>
  words.some(
    (each) =>
      each.digest === digest &&
      each.change !== change &&
      !closed.includes(each.change) &&
      words.findLast((later) => later.change === each.change) === each,
  );

const worded = (known: Known, event: EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>): Known => {
  const { change, revision, digest, pinned } = event;
  const guarded = (pinned?.require ?? []).flatMap(({ id, override }) => (override?.confirmedBy === undefined ? [] : [id]));
  const spans = spansOf(event);
  return {
    ...known,
    wrong: standsTwice(known, event) ? [...known.wrong, 'the words of an open change became another change'] : known.wrong,
    words: [...known.words, { change, revision, digest, spans, guarded, asks: pinned?.missing ?? [] }],
    attached: { ...known.attached, [change]: [] },
    acts: known.acts.filter((act) => act.change !== change),
    vetoes: known.vetoes.filter((each) => each.change !== change),
  };
};

const acted = (known: Known, act: Act): Known => ({ ...known, acts: [...known.acts, act] });

/** Returns what is wrong with an approval, by the acts on its words: fewer than two persons, or one of them in two offices. */
const approvalFaults = ({ acts, words, attached }: Known, { change, revision }: EventOf<'ChangeApproved'>): readonly string[] => {
  const own = acts.filter((act) => act.change === change);
  const by = (does: Act['does']) => own.filter((act) => act.does === does).map(({ person }) => person);
  const wrong: string[] = [];
  if (new Set(own.map(({ person }) => person)).size < 2) wrong.push('one person alone approved');
  if (by('signs').some((person) => by('certifies').includes(person))) wrong.push('one person certified and signed');
  for (const { person, certificate } of own.filter(({ does }) => does === 'confirms')) {
    if (own.some((act) => act.act === certificate && act.person === person))
      wrong.push('a clerk confirmed their own certificate');
  }
  const newest = words.findLast((each) => each.change === change);
  if (newest?.revision !== revision) wrong.push('words were approved that no longer stood');
  if (newest?.asks.some((kind) => attached[change]?.includes(kind) !== true)) wrong.push('a document was missing');
  return wrong;
};

const approved = (known: Known, event: EventOf<'ChangeApproved'>): Known => ({
  ...known,
  closed: [...known.closed, event.change],
  wrong: [...known.wrong, ...approvalFaults(known, event)],
});

const vetoed = (known: Known, { change, requirement }: EventOf<'ChangeVetoed'>) =>
  known.words.findLast((each) => each.change === change)?.guarded.includes(requirement) === true
    ? { ...known, vetoes: [...known.vetoes, { change, acts: known.acts.length }] }
    : known;

const withSecond = (known: Known, change: number, second: SecondVote | undefined) =>
  second === undefined ? known : { ...known, seconds: { ...known.seconds, [change]: second } };

const awaited = (known: Known, event: EventOf<'ChangeVetoed'>) => {
  const span = known.words.findLast((each) => each.change === event.change)?.spans[event.requirement];
  return withSecond(known, event.change, span && vetoedAt(span, event));
};

/** Notes an overturned veto as wrong unless a second person confirmed after it, where the rule requires one. */
const overturned = (known: Known, { change }: EventOf<'VetoOverridden'>): Known => {
  const veto = known.vetoes.find((each) => each.change === change);
  const confirmed =
    veto === undefined || known.acts.slice(veto.acts).some((act) => act.change === change && act.does === 'confirms');
  const vetoes = known.vetoes.filter((each) => each !== veto);
  const untimely = overturningFaults(known.seconds[change]);
  return {
    ...known,
    vetoes,
    wrong: [...known.wrong, ...untimely, ...(confirmed ? [] : ['a veto was overturned without a second person'])],
  };
};

/** Notes a refusal that is taken back by another than the one who gave it; nothing more is due for it. */
const tookBack = (known: Known, { change, holder }: EventOf<'SignatureGiven'>): Known => ({
  ...known,
  vetoes: known.vetoes.filter((each) => each.change !== change),
  wrong: known.refusers[change] === holder ? known.wrong : [...known.wrong, 'a refusal was taken back by another'],
});

export const read = (known: Known, event: FeatureEvent): Known => {
  switch (event.type) {
    case 'ChangeNotified':
    case 'ChangeRevised':
      return worded(known, event);
    case 'ChangeWithdrawn':
    case 'ChangeRefused':
    case 'ChangeLapsed':
      return { ...known, closed: [...known.closed, event.change] };
    case 'FeatureRemoved':
      return { ...known, closed: [...known.closed, ...event.closes] };
    case 'VoteCertified':
      return acted(withSecond(known, event.change, votedOn(known.seconds[event.change], event)), {
        change: event.change,
        person: event.holder,
        act: event.act,
        does: 'certifies',
        certificate: null,
      });
    case 'SignatureGiven':
      if (event.decision === 'take-back') return tookBack(known, event);
      return event.decision === 'refuse'
        ? { ...known, refusers: { ...known.refusers, [event.change]: event.holder } }
        : acted(known, { change: event.change, person: event.holder, act: event.act, does: 'signs', certificate: null });
    case 'ConfirmationGiven':
      return event.decision === 'dispute'
        ? known
        : acted(known, {
            change: event.change,
            person: event.holder,
            act: event.act,
            does: 'confirms',
            certificate: event.certificate,
          });
    case 'DocumentAttached': {
      const { change, kind } = event;
      return { ...known, attached: { ...known.attached, [change]: [...(known.attached[change] ?? []), kind] } };
    }
    case 'ChangeVetoed':
      return awaited(vetoed(known, event), event);
    case 'VetoOverridden':
      return overturned(known, event);
    case 'ChangeApproved':
      return approved(known, event);
    default:
      return known;
  }
};

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
const after = (at: string, days: number) => new Date(Date.parse(at) + days * DAY_MS).toISOString();
const dateOf = (instant: string) => instant.slice(0, 10);
const daysOf = (duration: string) => Number(/^P(\d+)D$/.exec(duration)?.[1]);

/** Returns the durations of the rule that a revision is pinned to, by the requirement whose refusal can be overturned. */
const spansOf = ({ pinned }: EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>): Readonly<Record<string, Span>> =>
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
const overturningFaults = (vote: SecondVote | undefined): readonly string[] => {
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
