import { commitmentNamed } from '../../../../domain/feature/events.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import type { Place, Redaction } from '../../../../domain/redaction/state.ts';
import { type Audience, type OfficialText, readHidden, readText } from '../../../gate/texts.ts';
import { withholdableOf } from '../../../register/views/changeJson.ts';
import type { LinkDeps } from '../deps.ts';
import { foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

/**
 * Officials' texts by their commitment. A redacted one holds its redaction, and the text only for officials. A raw notice or a document is
 * in it only while it is withheld, by its digest.
 */
export type OfficialTexts = ReadonlyMap<string, OfficialText>;

/** Reads the officials' texts of a change, and what orders withhold of its newest notice and its documents. */
export const officialTextsOf = async (
  deps: Pick<LinkDeps, 'ports'>,
  view: ChangeView,
  audience: Audience,
): Promise<OfficialTexts> => {
  const { contested, optOut, rollback } = view;
  const revision = view.revisions.length;
  const named = [
    ...view.acts.map((act) => ({ revision: 'revision' in act ? act.revision : null, commitment: commitmentNamed(act) })),
    ...(contested === null ? [] : [{ revision: null, commitment: contested.reason }]),
    ...[...(optOut?.confirmations ?? []), ...(rollback?.confirmations ?? [])].map(({ comment }) => ({
      revision,
      commitment: comment,
    })),
    ...(optOut?.records ?? []).map(({ note }) => ({ revision, commitment: note })),
  ];
  const place = { key: view.key, change: view.number };
  const texts = named.flatMap(({ revision, commitment }) => (commitment === null ? [] : [{ ...place, revision, commitment }]));
  const [read, withheld] = await Promise.all([officialTextsAt(deps, texts, audience), withheldOf(deps, view)]);
  return new Map([...read, ...withheld]);
};

export const withheldOf = async ({ ports }: Pick<LinkDeps, 'ports'>, view: ChangeView): Promise<OfficialTexts> =>
  readHidden(ports, withholdableOf(view));

/** Reads officials' texts by their commitments. Leaves out a text that is missing without a redaction. */
export const officialTextsAt = async (
  { ports }: Pick<LinkDeps, 'ports'>,
  named: readonly (Place & { readonly commitment: string })[],
  audience: Audience,
): Promise<OfficialTexts> => {
  const texts = await Promise.all(
    named.map(async (each) => [each.commitment, await readText(ports, { ...each, audience })] as const),
  );
  return new Map(texts.flatMap(([commitment, text]) => (text === undefined ? [] : [[commitment, text] as const])));
};

/** Renders that a text is withheld from the public: on what authority, by which file, since when and why. */
export const redactionNote = ({ words, say, day, zone }: Locale, redaction: Redaction): Html => {
  const { status, at, reason, authority, fileNumber } = redaction;
  const slots = { authority: foreign(authority), file: foreign(fileNumber), day: day(localDateOf(at, zone)) };
  return say(words.act.redacted[status], { ...slots, reason: words.act.redactedBecause[reason] });
};

/** Renders what an official wrote; if withheld, by what order, and the text for those who may read it; if missing, that it is. */
export const officialText = (locale: Locale, shown: OfficialText | undefined): Html => {
  if (shown === undefined) return html`${locale.words.act.missing}`;
  const { text, redaction } = shown;
  if (redaction === undefined) return text === undefined ? html`${locale.words.act.missing}` : foreign(text);
  const note = redactionNote(locale, redaction);
  return text === undefined ? note : html`<small>${note}</small><br>${foreign(text)}`;
};
