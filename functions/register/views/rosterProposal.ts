import * as z from 'zod';
import { Digest, Instant, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { proposalLapses } from '../../../domain/roster/confirm.ts';
import { proposedRoster, type RosterState, resetIn } from '../../../domain/roster/state.ts';

const act = {
  holder: z.string().describe('The official, by the id in the roster.'),
  body: z.string().describe('The body, by its id in the roster.'),
  seat: z.string(),
};

/** The proposal, and who answered so far. Never contains a mail address. */
export const RosterProposal = strictObject(() => ({
  number: z.int().min(1).nullable().describe('The number that the roster will have; null if something else is proposed.'),
  passkeysOf: z
    .string()
    .nullable()
    .describe(
      'Whose passkeys are to be reset, by the id in the roster; null for a roster, and for a gate that was put back from a copy.',
    ),
  sha256: Digest,
  proposedAt: Instant.describe('When it was filed.'),
  lapsesAt: Instant.describe('Until when it can be confirmed, exclusive.'),
  confirmations: z
    .array(strictObject(() => act))
    .readonly()
    .describe('Who has confirmed it.'),
  refusals: z
    .array(strictObject(() => ({ ...act, at: Instant, reason: Digest.nullable() })))
    .readonly()
    .describe('Who has refused it, and the digest that stands for the reason. A refusal stops nothing.'),
}));
export type RosterProposal = z.infer<typeof RosterProposal>;

export const rosterProposalOf = (state: RosterState, zone: string): RosterProposal | null => {
  const { proposal } = state;
  if (proposal === null) return null;
  const { sha256, since, confirmations, refusals } = proposal;
  return {
    number: proposedRoster(state)?.number ?? null,
    passkeysOf: resetIn(state)?.holder ?? null,
    sha256,
    proposedAt: since,
    lapsesAt: proposalLapses(proposal, zone),
    confirmations,
    refusals,
  };
};
