import { changeId } from '../../../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../../../domain/feature/view.ts';
import { keepText, nameText, removeText } from '../../../../gate/texts.ts';
import { readChange } from '../../../../register/read.ts';
import type { SiteDeps } from '../../deps.ts';
import type { DecideLink } from '../../links/link.ts';

/** What an official typed, the commitment that names it (null: nothing was typed), and how many corrections came before. */
export interface OfficialTexts {
  readonly text: string;
  readonly comment: string | null;
  readonly nth: number;
}

/**
 * The text goes where it can be redacted; the decision names it. The place makes one text of one person in one change one commitment.
 * `nth`: how many corrections came before, for a record that is set back to what it was before the last one is a new act.
 */
const placeOf = (link: DecideLink, nth: number): string =>
  `${changeId(link.key, link.n)}/${link.requirement}/${link.holder}${nth === 0 ? '' : `/${nth}`}`;

/** A text with the commitment that names it. Keeps nothing. */
export const officialTextsOf = ({ keys }: SiteDeps, link: DecideLink, text: string, nth: number): OfficialTexts => ({
  text,
  nth,
  comment: text === '' ? null : nameText(keys.textKey, placeOf(link, nth), text),
});

const keep = async ({ ports, keys }: SiteDeps, link: DecideLink, { text, nth }: OfficialTexts): Promise<void> => {
  if (text !== '') await keepText(ports, keys.textKey, placeOf(link, nth), text);
};

const isNamed = ({ acts }: ChangeView, comment: string): boolean =>
  acts.some((act) => (act.type === 'ApprovalRevoked' ? act.reason : act.comment) === comment);

/**
 * Carries out what comes with a text. The text is kept first, for a decision that names a lost text could not be mended. What was kept
 * for a form that recorded nothing is taken away again, unless an act names it; and since the same form may have been refused in the very
 * moment in which it was recorded by another request, what was recorded is kept once more. A crash in between leaves a text that nothing
 * names and that no page shows; the same form sent again settles it.
 */
export const withText = async <T extends { readonly ok: boolean }>(
  deps: SiteDeps,
  link: DecideLink,
  officialTexts: OfficialTexts,
  work: () => Promise<T>,
): Promise<T> => {
  await keep(deps, link, officialTexts);
  const ordered = await work();
  const { comment } = officialTexts;
  if (comment === null) return ordered;
  if (ordered.ok) await keep(deps, link, officialTexts);
  else {
    const reading = await readChange(deps.ports, link.key, link.n);
    if (reading === undefined || reading === 'unreadable' || isNamed(reading.view, comment)) return ordered;
    await removeText(deps.ports, comment);
  }
  return ordered;
};
