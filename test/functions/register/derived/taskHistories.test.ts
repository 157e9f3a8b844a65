import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyRecord, type Task } from '../../../../domain/derived/record.ts';
import { orderFeature } from '../../../../functions/gate/feature.ts';
import { DERIVED } from '../../../../functions/register/derived/records.ts';
import { stated } from '../../../domain/derived/statement.ts';
import { NOON } from '../../openGate.ts';
import { carryOut, KEYS, type Op } from '../../randomSteps.ts';
import { after, type DerivedCity, openDerived } from './derivedCity.ts';

// The table of tasks over histories that were lived: notices, acts, ends, reports and days, through the log and the fold. What each key's
// record says is compared with the second statement of the table at every boundary of time on the way.

const DAY_MS = 24 * 60 * 60_000;

/** Days from the moment of the notice; null: the notice does not say. */
interface Announcement {
  readonly kind: 'new-feature' | 'update' | 'data-sharing' | 'terms';
  readonly optOut: 'yes' | 'no' | 'unknown';
  readonly withoutAction: 'on' | 'off' | 'unknown';
  readonly effectiveIn: number | null;
  readonly optOutIn: number | null;
}

type Move =
  | { readonly does: 'announce'; readonly key: string; readonly what: Announcement }
  | { readonly does: 'act'; readonly key: (typeof KEYS)[number]; readonly op: Op }
  | { readonly does: 'opt out'; readonly key: string; readonly hasEvidence: boolean }
  | { readonly does: 'report'; readonly source: string; readonly attested: boolean; readonly on: readonly boolean[] }
  | { readonly does: 'wait'; readonly days: number };

const CHAIN = KEYS.slice(0, 3);

const announce = fc.record({
  does: fc.constant('announce' as const),
  key: fc.constantFrom(...CHAIN),
  what: fc.record<Announcement>({
    kind: fc.constantFrom('new-feature', 'update', 'update', 'data-sharing', 'terms'),
    optOut: fc.constantFrom('yes', 'yes', 'no', 'unknown'),
    withoutAction: fc.constantFrom('on', 'off', 'unknown'),
    effectiveIn: fc.constantFrom(null, -3, 10, 40),
    optOutIn: fc.constantFrom(null, null, 5, 45),
  }),
});
const act = fc.record({
  does: fc.constant('act' as const),
  key: fc.constantFrom(...CHAIN),
  op: fc.constantFrom<Op>('approve', 'approve', 'approve', 'audience', 'withdraw', 'revoke', 'remove'),
});
const optOut = fc.record({ does: fc.constant('opt out' as const), key: fc.constantFrom(...CHAIN), hasEvidence: fc.boolean() });
const report = fc.record({
  does: fc.constant('report' as const),
  source: fc.constantFrom('it', 'it', 'unnamed'),
  attested: fc.constantFrom(false, false, true),
  on: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
});
const wait = fc.record({ does: fc.constant('wait' as const), days: fc.constantFrom(1, 8, 33) });

const more = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: announce },
    { weight: 4, arbitrary: act },
    { weight: 2, arbitrary: optOut },
    { weight: 2, arbitrary: report },
    { weight: 3, arbitrary: wait },
  ),
  { minLength: 3, maxLength: 9 },
);

/** Most begin with something approved, and what is above it. */
const lives = fc.tuple(fc.constantFrom(0, 1, 2, 3, 3), more).map(([n, rest]): readonly Move[] => [
  ...CHAIN.slice(0, n).flatMap((key): Move[] => [
    { does: 'act', key, op: 'notify' },
    { does: 'act', key, op: 'approve' },
  ]),
  ...rest,
]);

const inDays = (now: string, days: number | null): string | undefined => (days === null ? undefined : after(now, days * DAY_MS));

const newestOf = async ({ ports }: DerivedCity, key: string) =>
  KeyRecord.safeParse(await ports.sideStore.get(DERIVED.key, key)).data?.changes.at(-1);

const play = async (city: DerivedCity, move: Move, now: string): Promise<string> => {
  const { gate } = city;
  switch (move.does) {
    case 'announce': {
      const { effectiveIn, optOutIn, ...what } = move.what;
      const [effectiveAt, optOutBy] = [inDays(now, effectiveIn), inDays(now, optOutIn)];
      await gate.notice({ feature: move.key, ...what, ...(effectiveAt && { effectiveAt }), ...(optOutBy && { optOutBy }) });
      return after(now, 60_000);
    }
    case 'act':
      await carryOut(gate, move);
      return after(now, 60_000);
    case 'opt out': {
      const change = await newestOf(city, move.key);
      if (change === undefined) return now;
      const evidence = move.hasEvidence ? { sha256: '0'.repeat(64), title: 'Shown' } : null;
      const words = {
        revision: change.revision,
        digest: change.digest,
        note: `sha256:${'1'.repeat(64)}`,
        evidence,
        person: 'clerk',
      };
      const request = { type: 'opt-out' as const, change: change.n, ...words };
      await orderFeature(gate.ports, { key: move.key, commandId: `out-${now}`, actor: 'token:it', request });
      return after(now, 60_000);
    }
    case 'report':
      await city.report({
        source: move.source,
        attested: move.attested,
        features: Object.fromEntries(move.on.map((on, index) => [CHAIN[index] ?? 'acme', on])),
      });
      return after(now, 60_000);
    case 'wait':
      return after(now, move.days * DAY_MS);
  }
};

const lines = (tasks: readonly Task[]): readonly string[] =>
  tasks
    .map(({ kind, because, change, since, by, urgent }) =>
      [kind, because, change?.split('/')[1] ?? '-', since, by ?? '-', urgent].join(' '),
    )
    .sort();

const recordsIn = async ({ ports }: DerivedCity): Promise<readonly KeyRecord[]> =>
  (await ports.sideStore.list(DERIVED.key)).map(({ value }) => KeyRecord.parse(value));

test('what the city has to do is what the second statement says, at every boundary of a history that was lived', async () => {
  const rows = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(lives, async (all) => {
      const city = await openDerived();
      let now = NOON;
      for (const move of all) {
        const next = await play(city, move, now);
        for (;;) {
          await city.until(now);
          const records = await recordsIn(city);
          const offAbove = (key: string) =>
            records.find((other) => key.startsWith(`${other.key}.`) && other.offSince !== null)?.key ?? null;
          for (const record of records) {
            const { key, below, tasks } = record;
            const expected = stated(record, { now, zone: 'UTC', lostAncestor: offAbove(key), below });
            expect(lines(tasks), `${key} at ${now}`).toEqual(expected);
            for (const { kind, because } of tasks) rows.set(`${kind} ${because}`, (rows.get(`${kind} ${because}`) ?? 0) + 1);
          }
          const [due] = await city.ports.sideStore.list(DERIVED.due, '', { limit: 1 });
          const instant = due?.id.slice(0, NOON.length);
          if (instant === undefined || instant > next) break;
          now = instant;
          city.gate.at(now);
        }
        now = next;
        city.gate.at(now);
      }
    }),
    { numRuns: Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 100) },
  );
  expect([...rows.keys()]).toEqual(
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
}, 240_000);
