import { type Assertion, assertionFault, challengeOf } from '../kernel/assertion.ts';
import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import type { LocalMoment } from '../kernel/zone.ts';
import { attests } from '../roster/attest.ts';
import { holderOfSeat } from '../roster/holders.ts';
import type { Roster } from '../roster/schema.ts';
import { disposalToSign } from './disposal.ts';
import { isDisposable, type RedactionEvent } from './events.ts';
import { evolveRedaction, isHidden, type Redaction, type RedactionState } from './state.ts';

/** An order about a text, on a legal authority and by a file. `by`: the credential. */
type Order = Pick<Redaction, 'at' | 'by' | 'authority' | 'fileNumber'>;
type Place = Pick<Redaction, 'what' | 'stream' | 'version' | 'key' | 'change' | 'commitment' | 'reason'>;

/** Hides a text, a raw notice or a document, and keeps it. */
export interface WithholdText extends Order, Place {
  readonly type: 'withholdText';
}

/** Shows a withheld text again. */
export interface DiscloseText extends Order {
  readonly type: 'discloseText';
  readonly commitment: string;
}

/** Asks for the end of a text, and hides it. `person`: the person of the credential; null if it names none. */
export interface RequestDisposal extends Order, Place {
  readonly type: 'requestDisposal';
  readonly person: string | null;
}

/** What a clerk's confirmation is judged by: the roster in force, the holders whose links decide nothing, and the policy's passkey rule. */
interface ConfirmationContext {
  readonly when: LocalMoment;
  readonly roster: { readonly number: number; readonly roster: Roster } | null;
  readonly handovers: readonly string[];
  readonly passkeyAsked: boolean;
}

/** Ends a text permanently, as the second person. `request`: the disposal's name. */
export interface ConfirmDisposal extends ConfirmationContext {
  readonly type: 'confirmDisposal';
  readonly at: string;
  readonly request: string;
  readonly holder: string;
  readonly body: string;
  readonly seat: string;
  readonly assertion?: Assertion;
}

export type RedactionCommand = WithholdText | DiscloseText | RequestDisposal | ConfirmDisposal;

export type ConfirmerRejection = 'no-roster' | 'not-in-office' | 'not-the-clerk' | 'own-disposal' | 'handover-pending';
export type RedactionRejection =
  | 'already-redacted'
  | 'nothing-withheld'
  | 'no-such-disposal'
  | 'not-disposable'
  | ConfirmerRejection
  | 'passkey-required'
  | 'passkey-refused';
type Decided = Decision<RedactionEvent, RedactionRejection>;

const isSameOrder = (command: Order, state: Redaction): boolean =>
  command.by === state.by && command.authority === state.authority && command.fileNumber === state.fileNumber;

const alreadyRedacted = ({ status, at, authority, fileNumber }: Redaction): Decided =>
  reject('already-redacted', `the text is ${status} since ${at}: ${authority}, file ${fileNumber}`);

const withhold = ({ type: _type, ...order }: WithholdText, state: RedactionState): Decided => {
  if (!isHidden(state)) return accept<RedactionEvent>({ type: 'TextWithheld', v: 1, ...order });
  const isSame = state.status === 'withheld' && order.reason === state.reason && isSameOrder(order, state);
  return isSame ? nothing : alreadyRedacted(state);
};

const disclose = ({ type: _type, ...order }: DiscloseText, state: RedactionState): Decided => {
  if (state?.status === 'disclosed' && isSameOrder(order, state)) return nothing;
  if (state?.status === 'disposed') return alreadyRedacted(state);
  if (!isHidden(state)) return reject('nothing-withheld', 'the text is not withheld');
  return accept<RedactionEvent>({ type: 'TextDisclosed', v: 1, ...order });
};

const requestDisposal = ({ type: _type, ...order }: RequestDisposal, state: RedactionState): Decided => {
  if (!isDisposable(order.what))
    return reject('not-disposable', `a ${order.what} is kept beside a commit, from where nothing is removed: withhold it`);
  if (!isHidden(state) || state.status === 'withheld')
    return accept<RedactionEvent>({ type: 'DisposalRequested', v: 1, ...order });
  const isSame = order.reason === state.reason && isSameOrder(order, state);
  return isSame ? nothing : alreadyRedacted(state);
};

/**
 * Returns why a person cannot confirm a disposal; undefined if they can. Confirming is a clerk's task: the holder of a seat in a body that
 * certifies for another. It is never the person who asked.
 */
export const disposalProblem = (
  { request }: Redaction,
  { holder, body, seat, when, roster, handovers }: Omit<ConfirmDisposal, 'type' | 'at' | 'request' | 'passkeyAsked'>,
): ConfirmerRejection | undefined => {
  if (roster === null) return 'no-roster';
  if (holderOfSeat(roster.roster, body, seat, when)?.id !== holder) return 'not-in-office';
  if (!attests(roster.roster, body)) return 'not-the-clerk';
  if (request?.person === holder) return 'own-disposal';
  return handovers.includes(holder) ? 'handover-pending' : undefined;
};

const PROBLEMS: Readonly<Record<ConfirmerRejection, string>> = {
  'no-roster': 'No roster is in force, so no clerk can confirm it.',
  'not-in-office': 'Only who holds the seat today, under the roster in force, can confirm.',
  'not-the-clerk': 'A clerk confirms a disposal: a holder of a body that certifies for another.',
  'own-disposal': 'A second person confirms a disposal, not the one who asked for it.',
  'handover-pending': 'Who receives the links of this person is about to change: until then they decide nothing.',
};

const confirm = (command: ConfirmDisposal, state: RedactionState): Decided => {
  const { at, request, holder, body, seat, assertion, roster } = command;
  if (state?.request?.name !== request)
    return reject('no-such-disposal', 'This request does not wait: the text is shown again, or another order took its place.');
  if (state.status === 'disposed') return nothing;
  const problem = disposalProblem(state, command);
  if (problem !== undefined || roster === null) return reject(problem ?? 'no-roster', PROBLEMS[problem ?? 'no-roster']);
  if (assertion === undefined && command.passkeyAsked)
    return reject('passkey-required', 'the policy asks for a passkey, and this confirmation came without one');
  const fault =
    assertion === undefined ? undefined : assertionFault(assertion, challengeOf(disposalToSign(command, assertion)), at);
  if (fault !== undefined) return reject('passkey-refused', `the passkey does not prove this confirmation: ${fault}`);
  return accept<RedactionEvent>({
    type: 'TextDisposed',
    v: 1,
    at,
    commitment: state.commitment,
    request,
    holder,
    body,
    seat,
    roster: roster.number,
    ...(assertion !== undefined && { assertion }),
  });
};

const decide = (command: RedactionCommand, state: RedactionState): Decided => {
  switch (command.type) {
    case 'withholdText':
      return withhold(command, state);
    case 'discloseText':
      return disclose(command, state);
    case 'requestDisposal':
      return requestDisposal(command, state);
    case 'confirmDisposal':
      return confirm(command, state);
  }
};

/** The redaction of one text: stream `redaction/<hex of its commitment>`. A disposal cannot be undone. */
export const redactionDecider: Decider<RedactionCommand, RedactionState, RedactionEvent, RedactionRejection> = {
  initialState: null,
  decide,
  evolve: evolveRedaction,
};

const PREFIX = 'redaction/';

/**
 * Returns the stream of one text's redaction. A separate stream keeps redactions out of the state of features, whatever their
 * number.
 */
export const redactionStream = (commitment: string): string => `${PREFIX}${commitment.slice('sha256:'.length)}`;

export const isRedactionStream = (stream: string): boolean => stream.startsWith(PREFIX);
