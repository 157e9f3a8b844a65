import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Digest, Instant } from '../kernel/zodTypes.ts';
import { Officer } from '../roster/events.ts';
import { HolderId } from '../roster/schema.ts';
import { disposalName } from './disposal.ts';
import { Authority, OrderFile, place, type RedactionEvent, RedactionReason } from './events.ts';

/** Raise whenever `evolve` or the shape of the state changes. */
export const REDACTION_STATE_VERSION = 3;

/** What a redaction has come to: the text is hidden, shown again, hidden until a second person confirms its end, or gone. */
export const REDACTION_STATUSES = ['withheld', 'disclosed', 'disposal-requested', 'disposed'] as const;

/** The redaction of one text. `at`: since when it has this status; `by`, `authority` and `fileNumber`: of the newest order. */
export const Redaction = strictObject(() => ({
  ...place,
  status: z.enum(REDACTION_STATUSES),
  at: Instant,
  reason: RedactionReason,
  by: z.string(),
  authority: Authority,
  fileNumber: OrderFile,
  /** Only of a requested or confirmed disposal: its name, and the person of the credential that asked for it. */
  request: z.strictObject({ name: Digest, person: HolderId.nullable() }).nullable(),
  confirmed: Officer.nullable(),
}));
export type Redaction = z.infer<typeof Redaction>;

/** Storage format: the redaction, null before the first order. */
export const RedactionState = Redaction.nullable();
export type RedactionState = Redaction | null;

/** Reports whether a text must not be shown. */
export const isHidden = (state: RedactionState): state is Redaction => state !== null && state.status !== 'disclosed';

const known = (state: RedactionState, { type }: RedactionEvent): Redaction => {
  if (state === null) throw new Error(`broken invariant: ${type} of a text that was not redacted`);
  return state;
};

/** Folds one event. */
export const evolveRedaction = (state: RedactionState, event: RedactionEvent): RedactionState => {
  const { at } = event;
  switch (event.type) {
    case 'TextWithheld': {
      const { type: _type, v: _v, ...order } = event;
      return { ...order, status: 'withheld', request: null, confirmed: null };
    }
    case 'DisposalRequested': {
      const { type: _type, v: _v, person, ...order } = event;
      return { ...order, status: 'disposal-requested', request: { name: disposalName(event), person }, confirmed: null };
    }
    case 'TextDisclosed': {
      const { by, authority, fileNumber } = event;
      return { ...known(state, event), status: 'disclosed', at, by, authority, fileNumber, request: null };
    }
    case 'TextDisposed': {
      const { holder, body, seat } = event;
      return { ...known(state, event), status: 'disposed', at, confirmed: { holder, body, seat } };
    }
  }
};
