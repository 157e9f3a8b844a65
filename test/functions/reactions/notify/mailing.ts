import { expect } from 'vitest';
import type { DerivedEvent } from '../../../../domain/derived/events.ts';
import { type DriftCase, type KeyRecord, type Task, taskIdentity } from '../../../../domain/derived/record.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { resolveLink } from '../../../../functions/gate/links.ts';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import { type Message, NotSent } from '../../../../functions/platform/mail/port.ts';
import { adoptPolicy, policyAdopter } from '../../../../functions/reactions/adoption/policies.ts';
import { mailAsked, mailDerived, takeDerived } from '../../../../functions/reactions/notify/derivedMails.ts';
import { mailRenewals } from '../../../../functions/reactions/notify/links.ts';
import { notifier } from '../../../../functions/reactions/notify/notify.ts';
import { writeRegularly } from '../../../../functions/reactions/notify/regular.ts';
import { caseId, DERIVED, taskIds } from '../../../../functions/register/derived/records.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { COUNCIL } from '../../../support/fixtures/city.ts';
import { permitted } from '../../../support/permitted.ts';
import { atOnce, type Gate, mustBe, openGate, URL_OF_GATE } from '../../openGate.ts';
import { answer, driftCase, keyRecord, putCase, putKeyRecord, putTask } from '../../register/derived/derivedCity.ts';

const LINK_LINE = new RegExp(`^${URL_OF_GATE}/d/([A-Za-z0-9_-]{43})$`);
export const linkKey = new Uint8Array(32).fill(9);

type Refuse = (message: Message) => Error | undefined;

interface MailingOptions extends NonNullable<Parameters<typeof openGate>[0]> {
  readonly itMail?: string | undefined;
}

/** A gate with a mailer that keeps what it sends, and the consumer of mails alone. */
export const mailing = async ({ itMail, ...options }: MailingOptions = {}) => {
  const gate = await openGate(options);
  const sent: Message[] = [];
  let refuse: Refuse = () => undefined;
  const mailer = {
    send: async (message: Message) => {
      const error = refuse(message);
      if (error !== undefined) throw error;
      sent.push(message);
    },
    close: async () => undefined,
  };
  const ports = { ...gate.ports, mailer, linkKey, itMail };
  const own = permitted('notify', ports);
  const consumers = runConsumers(own, [notifier(own)]);
  const refuseIf = (next: Refuse) => {
    refuse = next;
  };
  /** Has every mail refused whose address and subject begin so, or no mail at all leave. `later`: it may be taken late. */
  const refuseTo = (person: string, about = '', later?: Promise<void>) => {
    const error = new NotSent('refused', { unreachable: false, later });
    refuseIf(({ to, subject }) => (to.startsWith(person) && subject.startsWith(about) ? error : undefined));
  };
  const goDown = (person = '') =>
    refuseIf(({ to }) => (to.startsWith(person) ? new NotSent('down', { unreachable: true }) : undefined));
  const accept = () => refuseIf(() => undefined);
  const mails = async (): Promise<readonly Message[]> => {
    await consumers.sweep();
    await mailAsked(own);
    await mailDerived(own);
    return sent.splice(0);
  };
  /** What only the calendar gives reason for, now; the register is brought up to date before. */
  const regular = async (...keys: readonly string[]): Promise<readonly Message[]> => {
    await mails();
    for (const key of keys.length === 0 ? ['acme'] : keys) await catchUp(gate.ports, key);
    await writeRegularly(own);
    return sent.splice(0);
  };
  const wait = (ms: number) => {
    gate.at(new Date(Date.parse(gate.ports.clock()) + ms).toISOString());
    gate.later(ms);
  };
  /** Nine in the morning of a day of 2026. */
  const nine = (day: string) => gate.at(`2026-${day}T09:00:00.000Z`);
  /** What is mailed to those who asked for new links by an old one. */
  const renewals = async (): Promise<readonly Message[]> => {
    await mailRenewals(own);
    return sent.splice(0);
  };
  return { gate, ports, nine, wait, mails, regular, renewals, sent, consumers, refuseIf, refuseTo, goDown, accept };
};

export const noticed = async (options?: MailingOptions) => {
  const world = await mailing(options);
  return { ...world, ...(await world.gate.notice()) };
};

export const linksOf = ({ text }: Message): string[] => text.split('\n').flatMap((line) => LINK_LINE.exec(line)?.[1] ?? []);
export const who = (mails: readonly Message[], pick: (message: Message) => boolean = () => true): string[] =>
  mails.filter(pick).map(({ to }) => to.replace('@city.example', ''));
export const withLink = (message: Message): boolean => linksOf(message).length > 0;

export const MEMBERS: readonly string[] = COUNCIL;

/** Checks that the mails ask each person in office in a body that decides, by an own link, to confirm what is told of acme/2. */
export const expectDecidingAreAsked = async (gate: Gate, asked: readonly Message[]): Promise<void> => {
  expect(who(asked).sort()).toEqual(['clerk', 'deputy-clerk', 'mayor', ...MEMBERS].sort());
  for (const mail of asked) {
    const [link = '', ...more] = linksOf(mail);
    expect(more).toEqual([]);
    const holder = mail.to.replace('@city.example', '');
    const known = await resolveLink({ ...gate, linkKey }, link);
    expect(known).toMatchObject({ purpose: 'confirm-rollback', holder, key: 'acme', n: 2 });
  }
};

/** Has other rules come into force, by the votes on them. */
export const adoptRules = async (gate: Gate, rules: JsonValue = { ...atOnce, version: 'next' }): Promise<void> => {
  const put = await mustBe(adoptPolicy(gate.ports, rules));
  if (put.status === 'waiting') await gate.decide(put.waits);
  await runConsumers(gate.ports, [policyAdopter(gate.ports)]).sweep();
};

export const IT = 'it@city.example';
export const CLERKS_AND_IT = ['clerk', 'deputy-clerk', 'it'];

type Bare<E> = E extends DerivedEvent ? Omit<E, 'v' | 'at' | 'sequence'> : never;

/** A gate that mails what is derived. The test derives it: it puts records and lists, and says what is new, as the projector does. */
export const deriving = async (options: Parameters<typeof mailing>[0] = {}) => {
  const world = await mailing({ itMail: IT, ...options });
  const { gate, ports, sent } = world;
  const { sideStore } = gate;
  const records = new Map<string, KeyRecord>();
  let sequence = 10;
  const put = async (key: string, over: Partial<KeyRecord>) => {
    const record = { ...(records.get(key) ?? keyRecord({ key, answer: answer() })), ...over, sequence, at: gate.ports.clock() };
    records.set(key, record);
    await putKeyRecord(sideStore, record);
  };
  const say = (event: Bare<DerivedEvent>) => takeDerived(ports, { ...event, v: 1, at: gate.ports.clock(), sequence });
  const casesOf = (key: string): DriftCase[] => records.get(key)?.cases ?? [];
  const report = async (keys: readonly string[], over: Partial<DriftCase> = {}) => {
    sequence += 1;
    const at = gate.ports.clock();
    const drift = driftCase({ since: at, openedAt: at, sequence, ...over });
    for (const key of keys) {
      await putCase(sideStore, key, drift);
      await put(key, { cases: [...casesOf(key), drift] });
    }
    for (const key of keys)
      await say({ type: 'DriftOpened', key, kind: drift.kind, since: drift.since, seen: drift.seen, source: 'audit' });
  };
  const change = async (key: string, over: Partial<DriftCase>) => {
    const before = casesOf(key).at(-1) ?? driftCase();
    const drift = { ...before, ...over };
    await sideStore.remove(DERIVED.case, caseId(key, before));
    await putCase(sideStore, key, drift);
    await put(key, { cases: [...casesOf(key).slice(0, -1), drift] });
  };
  const over = async (keys: readonly string[], closedBy: DriftCase['closedBy'] = { source: 'audit' }) => {
    sequence += 1;
    const until = gate.ports.clock();
    for (const key of keys) await change(key, { until, closedAt: until, closedBy });
    for (const key of keys) await say({ type: 'DriftClosed', key, since: casesOf(key).at(-1)?.since ?? '', until });
  };
  const setTasks = async (key: string, tasks: readonly Task[]) => {
    sequence += 1;
    const before = records.get(key)?.tasks ?? [];
    for (const task of before) for (const id of taskIds(task)) await sideStore.remove(DERIVED.task, id);
    for (const task of tasks) await putTask(sideStore, task);
    await put(key, { tasks: [...tasks] });
    const has = (list: readonly Task[], task: Task) => list.some((each) => taskIdentity(each) === taskIdentity(task));
    for (const task of before) if (!has(tasks, task)) await say({ type: 'TaskClosed', task });
    for (const task of tasks) if (!has(before, task)) await say({ type: 'TaskOpened', task });
  };
  const atOnce = async (): Promise<readonly Message[]> => {
    await mailDerived(ports);
    return sent.splice(0);
  };
  return { ...world, put, say, report, change, over, setTasks, atOnce, sideStore };
};

const GROUPS: Readonly<Record<string, readonly string[]>> = { clerks: ['clerk', 'deputy-clerk'], members: MEMBERS };

/** Who got these mails, each once: both clerks and all members of the council by one word. */
const toWhom = (mails: readonly Message[]) => {
  const people = who(mails);
  expect(new Set(people).size, people.join()).toBe(people.length);
  const whole = Object.entries(GROUPS).filter(([, of]) => of.every((person) => people.includes(person)));
  const others = people.filter((person) => !whole.some(([, of]) => of.includes(person)));
  return [...whole.map(([name]) => name), ...others.sort()].join(' ');
};

/** What was mailed, by subject: `Subject → clerks it`. */
export const told = (mails: readonly Message[]): readonly string[] =>
  [...Map.groupBy(mails, ({ subject }) => subject)].map(([subject, of]) => `${subject} → ${toWhom(of)}`);

export const subjects = (mails: readonly Message[]): string[] => [...new Set(mails.map(({ subject }) => subject))];
