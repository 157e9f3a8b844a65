import { canonical } from '../kernel/canonical.ts';
import { commitmentOf, digestOf } from '../kernel/digest.ts';
import type { Contacts, Roster, RosterFile } from './schema.ts';

/** The mail address of one person; kept in the side store only, deletable. */
export interface Contact {
  readonly holder: string;
  readonly email: string;
}

/** The roster without mail addresses, as events and the public have it. */
export const publicRoster = ({ bodies, holders }: RosterFile): Roster => ({
  bodies,
  holders: holders.map((entry) => {
    const { email: _, ...holder } = entry;
    return holder;
  }),
});

/** The mail addresses of a roster, one a person, by holder id in order. */
export const directoryOf = ({ holders }: Pick<RosterFile, 'holders'>): readonly Contact[] =>
  [...new Map(holders.map(({ id, email }) => [id, email]))]
    .map(([holder, email]) => ({ holder, email }))
    .sort((a, b) => (a.holder < b.holder ? -1 : 1));

/**
 * A commitment to the mail addresses of each body (see `Contacts`). `salt`: the installation's own secret, always the same, so that
 * the same addresses give the same digests and nobody without it can try addresses against them.
 */
export const contactsOf = (roster: RosterFile, salt: Uint8Array): Contacts =>
  Object.fromEntries(
    Object.keys(roster.bodies)
      .map((body) => [body, directoryOf({ holders: roster.holders.filter((holder) => holder.body === body) })] as const)
      .filter(([, contacts]) => contacts.length > 0)
      .map(([body, contacts]) => [body, commitmentOf(salt, canonical(contacts.map(({ holder, email }) => [holder, email])))]),
  );

/** What names a roster, mail addresses included. */
export const rosterDigest = (roster: Roster, contacts: Contacts): string => digestOf(canonical({ roster, contacts }));
