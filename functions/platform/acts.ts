import { outdatedFrom } from '../../domain/feature/arrival.ts';
import type { AwaitedAct } from '../../domain/feature/awaited.ts';
import { advanceTo } from '../../domain/feature/due.ts';
import type { Foretold } from '../../domain/feature/effect.ts';
import type { FeatureEvent, Provenance } from '../../domain/feature/events.ts';
import { changeId, POLICY_KEY } from '../../domain/feature/keys.ts';
import { isEntered, type NoticeFacts, type NoticeLine } from '../../domain/feature/notice.ts';
import { type ChangeState, type FeatureState, inForceIn } from '../../domain/feature/state.ts';
import { type ActView, type ChangeView, takesAwayFrom } from '../../domain/feature/view.ts';
import { latest } from '../../domain/kernel/order.ts';
import type { Requirement } from '../../domain/policy/schema.ts';
import { fillText, listFormat, numberFormat, type Slots } from './catalogue.ts';
import type * as en from './words/en.ts';

// What officials and vendors do, by its names in the texts of pages, of the feed and of mails, and the mails that it brings.

export type ActTexts = typeof en.acts;

/** Of what an official did: on the timeline and on the receipt. */
type ActName = keyof ActTexts['receipt'];
type AskName = keyof ActTexts['asks'];
/** What lists say was decided. */
type DecisionName = keyof ActTexts['decision'];

export const nameOfAct = (act: ActView): ActName => {
  switch (act.type) {
    case 'VoteCertified':
      return 'certified';
    case 'SignatureGiven':
      return ({ approve: 'signed', refuse: 'refusal', 'take-back': 'tookBack' } as const)[act.decision];
    case 'BallotCast':
      return 'answered';
    case 'AdviceGiven':
      return 'advised';
    case 'ConfirmationGiven':
      return act.decision === 'confirm' ? 'confirmed' : 'disputed';
    case 'ApprovalRevoked':
      return 'revoked';
  }
};

export const nameOfDecision = (act: Exclude<ActView, { type: 'VoteCertified' }>): DecisionName =>
  act.type === 'ApprovalRevoked' ? 'revoked' : act.decision;

/** What an event can bring: something to ask of persons, or a rollback to confirm. */
export type MailTrigger = 'asks' | 'rollback';

/** To those who must act. */
export const mailsOf = (event: FeatureEvent): MailTrigger | undefined => {
  switch (event.type) {
    case 'ChangeNotified':
    case 'ChangeRevised':
    case 'PolicyPinned':
    case 'RequirementMet':
    case 'ChangeVetoed':
    case 'VetoOverridden':
      return 'asks';
    case 'VoteCertified':
      return event.confirmBy === undefined ? undefined : 'asks';
    case 'SignatureGiven':
      return event.decision === 'take-back' ? 'asks' : undefined;
    case 'ConfirmationGiven':
      return event.decision === 'dispute' ? 'asks' : undefined;
    case 'ChangeWithdrawn':
    case 'OptOutRecorded':
      return 'rollback';
    case 'RollbackConfirmed':
      return event.complete ? undefined : 'rollback';
    default:
      return undefined;
  }
};

/** After it, who was asked before may be asked again, by a mail of its own. */
export const asksAnew = ({ type }: Pick<ActView, 'type'>): boolean => type === 'SignatureGiven';

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

/**
 * What the feed, the page of a feature and the weekly mail list. `id`: unique among those of the change; `when`: from when a removal
 * takes effect.
 */
export interface News {
  readonly id: string;
  readonly at: string;
  readonly name: keyof ActTexts['news'];
  readonly change: string;
  readonly title: string;
  readonly revision?: number;
  readonly when?: string;
}

/** By a vendor, or by the city: what it heard otherwise, and its own rules. */
const announcedAs = (key: string, provenance: Provenance) => {
  if (key === POLICY_KEY) return 'rulesProposed';
  return isEntered(provenance) ? 'entered' : 'announced';
};

/** How the words of a change came. */
export const arrivalsOf = ({ key, number, revisions }: ChangeView): readonly News[] =>
  revisions.map(({ revision, at, notice, provenance }) => ({
    id: `revision-${revision}`,
    at,
    name: revision === 1 ? announcedAs(key, provenance) : 'revised',
    change: changeId(key, number),
    title: notice.title,
    revision,
  }));

/** Since when what was approved is off because other words run; undefined if it is not. */
const untrueSince = ({ number, approved }: ChangeView, state: FeatureState, now: string): string | undefined => {
  const current = advanceTo(state, now);
  const inForce = inForceIn(current);
  const untrue = inForce?.number === number ? outdatedFrom(current, inForce, now) : undefined;
  return untrue === undefined || untrue.at > now ? undefined : latest(untrue.at, approved?.at);
};

/** What became of a change. `view` is presented for `now`; `state`: of its feature. */
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
  const named = { change: changeId(view.key, view.number), title: view.revisions.at(-1)?.notice.title ?? '' };
  const when = takesAwayFrom(view);
  const end = when === null ? { name: status as News['name'] } : { name: 'removes' as const, when };
  return [
    ...names.flatMap((name) => (happened[name] == null ? [] : [{ id: name, at: happened[name], name, ...named }])),
    // That a rollback closed it is said by that.
    ...(ended === null || ended.because === 'rollback' ? [] : [{ id: status, at: ended.at, ...end, ...named }]),
  ];
};

interface Writer<Value> {
  readonly until: (instant: string) => string;
  readonly foreign: (text: string) => Value;
}

export const newsSlots = <Value>(
  { change, title, revision = 0, when }: News,
  { until, foreign }: Writer<Value>,
): Slots<Value | string | number> => ({
  change,
  title: foreign(title),
  revision,
  ...(when !== undefined && { when: until(when) }),
});

export const newsText = ({ news }: Pick<ActTexts, 'news'>, each: News, { until }: Pick<Writer<string>, 'until'>): string =>
  fillText(news[each.name], newsSlots(each, { until, foreign: (title) => title }));

export type NoticeWords = Pick<typeof en.public, 'change' | 'impact' | 'kind' | 'notGiven'>;

interface Times {
  readonly dateTime: (instant: string) => string;
  readonly until: (instant: string) => string;
}

/** `isVendors`: the text is the vendor's own. */
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

/** What becomes of a change at the vendor if the city does nothing. */
export const withoutActionText = ({ change }: Pick<NoticeWords, 'change'>, value: NoticeFacts['withoutAction']): string =>
  ({ on: change.withoutActionOn, off: change.withoutActionOff, unknown: change.withoutActionUnknown })[value];

export const noticeText = (words: NoticeWords, { dateTime, until }: Times, line: NoticeLine): NoticeText => {
  const { change, impact, kind, notGiven } = words;
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
      return own({ yes: change.optOutYes, no: change.optOutNo, unknown: change.optOutUnknown }[text as 'yes'] ?? text);
    case 'withoutAction':
      return own(withoutActionText(words, text as NoticeFacts['withoutAction']));
    default:
      return { text, isVendors: true };
  }
};

/** Says what would come of an approval, where it would not simply be in force. `isOff`: it would switch nothing on. */
export const foretoldText = (
  locale: string,
  { foretold: texts }: Pick<typeof en.effect, 'foretold'>,
  { dateTime, until }: Times,
  foretold: Foretold | null,
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
