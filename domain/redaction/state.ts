import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant } from '../kernel/zodTypes.ts';
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
