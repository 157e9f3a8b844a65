import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { featureDecider } from '../../domain/feature/decide.ts';
import { advanceTo, due } from '../../domain/feature/due.ts';
import { evaluate, type Head, headWith, UNREADABLE, VARIANTS } from '../../domain/feature/evaluate.ts';
import { FeatureEvent } from '../../domain/feature/events.ts';
import { prefixesOf } from '../../domain/feature/keys.ts';
import { budgetFor, FeatureState, initialState, requirementsOf } from '../../domain/feature/state.ts';
import { FEATURE_BYTES_MAX } from '../../domain/feature/stateBudget.ts';
import { canonical } from '../../domain/kernel/canonical.ts';
import { EVENTS_MAX } from '../../domain/kernel/commit.ts';
import type { JsonValue } from '../../domain/kernel/json.ts';
import { mustAgree } from '../domain/feature/viewed.ts';
import { consented } from '../support/consent.ts';
import { against } from './feature/against.ts';
import { booksOf, type Run, run, withTicks } from './feature/run.ts';
import { assertUntil, boundScene, KEYS, longStory, wait } from './feature/steps.ts';

// Random histories of two features, the second beneath the first. ALDERGATE_PROPERTY_RUNS makes them more.
const RUNS = Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 60);
const PATIENCE_MS = 120_000 + RUNS * 200;

/** Notices may come before any policy is adopted, and rosters change at any time. */
const anyScene = fc.record({
  roster: fc.nat(4),
  policy: fc.constant(0),
  bound: fc.boolean(),
  policies: boundScene.map(({ policies }) => policies),
});

const bytesOf = (value: unknown) => Buffer.byteLength(canonical(value as JsonValue));
const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const heads = ({ states }: Pick<Run, 'states'>, key: string): readonly Head[] =>
  prefixesOf(key).map((prefix) => headWith(states.get(prefix) ?? null));
const answer = (told: Pick<Run, 'states'>, key: string, t: string) =>
  evaluate(key, heads(told, key), { agencies: ['Police'] }, t);

/** Instants worth asking about: now, and around everything the states name. */
const probes = ({ states, now }: Run): readonly string[] => {
  const all = [...states.values()];
  const ahead = Array.from({ length: 12 }, (_, index) => wait(now, 40 + index * 2, all));
  return [...new Set([now, wait(now, 1, []), ...ahead, '2030-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'])].sort();
};

/** Each property is asked of the same histories, which are told once. */
const KEPT_MAX = 100;
const kept = new Map<string, Run>();
const runOf = (...drawn: Parameters<typeof run>) => {
  const name = JSON.stringify(drawn);
  const known = kept.get(name) ?? run(...drawn);
  if (kept.size < KEPT_MAX) kept.set(name, known);
  return known;
};

const check = (holds: (told: Run) => void, isMet = () => true) => {
  const property = fc.property(longStory, anyScene, (list, where) => holds(runOf(list, where)));
  assertUntil(isMet, property, RUNS);
};

/** A property that never met them would prove nothing. Rarer answers have specifications of their own. */
const MET = ['enabled', 'blocked', 'pending', 'revoked', 'expired', 'removed', 'refused', 'lapsed', 'vetoed'];

test(
  'nothing is ever on that an independent reading of the acts speaks against',
  () => {
    const seen = new Set<string>();
    check(
      (told) => {
        const books = booksOf(told);
        const happened = new Map(KEYS.map((key) => [key, consented(told.events.get(key) ?? [], books).happened]));
        for (const key of KEYS) {
          for (const t of probes(told)) {
            const { enabled, variant } = answer(told, key, t);
            seen.add(variant);
            if (!enabled) continue;
            const chain = KEYS.slice(0, prefixesOf(key).length);
            const asked = chain.map((each) => ({ key: each, happened: happened.get(each) ?? [], answer: answer(told, each, t) }));
            expect(against(asked, t)).toStrictEqual([]);
          }
        }
      },
      () => MET.every((variant) => seen.has(variant)),
    );
    expect([...seen]).toStrictEqual(expect.arrayContaining(MET));
    expect([...seen].filter((variant) => !(VARIANTS as readonly string[]).includes(variant))).toStrictEqual([]);
  },
  PATIENCE_MS,
);

test(
  'replaying the stored events gives the state, through JSON and every schema',
  () => {
    check((told) => {
      for (const key of KEYS) {
        const replayed = (told.events.get(key) ?? [])
          .map((event) => FeatureEvent.parse(throughJson(event)))
          .reduce(featureDecider.evolve, initialState);
        expect(replayed).toStrictEqual(told.states.get(key));
        expect(FeatureState.parse(throughJson(replayed))).toStrictEqual(replayed);
      }
    });
  },
  PATIENCE_MS,
);

test(
  'time alone turns nothing on but an approval that waited for it, or whose own words run from then, and no instant is beyond an answer',
  () => {
    check((told) => {
      for (const key of KEYS) {
        const chain = prefixesOf(key).flatMap((prefix) => told.states.get(prefix) ?? []);
        const waits = chain.some(({ waiting }) => waiting !== null);
        // Until words that are in force run, others may (decision 0002).
        const effects = chain.flatMap(({ changes, standing }) => changes.find(({ number }) => number === standing)?.effect ?? []);
        const asked = probes(told).map((t) => ({ t, on: answer(told, key, t).enabled }));
        for (const [index, { t, on }] of asked.entries()) {
          const before = asked[index - 1];
          if (waits || !on || before === undefined || before.on) continue;
          expect(
            effects.some((effect) => before.t < effect && effect <= t),
            `on again at ${t}`,
          ).toBe(true);
        }
        for (const t of ['0000-01-01T00:00:00.000Z', '', 'never']) expect(() => answer(told, key, t)).not.toThrow();
        expect(evaluate(key, [UNREADABLE, headWith(told.states.get(key) ?? null)], {}, told.now).enabled).toBe(false);
      }
    });
  },
  PATIENCE_MS,
);

test(
  'what is due is due once, and in one step or in several',
  () => {
    check((told) => {
      for (const state of told.states.values()) {
        for (const t of probes(told)) {
          const there = advanceTo(state, t);
          expect(due(there, t)).toStrictEqual([]);
          const halfway = wait(told.now, 43, [state]);
          if (halfway <= t) expect(advanceTo(advanceTo(state, halfway), t)).toStrictEqual(there);
        }
      }
    });
  },
  PATIENCE_MS,
);

test(
  'whether a clock ran, and when, makes no difference to any answer',
  () => {
    const moments = fc.array(fc.option(fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(longStory, boundScene, moments, (list, where, shares) => {
        const without = run(
          list.filter(({ op }) => op !== 'tick' && op !== 'resend'),
          where,
        );
        const now = withTicks(without, (index) => shares[index % shares.length] ?? null);
        const always = withTicks(without, () => 1);
        for (const key of KEYS) {
          for (const t of probes(without)) {
            expect(answer(now, key, t)).toStrictEqual(answer(without, key, t));
            expect(answer(always, key, t)).toStrictEqual(answer(without, key, t));
          }
        }
      }),
      { numRuns: RUNS },
    );
  },
  PATIENCE_MS,
);

test(
  'state and commits stay within their limits, and every change within the room reserved for it',
  () => {
    check((told) => {
      for (const { after, events, command } of told.decided) {
        expect(events.length).toBeLessThanOrEqual(EVENTS_MAX);
        expect(bytesOf(after)).toBeLessThanOrEqual(FEATURE_BYTES_MAX);
        for (const change of after.changes)
          expect(bytesOf({ ...change, approved: null }), `${canonical(change as JsonValue)}`).toBeLessThanOrEqual(
            budgetFor(requirementsOf(after, change), command.roster?.roster.bodies, change),
          );
      }
    });
  },
  PATIENCE_MS,
);

test(
  'the view of a change and the state never disagree',
  () => {
    check((told) => {
      for (const key of KEYS) {
        mustAgree(told.events.get(key) ?? [], told.states.get(key) ?? initialState, told.now);
      }
    });
  },
  PATIENCE_MS,
);
