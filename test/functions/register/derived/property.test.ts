import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { DerivedEvent } from '../../../../domain/derived/events.ts';
import { LOG_STREAM } from '../../../../domain/log/events.ts';
import { evaluateKey } from '../../../../functions/gate/heads.ts';
import type { SideStore } from '../../../../functions/platform/store/sideStore.ts';
import { openSqliteSideStore } from '../../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { derivedFollower } from '../../../../functions/register/derived/follow.ts';
import { DERIVED } from '../../../../functions/register/derived/records.ts';
import { testGuard } from '../../../support/macs.ts';
import { atOnce, NOON } from '../../openGate.ts';
import { carryOut, KEYS, type Op } from '../../randomSteps.ts';
import { after, type DerivedCity, derivedIn, openDerived, queuedIn } from './derivedCity.ts';

const DAY_MS = 24 * 60 * 60_000;

type Move =
  | { readonly does: 'act'; readonly key: (typeof KEYS)[number]; readonly op: Op }
  | {
      readonly does: 'report';
      readonly source: string;
      readonly ago: number;
      readonly seen: readonly (boolean | 'police' | 'all')[];
    }
  | { readonly does: 'wait'; readonly days: number };

const act = fc.record({
  does: fc.constant('act' as const),
  key: fc.constantFrom(...KEYS.slice(0, 3)),
  op: fc.constantFrom<Op>('notify', 'approve', 'approve', 'audience', 'withdraw', 'revoke', 'remove'),
});
const report = fc.record({
  does: fc.constant('report' as const),
  source: fc.constantFrom('it', 'audit'),
  ago: fc.constantFrom(0, 0, 1, 30),
  seen: fc.array(fc.constantFrom(true, false, 'police' as const, 'all' as const), { minLength: 1, maxLength: 3 }),
});
const wait = fc.record({ does: fc.constant('wait' as const), days: fc.constantFrom(1, 10, 60, 200) });
const moves = fc.array(
  fc.oneof({ weight: 5, arbitrary: act }, { weight: 3, arbitrary: report }, { weight: 2, arbitrary: wait }),
  {
    minLength: 2,
    maxLength: 10,
  },
);

/** Each key of the chain is approved first, for all or for the police. */
const approved = (ops: readonly Op[]): readonly Move[] =>
  ops.flatMap((op, index) => {
    const key = KEYS[index] ?? 'acme';
    return [
      { does: 'act', key, op: 'notify' },
      { does: 'act', key, op },
    ];
  });
const lives = fc
  .tuple(fc.array(fc.constantFrom<Op>('approve', 'audience'), { maxLength: 3 }), moves)
  .map(([ops, more]) => [...approved(ops), ...more]);

const SEEN_KEYS = ['acme', 'acme.lpr', 'acme.lpr.search'] as const;

const play = async (city: DerivedCity, { does, ...move }: Move, now: string): Promise<string> => {
  if ('op' in move) await carryOut(city.gate, move);
  else if ('seen' in move) {
    const features = Object.fromEntries(
      move.seen.map((value, index) => [
        SEEN_KEYS[index] ?? 'acme',
        typeof value === 'boolean' ? value : { on: true, agencies: value === 'police' ? ['police'] : ['police', 'sheriff'] },
      ]),
    );
    await city.report({ source: move.source, observedAt: after(now, -move.ago * DAY_MS), features });
  } else if ('days' in move) return after(now, move.days * DAY_MS);
  expect(['act', 'report']).toContain(does);
  return after(now, 60_000);
};

const answersIn = (events: readonly { readonly event: DerivedEvent }[]): readonly (DerivedEvent & { type: 'AnswerChanged' })[] =>
  events.flatMap(({ event }) => (event.type === 'AnswerChanged' ? [event] : []));

type Told = Pick<DerivedEvent & { type: 'AnswerChanged' }, 'onFor' | 'variant' | 'because' | 'version'>;

/** What the gate answers for a key, asked for each agency there is and for none. */
const asked = async ({ gate }: DerivedCity, key: string): Promise<Told> => {
  const none = await evaluateKey(gate.ports, key, {});
  const agencies = ['fire', 'police', 'sheriff'];
  const yes = [];
  for (const agency of agencies) if ((await evaluateKey(gate.ports, key, { agencies: [agency] })).enabled) yes.push(agency);
  const onFor = none.enabled ? 'all' : yes.length === 0 ? 'none' : yes;
  return { onFor, variant: none.variant, because: none.because, version: onFor === 'none' ? null : none.version };
};

test('AnswerChanged is what asking every key shows, before and after each commit and each boundary of time', async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (all) => {
      const city = await openDerived();
      let now = NOON;
      const told = new Map<string, Told>();
      for (const move of all) {
        const next = await play(city, move, now);
        // Every boundary on the way, which the follower may not process before its time, and each instant before one.
        for (;;) {
          await city.until(now);
          const [due] = await city.ports.sideStore.list(DERIVED.due, '', { limit: 1 });
          const instant = due?.id.slice(0, NOON.length);
          const seen = answersIn(await city.events());
          for (const { key, onFor, variant, because, version } of seen) told.set(key, { onFor, variant, because, version });
          for (const key of KEYS) {
            const before = told.get(key) ?? { onFor: 'none', variant: 'unknown', because: `${key} is unknown`, version: null };
            expect(before, `${key} at ${now}`).toEqual(await asked(city, key));
          }
          for (const { id } of await city.ports.sideStore.list(DERIVED.event))
            await city.ports.sideStore.remove(DERIVED.event, id);
          if (instant === undefined || instant > next) break;
          now = instant;
          city.gate.at(now);
        }
        now = next;
        city.gate.at(now);
      }
    }),
    { numRuns: 30 },
  );
}, 120_000);

/** Sources that fall silent, so that time alone does something between two entries. */
const LOOKED_AT = {
  ...atOnce,
  observe: { sources: { it: { kind: 'city', every: 'P1D' }, audit: { kind: 'audit', every: 'P5D' } } },
} as const;

/** Follows the whole log of a city anew, into a store of its own, and lets time come as far. */
const replayed = async ({ ports }: DerivedCity, now: string, sideStore: SideStore) => {
  const follower = derivedFollower({ ...ports, sideStore });
  const head = await ports.store.head(LOG_STREAM);
  if (head !== undefined) await follower.consumer.handle(head);
  await follower.tick(now);
};

const newSideStore = () => {
  const sideStore = openSqliteSideStore(':memory:', testGuard);
  onTestFinished(() => sideStore.close());
  return sideStore;
};

const published = async (sideStore: SideStore) => (await queuedIn(sideStore)).map(({ queued: _queued, ...event }) => event);

/** Plays all moves, following along. Returns the last instant. */
const playAll = async (city: DerivedCity, all: readonly Move[]): Promise<string> => {
  let now = NOON;
  for (const move of all) {
    const next = await play(city, move, now);
    await city.until(now);
    now = next;
    city.gate.at(now);
  }
  await city.until(now);
  return now;
};

test('a replay of the log gives the same records and the same events as following it live', async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (all) => {
      const short = all.map((move): Move => (move.does === 'wait' ? { ...move, days: Math.min(move.days, 8) } : move));
      const city = await openDerived({ rules: LOOKED_AT });
      const now = await playAll(city, short);
      const anew = newSideStore();
      await replayed(city, after(now, 11_000), anew);
      expect(await published(anew)).toEqual(await published(city.ports.sideStore));
      expect(await derivedIn(anew)).toEqual(await derivedIn(city.ports.sideStore));
    }),
    { numRuns: 30 },
  );
}, 120_000);

/** A side store whose write number `at` fails, before or after it was done, once. */
const crashing = (sideStore: SideStore, at: number, isWritten: boolean) => {
  let writes = 0;
  const crashed = { happened: false };
  const crash = (): Promise<never> => {
    crashed.happened = true;
    return Promise.reject(new Error('the process ended'));
  };
  const writing =
    (write: (...args: never[]) => Promise<void>) =>
    async (...args: readonly unknown[]): Promise<void> => {
      if (crashed.happened) return crash();
      writes += 1;
      if (writes !== at) return write(...(args as never[]));
      if (isWritten) await write(...(args as never[]));
      return crash();
    };
  return { crashed, sideStore: { ...sideStore, put: writing(sideStore.put), remove: writing(sideStore.remove) } as SideStore };
};

test('a crash at any write, done or not, is healed: the same records, the same events, the same figures', async () => {
  const city = await openDerived();
  const story: readonly Move[] = [
    { does: 'act', key: 'acme', op: 'notify' },
    { does: 'act', key: 'acme', op: 'approve' },
    { does: 'act', key: 'acme.lpr', op: 'notify' },
    { does: 'act', key: 'acme.lpr', op: 'approve' },
    { does: 'report', source: 'audit', ago: 0, seen: [true, true, true] },
    { does: 'act', key: 'acme', op: 'revoke' },
    { does: 'wait', days: 3 },
    { does: 'report', source: 'audit', ago: 0, seen: [false, false, true] },
    { does: 'wait', days: 8 },
  ];
  const now = after(await playAll(city, story), 11_000);
  const whole = newSideStore();
  await replayed(city, now, whole);
  const [records, events] = [await derivedIn(whole), await published(whole)];
  expect(events.length).toBeGreaterThan(15);
  let at = 1;
  for (; ; at += 1) {
    const own = newSideStore();
    const broken = crashing(own, at, at % 2 === 0);
    await replayed(city, now, broken.sideStore).catch((error: unknown) => {
      if (!broken.crashed.happened) throw error;
    });
    await replayed(city, now, own);
    expect([await derivedIn(own), await published(own)], `write ${at}`).toEqual([records, events]);
    if (!broken.crashed.happened) break;
  }
  expect(at).toBeGreaterThan(50);
}, 120_000);
