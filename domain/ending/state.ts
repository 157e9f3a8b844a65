// Storage format: the state stored beside each commit, a cache of the fold. Change it only with ENDING_STATE_VERSION.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { earliest } from '../kernel/order.ts';
import { Instant } from '../kernel/zodTypes.ts';
import type { Grant } from './events.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const ENDING_STATE_VERSION = 1;

const Ended = strictObject(() => ({ at: Instant, number: z.int().min(1) }));

/** The newest ending of each grant, by its name. */
export const EndingState = z.record(z.string(), Ended);
export type EndingState = z.infer<typeof EndingState>;

/** Returns the name of a grant in the state. */
export const grantName = (grant: Grant): string => {
  switch (grant.kind) {
    case 'token':
    case 'form':
      return `${grant.kind}/${grant.sha256}`;
    case 'links':
    case 'passkeys':
      return `${grant.kind}/${grant.holder}`;
    case 'vendor-key':
      return `vendor-key/${grant.vendor}/${grant.key}`;
  }
};

/** Returns the newest recorded ending of a grant; undefined if there is none. */
export const endingOf = (state: EndingState, grant: Grant): z.infer<typeof Ended> | undefined => {
  const name = grantName(grant);
  return Object.hasOwn(state, name) ? state[name] : undefined;
};

/** Returns when a grant that ended at `at`, null for never, ended by all that is recorded. */
export const endedBy = (state: EndingState, grant: Grant, at: string | null): string | null =>
  earliest(at, endingOf(state, grant)?.at ?? null);
