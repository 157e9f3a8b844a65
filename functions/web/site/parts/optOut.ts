import { runsBySilence } from '../../../../domain/feature/optOut.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { latestOf } from '../../../register/views/changeJson.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { holderName } from '../names.ts';
import { type OfficialTexts, officialText } from './officialTexts.ts';

/** Renders who recorded when that the city opted out of the newest revision, where, by what evidence, and whether it counts, or came in time where it changes nothing; nothing without a record. */
export const optOutNote = (
  locale: Locale,
  view: ChangeView,
  { roster, texts }: { readonly roster: Roster | null; readonly texts: OfficialTexts },
): Html => {
  const { words, say, dateTime } = locale;
  const { optOut } = view;
  if (optOut === null) return empty;
  const said = words.change.optedOut;
  const inTimeOrLate = optOut.standing === 'counts' ? said.inTime : said.tooLate;
  const counts = runsBySilence(latestOf(view).notice) ? said[optOut.standing] : inTimeOrLate;
  const records = optOut.records.map(({ at, person, note, evidence }) => {
    const proof =
      evidence === null
        ? empty
        : html`<p class="fine">${said.evidence} ${foreign(evidence.title)} · <code>${say(words.change.hash, { hash: evidence.sha256 })}</code></p>`;
    return html`
<p class="note done">${say(said.by, { who: foreign(holderName(roster, person)), when: dateTime(at) })} ${counts}</p><p class="says words">${officialText(locale, texts.get(note))}</p>${proof}`;
  });
  return html`${records}`;
};
