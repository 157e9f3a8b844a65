import { changeId } from '../../../domain/feature/keys.ts';
import { countsElsewhere, personOf } from '../../../domain/feature/persons.ts';
import { counts, findChange } from '../../../domain/feature/state.ts';
import { ascending } from '../../../domain/kernel/order.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { isInOffice, startOfTerm } from '../../../domain/roster/holders.ts';
import type { Holder, Name, Roster } from '../../../domain/roster/schema.ts';
import { bodyNames, fillText } from '../../platform/catalogue.ts';
import type { ChangeReading } from '../../register/read.ts';
import { presentChange } from '../../register/read.ts';
import type { Scene } from './asks.ts';
import { changeName } from './letters.ts';
import type { EventDraft } from './reminders.ts';

type Facts = Pick<Scene, 'roster' | 'now' | 'zone' | 'url'>;

const A_DAY_MS = 86_400_000;

/** Since the terms began, or since the roster that has them is in force. */
export const newTerms = (roster: Roster, since: string, { now, zone }: Pick<Facts, 'now' | 'zone'>): readonly Holder[] => {
  const [present, aDayAgo] = [localMoment(now, zone), new Date(Date.parse(now) - A_DAY_MS).toISOString()];
  return roster.holders.filter((term) => {
    const begins = startOfTerm(term, zone);
    return isInOffice(term, present) && (begins > since ? begins : since) > aDayAgo;
  });
};

/** An open change that a person cannot decide in a seat, because they took part in it in another body. */
interface Barred {
  readonly term: Holder;
  readonly change: string;
  readonly title: string;
}

export const barredFrom = (reading: ChangeReading, terms: readonly Holder[], now: string): readonly Barred[] => {
  const view = presentChange(reading.view, reading.state, now);
  const change = findChange(reading.state, view.number);
  if (change === undefined) return [];
  const acting = view.requirements.filter(
    ({ rule, status }) => counts(rule) && rule.instrument !== 'certification' && (status === 'open' || status === 'waiting'),
  );
  return terms
    .filter(({ id, body }) => acting.some((each) => each.body === body && countsElsewhere(change, each.id, personOf(id))))
    .map((term) => ({ term, change: changeId(view.key, view.number), title: changeName(view).title }));
};

const nameOf = ({ bodies }: Roster, body: string): Name => bodies[body]?.name ?? body;

/** None for a person without such a change. */
export const firstDayMails = (
  barred: readonly Barred[],
  { roster, url }: Pick<Facts, 'roster' | 'url'>,
): readonly EventDraft[] => {
  const byTerm = Map.groupBy(barred, ({ term }) => term);
  return [...byTerm].map(([{ id, body, seat, from }, changes]) => {
    const listed = changes.toSorted((one, other) => ascending(one.change, other.change));
    return {
      event: `first-day/${body}/${seat}/${from}`,
      to: { holder: id },
      purpose: 'first-day',
      write: (words) => {
        const names = bodyNames(words.locale, nameOf(roster, body));
        return {
          subject: fillText(words.subjectFirstDay, names),
          paragraphs: [
            fillText(words.firstDay, names),
            ...listed.map(({ title, change }) => ({
              text: fillText(words.named, { title, change }),
              url: `${url}/changes/${change}`,
            })),
          ],
        };
      },
    };
  });
};
