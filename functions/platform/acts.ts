// One row for each event of a feature: its texts on pages, in the feed and in mails, and the mails that it brings.
import type { AwaitedAct } from '../../domain/feature/awaited.ts';
import type { EventOf, FeatureEvent, Opening, Pinned } from '../../domain/feature/events.ts';
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

/** About change `n` of a feature. */
export type MailTrigger = { readonly n: number } & (
  | { readonly kind: 'opened'; readonly requirement: string }
  | { readonly kind: 'pinned' }
  | { readonly kind: 'satisfied'; readonly requirement: string }
  | { readonly kind: 'certified' }
  | { readonly kind: 'disputed'; readonly requirement: string }
  | { readonly kind: 'vetoed'; readonly requirement: string }
  | { readonly kind: 'rollback' }
);

export interface Writer<Value> {
  readonly number: (n: number) => string;
  readonly until: (instant: string) => string;
  readonly foreign: (text: string) => Value;
}

interface Row<E extends FeatureEvent> {
  readonly name: (event: E) => E['type'] extends ActView['type'] ? ActName & EventName : EventName;
  readonly slots?: <Value>(event: E, write: Writer<Value>) => Slots<Value | string | number>;
  /** The mails that it brings, in order: to those who must act. */
  readonly mails?: (event: E) => readonly MailTrigger[];
}

const opened = (n: number, opens: readonly Opening[]): readonly MailTrigger[] =>
  opens.map(({ requirement }) => ({ n, kind: 'opened', requirement }));
const pinned = ({ change: n, pinned: pin }: { readonly change: number; readonly pinned: Pinned | null }) =>
  pin === null ? [] : [{ n, kind: 'pinned' } as const, ...opened(n, pin.opens)];
const satisfied = ({ change: n, opens, requirement }: EventOf<'RequirementMet'> | EventOf<'VetoOverridden'>) => [
  ...opened(n, opens),
  { n, kind: 'satisfied', requirement } as const,
];

/** By a vendor, or by the city for its own rules. */
export const announcedAs = (key: string) => (key === POLICY_KEY ? 'rulesProposed' : 'announced');

const ACTS: { readonly [T in FeatureEvent['type']]: Row<EventOf<T>> } = {
  ChangeNotified: {
    name: ({ key }) => announcedAs(key),
    slots: ({ notice }, { foreign }) => ({ title: foreign(notice.title) }),
    mails: pinned,
  },
  ChangeRevised: { name: () => 'revised', slots: ({ revision }) => ({ revision }), mails: pinned },
  ChangeWithdrawn: {
    name: () => 'withdrawn',
    mails: ({ change: n }) => [{ n, kind: 'rollback' }],
  },
  PolicyPinned: { name: () => 'pinned', slots: (event) => ({ policy: event.pinned.policy }), mails: pinned },
  DocumentAttached: { name: () => 'attached' },
  VoteCertified: {
    name: () => 'certified',
    slots: ({ tally: { yes, no, needed } }, { number }) => ({ yes: number(yes), no: number(no), needed: number(needed) }),
    mails: ({ change: n, confirmBy }) => (confirmBy === undefined ? [] : [{ n, kind: 'certified' }]),
  },
  SignatureGiven: {
    name: ({ decision }) => (({ approve: 'signed', refuse: 'refusal', 'take-back': 'tookBack' }) as const)[decision],
    mails: ({ change: n, decision, requirement }) => (decision === 'take-back' ? [{ n, kind: 'opened', requirement }] : []),
  },
  BallotCast: { name: () => 'answered' },
  AdviceGiven: { name: () => 'advised' },
  ConfirmationGiven: {
    name: ({ decision }) => (decision === 'confirm' ? 'confirmed' : 'disputed'),
    mails: ({ change: n, decision, requirement }) => (decision === 'dispute' ? [{ n, kind: 'disputed', requirement }] : []),
  },
  RequirementMet: { name: () => 'met', mails: satisfied },
  ChangeVetoed: {
    name: () => 'vetoed',
    slots: (event, { until }) => ({ when: until(event.until) }),
    mails: ({ change: n, requirement }) => [{ n, kind: 'vetoed', requirement }],
  },
  VetoOverridden: { name: () => 'overturned', mails: satisfied },
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
  RollbackConfirmed: {
    name: ({ complete }) => (complete ? 'rolledBack' : 'rollbackConfirmed'),
    mails: ({ change: n, complete }) => (complete ? [] : [{ n, kind: 'rollback' }]),
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

export const mailsOf = (event: FeatureEvent): readonly MailTrigger[] => rowOf(event).mails?.(event) ?? [];

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
