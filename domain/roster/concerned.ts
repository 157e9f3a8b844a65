import { canonical } from '../kernel/canonical.ts';
import type { LocalMoment } from '../kernel/zone.ts';
import { contactOf } from './contacts.ts';
import { endOfTerm } from './holders.ts';
import type { Roster } from './schema.ts';
import type { Proposal, RosterVersion } from './state.ts';

const termsOf = ({ holders }: Roster, person: string): string => canonical(holders.filter(({ id }) => id === person));

/**
 * Returns the persons of the roster in force whom a proposal concerns, by id: it changes their terms, their name or where their links
 * go, or resets their passkeys. None whose terms are all over.
 */
export const concernedBy = (inForce: RosterVersion, proposal: Proposal, { at, zone }: LocalMoment): readonly string[] => {
  if (!('roster' in proposal)) return [proposal.holder];
  const present = inForce.roster.holders.filter((term) => (endOfTerm(term, zone) ?? at) >= at).map(({ id }) => id);
  return [...new Set(present)].filter(
    (id) => termsOf(inForce.roster, id) !== termsOf(proposal.roster, id) || contactOf(inForce, id) !== contactOf(proposal, id),
  );
};
