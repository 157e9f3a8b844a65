import * as z from 'zod';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import { localDateOf } from '../../../domain/kernel/zone.ts';
import { contractDrafts, contractEvent, contractsAtTheirDays } from './contractMails.ts';
import { newTasksBy, removeNew } from './newTasks.ts';
import { judgedOnly, type NotifyPorts } from './ports.ts';
import { attempt } from './post.ts';
import { clerksAndIt } from './recipients.ts';
import { daysBefore, morningOf } from './reminders.ts';
import { type Days, goingOffSoon, tasksAtTheirDays, todoDrafts, todoOf } from './todoMail.ts';

/**
 * Side kind: the local day whose morning mails were looked for last; `begun`: the one that was begun since, and when; `tried`: its mails were
 * tried, and some refused.
 */
const MORNING = 'morning-mailed';
const NEWEST = 'newest';
const Morning = strictObject(() => ({
  day: z.string().nullable(),
  begun: strictObject(() => ({ day: z.string(), at: z.string(), tried: z.boolean() })).nullable(),
}));
type Morning = z.infer<typeof Morning>;

/** After a longer outage only what became due lately is mailed as such: the worklist has all of it. */
const DAYS_MAX = 31;

const readMorning = async ({ sideStore }: NotifyPorts): Promise<Morning> =>
  Morning.safeParse(await sideStore.get(MORNING, NEWEST)).data ?? { day: null, begun: null };

const daysTo = (today: string, day: string | null): Days => {
  const [yesterday, first] = [daysBefore(today, 1), daysBefore(today, DAYS_MAX)];
  return { today, after: day === null ? yesterday : day < first ? first : day };
};

const end = async (ports: NotifyPorts, { day, at }: NonNullable<Morning['begun']>): Promise<void> => {
  await removeNew(ports, (await newTasksBy(ports, at)).ids);
  await ports.sideStore.put(MORNING, NEWEST, { day, begun: null });
};

/**
 * Sends the mails of the city's morning: of tasks, and of contracts that end. Once a day, also when the day's first run was late. What is new
 * counts up to when the day was begun, so that a repeat after a crash is about the same. A mail that was refused is tried again that day.
 */
export const writeMorning = async (ports: NotifyPorts, now: string): Promise<void> => {
  const { sideStore, zone } = ports;
  const today = localDateOf(now, zone);
  if (now < morningOf(today, zone)) return;
  let morning = await readMorning(ports);
  if (morning.day === today) return;
  if (morning.begun !== null && morning.begun.day !== today) {
    // What no mail could say that day is said today.
    if (morning.begun.tried) await end(ports, morning.begun);
    morning = { day: morning.begun.tried ? morning.begun.day : morning.day, begun: null };
  }
  const begun = morning.begun ?? { day: today, at: now, tried: false };
  await sideStore.put(MORNING, NEWEST, { day: morning.day, begun });
  const days = daysTo(today, morning.day);
  const [goingOff, contracts] = await Promise.all([
    goingOffSoon(ports, days, now).then((said) => judgedOnly(ports, said)),
    contractsAtTheirDays(ports, days, now).then((said) => judgedOnly(ports, said)),
  ]);
  // The next run says all of it.
  if (goingOff === undefined || contracts === undefined) return;
  const fresh = await newTasksBy(ports, begun.at);
  const todo = todoOf(await tasksAtTheirDays(sideStore, days, zone), fresh, goingOff);
  let left = await attempt(ports, `todo/${today}`, todoDrafts(todo, await clerksAndIt(ports), { now, zone, url: ports.url }));
  for (const contract of contracts)
    left = (await attempt(ports, contractEvent(contract), await contractDrafts(ports, contract, now))) && left;
  await (left ? end(ports, begun) : sideStore.put(MORNING, NEWEST, { day: morning.day, begun: { ...begun, tried: true } }));
};
