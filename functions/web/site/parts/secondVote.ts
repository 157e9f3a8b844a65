import { secondVoteFrom } from '../../../../domain/feature/awaited.ts';
import { isOpen } from '../../../../domain/feature/state.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import { daysLeft, localDateOf } from '../../../../domain/kernel/zone.ts';
import { overrideTime } from '../../../../domain/policy/overrideTime.ts';
import type { Override } from '../../../../domain/policy/schema.ts';
import { empty, fillText, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

export const timeLeft = ({ words, count, now, zone }: Locale, closes: string): Html => {
  const days = daysLeft(closes, now, zone);
  return days < 1 ? html`${words.decide.lastDay}` : count(words.decide, 'daysLeft', days);
};

/** Renders the end of the window of a change beside an earlier one that is shown; nothing if that is the end. */
export const windowBeside = ({ words, say, ending }: Locale, shown: string | null, window: string | null): Html =>
  window === null || window === shown ? empty : html` ${say(words.decide.lapsesOn, { when: ending(window) })}`;

/** Returns the time that a rule gives for a second vote, in words, within a sentence. */
export const overrideTimeText = ({ words, duration }: Locale, override: Override): string => {
  const text = words.rules.overrideTime;
  const { notBefore, notAfter } = overrideTime(override);
  return notBefore === undefined
    ? fillText(text.within, { duration: duration(notAfter) })
    : fillText(text.between, { first: duration(notBefore), last: duration(notAfter) });
};

/** Renders until when a certificate that waits can be confirmed, or corrected after a dispute; undefined if none waits. */
export const confirmationClock = ({ words, say, until }: Locale, { status, confirmation }: ChangeView): Html | undefined =>
  confirmation === null || !isOpen({ status })
    ? undefined
    : say(confirmation.disputed ? words.change.disputed : words.change.unconfirmed, { when: until(confirmation.until) });

/** Renders from when and until when a veto can be overturned, while no certificate waits for its confirmation; nothing without a veto. */
export const vetoClock = (locale: Locale, view: ChangeView): Html => {
  const { words, say, day, until, zone } = locale;
  const waits = confirmationClock(locale, view);
  if (waits !== undefined) return waits;
  const { veto } = view;
  const first = secondVoteFrom(view, zone);
  if (veto === null || first === undefined) return empty;
  const { change } = words;
  const from = first > localDateOf(veto.at, zone) ? html` ${say(change.secondVoteFrom, { day: day(first) })}` : empty;
  return html`${say(change.vetoUntil, { when: until(veto.until) })}${from}`;
};
