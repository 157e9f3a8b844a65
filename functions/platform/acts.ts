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

/** The name of what an event brought, under which the history has its sentence. */
export type EventName = keyof ActTexts['history'];
/** The name of what an official did: also on the timeline of the change, on the receipt and among a person's latest acts. */
export type ActName = keyof ActTexts['receipt'];
/** The name of what a person is asked to do. */
export type AskName = keyof ActTexts['asks'];

/** A reason to write mails about change `n` of a feature. */
export type MailTrigger = { readonly n: number } & (
  | { readonly kind: 'opened'; readonly requirement: string }
  | { readonly kind: 'pinned' }
  | { readonly kind: 'satisfied'; readonly requirement: string }
  | { readonly kind: 'certified' }
  | { readonly kind: 'disputed'; readonly requirement: string }
  | { readonly kind: 'vetoed'; readonly requirement: string }
  | { readonly kind: 'rollback' }
);

/** How a page or a mail writes the values that a text names. */
export interface Writer<Value> {
  readonly number: (n: number) => string;
  readonly until: (instant: string) => string;
  /** Writes a text of the vendor's. */
  readonly foreign: (text: string) => Value;
}

/** One row of the table. */
interface Row<E extends FeatureEvent> {
  readonly name: (event: E) => E['type'] extends ActView['type'] ? ActName & EventName : EventName;
  /** The values that its texts name beside the change, the body and the person. */
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

/** Returns the name of the notice that opens a change of a key: by a vendor, or by the city for its own rules. */
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

/** Returns the name of what an event brought. */
export const nameOfEvent = (event: FeatureEvent): EventName => rowOf(event).name(event);

/** Returns the name of what an official did. */
export const nameOfAct = (act: ActView): ActName => rowOf(act).name(act) as ActName;

/** Returns the values that the texts about an event name, as `write` writes them. */
export const slotsOf = <Value>(event: FeatureEvent, write: Writer<Value>): Slots<Value | string | number> =>
  rowOf(event).slots?.(event, write) ?? {};

/** Returns the mails that an event brings, in order: to those who must act. */
export const mailsOf = (event: FeatureEvent): readonly MailTrigger[] => rowOf(event).mails?.(event) ?? [];

/** Returns the name of what an act that is awaited asks of a person. `disputed`: the certificate that waits is. */
export const askName = (asks: AwaitedAct['asks'], instrument: Requirement['instrument'], disputed: boolean): AskName => {
  if (asks === 'confirm') return 'confirm';
  if (disputed) return 'disputed';
  return asks === 'override' ? 'override' : instrument;
};

/** A turn of a change that the feed and the weekly mail list. `id`: unique among those of the change. */
interface News {
  readonly id: string;
  readonly at: string;
  readonly name: keyof ActTexts['news'];
}

/** Returns what became of a change: it was approved, it or its approval has ended. */
export const newsOf = ({ approved, ended, status }: ChangeView): readonly News[] => [
  ...(approved === null ? [] : [{ id: 'approved', at: approved.at, name: 'approved' as const }]),
  ...(ended === null ? [] : [{ id: status, at: ended.at, name: status as News['name'] }]),
];
