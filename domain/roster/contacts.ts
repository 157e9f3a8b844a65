import { createHmac } from 'node:crypto';
import { canonical, commitmentOf, digestOf } from '../kernel/canonical.ts';
import type { LocalMoment } from '../kernel/zone.ts';
import { endOfTerm } from './holders.ts';
import { type Contacts, contactOf, type Roster, type RosterFile } from './schema.ts';
import type { Proposal, RosterVersion } from './state.ts';

/** The mail address of one person. Only the deletable side store keeps it. */
interface Contact {
  readonly holder: string;
  readonly email: string;
}

export const publicRoster = ({ bodies, holders }: RosterFile): Roster => ({
  bodies,
  holders: holders.map((entry) => {
    const { email: _, ...holder } = entry;
    return holder;
  }),
});

/** Returns the mail addresses of a roster, one per person, by id. */
export const directoryOf = ({ holders }: Pick<RosterFile, 'holders'>): readonly Contact[] =>
  [...new Map(holders.map(({ id, email }) => [id, email]))]
    .map(([holder, email]) => ({ holder, email }))
    .sort((a, b) => (a.holder < b.holder ? -1 : 1));

interface SaltedContact extends Contact {
  readonly salt: Uint8Array;
}

/**
 * `secret`: the installation's. The same address of the same person gives the same commitment, and no one without the secret can test an
 * address against it.
 */
export const salted = ({ holder, email }: Contact, secret: Uint8Array): SaltedContact => ({
  holder,
  email,
  salt: createHmac('sha256', secret)
    .update(canonical(['contact', holder, email]))
    .digest(),
});

export const contactCommitment = ({ holder, email, salt }: SaltedContact): string =>
  commitmentOf(salt, canonical([holder, email]));

/** Returns the commitment to each person's address (see `Contacts`). `secret`: see {@link salted}. */
export const contactsOf = (roster: RosterFile, secret: Uint8Array): Contacts =>
  Object.fromEntries(directoryOf(roster).map((contact) => [contact.holder, contactCommitment(salted(contact, secret))] as const));

export const rosterDigest = (roster: Roster, contacts: Contacts): string => digestOf(canonical({ roster, contacts }));

const termsOf = ({ holders }: Roster, person: string): string => canonical(holders.filter(({ id }) => id === person));

/** Returns the persons in office whose terms, name or address a proposal changes, or whose passkeys it resets. */
export const holdersAffected = (inForce: RosterVersion, proposal: Proposal, { at, zone }: LocalMoment): readonly string[] => {
  if ('size' in proposal) return [];
  if (!('roster' in proposal)) return [proposal.holder];
  const present = inForce.roster.holders.filter((term) => (endOfTerm(term, zone) ?? at) >= at).map(({ id }) => id);
  return [...new Set(present)].filter(
    (id) => termsOf(inForce.roster, id) !== termsOf(proposal.roster, id) || contactOf(inForce, id) !== contactOf(proposal, id),
  );
};
