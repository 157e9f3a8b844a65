import type { LocalMoment } from '../../../domain/kernel/zone.ts';
import { attestingBodies } from '../../../domain/roster/bodies.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { Name, Roster } from '../../../domain/roster/schema.ts';
import type { LinkTarget } from '../../gate/links.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import type { MailWords } from '../../platform/mail/words.ts';

export type Recipient = { readonly holder: string } | { readonly itMail: string };

export interface FurtherLink {
  readonly target: LinkTarget;
  readonly link: string;
}

/** One of several things that a letter asks. */
export interface AskItem {
  readonly lead: string;
  readonly until: string | null;
  readonly dues: NonNullable<Letter['dues']>;
}

/** A meeting that voted on what is asked next. `day`: its local date; `at`, `version`: when and by which commit the vote was certified. */
export interface Meeting {
  readonly body: string;
  readonly day: string;
  readonly at: string;
  readonly version: number;
}

/** A mail to one recipient before its language, address and link are known. `vendor`: the contact that it has given. */
export interface Draft {
  readonly to: Recipient | { readonly vendor: string };
  /** The same recipient, event and purpose are the same mail. */
  readonly purpose: string;
  /** Absent: the event that it is posted for. */
  readonly event?: string;
  /** Absent for a mail without a link. */
  readonly target?: LinkTarget;
  readonly further?: readonly LinkTarget[];
  /** Absent if the mail concerns no change. */
  readonly change?: string;
  readonly revision?: number;
  readonly write: (words: MailWords, link: string, further: readonly FurtherLink[]) => Letter;
  /** For a letter that asks several things. */
  readonly item?: (words: MailWords) => AskItem;
  readonly meeting?: Meeting & { readonly name: Name };
  /** The drafts that this one stands for, too. */
  readonly covers?: readonly Draft[];
}

/** Undefined for a draft to IT or a vendor. */
export const holderOf = ({ to }: Pick<Draft, 'to'>): string | undefined => ('holder' in to ? to.holder : undefined);

/** The holders of every body that certifies for another. */
export const clerksOf = (roster: Roster, when: LocalMoment): readonly string[] => {
  const offices = [...attestingBodies(roster)];
  return [...new Set(offices.flatMap((office) => [...holdersOf(roster, office, when).values()].map(({ id }) => id)))];
};
