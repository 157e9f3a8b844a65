import * as z from 'zod';
import { changeId, changeNamed } from '../../../domain/feature/keys.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { object } from '../../../domain/kernel/lazyObject.ts';
import { localDateOf, localMoment } from '../../../domain/kernel/zone.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { bodyNames, fillCount, fillText } from '../../platform/catalogue.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { readChange } from '../../register/read.ts';
import { changeName } from './letters.ts';
import { judgementOf, type NotifyPorts } from './ports.ts';
import type { EventDraft } from './reminders.ts';

/** Side kind: the newest agenda that a clerk sent, by body. */
const AGENDA = 'agenda';
const Agenda = object(() => ({ at: z.string(), changes: z.array(z.string()) }));
const WAITS_MS = 86_400_000;

const agendaOf = async (sideStore: SideStore, body: string) => Agenda.safeParse(await sideStore.get(AGENDA, body)).data;

/** One a day for a body: a stolen link of a clerk floods no one. Resolves with false if another one was ordered that day, which stays. */
export const orderAgenda = async (
  { sideStore, zone }: Pick<NotifyPorts, 'sideStore' | 'zone'>,
  body: string,
  agenda: z.infer<typeof Agenda>,
): Promise<boolean> => {
  const known = await agendaOf(sideStore, body);
  if (known !== undefined && localDateOf(known.at, zone) === localDateOf(agenda.at, zone))
    return canonical(known.changes) === canonical(agenda.changes);
  await sideStore.put(AGENDA, body, agenda);
  return true;
};

/** The mails of what clerks sent within a day, to the holders of each body. None while one of its changes may not be mailed yet. */
export const agendaMails = async (ports: NotifyPorts, roster: Roster, now: string): Promise<readonly EventDraft[]> => {
  const { sideStore, zone, url } = ports;
  const mails: EventDraft[] = [];
  for (const [body, { name: called = body }] of Object.entries(roster.bodies)) {
    const agenda = await agendaOf(sideStore, body);
    if (agenda === undefined || Date.parse(now) - Date.parse(agenda.at) >= WAITS_MS) continue;
    const found = await Promise.all(
      agenda.changes.map(async (id) => {
        const named = changeNamed(id);
        const reading = named === undefined ? undefined : await ifReadable(readChange(ports, named.key, named.number));
        return reading === undefined ? [] : [{ view: reading.view, standing: await judgementOf(ports, reading) }];
      }),
    );
    if (found.flat().some(({ standing }) => standing === 'waits')) continue;
    const views = found.flat().flatMap(({ view, standing }) => (standing === 'judged' ? [view] : []));
    if (views.length === 0) continue;
    const packet = new URLSearchParams(views.map((view): [string, string] => ['change', changeId(view.key, view.number)]));
    const holders = new Set([...holdersOf(roster, body, localMoment(now, zone)).values()].map(({ id }) => id));
    for (const holder of holders)
      mails.push({
        event: `agenda/${body}/${localDateOf(agenda.at, zone)}`,
        to: { holder },
        purpose: 'agenda',
        write: (words) => {
          const names = bodyNames(words.locale, called);
          return {
            subject: fillCount(words.locale, words.agenda, 'subject', views.length, { ...names }),
            paragraphs: [
              fillText(words.agenda.lead, names),
              ...views.map((view) => ({
                text: fillText(words.named, { ...changeName(view) }),
                url: `${url}/changes/${changeId(view.key, view.number)}`,
              })),
              { text: words.agenda.packet, url: `${url}/packet?${packet}` },
            ],
          };
        },
      });
  }
  return mails;
};
