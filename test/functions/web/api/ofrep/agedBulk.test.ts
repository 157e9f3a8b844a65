import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Evaluation,
  type EvaluationContext,
  evaluate,
  headWith,
  UNREADABLE,
} from '../../../../../domain/feature/evaluate.ts';
import { featureStream, prefixesOf } from '../../../../../domain/feature/keys.ts';
import { findChange } from '../../../../../domain/feature/state.ts';
import { canonical } from '../../../../../domain/kernel/canonical.ts';
import type { JsonValue } from '../../../../../domain/kernel/json.ts';
import { featureAggregate } from '../../../../../functions/gate/aggregates.ts';
import { evaluateKeys } from '../../../../../functions/gate/heads.ts';
import { CorruptStore, StoreUnavailable } from '../../../../../functions/platform/store/errors.ts';
import { KeptHeads } from '../../../../../functions/platform/store/keptHeads.ts';
import { load } from '../../../../../functions/platform/store/load.ts';
import { ANY_CHANGED, type Store } from '../../../../../functions/platform/store/port.ts';
import { commitOf } from '../../../../../functions/platform/store/record.ts';
import { flagJson } from '../../../../../functions/web/api/ofrep/flag.ts';
import { keptFlags } from '../../../../../functions/web/api/ofrep/keptFlags.ts';
import { runs } from '../../../../support/proof.ts';
import { NOON, openGate } from '../../../openGate.ts';
import { KEYS } from '../../../randomSteps.ts';
import { CONTEXTS, flagIn, MOMENT, on } from './twoProcesses.ts';

const AGE_MS = 10_000;
const RUNS = runs(10);

/** A warm function on AWS beside another one, and time, which its two clocks may have otherwise. */
const openAged = async (limits?: ConstructorParameters<typeof KeptHeads>[2]) => {
  const time = { ms: 0, wallMs: Date.parse(NOON), monotonicMs: 0 };
  const kept = new KeptHeads(AGE_MS, { wallMs: () => time.wallMs, monotonicMs: () => time.monotonicMs }, limits);
  const faults = { broken: new Set<string>(), isDown: false };
  const reads = { heads: 0 };
  const writes = { here: 0 };
  const here = { acts: true };
  const unknowing = (store: Store): Store => ({
    ...store,
    head: async (stream) => {
      reads.heads += 1;
      if (faults.isDown) throw new StoreUnavailable('down');
      if (faults.broken.has(stream)) throw new CorruptStore(`${stream} is altered`);
      return store.head(stream);
    },
    append: async (records) => {
      const answer = await store.append(records);
      writes.here += 1;
      return answer;
    },
    newestAt: async () => undefined,
    changed: async () => ANY_CHANGED,
    isUnchangedSince: () => false,
  });
  let [plainStore, commits]: (Store | undefined)[] = [];
  const gate = await openGate({
    honest: false,
    storeOf: (plain) => {
      plainStore = plain;
      commits = unknowing(plain);
      const own = kept.noticing(commits);
      return new Proxy(own, { get: (_, name: keyof Store) => (here.acts ? own : plain)[name] });
    },
  });
  const store = commits ?? gate.store;
  const ports = { clock: gate.ports.clock, store: kept.noticing(store) };
  const { many } = keptFlags({ ports, keptHeads: { store: kept.over(store), holds: kept.holds } });
  const ask = async (context: EvaluationContext = {}, keys: readonly string[] = KEYS) => {
    const { flags } = await many({ off: new Map(), id: JSON.stringify([context, keys]), keys, context });
    return [...flags.values()].map(flagIn);
  };
  const pass = (ms: number, { wall = ms, monotonic = ms } = {}) => {
    time.ms += ms;
    time.wallMs += wall;
    time.monotonicMs += monotonic;
    gate.at(new Date(time.wallMs).toISOString());
  };
  /** Has the other function do something. */
  const elsewhere = async (act: () => Promise<unknown>) => {
    here.acts = false;
    await act();
    here.acts = true;
  };
  return { gate, plain: plainStore ?? gate.store, kept, time, faults, reads, writes, ask, pass, elsewhere };
};
type Aged = Awaited<ReturnType<typeof openAged>>;

const ACTS = [
  'approve',
  'approve for a while',
  'revoke',
  'record a revocation',
  'remove',
  'break',
  'mend',
  'outage',
  'end of it',
] as const;

/** Does something in one of the functions, or to the store. What the rules refuse changes nothing. */
const carryOut = async ({ gate, faults, time }: Aged, act: (typeof ACTS)[number], key: string, afterMs: number) => {
  if (act === 'break') faults.broken.add(featureStream(key));
  if (act === 'mend') faults.broken.clear();
  if (act === 'outage' || act === 'end of it') faults.isDown = act === 'outage';
  const at = (ms: number) => new Date(time.wallMs + ms).toISOString();
  try {
    if (act === 'record a revocation') await gate.revokeBeside(`${key}/1`, `r/${key}/${time.ms}`);
    if (act === 'remove') await gate.notice({ feature: key, kind: 'removal', effectiveAt: at(afterMs) });
    const { count } = (await load(gate.ports.store, featureAggregate, featureStream(key))).state;
    if (act === 'revoke') await gate.revoke(`${key}/${count}`);
    if (!act.startsWith('approve')) return;
    const lasting = act === 'approve' ? { from: null, until: null } : { from: at(afterMs), until: at(3 * afterMs) };
    const terms = { ...lasting, audience: afterMs % 2 === 0 ? null : ['police'], conditions: null, maintenance: false };
    await gate.approve({ feature: key }, { terms });
  } catch {
    // Refused, or the store is away.
  }
};

/** The states of all keys, read past everything that keeps, from an instant of real time on. */
interface Known {
  readonly ms: number;
  readonly states: ReadonlyMap<string, Parameters<typeof evaluate>[1][number]>;
  readonly newest: string;
}

const knownNow = async ({ plain, faults, time }: Aged): Promise<Known> => {
  const recorded = (await plain.history('revocation', {})).flatMap((commit) => commitOf(commit).events);
  const [states, instants] = [new Map<string, Known['states'] extends ReadonlyMap<string, infer H> ? H : never>(), ['']];
  for (const key of KEYS) {
    const { state, head } = await load(plain, featureAggregate, featureStream(key));
    // Whenever it was recorded: the official was told that it stays off.
    const isRevoked = findChange(state, 1)?.status === 'approved' && recorded.some((each) => each.key === key);
    const isBroken = faults.broken.has(featureStream(key));
    states.set(key, isBroken || isRevoked ? UNREADABLE : headWith(head === undefined ? null : state));
    if (!isBroken) instants.push(head?.at ?? '');
  }
  return { ms: time.ms, states, newest: instants.sort().at(-1) ?? '' };
};

const asText = (flag: object) => canonical(flag as JsonValue);

/**
 * What a key is answered on these states, by the clock or, where that is behind, by the newest commit. What begins in between is not
 * believed: a clock that ran ahead begins nothing early.
 */
const answersOn = ({ states, newest }: Known, key: string, context: EvaluationContext, now: string) => {
  const headsAt = (at: string) =>
    prefixesOf(key).map((prefix) => {
      const head = states.get(prefix) ?? UNREADABLE;
      if (head.kind !== 'state' || head.state.waiting === null) return head;
      const from = findChange(head.state, head.state.waiting)?.approved?.terms.from ?? '';
      return from > now && from <= at ? UNREADABLE : head;
    });
  return [now, now > newest ? now : newest].map((at) => asText(flagJson(key, evaluate(key, headsAt(at), context, at), MOMENT)));
};

test('whatever happens, an answer was right at an instant at most ten seconds ago, on the clock of now; what cannot be read is not kept, and one’s own command counts at once', async () => {
  const seen = { kept: 0, old: 0, on: 0 };
  const action = fc.record({
    act: fc.option(fc.constantFrom(...ACTS), { freq: 2 }),
    key: fc.constantFrom('acme', 'acme.lpr', 'acme.lpr.search'),
    isHere: fc.constantFrom(false, false, false, true),
    afterMs: fc.constantFrom(1_000, 2_001, 4_000),
    passes: fc.constantFrom(0, 0, 500, 1_000, 4_000, 9_000, 9_999, 10_000, 60_000),
    clock: fc.constantFrom('right', 'right', 'odd'),
    context: fc.constantFrom(...CONTEXTS),
    keys: fc.constantFrom(KEYS, KEYS, ['acme.lpr'], ['acme', 'acme.lpr.search']),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 8, maxLength: 24 }), fc.boolean(), async (actions, isSetBack) => {
      const aged = await openAged();
      const { gate, faults, reads, writes, time } = aged;
      for (const key of ['acme', 'acme.lpr', 'acme.lpr.search']) await on(gate, key);
      const known = [await knownNow(aged)];
      let since = 0;
      // A revocation beside its stream, or what begins by a clock that ran ahead, is no fault of a read.
      const isJudged = isSetBack || actions.some(({ act }) => act === 'record a revocation');
      for (const { act, key, isHere, afterMs, passes, clock, context, keys } of actions) {
        // Both at once is what no program can notice.
        if (clock === 'right') aged.pass(passes);
        else aged.pass(passes, isSetBack ? { wall: passes - 3_000 } : { monotonic: 0 });
        if (act !== null) {
          const before = writes.here;
          const work = () => carryOut(aged, act, key, afterMs);
          await (isHere ? work() : aged.elsewhere(work));
          if (writes.here > before) since = known.length;
          known.push(await knownNow(aged));
        }
        const before = reads.heads;
        const flags = await aged.ask(context, keys).catch((error: unknown) => {
          if (!faults.isDown) throw error;
          return [];
        });
        // The last before the age is what held at its beginning.
        const first = known.findLastIndex(({ ms }) => ms <= time.ms - AGE_MS);
        const from = Math.max(first, since, 0);
        for (const flag of flags) {
          const now = gate.ports.clock();
          const possible = known.slice(from).map((each) => answersOn(each, flag.key, context, now));
          expect(possible.flat(), JSON.stringify({ first, since, now })).toContain(asText(flag));
          if (flag.metadata.fault && !isJudged) expect(possible.at(-1)).toContain(asText(flag));
          if (flag.value) seen.on += 1;
          if (!possible.at(-1)?.includes(asText(flag))) seen.old += 1;
        }
        if (reads.heads === before) seen.kept += 1;
      }
    }),
    { numRuns: RUNS },
  );
  // The histories show what they are about: answers without a read, some that are no longer right, and features that are on.
  expect([seen.kept > RUNS, seen.old > RUNS / 2, seen.on > 3 * RUNS]).toEqual([true, true, true]);
});

const isOn = async ({ ask }: Aged, key: string, keys: readonly string[] = [key]) =>
  (await ask({}, keys)).find((flag) => flag.key === key)?.value;

test('heads that two questions read are not used together: a key is on only if it was at one instant', async () => {
  const aged = await openAged();
  await on(aged.gate, 'acme');
  expect(await isOn(aged, 'acme')).toBe(true);
  await aged.elsewhere(async () => {
    await aged.gate.revoke('acme/1');
    await on(aged.gate, 'acme.lpr');
  });
  aged.pass(5_000);
  expect(await isOn(aged, 'acme')).toBe(true);
  expect(await isOn(aged, 'acme.lpr')).toBe(false);
});

test('nor where only some heads of a key had room', async () => {
  const aged = await openAged({ heads: 100, bytes: 6_000 });
  const { gate, ask, pass, elsewhere } = aged;
  await on(gate, 'acme.lpr');
  const long = await gate.notice({ feature: 'acme', description: 'Long. '.repeat(800) });
  expect(await isOn(aged, 'acme.lpr')).toBe(false);
  await elsewhere(async () => {
    await gate.revoke('acme.lpr/1');
    await gate.decide(long);
  });
  pass(1_000);
  expect((await ask({ agencies: ['police'] }, ['acme', 'acme.lpr'])).map(({ value }) => value)).toEqual([true, false]);
});

test('what one question read serves all, whoever asks and for which of its keys, and the age counts from before its first read', async () => {
  const aged = await openAged();
  for (const key of ['acme', 'acme.lpr']) await on(aged.gate, key);
  const { reads } = aged;
  const readsOf = async (context: EvaluationContext, keys: readonly string[]) => {
    const before = reads.heads;
    await aged.ask(context, keys);
    return reads.heads - before;
  };
  // The revocations, and each head once.
  expect(await readsOf({}, ['acme', 'acme.lpr', 'acme.lpr.search'])).toBe(4);
  aged.pass(AGE_MS - 1);
  expect(await readsOf({}, ['acme', 'acme.lpr', 'acme.lpr.search'])).toBe(0);
  expect(await readsOf({ agencies: ['fire'] }, ['acme.lpr'])).toBe(0);
  // Of another key, all that it rests on.
  expect(await readsOf({}, ['acme', 'acme.new'])).toBe(3);
  expect(await readsOf({}, ['acme', 'acme.new'])).toBe(0);
  aged.pass(1);
  expect(await readsOf({}, ['acme', 'acme.lpr', 'acme.lpr.search'])).toBe(4);
});

test.each([
  ['a command of the same function', async ({ gate }: Aged) => void (await gate.notice({ feature: 'other' }))],
  [
    'a command that failed and may have been stored',
    async ({ kept, plain }: Aged) => {
      const store = kept.noticing({ ...plain, append: async () => Promise.reject(new StoreUnavailable('no answer')) });
      await store.append([{} as never]).catch(() => undefined);
    },
  ],
  ['a clock that is set back', async ({ pass }: Aged) => pass(0, { wall: -1 })],
  ['a wall clock that goes on while the other stands still', async ({ pass }: Aged) => pass(AGE_MS, { monotonic: 0 })],
  [
    'a read of another kind that finds another head',
    async (aged: Aged) => {
      await aged.elsewhere(() => aged.gate.revoke('acme/1'));
      await aged.gate.ports.store.head('feature/acme');
    },
  ],
  [
    'a read of another kind that finds what cannot be read',
    async ({ gate, faults }: Aged) => {
      faults.broken.add('feature/acme');
      await expect(gate.ports.store.head('feature/acme')).rejects.toThrow();
      faults.broken.clear();
    },
  ],
])('%s ends what is kept', async (_, happen) => {
  const aged = await openAged();
  await on(aged.gate, 'acme');
  aged.pass(1_000);
  await aged.ask();
  const before = aged.reads.heads;
  await aged.ask();
  expect(aged.reads.heads).toBe(before);
  await happen(aged);
  const after = aged.reads.heads;
  await aged.ask();
  expect(aged.reads.heads).toBeGreaterThan(after + KEYS.length);
});

test('a head that cannot be read is looked for again by the next question, and what was read beside it too', async () => {
  const aged = await openAged();
  for (const key of ['acme', 'acme.lpr']) await on(aged.gate, key);
  aged.faults.broken.add('feature/acme.lpr');
  expect((await aged.ask({}, ['acme', 'acme.lpr'])).map(({ value }) => value)).toEqual([true, false]);
  aged.faults.broken.clear();
  await aged.elsewhere(() => aged.gate.revoke('acme/1'));
  expect((await aged.ask({}, ['acme', 'acme.lpr'])).map(({ value }) => value)).toEqual([false, false]);
});

test.each([
  ['heads', { heads: 2, bytes: 1_000_000 }],
  ['bytes', { heads: 100, bytes: 6_000 }],
])('above the limit of %s nothing more is kept, and answers are right', async (_, limits) => {
  const aged = await openAged(limits);
  for (const key of ['acme', 'acme.lpr', 'acme.lpr.search']) await on(aged.gate, key);
  const values = async () => (await aged.ask({}, ['acme', 'acme.lpr', 'acme.lpr.search'])).map(({ value }) => value);
  expect(await values()).toEqual([true, true, true]);
  await aged.elsewhere(() => aged.gate.revoke('acme.lpr.search/1'));
  const before = aged.reads.heads;
  // Of another context, so that the answers are not kept either.
  await aged.ask({ agencies: ['police'] }, ['acme', 'acme.lpr', 'acme.lpr.search']);
  expect(aged.reads.heads).toBeGreaterThan(before);
  aged.pass(AGE_MS);
  expect(await values()).toEqual([true, true, false]);
});

test('what the register says is off is followed at once while heads are kept, in both directions', async () => {
  const { gate, plain, kept } = await openAged();
  await on(gate, 'acme');
  const { clock } = gate.ports;
  const { many } = keptFlags({
    ports: { clock, store: kept.noticing(plain) },
    keptHeads: { store: kept.over(plain), holds: kept.holds },
  });
  const [, blocked] = [...(await evaluateKeys({ clock, store: plain }, ['acme', 'acme.lpr'], {}))].map(([, each]) => each);
  const value = async (off: ReadonlyMap<string, Evaluation>) => {
    const { flags } = await many({ id: '', keys: ['acme'], off, context: {} });
    return flags.get('acme')?.evaluation.enabled;
  };
  const off = new Map([['acme', blocked as Evaluation]]);
  expect([await value(new Map()), await value(off), await value(off), await value(new Map())]).toEqual([
    true,
    false,
    false,
    true,
  ]);
});
