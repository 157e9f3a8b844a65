import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DerivedEvent } from '../../../../domain/derived/events.ts';
import { KeyRecord, type Task } from '../../../../domain/derived/record.ts';
import { LOG_STREAM } from '../../../../domain/log/events.ts';
import { applyRevocations, orderFeature } from '../../../../functions/gate/feature.ts';
import { evaluateKeys } from '../../../../functions/gate/heads.ts';
import type { SideStore } from '../../../../functions/platform/store/sideStore.ts';
import { derivedFollower } from '../../../../functions/register/derived/follow.ts';
import { DERIVED, type QueuedEvent } from '../../../../functions/register/derived/records.ts';
import { stated } from '../../../domain/derived/statement.ts';
import { IS_PROOF, runs } from '../../../support/proof.ts';
import { sideStoreOfTest } from '../../../support/stores.ts';
import { atOnce, NOON } from '../../openGate.ts';
import { carryOut, KEYS, type Op } from '../../randomSteps.ts';
import { after, type DerivedCity, derivedIn, openDerived, queuedIn } from './derivedCity.ts';

const DAY_MS = 24 * 60 * 60_000;

const CHAIN = KEYS.slice(0, 3);
const key = fc.constantFrom(...CHAIN);

/** `effectiveIn`, `optOutIn`: days from the moment of the notice; null: the notice does not say. */
const announce = fc.record({
  does: fc.constant('announce' as const),
  key,
  what: fc.record({
    kind: fc.constantFrom('new-feature', 'update', 'update', 'data-sharing', 'terms'),
    optOut: fc.constantFrom('yes', 'yes', 'no', 'unknown'),
    withoutAction: fc.constantFrom('on', 'off', 'unknown'),
    effectiveIn: fc.constantFrom(null, -3, 10, 40),
    optOutIn: fc.constantFrom(null, null, 5, 45),
  }),
});
const act = fc.record({
  does: fc.constant('act' as const),
  key,
  op: fc.constantFrom<Op>('notify', 'approve', 'approve', 'approve', 'audience', 'withdraw', 'revoke', 'remove'),
});
const optOut = fc.record({ does: fc.constant('opt out' as const), key, hasEvidence: fc.boolean() });
const report = fc.record({
  does: fc.constant('report' as const),
  source: fc.constantFrom('it', 'audit', 'unnamed'),
  attested: fc.constantFrom(false, false, true),
  ago: fc.constantFrom(0, 0, 1, 30),
  seen: fc.array(fc.constantFrom(true, false, 'police' as const, 'all' as const), { minLength: 1, maxLength: 3 }),
});
const beside = fc.oneof(
  fc.record({ does: fc.constant('switch off beside' as const), key }),
  fc.constant({ does: 'bring in' as const }),
);
const wait = fc.record({ does: fc.constant('wait' as const), days: fc.constantFrom(1, 8, 33, 200) });
const move = fc.oneof(
  { weight: 4, arbitrary: announce },
  { weight: 4, arbitrary: act },
  { weight: 2, arbitrary: optOut },
  { weight: 3, arbitrary: report },
  { weight: 1, arbitrary: beside },
  { weight: 3, arbitrary: wait },
);
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;
const more = fc.array(move, { minLength: 3, maxLength: 10 });

/** Sources that fall silent, so that time alone does something between two entries. */
const LOOKED_AT = {
  ...atOnce,
  observe: { sources: { it: { kind: 'city', every: 'P1D' }, audit: { kind: 'audit', every: 'P5D' } } },
} as const;

/** Most begin with keys of the chain approved, for all or for the police. */
const lives = fc.record({
  rules: fc.constantFrom(atOnce, LOOKED_AT),
  moves: fc
    .tuple(fc.array(fc.constantFrom<Op>('approve', 'approve', 'audience'), { maxLength: 3 }), more)
    .map(([ops, rest]): readonly Move[] => [
      ...ops.flatMap((op, index): Move[] => {
        const of = { does: 'act', key: CHAIN[index] ?? 'acme' } as const;
        return [
          { ...of, op: 'notify' },
          { ...of, op },
        ];
      }),
      ...rest,
    ]),
});

const own = { key: 'acme' } as const;
const announced = (optOut: 'yes' | 'no') =>
  ({ does: 'announce', ...own, what: { kind: 'update', optOut, withoutAction: 'on', effectiveIn: 10, optOutIn: null } }) as const;
const looked = (...seen: (boolean | 'police')[]) => ({ does: 'report', source: 'audit', attested: false, ago: 0, seen }) as const;
const acts = (...ops: readonly Op[]): readonly Move[] => ops.map((op) => ({ does: 'act', ...own, op }));

/** A life that has every kind of task. */
const FULL: readonly Move[] = [
  ...acts('notify', 'approve'),
  looked(true, true),
  ...acts('revoke', 'notify', 'approve'),
  announced('yes'),
  { does: 'wait', days: 33 },
  ...acts('notify', 'approve'),
  announced('no'),
  { does: 'wait', days: 33 },
  looked(true, false),
];

const inDays = (now: string, days: number | null) => (days === null ? undefined : after(now, days * DAY_MS));

const newestOf = async ({ ports }: DerivedCity, of: string) =>
  KeyRecord.safeParse(await ports.sideStore.get(DERIVED.key, of)).data?.changes.at(-1);

const play = async (city: DerivedCity, move: Move, now: string) => {
  const { gate } = city;
  switch (move.does) {
    case 'announce': {
      const { effectiveIn, optOutIn, ...what } = move.what;
      const [effectiveAt, optOutBy] = [inDays(now, effectiveIn), inDays(now, optOutIn)];
      await gate.notice({ feature: move.key, ...what, ...(effectiveAt && { effectiveAt }), ...(optOutBy && { optOutBy }) });
      break;
    }
    case 'act':
      await carryOut(gate, move);
      break;
    case 'opt out': {
      const change = await newestOf(city, move.key);
      if (change === undefined) return now;
      const evidence = move.hasEvidence ? { sha256: '0'.repeat(64), title: 'Shown' } : null;
      const { n, revision, digest } = change;
      const words = { revision, digest, note: `sha256:${'1'.repeat(64)}`, evidence, person: 'clerk' };
      const request = { type: 'opt-out' as const, change: n, ...words };
      await orderFeature(gate.ports, { key: move.key, commandId: `out-${now}`, actor: 'token:it', request });
      break;
    }
    case 'switch off beside': {
      const change = (await newestOf(city, move.key))?.n ?? 1;
      await gate.revokeBeside(`${move.key}/${change}`, `beside-${now}`);
      break;
    }
    case 'bring in':
      await applyRevocations(gate.ports);
      break;
    case 'report': {
      const { source, attested, ago, seen } = move;
      const reportOf = (value: (typeof seen)[number]) =>
        typeof value === 'boolean' ? value : { on: true, agencies: value === 'police' ? ['police'] : ['police', 'sheriff'] };
      const features = Object.fromEntries(seen.map((value, index) => [CHAIN[index] ?? 'acme', reportOf(value)]));
      await city.report({ source, attested, observedAt: after(now, -ago * DAY_MS), features });
      break;
    }
    case 'wait':
      return after(now, move.days * DAY_MS);
  }
  return after(now, 60_000);
};

const stepTo = async (city: DerivedCity, now: string) => {
  city.gate.at(now);
  await city.until(now);
};

type Answered = DerivedEvent & { readonly type: 'AnswerChanged' };
type Told = Pick<Answered, 'onFor' | 'variant' | 'because' | 'version'>;

/** What the gate answers for each key, asked for each agency there is and for none. */
const asked = async ({ gate }: DerivedCity): Promise<ReadonlyMap<string, Told>> => {
  const ask = (agencies?: readonly string[]) => evaluateKeys(gate.ports, KEYS, agencies === undefined ? {} : { agencies });
  const agencies = ['fire', 'police', 'sheriff'];
  const [none, ...each] = await Promise.all([ask(), ...agencies.map((agency) => ask([agency]))]);
  return new Map(
    [...(none ?? [])].map(([of, { enabled, variant, because, version }]) => {
      const yes = agencies.filter((_, index) => each[index]?.get(of)?.enabled);
      const onFor = enabled ? 'all' : yes.length === 0 ? 'none' : yes;
      return [of, { onFor, variant, because, version: onFor === 'none' ? null : version }];
    }),
  );
};

type Events = Map<string, Omit<QueuedEvent, 'queued'>>;

const publishedIn = async (sideStore: SideStore): Promise<Events> =>
  new Map((await queuedIn(sideStore)).map(({ id, event, cause }) => [id, { id, event, cause }]));

/** What was told of each key last, or what holds of one that nothing was told of. */
const toldIn = (events: Events): ReadonlyMap<string, Told> => {
  const told = new Map<string, Told>(
    KEYS.map((of) => [of, { onFor: 'none', variant: 'unknown', because: `${of} is unknown`, version: null }]),
  );
  for (const { event } of events.values())
    if (event.type === 'AnswerChanged') {
      const { onFor, variant, because, version } = event;
      told.set(event.key, { onFor, variant, because, version });
    }
  return told;
};

const lines = (tasks: readonly Task[]) =>
  tasks
    .map(({ kind, because, change, since, by, urgent }) =>
      [kind, because, change?.split('/')[1] ?? '-', since, by ?? '-', urgent].join(' '),
    )
    .sort();

/** Checks the tasks of every key against the second statement of the table of tasks, and returns their kinds. */
const checkTasks = async ({ ports }: DerivedCity, now: string) => {
  const records = (await ports.sideStore.list(DERIVED.key)).map(({ value }) => KeyRecord.parse(value));
  const offAbove = (of: string) =>
    records.find((other) => of.startsWith(`${other.key}.`) && other.offSince !== null)?.key ?? null;
  return records.flatMap((record) => {
    const { below, tasks } = record;
    const expected = stated(record, { now, zone: 'UTC', lostAncestor: offAbove(record.key), below });
    expect(lines(tasks), `${record.key} at ${now}`).toEqual(expected);
    return tasks.map(({ kind, because }) => `${kind} ${because}`);
  });
};

/** Follows the whole log of a city anew, into a store of its own, and lets time come as far. */
const replayed = async ({ ports }: DerivedCity, now: string, sideStore: SideStore) => {
  const follower = derivedFollower({ ...ports, sideStore });
  const head = await ports.store.head(LOG_STREAM);
  if (head !== undefined) await follower.consumer.handle(head);
  await follower.tick(now);
};

test('at every boundary of a history that was lived, answers are what asking shows and tasks what the second statement says; a replay gives the same', async () => {
  const rows = new Set<string>();
  await fc.assert(
    fc.asyncProperty(lives, async ({ rules, moves }) => {
      const city = await openDerived({ rules });
      const { sideStore } = city.ports;
      const events: Events = new Map();
      let now = NOON;
      for (const move of moves) {
        const next = await play(city, move, now);
        // Every boundary on the way, which the follower may not process before its time, and each instant before one.
        for (;;) {
          await stepTo(city, now);
          // Those of long ago leave the queue.
          for (const [id, event] of await publishedIn(sideStore)) events.set(id, event);
          expect(toldIn(events), now).toEqual(await asked(city));
          for (const row of await checkTasks(city, now)) rows.add(row);
          const [due] = await sideStore.list(DERIVED.due, '', { limit: 1 });
          const instant = due?.id.slice(0, NOON.length);
          if (instant === undefined || instant > next) break;
          now = instant;
        }
        now = next;
        city.gate.at(now);
      }
      await stepTo(city, now);
      const anew = sideStoreOfTest();
      await replayed(city, after(now, 11_000), anew);
      for (const [id, event] of await publishedIn(sideStore)) events.set(id, event);
      expect([...(await publishedIn(anew))]).toEqual([...events]);
      expect(await derivedIn(anew)).toEqual(await derivedIn(sideStore));
    }),
    { numRuns: runs(8), examples: [[{ rules: LOOKED_AT, moves: [...FULL] }]] },
  );
  expect([...rows]).toEqual(
    expect.arrayContaining([
      'opt-out announced',
      'look took-effect',
      'switch-off seen-on',
      'switch-on approved',
      'switch-off revoked',
      'switch-off outdated',
      'switch-off cannot-opt-out',
    ]),
  );
});

/** A side store whose write number `at` fails, before or after it was done, and each after that. */
const crashing = (sideStore: SideStore, at: number, isWritten: boolean) => {
  const state = { writes: 0, hasCrashed: false };
  const write = async (work: () => Promise<void>) => {
    state.writes += 1;
    if (state.writes < at) return work();
    if (state.writes === at && isWritten) await work();
    state.hasCrashed = true;
    throw new Error('the process ended');
  };
  const put: SideStore['put'] = (...entry) => write(() => sideStore.put(...entry));
  const remove: SideStore['remove'] = (...entry) => write(() => sideStore.remove(...entry));
  return { state, sideStore: { ...sideStore, put, remove } };
};

/** Odd, so that every second write is done. */
const STEP = IS_PROOF ? 1 : 3;

test('a crash at any write, done or not, is healed: the same records, the same events, the same figures', async () => {
  const city = await openDerived();
  const seen = { does: 'report', source: 'audit', attested: false, ago: 0 } as const;
  const story: readonly Move[] = [
    { does: 'act', key: 'acme', op: 'notify' },
    { does: 'act', key: 'acme', op: 'approve' },
    { ...seen, seen: [true, true] },
    { does: 'act', key: 'acme', op: 'revoke' },
    { does: 'wait', days: 8 },
    { ...seen, seen: [false, true] },
  ];
  let now = NOON;
  for (const move of story) {
    const next = await play(city, move, now);
    await city.until(now);
    now = next;
    city.gate.at(now);
  }
  await stepTo(city, now);
  const end = after(now, 11_000);
  const whole = sideStoreOfTest();
  await replayed(city, end, whole);
  const [records, events] = [await derivedIn(whole), await publishedIn(whole)];
  expect(events.size).toBeGreaterThan(8);
  let at = 1;
  for (; ; at += STEP) {
    const own = sideStoreOfTest();
    const broken = crashing(own, at, at % 2 === 0);
    await replayed(city, end, broken.sideStore).catch((error: unknown) => {
      if (!broken.state.hasCrashed) throw error;
    });
    await replayed(city, end, own);
    expect([await derivedIn(own), await publishedIn(own)], `write ${at}`).toEqual([records, events]);
    if (!broken.state.hasCrashed) break;
  }
  expect(at).toBeGreaterThan(50);
});
