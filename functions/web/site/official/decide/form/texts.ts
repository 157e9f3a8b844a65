import { changeId } from '../../../../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../../../../domain/feature/view.ts';
import { keepText, nameText, removeText } from '../../../../../gate/texts.ts';
import { ifReadable } from '../../../../../platform/store/errors.ts';
import { readChange } from '../../../../../register/read.ts';
import type { LinkDeps } from '../../../deps.ts';
import type { DecideLink, RollbackLink } from '../../../links/link.ts';

/**
 * An official's text with the commitment that stands for it in the event; null for no text. `place`: the same text in the same place has
 * one commitment.
 */
export interface CommittedText {
  readonly text: string;
  readonly place: string;
  readonly comment: string | null;
}

/** Computes the commitment of a text. Stores nothing. */
const commitAt = ({ keys }: LinkDeps, place: string, text: string): CommittedText => ({
  text,
  place,
  comment: text === '' ? null : nameText(keys.textKey, place, text),
});

/**
 * Computes the commitment of one person's text on one change. `corrections`: how many corrections came before, since a record set back to
 * what it was before the last one is a new act.
 */
export const commitText = (deps: LinkDeps, link: DecideLink, text: string, corrections: number): CommittedText =>
  commitAt(
    deps,
    `${changeId(link.key, link.n)}/${link.requirement}/${link.holder}${corrections === 0 ? '' : `/${corrections}`}`,
    text,
  );

/** Computes the commitment of a person's reason to confirm a rollback. */
export const commitRollbackReason = (deps: LinkDeps, link: RollbackLink, text: string): CommittedText =>
  commitAt(deps, `${changeId(link.key, link.n)}/rollback/${link.body}/${link.holder}`, text);

const storeText = async ({ ports, keys }: LinkDeps, { text, place }: CommittedText): Promise<void> => {
  if (text !== '') await keepText(ports, keys.textKey, place, text);
};

const isNamed = ({ acts, contested, rollback }: ChangeView, comment: string): boolean =>
  contested?.reason === comment ||
  acts.some((act) => (act.type === 'ApprovalRevoked' ? act.reason : act.comment) === comment) ||
  rollback?.confirmations.some((each) => each.comment === comment) === true;

/**
 * Runs a command that names a text, with the text stored around it. The text is stored first, since a decision that names a lost text
 * could not be mended. After a refusal it is removed, unless an act names it: another request may have recorded the same form at that
 * moment. For the same reason a recorded text is stored once more afterwards. A crash in between leaves a text that nothing names and no
 * page shows; sending the form again settles it.
 */
export const withText = async <T extends { readonly ok: boolean }>(
  deps: LinkDeps,
  link: Pick<DecideLink, 'key' | 'n'>,
  committed: CommittedText,
  command: () => Promise<T>,
): Promise<T> => {
  await storeText(deps, committed);
  const ordered = await command();
  const { comment } = committed;
  if (comment === null) return ordered;
  if (ordered.ok) {
    await storeText(deps, committed);
    return ordered;
  }
  const reading = await ifReadable(readChange(deps.ports, link.key, link.n));
  if (reading !== undefined && !isNamed(reading.view, comment)) await removeText(deps.ports, comment);
  return ordered;
};
