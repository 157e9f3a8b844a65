import { countsAsMaintenance } from '../../../../domain/feature/arrival.ts';
import type { FeatureState } from '../../../../domain/feature/state.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { holderName } from '../names.ts';
import { type OfficialTexts, officialText } from './officialTexts.ts';

/** Renders that a change came as maintenance, or who contested that and why; nothing for every other change. */
export const maintenanceNote = (
  locale: Locale,
  { view, state, roster, texts }: { view: ChangeView; state: FeatureState; roster: Roster | null; texts: OfficialTexts },
): Html => {
  const { words, say, dateTime } = locale;
  const { contest } = words.decide;
  if (view.contested !== null) {
    const { by, at, reason } = view.contested;
    const who = 'token' in by ? contest.token : holderName(roster, by.holder);
    const why = reason === null ? empty : html`<p class="says words">${officialText(locale, texts.get(reason))}</p>`;
    return html`<p class="note">${say(contest.done, { who, when: dateTime(at) })}</p>${why}`;
  }
  return countsAsMaintenance(state, view.number) ? html`<p class="note done">${contest.came}</p>` : empty;
};
