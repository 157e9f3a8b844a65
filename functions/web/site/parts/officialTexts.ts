import type { ChangeView } from '../../../../domain/feature/view.ts';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import type { Redaction } from '../../../../domain/redaction/state.ts';
import { type OfficialText, readHidden, readText } from '../../../gate/texts.ts';
import { latestOf } from '../../../register/views/changeJson.ts';
import type { LinkDeps } from '../deps.ts';
import { foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

/**
 * Officials' texts by their commitment. A redacted one holds its redaction instead of the text. A raw notice or a document is in it only
 * while it is withheld, by its digest.
 */
export type OfficialTexts = ReadonlyMap<string, OfficialText>;

/** Reads the officials' texts of a change, and what orders withhold of its newest notice and its documents. */
export const officialTextsOf = async (deps: Pick<LinkDeps, 'ports'>, view: ChangeView): Promise<OfficialTexts> => {
  const acts = view.acts.map((act) => (act.type === 'ApprovalRevoked' ? act.reason : act.comment));
  const commitments = [...acts, view.contested?.reason ?? null].flatMap((commitment) => commitment ?? []);
  const [texts, withheld] = await Promise.all([officialTextsAt(deps, commitments), withheldOf(deps, view)]);
  return new Map([...texts, ...withheld]);
};

/** Reads what orders withhold of a change's newest notice and of its documents. */
export const withheldOf = async ({ ports }: Pick<LinkDeps, 'ports'>, view: ChangeView): Promise<OfficialTexts> =>
  readHidden(ports, [latestOf(view).digest, ...view.documents.map(({ sha256 }) => sha256)]);

/** Reads officials' texts by their commitments. Leaves out a text that is missing without a redaction. */
export const officialTextsAt = async (
  { ports }: Pick<LinkDeps, 'ports'>,
  commitments: readonly string[],
): Promise<OfficialTexts> => {
  const texts = await Promise.all(commitments.map((commitment) => readText(ports, commitment)));
  return new Map(
    commitments.flatMap((commitment, index) => (texts[index] === undefined ? [] : [[commitment, texts[index]] as const])),
  );
};

/** Renders that a text is withheld or destroyed: on what authority, by which file, since when and why. */
export const redactionNote = ({ words, say, day, zone }: Locale, redaction: Redaction): Html => {
  const { status, at, reason, authority, fileNumber } = redaction;
  const slots = { authority: foreign(authority), file: foreign(fileNumber), day: day(localDateOf(at, zone)) };
  return say(words.act.redacted[status], { ...slots, reason: words.act.redactedBecause[reason] });
};

/** Renders what an official wrote; if redacted, by what order; if missing, that it is. */
export const officialText = (locale: Locale, shown: OfficialText | undefined): Html => {
  if (shown === undefined) return html`${locale.words.act.missing}`;
  if (shown.text !== undefined) return foreign(shown.text);
  return redactionNote(locale, shown.redaction);
};
