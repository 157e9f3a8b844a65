import { LocalDate } from '../../../../../../domain/kernel/zodTypes.ts';
import { type Fault, type Input, oneOf } from '../../../forms/input.ts';
import type { Situation } from '../situation.ts';
import { type Binding, readBinding } from './fields.ts';

/** The form by which the clerk names the meeting for a second vote. */
export interface MeetingForm extends Binding {
  readonly kind: 'meeting';
  readonly meetingDate: string;
}

/** Marks the form as one that names a meeting, also when the step with a passkey sends it again. */
const DECISION = 'name-meeting';

/** Reports whether a form names a meeting. */
export const isMeeting = (input: Input): boolean => oneOf(input, 'decision') === DECISION;

/** Returns the form that names a meeting, on the revision of its link. `input`: the day alone. */
export const meetingInput = ({ bound, link }: Pick<Situation, 'bound' | 'link'>, input: Input): Input =>
  new Map([
    ['decision', [DECISION]],
    ['revision', [String(link.revision)]],
    ['digest', [bound?.digest ?? '']],
    ['meetingDate', [oneOf(input, 'meetingDate').trim()]],
  ]);

/** Reads the meeting that is named, from {@link meetingInput}. */
export const readMeeting = (input: Input, faults: Fault[]): MeetingForm => {
  const bound = readBinding(input, faults);
  const meetingDate = oneOf(input, 'meetingDate');
  if (!LocalDate.safeParse(meetingDate).success) faults.push({ name: 'meetingDate', code: 'meetingDate' });
  return { kind: 'meeting', ...bound, meetingDate };
};
