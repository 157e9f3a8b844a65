import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { accept, type Decider, nothing, reject } from '../../domain/kernel/decider.ts';
import type { Aggregate } from '../../functions/platform/store/aggregate.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import { StreamQueue } from '../../functions/platform/store/queue.ts';
import type { SubmitPorts, SubmitRequest } from '../../functions/platform/store/submit.ts';

/** The smallest aggregate that shows a store's losses: every entry must be in it exactly once. */
const Entered = z.strictObject({ type: z.literal('Entered'), v: z.literal(1), entry: z.string(), at: z.string() });
const LedgerState = z.strictObject({ entries: z.array(z.string()) });

export type LedgerEvent = z.infer<typeof Entered>;
export type LedgerState = z.infer<typeof LedgerState>;
export interface LedgerCommand {
  readonly entries: readonly string[];
  readonly at: string;
}

const decider: Decider<LedgerCommand, LedgerState, LedgerEvent, 'forbidden'> = {
  initialState: { entries: [] },
  decide: ({ entries, at }, state) => {
    if (entries.includes('forbidden')) return reject('forbidden', 'this entry is never taken');
    const fresh = entries.filter((entry) => !state.entries.includes(entry));
    return fresh.length === 0 ? nothing : accept(...fresh.map((entry): LedgerEvent => ({ type: 'Entered', v: 1, entry, at })));
  },
  evolve: ({ entries }, { entry }) => ({ entries: [...entries, entry] }),
};

/** Returns the ledger's aggregate at a `stateVersion`. */
export const ledgerOf = (stateVersion: number): Aggregate<LedgerCommand, LedgerState, LedgerEvent, 'forbidden'> => ({
  decider,
  stateVersion,
  parseEvent: (json) => Entered.parse(json),
  parseState: (json) => LedgerState.parse(json),
});
export const ledger = ledgerOf(1);

export const START = '2026-04-01T00:00:00.000Z';

/** Returns the ports of `submit` on a store, with a separate queue, as another process has it. */
export const portsOn = (store: Store, clock: () => string = () => START): SubmitPorts => ({
  store,
  clock,
  newId: randomUUID,
  queue: new StreamQueue(),
});

/** Returns the command that adds entries; its default id is that of the first entry. */
export const enter = (
  stream: string,
  entries: readonly string[],
  commandId = `enter ${entries[0]?.slice(0, 40)}`,
): SubmitRequest<LedgerCommand> => ({
  stream,
  commandId,
  actor: 'operator',
  command: (at) => ({ entries, at }),
});
