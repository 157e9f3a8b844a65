import { localDateOf } from '../../../../domain/kernel/zone.ts';
import type { OfficialText } from '../../../gate/texts.ts';
import { foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

/** What an official wrote; in its place when and why it was redacted, or only that it is missing. */
export const officialText = ({ words, say, day, zone }: Locale, shown: OfficialText | undefined): Html => {
  if (shown === undefined) return html`${words.act.redacted}`;
  if (shown.text !== undefined) return foreign(shown.text);
  const { at, reason, authority, fileNumber } = shown.redaction;
  const source = [authority, fileNumber].filter((part) => part !== null);
  const told = say(words.act.redactedOn, { day: day(localDateOf(at, zone)), reason: words.act.redactedBecause[reason] });
  return source.length === 0 ? told : html`${told} (${foreign(source.join(', '))})`;
};
