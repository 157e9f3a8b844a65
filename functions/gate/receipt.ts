import type * as z from 'zod';
import { accept, type Decider, nothing, reject } from '../../domain/kernel/decider.ts';
import { NoticeReceived } from '../../domain/receipt/events.ts';
import { aggregate } from '../platform/store/aggregate.ts';

const ReceiptState = NoticeReceived.nullable();
type ReceiptState = z.infer<typeof ReceiptState>;

type ReceiptCommand = Omit<NoticeReceived, 'type' | 'v'>;

/** Accepts the first delivery under an id. The same body again changes nothing; another body under the same id is rejected. */
const receiptDecider: Decider<ReceiptCommand, ReceiptState, NoticeReceived, 'other-body'> = {
  initialState: null,
  decide: (command, state) => {
    if (state === null) return accept<NoticeReceived>({ type: 'NoticeReceived', v: 1, ...command });
    return state.bodySha256 === command.bodySha256
      ? nothing
      : reject('other-body', 'another body was received under this webhook-id; send it under a new one');
  },
  evolve: (_state, event) => event,
};

export const receiptAggregate = aggregate(receiptDecider, 1, ReceiptState, NoticeReceived);

export const receiptStream = (vendor: string, deliveryId: string): string => `receipt/${vendor}/${deliveryId}`;
