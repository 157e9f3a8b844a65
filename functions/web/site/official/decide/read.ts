import type { Confirmable } from '../../../../../domain/feature/evolve/forced.ts';
import { NO_TERMS, readTerms, type Terms } from '../../../../../domain/feature/terms.ts';
import { blockProblem, lineProblem, normalizeText } from '../../../../../domain/kernel/text.ts';
import { Digest, LocalDate, Sha256Hex, urlProblem } from '../../../../../domain/kernel/zodTypes.ts';
import { type LocalMoment, lastMomentOf, localMoment } from '../../../../../domain/kernel/zone.ts';
import { Vote } from '../../../../../domain/policy/threshold.ts';
import { type Fault, type Input, oneOf, readForm, type SentForm, sentForm } from '../../forms.ts';
import { type CalledSeat, calledSeats, seatNamed } from '../../names.ts';
import type { Situation } from './situation.ts';

/** Longest message or reason, in characters. */
const TEXT_CHARS_MAX = 5_000;

interface Binding {
  readonly revision: number;
  readonly digest: string;
  readonly comment: string;
}

interface CommonFields extends Binding {
  readonly terms: Terms;
}

export const TERM_FIELDS = ['from', 'until', 'audience', 'conditions', 'maintenance'] as const;

/** The fields of a meeting's record, which several certificates of one meeting share; beside them each seat has one, `vote.<seat>`. */
export const MEETING_FIELDS = [
  'allPresent',
  'fileNumber',
  'meetingDate',
  'mover',
  'seconder',
  'minutesUrl',
  'minutesSha256',
] as const;

/** Reads an official's text, normalised. A fault if it is too long or has characters that cannot be shown. */
export const readMessage = (input: Input, name: 'comment' | 'reason', faults: Fault[]): string => {
  const text = normalizeText(oneOf(input, name));
  if (text.length > TEXT_CHARS_MAX || blockProblem(text) !== undefined) faults.push({ name, code: name });
  return text;
};

const readBinding = (input: Input, faults: Fault[]): Binding => {
  const revision = oneOf(input, 'revision');
  const isNumber = /^[1-9][0-9]{0,6}$/.test(revision);
  if (!isNumber) faults.push({ name: 'revision', code: 'revision' });
  const digest = oneOf(input, 'digest');
  if (!Digest.safeParse(digest).success) faults.push({ name: 'digest', code: 'digest' });
  return { revision: isNumber ? Number(revision) : 0, digest, comment: readMessage(input, 'comment', faults) };
};

const readCommon = (input: Input, zone: string, faults: Fault[]): CommonFields => {
  const bound = readBinding(input, faults);
  const read = readTerms(
    {
      from: oneOf(input, 'from'),
      until: oneOf(input, 'until'),
      audience: input.get('audience') ?? [],
      conditions: oneOf(input, 'conditions'),
      maintenance: oneOf(input, 'maintenance'),
    },
    zone,
  );
  if (read.ok) return { ...bound, terms: read.terms };
  // A fault of all terms together stands beside the conditions.
  const name = read.pointer.slice(1);
  faults.push({ name, code: TERM_FIELDS.find((term) => term === name) ?? 'conditions' });
  return { ...bound, terms: NO_TERMS };
};

const FILE_NUMBER_CHARS_MAX = 100;
const DECISIONS = ['approve', 'refuse', 'abstain', 'confirm', 'dispute', 'take-back'] as const;
const PURPOSES = ['adopt', 'override', 'correct'] as const;

/** The form of a signature, a ballot, advice, or the confirmation of a certificate. `certificate`: the act of the one that was shown. */
export interface DecisionForm extends CommonFields {
  readonly kind: 'decision';
  readonly decision: (typeof DECISIONS)[number];
  readonly certificate: string;
}
export interface CertificateForm extends CommonFields {
  readonly kind: 'certificate';
  readonly purpose: (typeof PURPOSES)[number];
  readonly fileNumber: string;
  readonly meetingDate: string;
  readonly mover: string | null;
  readonly seconder: string | null;
  readonly votes: Readonly<Record<string, Vote>>;
  readonly minutesUrl: string | null;
  readonly minutesSha256: string | null;
}
export type OfficialForm = DecisionForm | CertificateForm;

export interface RevocationForm {
  readonly reason: string;
  readonly fileNumber: string | null;
}

const readDecision = (input: Input, zone: string, faults: Fault[]): DecisionForm => {
  const decision = DECISIONS.find((word) => word === oneOf(input, 'decision'));
  if (decision === undefined) faults.push({ name: 'decision', code: 'decision' });
  const common = readCommon(input, zone, faults);
  if (decision === 'take-back' && common.comment === '') faults.push({ name: 'reason', code: 'why' });
  return { kind: 'decision', ...common, decision: decision ?? 'abstain', certificate: oneOf(input, 'certificate') };
};

const readFileNumber = (input: Input, faults: Fault[]): string => {
  const fileNumber = normalizeText(oneOf(input, 'fileNumber'));
  if (fileNumber.length > FILE_NUMBER_CHARS_MAX || lineProblem(fileNumber) !== undefined)
    faults.push({ name: 'fileNumber', code: 'fileNumber' });
  return fileNumber;
};

const readSeat = (input: Input, name: 'mover' | 'seconder', seats: readonly CalledSeat[], faults: Fault[]): string | null => {
  const text = normalizeText(oneOf(input, name));
  if (text === '') return null;
  const seat = seatNamed(seats, text);
  if (seat === undefined) faults.push({ name, code: name });
  return seat ?? null;
};

const readMinutesUrl = (input: Input, faults: Fault[]): string | null => {
  const url = oneOf(input, 'minutesUrl').trim();
  if (url === '') return null;
  if (url.length > 2000 || urlProblem(url) !== undefined) faults.push({ name: 'minutesUrl', code: 'minutesUrl' });
  return url;
};

const readMinutesHash = (input: Input, faults: Fault[]): string | null => {
  const hash = oneOf(input, 'minutesSha256')
    .trim()
    .toLowerCase()
    .replace(/^sha256:/, '');
  if (hash === '') return null;
  if (!Sha256Hex.safeParse(hash).success) faults.push({ name: 'minutesSha256', code: 'minutesSha256' });
  return hash;
};

/**
 * Reads the vote of every seat. A seat that the form leaves out has none, unless the clerk states with `allPresent` that all present
 * voted yes: then it counts as yes, and as vacant if no one held it. A vote that is sent blank is a fault in either case.
 */
const readVotes = (input: Input, seats: readonly CalledSeat[], faults: Fault[]): Readonly<Record<string, Vote>> => {
  const stated = oneOf(input, 'allPresent');
  if (stated !== '' && stated !== 'yes') faults.push({ name: 'allPresent', code: 'allPresent' });
  const votes: Record<string, Vote> = {};
  for (const { seat, names, isVacant } of seats) {
    const name = `vote.${seat}`;
    const others = stated === 'yes' && !input.has(name) ? (isVacant ? 'vacant' : 'yes') : '';
    const vote = Vote.safeParse(oneOf(input, name) || others);
    if (vote.success) votes[seat] = vote.data;
    else faults.push({ name, code: 'vote', slots: { seat: names.at(-1) ?? seat } });
  }
  return votes;
};

/** Reads a certificate. Every seat of the body needs a vote. */
export const readCertificate = (input: Input, seats: readonly CalledSeat[], zone: string, faults: Fault[]): CertificateForm => {
  const purpose = PURPOSES.find((word) => word === oneOf(input, 'purpose'));
  if (purpose === undefined) faults.push({ name: 'purpose', code: 'purpose' });
  const fileNumber = readFileNumber(input, faults);
  const meetingDate = oneOf(input, 'meetingDate').trim();
  if (!LocalDate.safeParse(meetingDate).success) faults.push({ name: 'meetingDate', code: 'meetingDate' });
  const mover = readSeat(input, 'mover', seats, faults);
  const seconder = readSeat(input, 'seconder', seats, faults);
  const votes = readVotes(input, seats, faults);
  const common = readCommon(input, zone, faults);
  // A record is never changed without saying why.
  if (purpose === 'correct' && common.comment === '') faults.push({ name: 'comment', code: 'correction' });
  const minutesUrl = readMinutesUrl(input, faults);
  const minutesSha256 = readMinutesHash(input, faults);
  return {
    kind: 'certificate',
    ...common,
    purpose: purpose ?? 'adopt',
    fileNumber,
    meetingDate,
    mover,
    seconder,
    votes,
    minutesUrl,
    minutesSha256,
  };
};

/** Reads the form that takes a refusal back, the reason alone, as a decision on the revision of its link, which a passkey can sign. */
export const readTakeBack = ({ bound, link, zone }: Situation, body: Uint8Array): SentForm<OfficialForm> => {
  const { input, faults } = readForm(body, (name) => name === 'reason');
  const decision = new Map([
    ['decision', ['take-back']],
    ['revision', [String(link.revision)]],
    ['digest', [bound?.digest ?? '']],
    ['comment', [oneOf(input, 'reason')]],
  ]);
  return sentForm({ input: decision, faults }, (whole, found) => readDecision(whole, zone, found));
};

export const readReason = (input: Input, faults: Fault[]): string => {
  const reason = readMessage(input, 'reason', faults);
  if (reason === '') faults.push({ name: 'reason', code: 'why' });
  return reason;
};

/** Returns what a form confirms: that a change was rolled back, unless it says otherwise. */
export const confirmableIn = (input: Input): Confirmable => (oneOf(input, 'of') === 'opt-out' ? 'opt-out' : 'rollback');

/** Reads an answer of one who may confirm. A proposal may also be refused, and its reason may be empty. */
export const readConfirmation = (
  input: Input,
  isProposal: boolean,
  faults: Fault[],
): { readonly refuses: boolean; readonly of: Confirmable; readonly reason: string } => {
  const decision = oneOf(input, 'decision');
  const of = confirmableIn(input);
  const refuses = isProposal && decision === 'refuse';
  if (decision !== 'confirm' && !refuses) faults.push({ name: 'decision', code: 'decision' });
  return { refuses, of, reason: isProposal ? readMessage(input, 'reason', faults) : readReason(input, faults) };
};

/** Reads a revocation. Accepts a missing file number, since only some revocations need one. */
export const readRevocation = (body: Uint8Array): SentForm<RevocationForm> =>
  sentForm(
    readForm(body, (name) => name === 'reason' || name === 'fileNumber'),
    (input, faults) => ({
      reason: readReason(input, faults),
      fileNumber: oneOf(input, 'fileNumber').trim() === '' ? null : readFileNumber(input, faults),
    }),
  );

const DECISION: readonly string[] = ['decision', 'certificate'];
const COMMON = ['revision', 'digest', 'comment', ...TERM_FIELDS];
const CERTIFICATE = ['purpose', ...MEETING_FIELDS, ...COMMON];

const seatsOn = ({ roster, requirement }: Situation, when: LocalMoment) =>
  roster === null || requirement === undefined ? [] : calledSeats(roster, requirement.body, when);

const readOwn = (situation: Situation, input: Input, faults: Fault[]): OfficialForm => {
  const { requirement, zone, now, can } = situation;
  const confirms = ['confirm', 'dispute'].includes(oneOf(input, 'decision')) || (can.confirm && !can.correct);
  if (requirement?.instrument !== 'certification' || confirms) return readDecision(input, zone, faults);
  const day = oneOf(input, 'meetingDate');
  const moment = LocalDate.safeParse(day).success ? lastMomentOf(day, zone, now) : localMoment(now, zone);
  return readCertificate(input, seatsOn(situation, moment), zone, faults);
};

/** Reads the form that a link's requirement takes: a decision, a certificate, or the confirmation of one. `also`: fields that another step adds. */
export const readOfficialForm = (
  situation: Situation,
  body: Uint8Array,
  also: readonly string[] = [],
): SentForm<OfficialForm> => {
  const certifies = situation.requirement?.instrument === 'certification';
  const seats = seatsOn(situation, localMoment(situation.now, situation.zone));
  const votes = new Set(seats.map(({ seat }) => `vote.${seat}`));
  const known = (name: string): boolean =>
    also.includes(name) ||
    DECISION.includes(name) ||
    COMMON.includes(name) ||
    (certifies && (CERTIFICATE.includes(name) || votes.has(name)));
  return sentForm(readForm(body, known, ['audience']), (input, faults) => readOwn(situation, input, faults));
};
