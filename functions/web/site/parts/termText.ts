import type { Holder, Roster } from '../../../../domain/roster/schema.ts';
import type { Html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName, boundText } from '../names.ts';

/** Renders a term of office: the seat, who is in it, from when and until when. */
export const termText = (locale: Locale, roster: Roster, { name, body, seat, from, to, acting }: Holder): Html => {
  const { words, say } = locale;
  const place = `${bodyName(roster, body)}, ${roster.bodies[body]?.seatLabels?.[seat] ?? seat}`;
  const slots = {
    seat: place,
    holder: acting === true ? `${name} (${words.desk.roster.isActing})` : name,
    from: boundText(locale, from),
  };
  return to === undefined
    ? say(words.decide.roster.term, slots)
    : say(words.decide.roster.termTo, { ...slots, to: boundText(locale, to) });
};
