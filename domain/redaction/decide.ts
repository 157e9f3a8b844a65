import * as z from 'zod';
import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { Instant, strictObject } from '../kernel/zodTypes.ts';
import { Authority, OrderFile, type place, type RedactionEvent, RedactionReason, subject } from './events.ts';

/** Raise whenever `evolve` or the shape of the state changes. */
export const REDACTION_STATE_VERSION = 4;

export const REDACTION_STATUSES = ['withheld', 'disclosed'] as const;

/** `at`: since when it has this status; `by`, `authority` and `fileNumber`: of the newest order. */
export const Redaction = strictObject(() => ({
  ...subject,
  everywhere: z.boolean(),
  status: z.enum(REDACTION_STATUSES),
  at: Instant,
  reason: RedactionReason,
  by: z.string(),
  authority: Authority,
  fileNumber: OrderFile,
}));
export type Redaction = z.infer<typeof Redaction>;

export type Place = { readonly [Field in keyof typeof place]: z.infer<(typeof place)[Field]> };

export const RedactionState = z.array(Redaction).readonly();
export type RedactionState = readonly Redaction[];

/** Returns the name of a place: `KEY/N`, `KEY/N/REVISION` or `roster`. */
export const placeName = ({ key, change, revision }: Place): string =>
  key === null || change === null ? 'roster' : `${key}/${change}${revision === null ? '' : `/${revision}`}`;

export const redactionAt = (state: RedactionState, place: Place): Redaction | undefined =>
  state.find((each) => placeName(each) === placeName(place));

/** `revision` null: of what belongs to no revision. */
export const hidingAt = (state: RedactionState, { key, change, revision }: Place): Redaction | undefined =>
  state.find((each) => {
    if (each.status === 'disclosed') return false;
    const isThere = each.key === key && each.change === change && (each.revision === null || each.revision === revision);
    return each.everywhere || isThere;
  });

export const evolveRedaction = (state: RedactionState, event: RedactionEvent): RedactionState => {
  const known = redactionAt(state, event);
  const others = state.filter((each) => each !== known);
  switch (event.type) {
    case 'TextWithheld': {
      const { type: _type, v: _v, ...order } = event;
      return [...others, { ...order, status: 'withheld' }];
    }
    case 'TextDisclosed': {
      if (known === undefined) throw new Error(`broken invariant: ${placeName(event)} was never withheld`);
      const { at, by, authority, fileNumber } = event;
      return [...others, { ...known, status: 'disclosed', at, by, authority, fileNumber }];
    }
  }
};

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

/**
 * Another order about a place, such as a court's after the clerk's, takes over from the one in force, so that the public sees nothing in
 * between. One about every place is not narrowed.
 */
const withhold = ({ type: _type, ...order }: WithholdText, state: RedactionState): Decided => {
  const known = redactionAt(state, order);
  if (known?.status === 'withheld') {
    const { everywhere, reason, at, authority, fileNumber } = known;
    if (order.everywhere === everywhere && order.reason === reason && isSameOrder(order, known)) return nothing;
    if (everywhere && !order.everywhere)
      return reject('already-redacted', `withheld everywhere since ${at}: ${authority}, file ${fileNumber}`);
  }
  return accept<RedactionEvent>({ type: 'TextWithheld', v: 1, ...order });
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
