import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordRevocation } from '../../../../../functions/gate/feature.ts';
import { evaluateKeys, KEYS_PER_TURN } from '../../../../../functions/gate/heads.ts';
import { hold, release } from '../../../../../functions/log/sequencer/logIndex.ts';
import { project } from '../../../../../functions/register/project.ts';
import type { ApiDeps } from '../../../../../functions/web/api/bind.ts';
import { bulkAnswers, bulkEvaluator } from '../../../../../functions/web/api/ofrep/bulk.ts';
import { flagJson } from '../../../../../functions/web/api/ofrep/flag.ts';
import type { Caller } from '../../../../../functions/web/http/tokens.ts';
import { believed } from '../../../../support/believed.ts';
import { type Gate, NOON, openGate } from '../../../openGate.ts';
import { carryOut, KEYS, step, TIMES } from '../../../randomSteps.ts';
import { CONTEXTS, counted, on, openTwo } from './twoProcesses.ts';

const MOMENT = { asOf: 'now', checkpoint: '7', leaseSeconds: 30 };

const askingOf = (ports: Gate['ports'], bytesMax?: number) => {
  const answers = bulkAnswers({ ports }, bytesMax);
  return async (context: (typeof CONTEXTS)[number], keys: readonly string[] = KEYS) => {
    const { digest, flags } = await answers({ off: new Map(), id: JSON.stringify(context), keys, context });
    return { digest, flags: JSON.parse(`[${(await flags(MOMENT)).join(',')}]`) as unknown[] };
  };
};

/** What a gate that keeps nothing answers. */
const anew = async (ports: Gate['ports'], context: (typeof CONTEXTS)[number]) =>
  [...(await evaluateKeys(ports, KEYS, context))].map(([key, evaluation]) => flagJson(key, evaluation, MOMENT));

test('what is kept is what would be evaluated, after whatever happened here or in another process', async () => {
  const action = fc.record({ step, elsewhere: fc.boolean(), context: fc.nat(CONTEXTS.length - 1) });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 4, maxLength: 12 }), async (actions) => {
      const { gate, switched, ports } = await openTwo();
      const ask = askingOf(ports);
      const contents = new Map<string, string>();
      for (const { step: each, elsewhere: there, context: index } of actions) {
        switched.there = there;
        await carryOut(gate, each);
        for (const now of [TIMES[each.now] ?? NOON, NOON]) {
          gate.at(now);
          const context = CONTEXTS[index] ?? {};
          const { digest, flags } = await ask(context);
          const expected = await anew(ports, context);
          expect(flags).toEqual(expected);
          // One digest is one content.
          const content = JSON.stringify(expected);
          expect(contents.get(digest) ?? content).toBe(content);
          contents.set(digest, content);
        }
        gate.at(NOON);
      }
    }),
    { numRuns: Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 15) },
  );
});

test('a stream that the sequencer holds is off at once when the list of held ones is read, and on when it is released', async () => {
  const gate = await openGate();
  await on(gate, 'acme');
  const variant = async (): Promise<unknown> => {
    const ask = askingOf({ ...gate.ports, store: believed(gate.ports.store, gate.sideStore) });
    return (await ask({}, ['acme'])).flags[0];
  };
  const store = () => believed({ ...gate.ports.store, isUnchangedSince: () => true }, gate.sideStore);
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

test('many keys take many turns of the event loop, each of which reads its keys, the vendor above them and the revocations', async () => {
  const gate = await openGate();
  const many = Array.from({ length: 20 * KEYS_PER_TURN }, (_, n) => `acme.f${n}`);
  const { store, read } = counted(gate.ports.store);
  let ended = false;
  void askingOf({ ...gate.ports, store })({}, many).then(() => {
    ended = true;
  });
  for (let before = 0; !ended; before = read()) {
    await setImmediate();
    expect(read() - before).toBeLessThanOrEqual(KEYS_PER_TURN + 2);
  }
  expect(read()).toBeGreaterThan(many.length);
});

test.each([
  ['those to others stay', undefined, false],
  ['above the limit those to others go', 1, true],
])('answers to the question asked last are kept however long they are; %s', async (_, bytesMax, isReadAgain) => {
  const gate = await openGate();
  const { store, read } = counted(gate.ports.store);
  const ask = askingOf({ ...gate.ports, store }, bytesMax);
  const isRead = async (agency?: string): Promise<boolean> => {
    const before = read();
    await ask(agency === undefined ? {} : { agencies: [agency] });
    return read() > before;
  };
  expect([await isRead(), await isRead(), await isRead('police'), await isRead()]).toEqual([true, false, true, isReadAgain]);
});

test('a context in which nothing is asked that an answer depends on has a tag of its own and reads no head', async () => {
  const gate = await openGate();
  await on(gate, 'acme');
  await project(gate.ports, 'feature/acme');
  const { store, read } = counted(gate.ports.store);
  const evaluateAll = bulkEvaluator({
    ports: { ...gate.ports, store },
    checkpoint: () => undefined,
    leaseSeconds: 30,
  } as unknown as ApiDeps);
  const ask = (context: object, ifNoneMatch?: string) =>
    evaluateAll({
      caller: { agencies: [] } as unknown as Caller,
      contentType: 'application/json',
      body: Buffer.from(JSON.stringify({ context })),
      ifNoneMatch,
    });
  const first = await ask({ targetingKey: 'one', agency: 'police' });
  const before = read();
  const second = await ask({ targetingKey: 'two', agency: 'police' });
  expect([second.status, second.body, read()]).toEqual([200, first.body, before]);
  expect(second.headers['etag']).not.toBe(first.headers['etag']);
  const tag = first.headers['etag'];
  expect((await ask({ targetingKey: 'two', agency: 'police' }, tag)).status).toBe(200);
  expect((await ask({ targetingKey: 'one', agency: 'police' }, tag)).status).toBe(304);
  expect(read()).toBe(before);
  expect((await ask({ targetingKey: 'one', agency: 'fire' }, tag)).status).toBe(200);
  const named = await ask({ agency: 'police', keys: ['acme.lpr', 'señal'] });
  expect(JSON.parse(String(named.body)).flags.map(({ key }: { key: string }) => key)).toEqual(['acme', 'acme.lpr', 'señal']);
  expect(read()).toBeGreaterThan(before);
});
