import type { LinkTarget } from '../../gate/links.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import type { Words } from '../../platform/mail/vocabulary.ts';

/** A mail to one person before its language, address and link are known. */
export interface Draft {
  readonly holder: string;
  /** With the person and the event it names the mail: the same again is the same mail. */
  readonly purpose: string;
  /** What the person's link is for; null for a mail for information only. */
  readonly target: LinkTarget | null;
  readonly change: string | null;
  readonly revision: number | null;
  readonly write: (words: Words, link: string) => Letter;
}
