import type { Task } from '../../domain/derived/record.ts';
import { outdatedFrom } from '../../domain/feature/arrival.ts';
import type { AwaitedAct } from '../../domain/feature/awaited.ts';
import { advanceTo } from '../../domain/feature/due.ts';
import type { ApprovalForecast } from '../../domain/feature/effect.ts';
import type { EventOf, FeatureEvent, Provenance } from '../../domain/feature/events.ts';
import { POLICY_KEY } from '../../domain/feature/keys.ts';
import { isEntered, type NoticeFacts, type NoticeLine } from '../../domain/feature/notice.ts';
import { dayToOptOutBy, hasChoice } from '../../domain/feature/optOut.ts';
import { type ChangeState, type FeatureState, inForceIn } from '../../domain/feature/state.ts';
import { type ActView, type ChangeView, removalEffectiveFrom } from '../../domain/feature/view.ts';
import { latest } from '../../domain/kernel/order.ts';
import { daysLeft } from '../../domain/kernel/zone.ts';
import type { Requirement } from '../../domain/policy/schema.ts';
import { fillCount, fillText, listFormat, numberFormat, type Slots, type Words } from './catalogue.ts';

// One row for each event of a feature: its texts on pages, in the feed and in mails, and the mails that it brings.

type ActTexts = Words['acts'];

/** The key of an event's sentence in the history. */
type EventName = keyof ActTexts['history'];
/** The key of an official's act on the timeline and on the receipt. */
type ActName = keyof ActTexts['receipt'];
type AskName = keyof ActTexts['asks'];
/** The key of a decision in lists. */
type DecisionName = keyof ActTexts['decision'];

/** Mails that an event can trigger: questions to persons, or a rollback to confirm. */
export type MailTrigger = 'asks' | 'rollback';

export interface Writer<Value> {
  readonly number: (n: number) => string;
  readonly until: (instant: string) => string;
  readonly foreign: (text: string) => Value;
}

interface Row<E extends FeatureEvent> {
  readonly name: (event: E) => E['type'] extends ActView['type'] ? ActName & EventName : EventName;
  /** Its name in the history, if that distinguishes more than receipt and timeline. */
  readonly inHistory?: (event: E) => EventName;
  readonly slots?: <Value>(event: E, write: Writer<Value>) => Slots<Value | string | number>;
  /** Mails to those who must act. */
  readonly mails?: (event: E) => MailTrigger | undefined;
  /** Persons who were asked before may be asked again, in a separate mail. */
  readonly asksAnew?: true;
}

const asks = (): MailTrigger => 'asks';

/** Returns who announced a change: a vendor, or the city, which enters what it hears otherwise and its own rules. */
export const announcedAs = (key: string, provenance: Provenance) => {
  if (key === POLICY_KEY) return 'rulesProposed';
  return isEntered(provenance) ? 'entered' : 'announced';
};

const ACTS: { readonly [T in FeatureEvent['type']]: Row<EventOf<T>> } = {
  ChangeNotified: {
    name: ({ key, provenance }) => announcedAs(key, provenance),
    slots: ({ notice }, { foreign }) => ({ title: foreign(notice.title) }),
    mails: asks,
  },
  ChangeRevised: { name: () => 'revised', slots: ({ revision }) => ({ revision }), mails: asks },
  ChangeWithdrawn: {
    name: () => 'withdrawn',
    mails: () => 'rollback',
  },
  PolicyPinned: {
    name: ({ voids }) => (voids ? 'rebound' : 'pinned'),
    slots: (event) => ({ policy: event.pinned.policy }),
    mails: asks,
  },
  DocumentAttached: { name: () => 'attached' },
  VoteCertified: {
    name: () => 'certified',
    inHistory: ({ purpose }) => (({ adopt: 'certified', override: 'certifiedAgain', correct: 'corrected' }) as const)[purpose],
    slots: ({ tally: { yes, no, needed } }, { number }) => ({ yes: number(yes), no: number(no), needed: number(needed) }),
    mails: ({ confirmBy }) => (confirmBy === undefined ? undefined : 'asks'),
  },
  SignatureGiven: {
    name: ({ decision }) => (({ approve: 'signed', refuse: 'refusal', 'take-back': 'tookBack' }) as const)[decision],
    mails: ({ decision }) => (decision === 'take-back' ? 'asks' : undefined),
    asksAnew: true,
  },
  BallotCast: { name: () => 'answered' },
  AdviceGiven: { name: () => 'advised' },
  ConfirmationGiven: {
    name: ({ decision }) => (decision === 'confirm' ? 'confirmed' : 'disputed'),
    mails: ({ decision }) => (decision === 'dispute' ? 'asks' : undefined),
  },
  RequirementMet: { name: () => 'met', mails: asks },
  ChangeVetoed: {
    name: ({ by }) => (by === 'deadline' ? 'timeUp' : 'vetoed'),
    slots: (event, { until }) => ({ when: until(event.until) }),
    mails: asks,
  },
  VetoOverridden: { name: () => 'overturned', mails: asks },
  ChangeRefused: { name: () => 'refused' },
  ChangeLapsed: { name: () => 'lapsed' },
  ChangeApproved: {
    name: ({ becomes }) => (({ 'in-force': 'approved', waiting: 'approvedLater', replaced: 'overtaken' }) as const)[becomes],
  },
  ApprovalBegan: { name: () => 'began' },
  ApprovalEnded: {
    name: ({ because }) => (({ end: 'expired', removal: 'approvalRemoved', correction: 'lost' }) as const)[because],
  },
  ApprovalRevoked: { name: () => 'revoked' },
  MaintenanceContested: { name: () => 'contested' },
  OptOutRecorded: { name: () => 'optedOut', mails: () => 'rollback' },
  RollbackConfirmed: {
    name: ({ of, complete }) => {
      if (of === 'opt-out') return complete ? 'optOutHeld' : 'optOutConfirmed';
      return complete ? 'rolledBack' : 'rollbackConfirmed';
    },
    mails: ({ complete }) => (complete ? undefined : 'rollback'),
  },
  FeatureRemoved: {
    name: () => 'removed',
    slots: ({ effectiveAt }, { until }) => ({ when: until(effectiveAt) }),
  },
};

const rowOf = (event: FeatureEvent): Row<FeatureEvent> => ACTS[event.type] as Row<FeatureEvent>;

export const nameOfEvent = (event: FeatureEvent): EventName => {
  const { name, inHistory = name } = rowOf(event);
  return inHistory(event);
};

export const nameOfAct = (act: ActView): ActName => rowOf(act).name(act) as ActName;

export const nameOfDecision = (act: Exclude<ActView, { type: 'VoteCertified' }>): DecisionName =>
  'decision' in act ? act.decision : (nameOfAct(act) as DecisionName);

export const slotsOf = <Value>(event: FeatureEvent, write: Writer<Value>): Slots<Value | string | number> =>
  rowOf(event).slots?.(event, write) ?? {};

export const mailsOf = (event: FeatureEvent): MailTrigger | undefined => rowOf(event).mails?.(event);

export const asksAnew = (event: FeatureEvent): boolean => rowOf(event).asksAnew === true;

export const askName = (
  asks: AwaitedAct['asks'],
  { id, instrument }: Pick<Requirement, 'id' | 'instrument'>,
  { confirmation }: Pick<ChangeView | ChangeState, 'confirmation'>,
  isFix: boolean,
): AskName => {
  if (asks === 'confirm') return 'confirm';
  if (confirmation?.disputed === true && confirmation.requirement === id) return 'disputed';
  if (asks === 'override') return 'override';
  return isFix && instrument !== 'advice' ? 'fix' : instrument;
};

/** An entry of the feed and the weekly mail. `id`: unique within the change; `when`: when a removal takes effect. */
interface News {
  readonly id: string;
  readonly at: string;
  readonly name: keyof ActTexts['news'];
  readonly when: string | null;
}

/** Returns since when an approval is off because other words took effect; undefined if it is not. */
const untrueSince = ({ number, approved }: ChangeView, state: FeatureState, now: string): string | undefined => {
  const current = advanceTo(state, now);
  const inForce = inForceIn(current);
  const untrue = inForce?.number === number ? outdatedFrom(current, inForce, now) : undefined;
  return untrue === undefined || untrue.at > now ? undefined : latest(untrue.at, approved?.at);
};

/** Returns the news of a change. `view`: as of `now`; `state`: its feature's. */
export const newsOf = (view: ChangeView, state: FeatureState, now: string): readonly News[] => {
  const { approved, ended, contested, optOut, rollback, veto, status } = view;
  const happened = {
    vetoed: veto?.at,
    approved: approved?.at,
    contested: contested?.at,
    optedOut: optOut?.records[0]?.at,
    optOutHeld: optOut?.completedAt,
    rolledBack: rollback?.completedAt,
    outdated: untrueSince(view, state, now),
  };
  const names = Object.keys(happened) as (keyof typeof happened)[];
  const when = removalEffectiveFrom(view);
  const name = when === null ? (status as News['name']) : 'removes';
  return [
    ...names.flatMap((each) => (happened[each] == null ? [] : [{ id: each, at: happened[each], name: each, when: null }])),
    // A rollback that closed it is an entry of its own.
    ...(ended === null || ended.because === 'rollback' ? [] : [{ id: status, at: ended.at, name, when }]),
  ];
};

/** Returns an entry in words. `named`: its change. */
export const newsText = (
  { news }: Pick<ActTexts, 'news'>,
  { name, when }: Pick<News, 'name' | 'when'>,
  named: Slots,
  { until }: Pick<Writer<string>, 'until'>,
): string => fillText(news[name], { ...named, ...(when !== null && { when: until(when) }) });

type NoticeWords = Pick<Words['public'], 'change' | 'impact' | 'kind' | 'notGiven'>;

interface Times {
  readonly dateTime: (instant: string) => string;
  readonly until: (instant: string) => string;
}

/** `isVendors`: the text is the vendor's. */
interface NoticeText {
  readonly text: string;
  readonly isVendors: boolean;
}

export const noticeLabel = ({ change, impact }: NoticeWords, { of, name }: NoticeLine): string => {
  if (of === 'impact') return impact[name];
  return of === 'document'
    ? change.document
    : change[({ effectiveAt: 'effective', endsAt: 'ends' } as const)[name as 'endsAt'] ?? name];
};

export const taskName = ({ doing }: Words['tasks'], { kind, because }: Pick<Task, 'kind' | 'because'>): string =>
  doing[because === 'not-stated' ? 'ask' : kind];

/** Returns that something is due now or, after its last day, for how long it has been late. `by`: not after `now`. */
export const lateText = (
  tasks: Words['tasks'],
  locale: string,
  { lastDay }: { readonly lastDay: (instant: string) => string },
  { by, now, zone }: { readonly by: string; readonly now: string; readonly zone: string },
): string => {
  const days = daysLeft(by, now, zone);
  return days < 0 ? fillCount(locale, tasks, 'late', -days, { by: lastDay(by) }) : tasks.dueNow;
};

/** Returns what happens at the vendor if the city does nothing. */
const withoutActionText = ({ change }: Pick<NoticeWords, 'change'>, value: NoticeFacts['withoutAction']): string =>
  ({ on: change.withoutActionOn, off: change.withoutActionOff, unknown: change.withoutActionUnknown })[value];

const optOutText = ({ change }: Pick<NoticeWords, 'change'>, value: NoticeFacts['optOut']): string =>
  ({ yes: change.optOutYes, no: change.optOutNo, unknown: change.optOutUnknown })[value];

/**
 * Returns a notice's day of effect, whether and until when the city can opt out, and the result of doing nothing; null for each that it
 * does not state. That it does not state whether the city can opt out counts for a kind with such a choice.
 */
export const vendorsChoice = (words: Pick<NoticeWords, 'change'>, { dateTime, until }: Times, notice: NoticeFacts) => {
  const { kind, optOut, optOutBy, effectiveAt, withoutAction } = notice;
  const lastDay = optOut === 'yes' || optOutBy !== null ? dayToOptOutBy(notice) : null;
  return {
    effective: effectiveAt && dateTime(effectiveAt),
    optOut: optOut !== 'unknown' || hasChoice(kind) ? optOutText(words, optOut) : null,
    optOutBy: lastDay && until(lastDay),
    withoutAction: optOut === 'yes' && effectiveAt !== null ? withoutActionText(words, withoutAction) : null,
  };
};

export const noticeText = (words: NoticeWords, { dateTime, until }: Times, line: NoticeLine): NoticeText => {
  const { impact, kind, notGiven } = words;
  const { value } = line;
  const own = (text: string): NoticeText => ({ text, isVendors: false });
  if (value === null) return own(notGiven);
  if (line.of === 'impact') return own(impact[value as 'changed' | 'unchanged' | 'unknown']);
  if (line.of === 'document') {
    const { url, sha256 } = value as { readonly url: string; readonly sha256?: string };
    return { text: [line.name, url, ...(sha256 === undefined ? [] : [`SHA-256 ${sha256}`])].join(' · '), isVendors: true };
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  switch (line.name) {
    case 'kind':
      return own(kind[text as keyof typeof kind]);
    case 'effectiveAt':
      return own(dateTime(text));
    case 'optOutBy':
    case 'endsAt':
      return own(until(text));
    case 'optOut':
      return own(optOutText(words, text as NoticeFacts['optOut']));
    case 'withoutAction':
      return own(withoutActionText(words, text as NoticeFacts['withoutAction']));
    default:
      return { text, isVendors: true };
  }
};

/** Returns what an approval would lead to, if not simply to being in force. `isOff`: it would switch nothing on. */
export const forecastText = (
  locale: string,
  { foretold: texts }: Pick<Words['effect'], 'foretold'>,
  { dateTime, until }: Times,
  foretold: ApprovalForecast | null,
): { readonly text: string; readonly isOff: boolean } | undefined => {
  const number = (n: number): string => numberFormat(locale).format(n);
  const off = (text: string, slots: Slots) => ({ text: fillText(text, slots), isOff: true });
  switch (foretold?.becomes) {
    case 'replaced':
      return off(foretold.waits ? texts.replacedByNext : texts.replaced, { change: number(foretold.by) });
    case 'removed':
      return off(texts.removed, { change: number(foretold.by) });
    case 'over':
      return off(texts.over, { when: until(foretold.at) });
    case 'outdated':
      return off(texts.outdated, { changes: listFormat(locale).format(foretold.by.map(number)) });
    case 'waiting': {
      const { at, meanwhile } = foretold;
      const slots = { when: dateTime(at), change: meanwhile === null ? '' : number(meanwhile) };
      return { text: fillText(meanwhile === null ? texts.begins : texts.beginsAfter, slots), isOff: false };
    }
    default:
      return undefined;
  }
};
