// What must be true of every day of every story, from the lists that anyone with a token reads, the outbox and the pages alone.

import { expect } from 'vitest';
import { CLERK, IT, MAYOR, type Mail, MEMBER } from './outbox.ts';

/** What the lists of tasks and of cases have for programs. */
interface OpenTask {
  readonly key: string | null;
  readonly source?: string;
  readonly kind: string;
  readonly because: string;
  readonly since: string;
  readonly by: string | null;
  readonly change: string | null;
  readonly digest: string | null;
  readonly below: number;
  readonly urgent: boolean;
}
interface OpenCase {
  readonly key: string;
  readonly openedAt: string;
  readonly since: string;
}
export interface Open {
  readonly tasks: readonly OpenTask[];
  readonly cases: readonly OpenCase[];
}

interface Days {
  readonly open: () => Promise<Open>;
  readonly page: (path: string) => Promise<string>;
  readonly mails: () => readonly Mail[];
  readonly zone: string;
}

const DAY_MS = 86_400_000;
/** Mails in a month of the city's time. */
const LIMITS: Readonly<Record<string, number>> = { [IT]: 30, [CLERK]: 40, [MAYOR]: 15, [MEMBER]: 8 };

const nameOf = ({ key, source, kind, change, digest, since }: OpenTask) => {
  const about = kind === 'opt-out' ? [change, digest] : kind === 'look' ? [change, digest, since] : [];
  return [key ?? source, kind, ...about].join(' ');
};

/** Seven days before the last day, the day before, and that day; one day after it, seven, thirty, and each thirty more. */
const isMailDay = (left: number) => [7, 1, 0, -1, -7].includes(left) || (left < 0 && left % 30 === 0);

export const expectEveryDay = ({ open, page, mails, zone }: Days) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone });
  const dateOf = (instant: string, ms = 0) => format.format(Date.parse(instant) + ms);
  const daysTo = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
  const foretold: { readonly key: string; readonly day: string }[] = [];
  let known: ReadonlySet<string> = new Set();

  const mailsOn = (day: string, kind: Mail['kind']): readonly Mail[] =>
    mails().filter((mail) => mail.kind === kind && dateOf(mail.at) === day);

  /** What the morning's mail must name, and that there is none without a reason; each who has it has it once. */
  const checkMorning = (today: string, tasks: readonly OpenTask[]) => {
    const named = tasks.filter(
      (task) => !known.has(nameOf(task)) || (task.by !== null && isMailDay(daysTo(today, dateOf(task.by, -1)))),
    );
    const soon = foretold.filter(({ day }) => [7, 1].includes(daysTo(today, day)));
    const sent = [...mailsOn(today, 'todo'), ...mailsOn(today, 'soon')];
    const reasons = [...named.map(nameOf), ...soon.map(({ key }) => key)];
    expect({ today, reasons, to: sent.map(({ to }) => to).sort() }).toEqual({
      today,
      reasons,
      to: reasons.length === 0 ? [] : [CLERK, IT],
    });
    const lines = [...named.map(({ key, source }) => key ?? source ?? ''), ...soon.map(({ key }) => `${key}: off from`)];
    for (const { text } of sent) for (const line of lines) expect(text, `the mail of ${today}`).toContain(line);
    known = new Set(tasks.map(nameOf));
  };

  /** IT and clerk had a mail within a day, mayor and members within the day after, and these a weekly one since. */
  const checkCase = (now: string, { key, openedAt }: OpenCase) => {
    const expectMail = (kind: Mail['kind'], people: readonly string[], fromMs: number, days: number) => {
      const [first, last] = [new Date(fromMs).toISOString(), new Date(fromMs + days * DAY_MS).toISOString()];
      const due = mails().filter((mail) => mail.kind === kind && mail.at >= first && mail.at <= last && mail.text.includes(key));
      expect(
        due.map(({ to }) => to),
        `${now}: ${kind}, of ${key}`,
      ).toEqual(expect.arrayContaining([...people]));
    };
    const [openedMs, nowMs] = [Date.parse(openedAt), Date.parse(now)];
    expectMail('onWithout', [IT, CLERK], openedMs, 1);
    if (nowMs - openedMs > 2 * DAY_MS) expectMail('still', [MAYOR, MEMBER], openedMs, 2.1);
    if (nowMs - openedMs >= 8 * DAY_MS) expectMail('weekly', [MAYOR, MEMBER], nowMs - 7.1 * DAY_MS, 7.1);
  };

  /** The worklist names what is urgent, the public page what is on; and what is on is to be switched off, or a key above it is. */
  const checkPages = async (today: string, { tasks, cases }: Open) => {
    const urgent = tasks.filter((task) => task.urgent);
    if (urgent.length > 0) {
      const worklist = await page('/worklist');
      for (const { key, source } of urgent) expect(worklist, `the worklist of ${today}`).toContain(key ?? source ?? '');
    }
    if (cases.length === 0) return;
    expect(await page('/'), `the front page of ${today}`).toContain('href="/on-without-permission"');
    const listed = await page('/on-without-permission');
    for (const { key } of cases) {
      expect(listed, `what is on without permission on ${today}`).toContain(`/features/${key}"`);
      expect(await page(`/features/${key}`), `the page of ${key} on ${today}`).toContain('It is on without permission');
      const off = tasks.some(
        (task) =>
          task.kind === 'switch-off' && task.urgent && (task.key === key || (task.below > 0 && key.startsWith(`${task.key}.`))),
      );
      expect({ today, key, off }).toEqual({ today, key, off: true });
    }
  };

  return {
    /** A feature that goes off on the vendor's day is foretold seven days and one day before. */
    goesOff: (key: string, day: string): void => void foretold.push({ key, day }),
    check: async (today: string, now: string) => {
      const listed = await open();
      checkMorning(today, listed.tasks);
      for (const each of listed.cases) checkCase(now, each);
      await checkPages(today, listed);
    },
    /** The months in which somebody had more mails than is promised; empty if none. */
    overLimits: (): readonly string[] => {
      const months = Map.groupBy(mails(), ({ to, at }) => `${to} ${dateOf(at).slice(0, 7)}`);
      return [...months].flatMap(([month, { length }]) => {
        const to = month.split(' ', 1)[0] ?? '';
        const max = LIMITS[to.endsWith('@council.example') ? MEMBER : to];
        return max !== undefined && length > max ? [`${month}: ${length}`] : [];
      });
    },
  };
};
