import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluateKeys } from '../../../../../functions/gate/heads.ts';
import { recordRevocation } from '../../../../../functions/gate/revocations.ts';
import { hold, release } from '../../../../../functions/log/sequencer/logIndex.ts';
import { withheld } from '../../../../../functions/log/withheld.ts';
import { bulkAnswers } from '../../../../../functions/web/api/ofrep/bulkAnswers.ts';
import { flagJson } from '../../../../../functions/web/api/ofrep/flag.ts';
import { type Gate, NOON, openGate } from '../../../openGate.ts';
import { carryOut, KEYS, step, TIMES } from '../../../randomSteps.ts';
import { CONTEXTS, counted, on, openTwo } from './twoProcesses.ts';

const askingOf = (ports: Gate['ports']) => {
  const answers = bulkAnswers(ports);
  return async (context: (typeof CONTEXTS)[number], keys: readonly string[] = KEYS) => {
    const { etag, flags } = await answers({ off: new Map(), id: JSON.stringify(context), keys, context });
    return { etag, flags: JSON.parse(`[${flags('now', '7')}]`) as unknown[] };
  };
};

/** What a gate that keeps nothing answers. */
const anew = async (ports: Gate['ports'], context: (typeof CONTEXTS)[number]) =>
  [...(await evaluateKeys(ports, KEYS, context))].map(([key, evaluation]) => flagJson(key, evaluation, 'now', '7'));

test('what is kept is what would be evaluated, after whatever happened here or in another process', async () => {
  const action = fc.record({ step, elsewhere: fc.boolean(), context: fc.nat(CONTEXTS.length - 1) });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 4, maxLength: 12 }), async (actions) => {
      const { gate, switched, ports } = await openTwo();
      const ask = askingOf(ports);
      const tags = new Map<string, string>();
      for (const { step: each, elsewhere: there, context: index } of actions) {
        switched.there = there;
        await carryOut(gate, each);
        for (const now of [TIMES[each.now] ?? NOON, NOON]) {
          gate.at(now);
          const context = CONTEXTS[index] ?? {};
          const { etag, flags } = await ask(context);
          const expected = await anew(ports, context);
          expect(flags).toEqual(expected);
          // One tag is one content.
          const content = JSON.stringify(expected);
          expect(tags.get(etag) ?? content).toBe(content);
          tags.set(etag, content);
        }
        gate.at(NOON);
      }
    }),
    { numRuns: Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 15) },
  );
}, 120_000);

test('unchanged answers read no head, and a change only those of the keys it touches', async () => {
  const gate = await openGate();
  for (const key of ['acme', 'acme.lpr', 'other']) await on(gate, key);
  const { store, read } = counted(gate.ports.store);
  const ask = askingOf({ ...gate.ports, store });
  const first = await ask({});
  const before = read();
  gate.at('2026-03-02T12:30:00.000Z');
  expect(await ask({})).toEqual(first);
  expect(read()).toBe(before);
  await gate.revoke('other/1');
  const second = await ask({});
  expect(second.etag).not.toBe(first.etag);
  expect(second.flags[KEYS.indexOf('other')]).toMatchObject({ key: 'other', value: false, variant: 'revoked' });
  // The head, and the recorded revocations.
  expect(read()).toBe(before + 2);
});

test('a stream that the sequencer holds is off at once when the list of held ones is read, and on when it is released', async () => {
  const gate = await openGate();
  await on(gate, 'acme');
  const variant = async (): Promise<unknown> => {
    const ask = askingOf({ ...gate.ports, store: withheld(gate.ports.store, gate.sideStore) });
    return (await ask({}, ['acme'])).flags[0];
  };
  const store = () => withheld({ ...gate.ports.store, isUnchangedSince: () => true }, gate.sideStore);
  expect(await variant()).toMatchObject({ value: true });
  const { moment } = await store().changed(['feature/'], undefined);
  expect((await store().changed(['feature/'], moment)).streams).toEqual([]);
  const held = store();
  expect(held.isUnchangedSince(moment)).toBe(false);
  await held.changed(['feature/'], moment);
  expect(held.isUnchangedSince(moment)).toBe(true);
  await hold(gate.sideStore, { stream: 'feature/acme', version: 1, problem: 'altered' });
  const holding = store();
  expect((await holding.changed(['feature/'], moment)).streams).toBeUndefined();
  expect(holding.isUnchangedSince(moment)).toBe(false);
  expect(await variant()).toMatchObject({ value: false });
  await release(gate.sideStore, 'feature/acme');
  expect((await store().changed(['feature/'], moment)).streams).toEqual([]);
});

test('a revocation that its feature’s stream could not take has every answer evaluated again', async () => {
  const gate = await openGate();
  await on(gate, 'acme');
  const ask = askingOf(gate.ports);
  expect((await ask({}, ['acme'])).flags).toMatchObject([{ value: true }]);
  const mayor = { key: 'acme', change: 1, requirement: 'mayor', holder: 'mayor', body: 'mayor', seat: 'mayor' };
  expect(await recordRevocation(gate.ports, 'r', { ...mayor, fileNumber: null, reason: null })).toMatchObject({ ok: true });
  expect((await ask({}, ['acme'])).flags).toMatchObject([{ value: false }]);
});

test('a clock that is set back has everything evaluated again', async () => {
  const gate = await openGate();
  gate.at('2026-03-02T13:00:00.000Z');
  await on(gate, 'acme');
  const ask = askingOf(gate.ports);
  expect((await ask({}, ['acme'])).flags).toMatchObject([{ value: true }]);
  gate.at('2026-03-02T12:00:00.000Z');
  expect((await ask({}, ['acme'])).flags).toMatchObject([{ value: false }]);
});
