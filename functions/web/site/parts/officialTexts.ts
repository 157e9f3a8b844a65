import type { ChangeView } from '../../../../domain/feature/view.ts';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import { type OfficialText, readText } from '../../../gate/texts.ts';
import type { LinkDeps } from '../deps.ts';
import { foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

/** Officials' texts by their commitment. A redacted one holds its redaction instead of the text. */
export type OfficialTexts = ReadonlyMap<string, OfficialText>;

/** Reads the officials' texts of a change. */
export const officialTextsOf = (deps: Pick<LinkDeps, 'ports'>, view: ChangeView): Promise<OfficialTexts> => {
  const acts = view.acts.map((act) => (act.type === 'ApprovalRevoked' ? act.reason : act.comment));
  return officialTextsAt(
    deps,
    [...acts, view.contested?.reason ?? null].flatMap((commitment) => commitment ?? []),
  );
};

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

/** Renders what an official wrote; if redacted, when and why; if missing, that it is. */
export const officialText = ({ words, say, day, zone }: Locale, shown: OfficialText | undefined): Html => {
  if (shown === undefined) return html`${words.act.redacted}`;
  if (shown.text !== undefined) return foreign(shown.text);
  const { at, reason, authority, fileNumber } = shown.redaction;
  const source = [authority, fileNumber].filter((part) => part !== null);
  const note = say(words.act.redactedOn, { day: day(localDateOf(at, zone)), reason: words.act.redactedBecause[reason] });
  return source.length === 0 ? note : html`${note} (${foreign(source.join(', '))})`;
};
