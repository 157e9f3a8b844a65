import { expect, onTestFinished, test, vi } from 'vitest';
import { alteredSource, clearAltered, healthOf, report, reportedCheck } from '../../../functions/platform/health.ts';
import { NOON, openGate } from '../openGate.ts';

const STUCK = { code: 'consumers-stuck', detail: 'It waits.' } as const;
const ALTERED = { code: 'row-altered', detail: 'A row is not what was written.' } as const;

test('what functions report is kept with the instant of its first report, until they are whole or silent', async () => {
  const { ports, at } = await openGate();
  const check = reportedCheck(ports, ['notify']);
  expect(await check()).toMatchObject([{ code: 'not-opened' }]);
  await report(ports, 'notify', [STUCK]);
  at('2026-03-02T12:14:00.000Z');
  await report(ports, 'notify', [STUCK]);
  expect(await check()).toEqual([{ ...STUCK, since: NOON }]);
  await report(ports, 'notify', []);
  expect(await check()).toEqual([]);
  at('2026-03-02T12:29:00.000Z');
  expect(await check()).toMatchObject([{ code: 'consumers-stuck', since: '2026-03-02T12:14:00.000Z' }]);
});

test('what was found altered is reported until everything was checked; what others report stays', async () => {
  const { ports, sideStore } = await openGate();
  const check = reportedCheck(ports, []);
  await report(ports, alteredSource('feature/acme'), [ALTERED]);
  await report(ports, 'notify', [STUCK]);
  expect((await check()).map(({ code }) => code).sort()).toEqual([STUCK.code, ALTERED.code].sort());
  await clearAltered(sideStore);
  expect((await check()).map(({ code }) => code)).toEqual([STUCK.code]);
});

test('a subscriber that is away is no fault of the gate; what was found altered does not end by itself', async () => {
  const { ports, at } = await openGate();
  const check = reportedCheck(ports, []);
  await report(ports, alteredSource('feature/acme'), [ALTERED]);
  await report(ports, 'webhook-sub_1', [STUCK]);
  at('2026-03-02T12:15:00.000Z');
  expect((await check()).map(({ code }) => code)).toEqual([ALTERED.code]);
});

test('a fault is logged when it begins and when it ends, whoever asks meanwhile, and what is not set up yet is none', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const logged: string[] = [];
  let looks = 0;
  const check = async () => {
    looks += 1;
    return looks === 4 ? [{ code: 'no-rules', detail: 'None.' } as const] : [{ ...STUCK, detail: `${looks} wait.` }];
  };
  const health = healthOf(
    [check],
    () => NOON,
    ({ event }) => logged.push(event),
  );
  for (const events of [['not well'], [], [], ['well again'], ['not well']]) {
    await health();
    expect(logged.splice(0)).toEqual(events);
    vi.advanceTimersByTime(1_000);
  }
});

test('a store that is not compared with the log yet is a fault in the log once that lasts half a minute', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const logged: string[] = [];
  let now = NOON;
  const health = healthOf(
    [async () => [{ code: 'not-compared', detail: 'Not yet.' }]],
    () => now,
    ({ event }) => logged.push(event),
  );
  for (const [time, events] of [
    ['12:00:00.000', []],
    ['12:00:29.999', []],
    ['12:00:30.000', ['not well']],
  ] as const) {
    now = `2026-03-02T${time}Z`;
    expect(await health()).toMatchObject([{ code: 'not-compared' }]);
    expect(logged.splice(0)).toEqual(events);
    vi.advanceTimersByTime(1_000);
  }
});
