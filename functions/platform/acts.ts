// One row for each event of a feature: its texts on pages, in the feed and in mails, and the mails that it brings.
import type { AwaitedAct } from '../../domain/feature/awaited.ts';
import type { EventOf, FeatureEvent } from '../../domain/feature/events.ts';
import { POLICY_KEY } from '../../domain/feature/keys.ts';
import type { ActView, ChangeView } from '../../domain/feature/view.ts';
import type { Requirement } from '../../domain/policy/schema.ts';
import type { Slots } from './catalogue.ts';
import type texts from './words/en/acts.json';

/** The texts about acts in one language, `words/en/acts.json`. */
export type ActTexts = typeof texts;

/** Under which the history has its sentence. */
export type EventName = keyof ActTexts['history'];
/** Of what an official did: on the timeline, on the receipt and among a person's latest acts. */
export type ActName = keyof ActTexts['receipt'];
export type AskName = keyof ActTexts['asks'];

/** What an event can bring: something to ask of persons, or a rollback to confirm. */
export type MailTrigger = 'asks' | 'rollback';

export interface Writer<Value> {
  readonly number: (n: number) => string;
  readonly until: (instant: string) => string;
  readonly foreign: (text: string) => Value;
}

interface Row<E extends FeatureEvent> {
  readonly name: (event: E) => E['type'] extends ActView['type'] ? ActName & EventName : EventName;
  readonly slots?: <Value>(event: E, write: Writer<Value>) => Slots<Value | string | number>;
  /** The mails that it brings, in order: to those who must act. */
  readonly mails?: (event: E) => MailTrigger | undefined;
}

const asks = (): MailTrigger => 'asks';

/** By a vendor, or by the city for its own rules. */
export const announcedAs = (key: string) => (key === POLICY_KEY ? 'rulesProposed' : 'announced');

const ACTS: { readonly [T in FeatureEvent['type']]: Row<EventOf<T>> } = {
  ChangeNotified: {
    name: ({ key }) => announcedAs(key),
    slots: ({ notice }, { foreign }) => ({ title: foreign(notice.title) }),
    mails: asks,
  },
  ChangeRevised: { name: () => 'revised', slots: ({ revision }) => ({ revision }), mails: asks },
  ChangeWithdrawn: {
    name: () => 'withdrawn',
    mails: () => 'rollback',
  },
  PolicyPinned: { name: () => 'pinned', slots: (event) => ({ policy: event.pinned.policy }), mails: asks },
  DocumentAttached: { name: () => 'attached' },
  VoteCertified: {
    name: () => 'certified',
    slots: ({ tally: { yes, no, needed } }, { number }) => ({ yes: number(yes), no: number(no), needed: number(needed) }),
    mails: ({ confirmBy }) => (confirmBy === undefined ? undefined : 'asks'),
  },
  SignatureGiven: {
    name: ({ decision }) => (({ approve: 'signed', refuse: 'refusal', 'take-back': 'tookBack' }) as const)[decision],
    mails: ({ decision }) => (decision === 'take-back' ? 'asks' : undefined),
  },
  BallotCast: { name: () => 'answered' },
  AdviceGiven: { name: () => 'advised' },
  ConfirmationGiven: {
    name: ({ decision }) => (decision === 'confirm' ? 'confirmed' : 'disputed'),
    mails: ({ decision }) => (decision === 'dispute' ? 'asks' : undefined),
  },
  RequirementMet: { name: () => 'met', mails: asks },
  ChangeVetoed: {
    name: () => 'vetoed',
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

export const nameOfEvent = (event: FeatureEvent): EventName => rowOf(event).name(event);

export const nameOfAct = (act: ActView): ActName => rowOf(act).name(act) as ActName;

export const slotsOf = <Value>(event: FeatureEvent, write: Writer<Value>): Slots<Value | string | number> =>
  rowOf(event).slots?.(event, write) ?? {};

/** What an event can bring by mail. */
export const mailsOf = (event: FeatureEvent): MailTrigger | undefined => rowOf(event).mails?.(event);

/** `disputed`: the certificate that waits is. */
export const askName = (asks: AwaitedAct['asks'], instrument: Requirement['instrument'], disputed: boolean): AskName => {
  if (asks === 'confirm') return 'confirm';
  if (disputed) return 'disputed';
  return asks === 'override' ? 'override' : instrument;
};

/** What the feed and the weekly mail list. `id`: unique among those of the change. */
interface News {
  readonly id: string;
  readonly at: string;
  readonly name: keyof ActTexts['news'];
}

export const newsOf = ({ approved, ended, status }: ChangeView): readonly News[] => [
  ...(approved === null ? [] : [{ id: 'approved', at: approved.at, name: 'approved' as const }]),
  ...(ended === null ? [] : [{ id: status, at: ended.at, name: status as News['name'] }]),
];
