import type { LocalMoment } from '../../../domain/kernel/zone.ts';
import { attestingBodies } from '../../../domain/roster/bodies.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import type { LinkTarget } from '../../gate/links.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import type { MailWords } from '../../platform/mail/words.ts';

/** The recipient of a mail: a person on the roster, by holder id, or the city's IT department at its address. */
export type Recipient = { readonly holder: string } | { readonly itMail: string };

/** A link of the person's beside the one that the mail is about, such as one for each item of a list. */
export interface FurtherLink {
  readonly target: LinkTarget;
  readonly link: string;
}

/** A mail to one recipient before its language, address and link are known. */
export interface Draft {
  readonly to: Recipient;
  /** Names the mail together with the recipient and the event: the same three are the same mail. */
  readonly purpose: string;
  /** The purpose of the person's link; absent for a mail without a link. */
  readonly target?: LinkTarget;
  /** The purposes of further links. */
  readonly further?: readonly LinkTarget[];
  /** The change that the mail concerns, `flock.lpr/3`, and its revision; absent if it concerns none. */
  readonly change?: string;
  readonly revision?: number;
  readonly write: (words: MailWords, link: string, further: readonly FurtherLink[]) => Letter;
}

/** Returns the holder a draft goes to; undefined for a draft to IT. */
export const holderOf = ({ to }: Pick<Draft, 'to'>): string | undefined => ('holder' in to ? to.holder : undefined);

/** Returns the clerks of a city, by holder id: the holders of every body that certifies for another. */
export const clerksOf = (roster: Roster, when: LocalMoment): readonly string[] => {
  const offices = [...attestingBodies(roster)];
  return [...new Set(offices.flatMap((office) => [...holdersOf(roster, office, when).values()].map(({ id }) => id)))];
};
