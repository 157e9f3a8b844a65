import { awaitsConfirmation, type Confirmable } from '../../../../domain/feature/evolve/forced.ts';
import type { FeatureState } from '../../../../domain/feature/state.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName, holderName } from '../names.ts';
import { type OfficialTexts, officialText } from './officialTexts.ts';

/** What two persons confirm of a change, who has, and since when it is done. */
export const confirmedIn = (
  view: ChangeView,
  of: Confirmable,
): Pick<NonNullable<ChangeView['rollback']>, 'confirmations' | 'completedAt'> =>
  (of === 'opt-out' ? view.optOut : view.rollback) ?? { confirmations: [], completedAt: null };

/** Returns what two persons confirm of a change now, else what they confirmed last. */
export const confirmableOf = (view: ChangeView, state: FeatureState, now: string): Confirmable => {
  const waits = awaitsConfirmation(state, view.number, now);
  return waits ?? ((view.optOut?.confirmations.length ?? 0) > 0 && view.rollback === null ? 'opt-out' : 'rollback');
};

export const confirmationActs = (
  locale: Locale,
  { view, of, roster, texts }: { view: ChangeView; of: Confirmable; roster: Roster | null; texts: OfficialTexts },
): Html => {
  const { words, say } = locale;
  return html`${confirmedIn(view, of).confirmations.map(({ holder, body, comment }) => {
    const slots = { who: holderName(roster, holder), body: bodyName(locale, roster, body) };
    return html`<p class="note">${say(words.decide.rollback.confirmedBy, { ...slots, reason: officialText(locale, texts.get(comment)) })}</p>`;
  })}`;
};

/** Returns what is said of a change whose confirmation waits. */
export const leadOf = ({ words: { decide } }: Locale, view: ChangeView, of: Confirmable): string => {
  if (of === 'opt-out') return decide.optOut.recorded;
  return view.status === 'withdrawn' ? decide.rollback.withdrawn : decide.rollback.entered;
};

/**
 * Renders that a change waits for two persons, who confirm that it is undone or was opted out of in time, and who has; nothing for every other
 * change.
 */
export const rollbackNote = (
  locale: Locale,
  { view, state, roster, texts }: { view: ChangeView; state: FeatureState; roster: Roster | null; texts: OfficialTexts },
): Html => {
  const { decide } = locale.words;
  const of = confirmableOf(view, state, locale.now);
  const said = of === 'opt-out' ? decide.optOut : decide.rollback;
  const waits = awaitsConfirmation(state, view.number, locale.now) !== undefined;
  if (!waits && confirmedIn(view, of).completedAt === null) return empty;
  const lead = waits ? leadOf(locale, view, of) : said.done;
  return html`<p class="note">${lead}${waits ? html` ${said.means}` : empty}</p>${confirmationActs(locale, { view, of, roster, texts })}`;
};
