import { featureStream } from '../../../../domain/feature/keys.ts';
import { latest } from '../../../../domain/kernel/order.ts';
import { REVOCATION_STREAM } from '../../../../domain/revocation/events.ts';
import type { GatePorts } from '../../../gate/ports.ts';

/** What kept answers rest on besides their instant. */
export interface Basis {
  /** The moment of the store, see `Store.changed`. */
  readonly moment: string;
  /** The clock then; what was believed of commits ahead of it is not known when it is set back. */
  readonly clock: string;
}

/** The present basis, and what is different from an earlier one. */
export interface Looked {
  readonly basis: Basis;
  /** The instant at which an answer for now is evaluated. */
  readonly at: string;
  /** The streams of features with another head since the earlier basis; undefined if every answer must be evaluated again. */
  readonly changed: readonly string[] | undefined;
}

export type BasisPorts = Pick<GatePorts, 'store' | 'clock'>;

const RESTS_ON = [featureStream(''), REVOCATION_STREAM];

/**
 * Finds out whether answers kept on an earlier basis may be given again: the one rule of what is kept. The store knows of every commit that was
 * acknowledged before the call, by whichever process, so no answer is older than a revocation that its asker may know of. Call it
 * before reading any head: what changes in between is then found the next time.
 */
export const look = async (ports: BasisPorts, before: Basis | undefined): Promise<Looked> => {
  const { moment, streams } = await ports.store.changed(RESTS_ON, before?.moment);
  const clock = ports.clock();
  const at = latest(clock, await ports.store.newestAt());
  const isKnown = before !== undefined && streams !== undefined && clock >= before.clock && !streams.includes(REVOCATION_STREAM);
  return { basis: { moment, clock }, at, changed: isKnown ? streams : undefined };
};

/**
 * Reports whether {@link look} would find nothing changed since that basis, where that is known without waiting, as it is while nothing is
 * written. `now`: the clock.
 */
export const stands = ({ store }: BasisPorts, basis: Basis, now: string): boolean =>
  now >= basis.clock && store.isUnchangedSince(basis.moment);
