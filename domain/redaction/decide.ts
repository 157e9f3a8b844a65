import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import type { RedactionEvent } from './events.ts';
import { evolveRedaction, type Place, placeName, type Redaction, type RedactionState, redactionAt } from './state.ts';

interface Order extends Place, Pick<Redaction, 'commitment' | 'at' | 'by' | 'authority' | 'fileNumber'> {}

export interface WithholdText extends Order, Pick<Redaction, 'what' | 'stream' | 'version' | 'everywhere' | 'reason'> {
  readonly type: 'withholdText';
}

export interface DiscloseText extends Order {
  readonly type: 'discloseText';
}

export type RedactionCommand = WithholdText | DiscloseText;
export type RedactionRejection = 'already-redacted' | 'nothing-withheld';
type Decided = Decision<RedactionEvent, RedactionRejection>;

const isSameOrder = (command: Order, state: Redaction): boolean =>
  command.by === state.by && command.authority === state.authority && command.fileNumber === state.fileNumber;

/** An order about one place can be extended to all; nothing else changes one in force. */
const withhold = ({ type: _type, ...order }: WithholdText, state: RedactionState): Decided => {
  const known = redactionAt(state, order);
  const isExtended = order.everywhere && known?.everywhere === false;
  if (known?.status !== 'withheld' || isExtended) return accept<RedactionEvent>({ type: 'TextWithheld', v: 1, ...order });
  if (order.everywhere === known.everywhere && order.reason === known.reason && isSameOrder(order, known)) return nothing;
  const { at, authority, fileNumber } = known;
  return reject('already-redacted', `withheld at ${placeName(known)} since ${at}: ${authority}, file ${fileNumber}`);
};

const disclose = ({ type: _type, ...order }: DiscloseText, state: RedactionState): Decided => {
  const known = redactionAt(state, order);
  if (known?.status === 'withheld') return accept<RedactionEvent>({ type: 'TextDisclosed', v: 1, ...order });
  if (known !== undefined && isSameOrder(order, known)) return nothing;
  const elsewhere = state.filter(({ status }) => status === 'withheld').map(placeName);
  const orders = elsewhere.length === 0 ? 'no order about it is in force' : `the orders in force name ${elsewhere.join(', ')}`;
  return reject('nothing-withheld', `no order withholds it at ${placeName(order)}; ${orders}`);
};

export const redactionDecider: Decider<RedactionCommand, RedactionState, RedactionEvent, RedactionRejection> = {
  initialState: [],
  decide: (command, state) => (command.type === 'withholdText' ? withhold(command, state) : disclose(command, state)),
  evolve: evolveRedaction,
};

const PREFIX = 'redaction/';

/** A stream of its own keeps redactions out of the state of features. */
export const redactionStream = (commitment: string): string => `${PREFIX}${commitment.slice('sha256:'.length)}`;

export const isRedactionStream = (stream: string): boolean => stream.startsWith(PREFIX);
