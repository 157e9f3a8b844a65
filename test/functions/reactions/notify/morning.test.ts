import { expect, test } from 'vitest';
import type { Task } from '../../../../domain/derived/record.ts';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { setVendorContact } from '../../../../functions/gate/vendors.ts';
import { CorruptStore } from '../../../../functions/platform/store/errors.ts';
import { writeRegularly } from '../../../../functions/reactions/notify/regular.ts';
import { failing } from '../../openGate.ts';
import { putSourceRecord, putTask, sourceRecord, task } from '../../register/derived/derivedCity.ts';
import { deriving, IT, mailing, subjects, told, who } from './mailing.ts';

const AT_NINE = 'T09:00:00.000Z';
const POLICE = { terms: { ...NO_TERMS, audience: ['police'] } };
const MORNING_MAIL = /^(?:To do at your vendors|Por hacer en sus proveedores)/;

/** The clock at nine of a day in March 2026, and what is mailed of tasks then. */
const mornings = async (options: Parameters<typeof deriving>[0] = {}) => {
  const world = await deriving(options);
  const { gate, regular } = world;
  const on = async (day: number) => {
    gate.at(new Date(Date.UTC(2026, 2, day, 9)).toISOString());
    return (await regular()).filter(({ subject }) => MORNING_MAIL.test(subject));
  };
  return { ...world, on };
};

/** Its last day is the one before the first of April. */
const optOut = (over: Partial<Task> = {}): Task =>
  task({ key: 'acme.lpr', vendor: 'acme', change: 'acme.lpr/1', by: '2026-04-01T00:00:00.000Z', ...over });

const late = (by: string, over: Partial<Task> = {}): Task => optOut({ by, urgent: true, ...over });

test('a task is named on its first morning, seven days and one day before its last day and on it; on no other', async () => {
  const { on, setTasks } = await mornings();
  expect(await on(3)).toEqual([]);
  await setTasks('acme.lpr', [optOut()]);
  const said: number[] = [];
  for (let day = 3; day <= 31; day += 1) if ((await on(day)).length > 0) said.push(day);
  expect(said).toEqual([4, 24, 30, 31]);
});

test('what is overdue is named after one, seven and thirty days, then every thirty', async () => {
  const { gate, on, setTasks } = await mornings();
  await on(3);
  await setTasks('acme.lpr', [late('2026-03-03T00:00:00.000Z')]);
  const said: string[] = [];
  for (let day = 4; day <= 130; day += 1) if ((await on(day)).length > 0) said.push(gate.ports.clock().slice(5, 10));
  // Its last day was the 2nd of March.
  expect(said).toEqual(['03-04', '03-09', '04-01', '05-01', '05-31', '06-30']);
});

test('the clerks and IT get it in the city’s morning, once, with what to do, by when and why, in the order of the list', async () => {
  const { gate, on, regular, setTasks, sideStore } = await mornings();
  await gate.approve();
  await gate.approve({ feature: 'acme.zoom' }, POLICE);
  await on(23);
  await setTasks('acme.zoom', [
    task({ key: 'acme.zoom', vendor: 'acme', kind: 'switch-on', because: 'approved', by: null, agencies: ['police'] }),
  ]);
  await setTasks('acme.lpr', [optOut()]);
  await setTasks('acme', [late('2026-03-20T12:00:00.000Z', { key: 'acme', kind: 'switch-off', because: 'ended', below: 2 })]);
  await setTasks('acme.audio', [
    optOut({ key: 'acme.audio', kind: 'look', because: 'takes-effect', by: '2026-03-25T00:00:00.000Z' }),
  ]);
  const ofSource = { key: null, vendor: 'acme', source: 'nightly', change: null, digest: null };
  const silent = task({ ...ofSource, kind: 'look', because: 'silent', by: '2026-03-26T00:00:00.000Z' });
  await putSourceRecord(sideStore, sourceRecord({ vendor: 'acme', source: 'nightly', tasks: [silent] }));
  await putTask(sideStore, silent);
  gate.at('2026-03-24T07:59:59.000Z');
  expect(await regular()).toEqual([]);
  gate.at('2026-03-24T08:00:00.000Z');
  const mails = await regular();
  expect(told(mails)).toEqual(['To do at your vendors: 5 tasks → clerks it']);
  expect(mails[0]?.text).toContain(`
One task is late, or its feature is on without permission:

- acme: Switch it off at the vendor. It was due by March 20, 2026, 4 days ago. The city’s yes has ended. It holds for 2 entries beneath it, too.

3 tasks have time left:

- acme.audio: Check at the vendor what is on. Today is the last day. The vendor’s day has come.
- acme, the check called “nightly”: Check at the vendor what is on. By tomorrow, March 25, 2026. Nothing was heard from this check for too long.
- acme.lpr: Opt out at the vendor. By the end of Tuesday, March 31, 2026. The vendor says it will come. No yes of the city covers it yet.

One feature may be switched on:

- acme.zoom: It may be switched on at the vendor. No day is set. The city has said yes. It was not seen on. For police only.

All open tasks, on the worklist: https://gate.example/worklist
`);
  expect(mails[0]?.html).toContain('<li>acme.audio: Check at the vendor');
  gate.at('2026-03-24T20:00:00.000Z');
  expect(await regular()).toEqual([]);
});

test('what may be switched on is named as far as it is approved that morning, though what follows the log does not say so yet', async () => {
  const { gate, on, setTasks } = await mornings();
  await on(3);
  await gate.approve();
  await setTasks('acme', [
    task({ key: 'acme', vendor: 'acme', kind: 'switch-on', because: 'approved', by: null, change: 'acme/1' }),
  ]);
  await gate.revoke('acme/1');
  expect(await on(4)).toEqual([]);
  gate.at('2026-03-04T12:00:00.000Z');
  await gate.approve({}, POLICE);
  expect((await on(5))[0]?.text).toContain(
    '- acme: It may be switched on at the vendor. No day is set. The city has said yes. It was not seen on. For police only.',
  );
});

test('a task that is over before the morning is not named; one that came back since is new', async () => {
  const { on, setTasks } = await mornings();
  await on(3);
  await setTasks('acme.lpr', [optOut()]);
  await setTasks('acme.lpr', []);
  expect(await on(4)).toEqual([]);
  await setTasks('acme.lpr', [optOut()]);
  expect(subjects(await on(5))).toEqual(['To do at your vendors: one task']);
  // Its day and its urgency may change without its being another task.
  await setTasks('acme.lpr', [optOut({ by: '2026-03-20T00:00:00.000Z' })]);
  expect(await on(6)).toEqual([]);
  expect((await on(12))[0]?.text).toContain('Thursday, March 19, 2026');
});

test('after mornings without a gate the next one has what came due on them; by a clock that ran ahead it takes nothing from others', async () => {
  const { on, setTasks } = await mornings();
  await on(3);
  await setTasks('acme.lpr', [optOut({ because: 'not-stated' })]);
  await on(4);
  expect((await on(27))[0]?.text).toContain(
    'acme.lpr: Ask the vendor, and opt out if you can. By the end of Tuesday, March 31, 2026.',
  );
  expect(await on(28)).toEqual([]);
  expect(subjects(await on(24))).toEqual(['To do at your vendors: one task']);
  expect(await on(25)).toEqual([]);
});

test('a day that comes again, by a clock or a zone that was put right, has what came since in a mail of its own', async () => {
  const { gate, on, regular, setTasks } = await mornings();
  await on(3);
  await setTasks('acme.lpr', [optOut()]);
  expect(told(await on(4))).toEqual(['To do at your vendors: one task → clerks it']);
  await on(5);
  gate.at('2026-03-04T12:00:00.000Z');
  await setTasks('acme.audio', [optOut({ key: 'acme.audio', change: 'acme.audio/1' })]);
  expect(told(await regular())).toEqual(['To do at your vendors: one task → clerks it']);
  expect(await on(5)).toEqual([]);
});

test('after a crash between acceptance and record the same morning is about the same, and what came since is new the next', async () => {
  let lose = false;
  const { on, setTasks, gate, ports, sent } = await mornings({
    sideStoreOf: (sideStore) =>
      failing(sideStore, (call, args) => lose && call === 'remove' && args[0] === 'task-new' && new Error('crash')),
  });
  await on(3);
  await setTasks('acme.lpr', [optOut()]);
  lose = true;
  gate.at(`2026-03-04${AT_NINE}`);
  await expect(writeRegularly(ports)).rejects.toThrow('crash');
  expect(sent.splice(0).length).toBe(3);
  lose = false;
  gate.at('2026-03-04T09:10:00.000Z');
  await setTasks('acme.audio', [optOut({ key: 'acme.audio' })]);
  gate.at('2026-03-04T09:15:00.000Z');
  await writeRegularly(ports);
  expect(sent.splice(0)).toEqual([]);
  const [mail] = await on(5);
  expect(mail?.text).toContain('acme.audio');
  expect(mail?.text).not.toContain('acme.lpr');
});

test('what no mail could say on one day is said on the next; an address that refuses mail keeps it from no other', async () => {
  const { on, setTasks, goDown, refuseTo, accept, gate, ports, regular, wait } = await mornings();
  await on(3);
  await setTasks('acme.lpr', [optOut()]);
  goDown();
  gate.at(`2026-03-04${AT_NINE}`);
  await expect(writeRegularly(ports)).rejects.toThrow('down');
  refuseTo('');
  expect(await on(5)).toEqual([]);
  refuseTo(IT);
  expect(who(await on(6))).toEqual(['clerk', 'deputy-clerk']);
  accept();
  wait(60_000);
  expect(who(await regular())).toEqual(['it']);
  expect(await on(7)).toEqual([]);
});

test('a morning with two hundred tasks and nothing to say reads as little as one with ten', async () => {
  const readsWith = async (n: number) => {
    let reads = 0;
    const { on, sideStore } = await mornings({
      sideStoreOf: (inner) =>
        failing(inner, (call) => {
          if (call === 'get' || call === 'list') reads += 1;
          return undefined;
        }),
    });
    await on(3);
    for (let i = 0; i < n; i += 1) {
      const by = i % 2 === 0 ? late('2026-03-02T00:00:00.000Z') : optOut({ by: '2026-05-01T00:00:00.000Z' });
      await putTask(sideStore, { ...by, key: `acme.f${i}` });
    }
    reads = 0;
    expect(await on(5)).toEqual([]);
    return reads;
  };
  const few = await readsWith(10);
  expect(few).toBeLessThan(40);
  expect(await readsWith(200)).toBe(few);
});

const KEYS = ['acme', 'acme.lpr', 'acme.audio'];
const END = /contract ends|contrato termina/;

/** A contract that ends, if nothing else is said, with the 30th of June 2026, and a feature beneath it that is on; another is not. */
const contracted = async (options: Parameters<typeof mailing>[0] = {}, endsAt = '2026-06-30') => {
  const world = await mailing({ itMail: IT, ...options });
  const { gate, regular, mails } = world;
  await gate.approve({ kind: 'contract', title: 'The camera contract', endsAt });
  await gate.approve({ feature: 'acme.lpr' });
  await gate.notice({ feature: 'acme.audio' });
  await setVendorContact(gate.sideStore, 'acme', { email: 'sales@acme.example', language: 'en' });
  await mails();
  const on = async (day: string) => {
    gate.at(`${day}T09:00:00.000Z`);
    return (await regular(...KEYS)).filter(({ subject }) => END.test(subject));
  };
  return { ...world, on };
};

test('clerks, mayor, IT and the vendor’s contact are mailed 90, 30 and 7 days before its last day, and on it', async () => {
  const { on } = await contracted();
  const said: string[] = [];
  const around = ['03-31', '04-01', '04-02', '05-30', '05-31', '06-01', '06-22', '06-23', '06-24', '06-29', '06-30', '07-01'];
  for (const day of around) for (const line of told(await on(`2026-${day}`))) said.push(`${day} ${line}`);
  const ends = ['04-01 in 90 days', '05-31 in 30 days', '06-23 in 7 days', '06-30 today'];
  const [before, after] = [' The contract ends ', '. Vendor acme, The camera contract → clerks it mayor sales@acme.example'];
  expect(said).toEqual(ends.map((each) => `${each.replace(' ', before)}${after}`));
});

test.each([
  ['before that morning', 'T03:00:00Z', ['06-29', 'one day']],
  ['at that morning', 'T08:00:00Z', ['06-29', 'one day']],
  ['in that morning', 'T10:00:00Z', ['06-30', 'today']],
])('of one that ends %s the last mail comes in time, and once', async (_, time, [day = '', words]) => {
  const { on } = await contracted({}, `2026-06-30${time}`);
  const said: string[] = [];
  for (const each of ['06-22', '06-23', '06-28', '06-29', '06-30', '07-01'])
    for (const subject of subjects(await on(`2026-${each}`))) said.push(`${each} ${/ends (.*?)\./.exec(subject)?.[1]}`);
  expect(said).toEqual(['06-23 in 7 days', `${day} ${words === 'today' ? words : `in ${words}`}`]);
});

test('it says what goes off; after an outage only the nearest is sent', async () => {
  const { on } = await contracted();
  await on('2026-03-20');
  const mails = await on('2026-06-03');
  expect(subjects(mails)).toEqual(['The contract ends in 27 days. Vendor acme, The camera contract']);
  const { text = '' } = mails[0] ?? {};
  expect(text).toMatch(
    /^Vendor acme, “The camera contract” \(acme\/1\): it is approved until the end of Tuesday, June 30, 2026\.$/m,
  );
  expect(text).toContain('\nThen it is off, and so is one feature beneath it that is on now.\n');
  expect(text).toContain('https://gate.example/changes/acme/1\n');
  expect(await on('2026-06-04')).toEqual([]);
});

test('one that was revoked, and a vendor without a contact', async () => {
  const { gate, on } = await contracted();
  await setVendorContact(gate.sideStore, 'acme', undefined);
  await on('2026-05-30');
  expect(told(await on('2026-05-31'))).toEqual([expect.stringMatching(/ends in 30 days\. .* → clerks it mayor$/)]);
  await gate.revoke('acme/1');
  await on('2026-06-22');
  expect(await on('2026-06-23')).toEqual([]);
});

test('while the register is ahead of the log the morning waits; what may not stand is not mailed', async () => {
  const { ports, on, sent, nine } = await contracted();
  await on('2026-06-22');
  let released = false;
  const waiting = { ...ports, isReleased: async () => released };
  nine('06-23');
  await writeRegularly(waiting);
  expect(sent.splice(0)).toEqual([]);
  released = true;
  await writeRegularly(waiting);
  expect(sent.splice(0).filter(({ subject }) => END.test(subject)).length).toBe(5);
  const { store } = ports;
  const refusing = {
    ...ports,
    store: failing(store, (call, [stream]) => call === 'head' && stream === 'feature/acme' && new CorruptStore('held')),
  };
  nine('06-30');
  await writeRegularly(refusing);
  expect(sent.splice(0).filter(({ subject }) => END.test(subject))).toEqual([]);
});
