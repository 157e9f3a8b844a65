import { awaitsRollback } from '../../../../domain/feature/evolve/forced.ts';
import type { FeatureState } from '../../../../domain/feature/state.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName, holderName } from '../names.ts';
import { type OfficialTexts, officialText } from './officialTexts.ts';

export const rollbackActs = (locale: Locale, view: ChangeView, roster: Roster | null, texts: OfficialTexts): Html => {
  const { words, say } = locale;
  return html`${(view.rollback?.confirmations ?? []).map(({ holder, body, comment }) => {
    const slots = { who: holderName(roster, holder), body: bodyName(locale, roster, body) };
    return html`<p class="note">${say(words.decide.rollback.confirmedBy, { ...slots, reason: officialText(locale, texts.get(comment)) })}</p>`;
  })}`;
};

/** Renders that a change which took effect waits for two persons to confirm that it is undone, and who has; nothing for every other change. */
export const rollbackNote = (
  locale: Locale,
  { view, state, roster, texts }: { view: ChangeView; state: FeatureState; roster: Roster | null; texts: OfficialTexts },
): Html => {
  const { rollback } = locale.words.decide;
  const waits = awaitsRollback(state, view.number, locale.now);
  const lead = waits ? (view.status === 'withdrawn' ? rollback.withdrawn : rollback.entered) : rollback.done;
  if (!waits && view.rollback?.completedAt == null) return empty;
  return html`<p class="note">${lead}${waits ? html` ${rollback.means}` : empty}</p>${rollbackActs(locale, view, roster, texts)}`;
};
