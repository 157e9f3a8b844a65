import { NO_TERMS, readTerms, type Terms } from '../../../../../../domain/feature/terms.ts';
import { blockProblem, normalizeText } from '../../../../../../domain/kernel/text.ts';
import { Digest } from '../../../../../../domain/kernel/zodTypes.ts';
import { type Fault, type Input, oneOf } from '../../../forms/input.ts';

/** Longest message or reason, in characters. */
const TEXT_CHARS_MAX = 5_000;

/** The words that a form is about, and the message with it, normalised; empty for none. */
export interface Binding {
  readonly revision: number;
  readonly digest: string;
  readonly comment: string;
}

/** The fields that every decision on terms has. */
export interface CommonFields extends Binding {
  readonly terms: Terms;
}

/** The fields of the terms. */
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

/** Reads what binds a form to the words that are decided on, and the message. */
export const readBinding = (input: Input, faults: Fault[]): Binding => {
  const revision = oneOf(input, 'revision');
  const isNumber = /^[1-9][0-9]{0,6}$/.test(revision);
  if (!isNumber) faults.push({ name: 'revision', code: 'revision' });
  const digest = oneOf(input, 'digest');
  if (!Digest.safeParse(digest).success) faults.push({ name: 'digest', code: 'digest' });
  return { revision: isNumber ? Number(revision) : 0, digest, comment: readMessage(input, 'comment', faults) };
};

/** Reads the fields that every decision on terms has. */
export const readCommon = (input: Input, zone: string, faults: Fault[]): CommonFields => {
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
