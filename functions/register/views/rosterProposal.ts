import * as z from 'zod';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import { Digest, Instant } from '../../../domain/kernel/zodTypes.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { RosterState } from '../../../domain/roster/state.ts';

const Seated = strictObject(() => ({
  holder: z.string().describe('The official, by the id in the roster.'),
  body: z.string().describe('The body, by its id in the roster.'),
  seat: z.string().describe('The seat, by its id in the body.'),
}));

/** A proposed roster as anyone can see it, and what it waits for. Never a mail address. */
export const RosterProposal = strictObject(() => ({
  number: z.int().min(1).describe('The number it will have.'),
  sha256: Digest,
  proposedAt: Instant.describe('When it was filed.'),
  effectiveAt: Instant.nullable().describe(
    'From when one confirmation is enough; null if every sitting holder keeps receiving links.',
  ),
  handovers: z
    .array(Seated)
    .readonly()
    .describe('Who sits now and would stop receiving links, or receive them elsewhere. Their links decide nothing.'),
  confirmations: z.array(Seated).readonly().describe('Who has confirmed it.'),
  objections: z.array(z.string()).readonly().describe('Who objects, by the id in the roster.'),
}));
export type RosterProposal = z.infer<typeof RosterProposal>;

/** Returns the proposed roster as anyone can see it; null if none waits. */
export const rosterProposalOf = (
  { inForce, proposal }: RosterState,
  { now, zone }: { readonly now: string; readonly zone: string },
): RosterProposal | null => {
  if (proposal === null) return null;
  const { number, sha256, since, effectiveAt = null, handovers = [], confirmations = [], objections = [] } = proposal;
  const bodies = inForce === null ? [] : Object.keys(inForce.roster.bodies);
  const sitting = bodies.flatMap((body) =>
    [...holdersOf(inForce?.roster ?? proposal.roster, body, localMoment(now, zone))].map(([seat, { id: holder }]) => ({
      holder,
      body,
      seat,
    })),
  );
  return {
    number,
    sha256,
    proposedAt: since,
    effectiveAt,
    handovers: sitting.filter(({ holder }) => handovers.includes(holder)),
    confirmations,
    objections: objections.map(({ holder }) => holder),
  };
};
