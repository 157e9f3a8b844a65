import { type NamedSeat, seatNamed } from '../../../../../domain/feature/minutes.ts';
import { readTerms, type Terms } from '../../../../../domain/feature/terms.ts';
import { blockProblem, lineProblem, normalizeText } from '../../../../../domain/kernel/text.ts';
import { urlProblem } from '../../../../../domain/kernel/url.ts';
import { Digest, LocalDate, Sha256Hex } from '../../../../../domain/kernel/zodTypes.ts';
import { Vote } from '../../../../../domain/policy/threshold.ts';
import { type Fault, type Input, oneOf } from '../../forms/input.ts';

/** Longest message or reason, in characters. */
const TEXT_CHARS_MAX = 5_000;
const FILE_NUMBER_CHARS_MAX = 100;
const DECISIONS = ['approve', 'refuse', 'abstain'] as const;
const PURPOSES = ['adopt', 'override', 'correct'] as const;

/** What every decision says. `comment` is the text itself, normalised; empty for none. */
interface Common {
  readonly revision: number;
  readonly digest: string;
  readonly comment: string;
  readonly terms: Terms;
}
export interface ReadDecision extends Common {
  readonly decision: (typeof DECISIONS)[number];
}
export interface ReadCertificate extends Common {
  readonly purpose: (typeof PURPOSES)[number];
  readonly fileNumber: string;
  readonly meetingDate: string;
  readonly mover: string | null;
  readonly seconder: string | null;
  readonly votes: Readonly<Record<string, string>>;
  readonly minutesUrl: string | null;
  readonly minutesSha256: string | null;
}
export interface ReadRevocation {
  readonly reason: string;
  readonly fileNumber: string | null;
}

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly faults: readonly Fault[] };

const conclude = <T>(faults: readonly Fault[], value: T): Read<T> =>
  faults.length === 0 ? { ok: true, value } : { ok: false, faults };

/** An official's text: normalised; a fault when it is too long or has what cannot be shown. */
const readText = (input: Input, name: 'comment' | 'reason', faults: Fault[]): string => {
  const text = normalizeText(oneOf(input, name));
  if (text.length > TEXT_CHARS_MAX || blockProblem(text) !== undefined) faults.push({ name, code: name });
  return text;
};

const readCommon = (input: Input, zone: string, faults: Fault[]): Common => {
  const revision = oneOf(input, 'revision');
  if (!/^[1-9][0-9]{0,6}$/.test(revision)) faults.push({ name: 'revision', code: 'revision' });
  const digest = oneOf(input, 'digest');
  if (!Digest.safeParse(digest).success) faults.push({ name: 'digest', code: 'digest' });
  const read = readTerms(
    { until: oneOf(input, 'until'), audience: input.get('audience') ?? [], conditions: oneOf(input, 'conditions') },
    zone,
  );
  if ('terms' in read)
    return { revision: Number(revision), digest, comment: readText(input, 'comment', faults), terms: read.terms };
  const name = read.pointer.slice(1);
  faults.push({ name, code: name === 'until' || name === 'audience' ? name : 'conditions' });
  return {
    revision: 0,
    digest,
    comment: readText(input, 'comment', faults),
    terms: { until: null, audience: null, conditions: null },
  };
};

/** What a signer, a member or an adviser sent. */
export const readDecision = (input: Input, zone: string): Read<ReadDecision> => {
  const faults: Fault[] = [];
  const decision = DECISIONS.find((word) => word === oneOf(input, 'decision'));
  if (decision === undefined) faults.push({ name: 'decision', code: 'decision' });
  const common = readCommon(input, zone, faults);
  return conclude(faults, { ...common, decision: decision ?? 'abstain' });
};

const readFileNumber = (input: Input, faults: Fault[]): string => {
  const fileNumber = normalizeText(oneOf(input, 'fileNumber'));
  if (fileNumber.length > FILE_NUMBER_CHARS_MAX || lineProblem(fileNumber) !== undefined)
    faults.push({ name: 'fileNumber', code: 'fileNumber' });
  return fileNumber;
};

const readSeat = (input: Input, name: 'mover' | 'seconder', seats: readonly NamedSeat[], faults: Fault[]): string | null => {
  const said = normalizeText(oneOf(input, name));
  if (said === '') return null;
  const seat = seatNamed(seats, said);
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

/** What a clerk sent. Every seat of the body needs a vote: a blank blocks. */
export const readCertificate = (input: Input, seats: readonly NamedSeat[], zone: string): Read<ReadCertificate> => {
  const faults: Fault[] = [];
  const purpose = PURPOSES.find((word) => word === oneOf(input, 'purpose'));
  if (purpose === undefined) faults.push({ name: 'purpose', code: 'purpose' });
  const fileNumber = readFileNumber(input, faults);
  const meetingDate = oneOf(input, 'meetingDate').trim();
  if (!LocalDate.safeParse(meetingDate).success) faults.push({ name: 'meetingDate', code: 'meetingDate' });
  const mover = readSeat(input, 'mover', seats, faults);
  const seconder = readSeat(input, 'seconder', seats, faults);
  const votes: Record<string, string> = {};
  for (const { seat, names } of seats) {
    const vote = Vote.safeParse(oneOf(input, `vote.${seat}`));
    if (vote.success) votes[seat] = vote.data;
    else faults.push({ name: `vote.${seat}`, code: 'vote', slots: { seat: names.at(-1) ?? seat } });
  }
  const common = readCommon(input, zone, faults);
  // A record is never changed without saying why.
  if (purpose === 'correct' && common.comment === '') faults.push({ name: 'comment', code: 'correction' });
  const minutesUrl = readMinutesUrl(input, faults);
  const minutesSha256 = readMinutesHash(input, faults);
  const value = {
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
  return conclude(faults, value);
};

/** What somebody sent who switches a feature off. A file number that is missing is judged with who may revoke at all. */
export const readRevocation = (input: Input): Read<ReadRevocation> => {
  const faults: Fault[] = [];
  const reason = readText(input, 'reason', faults);
  const sent = oneOf(input, 'fileNumber').trim() !== '';
  const fileNumber = sent ? readFileNumber(input, faults) : null;
  return conclude(faults, { reason, fileNumber });
};
