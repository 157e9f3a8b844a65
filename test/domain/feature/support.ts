import type { DecisionContext } from '../../../domain/feature/commands.ts';
import type { Certify } from '../../../domain/feature/decide/certificate.ts';
import type { Confirm } from '../../../domain/feature/decide/confirm.ts';
import type { AttachDocument, Notify, Withdraw } from '../../../domain/feature/decide/notify.ts';
import type { Repin } from '../../../domain/feature/decide/pin.ts';
import type { ConfirmRollback, Contest, RecordOptOut, Revoke } from '../../../domain/feature/decide/revoke.ts';
import type { Advise, CastBallot, Sign } from '../../../domain/feature/decide/sign.ts';
import type { FeatureCommand, Tick } from '../../../domain/feature/decide.ts';
import type { NoticeFacts } from '../../../domain/feature/notice.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { IMPACTS, type Policy } from '../../../domain/policy/schema.ts';
import { BOARD, COUNCIL, roster, thirteenSeats } from '../../support/fixtures/city.ts';
import { signedByAcme } from '../../support/fixtures/vendor.ts';

/** Returns a day of the story at a time in UTC; day 0 is 1 March 2026. */
export const day = (n: number, time = '12:00:00.000'): string =>
  `${new Date(Date.UTC(2026, 2, 1 + n)).toISOString().slice(0, 10)}T${time}Z`;
export const date = (n: number): string => day(n).slice(0, 10);
export const justBefore = (instant: string): string => new Date(Date.parse(instant) - 1).toISOString();

/** Without the seats of its bodies, so that no pinned requirement counts them. */
export const inForce = (policy: Policy, number = 1) => ({ number, policy, bodies: {}, seatsSince: {} });

const FULL_ROSTER = roster();

/** By default the thirteen-seat policy and a full roster, in UTC. */
export const context = (at: string, change: Partial<DecisionContext> = {}): DecisionContext => ({
  at,
  zone: 'UTC',
  roster: { number: 1, roster: FULL_ROSTER },
  policy: inForce(thirteenSeats),
  ...change,
});

export type Over<C> = Partial<Omit<C, 'type'>>;

export const wordsOf = (change: number, revision = 1): string => digestOf(`words of ${change}, revision ${revision}`);

export const facts = (change: Partial<NoticeFacts> = {}): NoticeFacts => ({
  kind: 'new-feature',
  title: 'A new way to search',
  summary: 'Says what it does in plain words.',
  version: '2026.3',
  effectiveAt: null,
  endsAt: null,
  optOut: 'yes',
  optOutBy: null,
  optOutHow: null,
  withoutAction: 'unknown',
  impact: Object.fromEntries(IMPACTS.map((name) => [name, 'unchanged'])) as NoticeFacts['impact'],
  documents: [],
  ...change,
});

/** What a notice of another policy says. */
export const proposal = (documents: NoticeFacts['documents'] = []): NoticeFacts =>
  facts({ kind: 'terms', impact: { ...facts().impact, oversight: 'changed' }, documents });

/**
 * Returns a notice of change `n`. Its command id is derived from the arguments, so that the same notice at the same instant is a repeat.
 */
export const notify = (at: string, n: number, change: Over<Notify> = {}): Notify => ({
  type: 'notify',
  ...context(at),
  key: 'acme',
  command: digestOf(`notice of ${n} at ${at}, ${change.digest ?? ''}`).slice(7, 23),
  revises: null,
  digest: wordsOf(n),
  notice: facts(),
  provenance: signedByAcme(`notice-${n}`, at, Buffer.from(change.digest ?? wordsOf(n))),
  ...change,
});
export const revise = (at: string, n: number, revision: number, change: Over<Notify> = {}): Notify =>
  notify(at, n, { revises: n, digest: wordsOf(n, revision), ...change });
export const withdraw = (at: string, change: number, over: Over<Withdraw> = {}): Withdraw => ({
  type: 'withdraw',
  ...context(at),
  change,
  digest: digestOf(`withdrawal of ${change}`),
  provenance: signedByAcme(`withdrawal-${change}`, at, Buffer.from(`withdrawal of ${change}`)),
  ...over,
});

/** Returns the attachment of a document by the operator, its bytes those of a text. */
export const attach = (
  at: string,
  change: number,
  kind: string,
  content: string,
  over: Over<AttachDocument> = {},
): AttachDocument => ({
  type: 'attach',
  ...context(at),
  change,
  revision: 1,
  digest: wordsOf(change),
  kind,
  title: `The ${kind}`,
  sha256: digestOf(content),
  mediaType: 'text/plain',
  bytes: content.length,
  by: 'operator',
  documents: over.documents ?? [],
  ...over,
});

/**
 * Returns a roll of `yes` yes votes and then `no` no votes in the order of the seats, the rest absent; the votes of `named` replace theirs.
 */
export const rollOf = (
  yes: number,
  no = 0,
  named: Readonly<Record<string, string>> = {},
  seats: readonly string[] = COUNCIL,
): Record<string, string> => ({
  ...Object.fromEntries(seats.map((seat, index) => [seat, index < yes ? 'yes' : index < yes + no ? 'no' : 'absent'])),
  ...named,
});
export const boardRoll = (yes: number, no = 0): Record<string, string> => rollOf(yes, no, {}, BOARD);

const decision = (change: number, revision = 1) => ({
  change,
  revision,
  digest: wordsOf(change, revision),
  terms: NO_TERMS,
  comment: null,
});

/** Returns the clerk's certificate of a council vote of the same day: seven yes, two no. */
export const certify = (at: string, change: number, over: Over<Certify> = {}): Certify => ({
  type: 'certify',
  ...context(at),
  ...decision(change, over.revision),
  requirement: 'council',
  holder: 'clerk',
  purpose: 'adopt',
  fileNumber: '26-0101',
  meetingDate: at.slice(0, 10),
  mover: over.requirement === 'board' ? 'board-1' : 'district-1',
  seconder: null,
  votes: rollOf(7, 2),
  minutesUrl: null,
  minutesSha256: null,
  ...over,
});
/** Returns the clerk's certificate of the vote that overturns a veto: nine yes. */
export const override = (at: string, change: number, over: Over<Certify> = {}): Certify =>
  certify(at, change, { purpose: 'override', fileNumber: '26-0202', votes: rollOf(9, 2), ...over });
export const correct = (at: string, change: number, over: Over<Certify> = {}): Certify =>
  certify(at, change, { purpose: 'correct', ...over });
export const sign = (at: string, change: number, over: Over<Sign> = {}): Sign => ({
  type: 'sign',
  ...context(at),
  ...decision(change, over.revision),
  requirement: 'mayor',
  holder: 'mayor',
  decision: 'approve',
  ...over,
});
export const refuse = (at: string, change: number, over: Over<Sign> = {}): Sign =>
  sign(at, change, { decision: 'refuse', ...over });
export const ballot = (at: string, change: number, seat: string, over: Over<CastBallot> = {}): CastBallot => ({
  type: 'ballot',
  ...context(at),
  ...decision(change, over.revision),
  requirement: 'council',
  holder: seat,
  decision: 'approve',
  ...over,
});
export const advise = (at: string, change: number, seat: string, over: Over<Advise> = {}): Advise => ({
  type: 'advise',
  ...context(at),
  ...decision(change, over.revision),
  requirement: 'advice',
  holder: seat,
  decision: 'approve',
  ...over,
});
export const revoke = (at: string, change: number, over: Over<Revoke> = {}): Revoke => ({
  type: 'revoke',
  ...context(at),
  change,
  requirement: 'mayor',
  holder: 'mayor',
  reason: null,
  fileNumber: null,
  ...over,
});
export const confirm = (at: string, change: number, certificate: string, over: Over<Confirm> = {}): Confirm => ({
  type: 'confirm',
  ...context(at),
  ...decision(change, over.revision),
  requirement: 'council',
  holder: 'at-large-a',
  decision: 'confirm',
  certificate,
  ...over,
});
export const contest = (at: string, change: number, over: Over<Contest> = {}): Contest => ({
  type: 'contest',
  ...context(at),
  change,
  by: { token: 'it' },
  reason: null,
  ...over,
});
export const confirmRollback = (at: string, over: Over<ConfirmRollback> = {}): ConfirmRollback => ({
  type: 'confirm-rollback',
  ...context(at),
  change: 2,
  of: 'rollback',
  revision: 1,
  digest: wordsOf(2),
  holder: 'clerk',
  body: 'clerk',
  seat: 'clerk',
  comment: digestOf('IT looked'),
  ...over,
});
/** Returns the record, by the token of IT's Ida, that the city opted out of change 2. */
export const optOut = (at: string, over: Over<RecordOptOut> = {}): RecordOptOut => ({
  type: 'opt-out',
  ...context(at),
  change: 2,
  revision: 1,
  digest: wordsOf(2),
  note: digestOf('In the console, under Features'),
  evidence: null,
  person: 'ida',
  ...over,
});
export const repin = (at: string, over: Over<Repin> = {}): Repin => ({ type: 'repin', ...context(at), ...over });
export const tick = (at: string, over: Over<Tick> = {}): Tick => ({ type: 'tick', ...context(at), ...over });

/** Returns the council's vote of day 10 and the mayor's signature of day 11. */
export const adoption = (change: number, over: Over<Certify> & Over<Sign> = {}, from = 0): readonly FeatureCommand[] => [
  certify(day(from + 10), change, over),
  sign(day(from + 11), change, over),
];
