import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EvaluationContext } from '../../../../../domain/feature/evaluate.ts';
import { NO_TERMS } from '../../../../../domain/feature/terms.ts';
import { evaluateKeys } from '../../../../../functions/gate/heads.ts';
import { endToken } from '../../../../../functions/gate/tokens.ts';
import { hold, release } from '../../../../../functions/log/sequencer/logIndex.ts';
import type { Store } from '../../../../../functions/platform/store/port.ts';
import { KEYS_PER_TURN } from '../../../../../functions/platform/turns.ts';
import { project } from '../../../../../functions/register/project.ts';
import type { ApiDeps } from '../../../../../functions/web/api/bind.ts';
import { bulkEvaluator } from '../../../../../functions/web/api/ofrep/bulk.ts';
import { flagJson } from '../../../../../functions/web/api/ofrep/flag.ts';
import {
  type BasisPorts,
  flagEvaluator,
  isStillCurrent,
  keptFlags,
  questionId,
  revalidate,
} from '../../../../../functions/web/api/ofrep/keptFlags.ts';
import { type Caller, createToken, credentials } from '../../../../../functions/web/http/tokens.ts';
import { believed } from '../../../../support/believed.ts';
import { runs } from '../../../../support/proof.ts';
import { type Gate, NOON, openGate } from '../../../openGate.ts';
import { carryOut, KEYS, step, TIMES } from '../../../randomSteps.ts';
import { CONTEXTS, counted, flagIn, MOMENT, on, openTwo } from './twoProcesses.ts';

type Context = EvaluationContext;

const NONE = new Map();

/** Asks for one key and for many; `atOnce`: whether the answer for one came without a look at the store. */
const askingOf = (ports: BasisPorts, flagsMax?: number) => {
  const { one, many } = keptFlags({ ports }, flagsMax);
  return {
    one: async (key: string, context: Context = {}) => flagIn(await one(key, context)),
    atOnce: (key: string, context: Context) => !(one(key, context) instanceof Promise),
    many: async (context: Context = {}, keys: readonly string[] = KEYS) => {
      const { digest, flags } = await many({ id: questionId(context), keys, off: NONE, context });
      return { digest, flags: [...flags.values()].map(flagIn) };
    },
  };
};

/** Events of a gate besides commands: each makes answers `false`, or as they were. */
const EVENTS = ['hold', 'release', 'record a revocation', 'alter', 'mend'] as const;

/** A gate on a file that two processes have open, read as the sequencer believes it or plainly, and the events that it can have. */
const gateOfTwo = async (isBelieved = true) => {
  const { gate, switched, path, ports } = await openTwo();
  // A hold is found when the list is read the next time; a new reader reads it at once.
  const wrapped = () => (isBelieved ? believed(ports.store, gate.sideStore) : ports.store);
  let store = wrapped();
  const current: BasisPorts = {
    get store() {
      return store;
    },
    clock: ports.clock,
  };
  const raw = new DatabaseSync(path, { timeout: 3_000 });
  const happen = async (event: (typeof EVENTS)[number], key: string) => {
    const stream = `feature/${key}`;
    if (event === 'hold') await hold(gate.ports, [{ stream, version: 1, problem: 'may not stand' }]);
    else if (event === 'release') await release(gate.sideStore, stream);
    else if (event === 'record a revocation') await gate.revokeBeside(`${key}/1`, `r/${key}`);
    else if (event === 'alter')
      raw.prepare("UPDATE commits SET state = state || ' ' WHERE stream = ? AND state NOT LIKE '% '").run(stream);
    else raw.prepare('UPDATE commits SET state = rtrim(state) WHERE stream = ?').run(stream);
    // Another process cannot act within a turn of this one.
    await setImmediate();
    store = wrapped();
  };
  return { gate, switched, current, happen, close: () => raw.close() };
};

test('what is kept is what would be evaluated, whatever happens here, in another process or to the file', async () => {
  let atOnce = 0;
  const action = fc.record({
    step: fc.option(step, { freq: 3 }),
    event: fc.constantFrom(...EVENTS),
    key: fc.constantFrom(...KEYS),
    elsewhere: fc.boolean(),
    now: fc.constantFrom(...TIMES),
    context: fc.constantFrom(...CONTEXTS),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 4, maxLength: 12 }), fc.boolean(), async (actions, isBelieved) => {
      const { gate, switched, current, happen, close } = await gateOfTwo(isBelieved);
      const ask = askingOf(current);
      const contents = new Map<string, string>();
      const check = async (context: Context) => {
        const evaluated = await evaluateKeys({ ...gate.ports, store: current.store }, KEYS, context);
        const expected = new Map([...evaluated].map(([key, evaluation]) => [key, flagJson(key, evaluation, MOMENT)]));
        for (const key of KEYS) {
          expect(await ask.one(key, context)).toEqual(expected.get(key));
          if (ask.atOnce(key, context)) atOnce += 1;
          expect(await ask.one(key, context)).toEqual(expected.get(key));
        }
        for (let time = 0; time < 2; time += 1) {
          const { digest, flags } = await ask.many(context);
          expect(flags).toEqual([...expected.values()]);
          // One digest is one content.
          const content = JSON.stringify(flags);
          expect(contents.get(digest) ?? content).toBe(content);
          contents.set(digest, content);
        }
      };
      for (const key of ['acme', 'acme.lpr']) await on(gate, key);
      expect(await ask.one('acme.lpr')).toMatchObject({ value: true });
      for (const { step: each, event, key, elsewhere, now, context } of actions) {
        switched.there = elsewhere;
        try {
          if (each === null) await happen(event, key);
          else await carryOut(gate, each);
        } catch {
          // A stream that was altered takes no command.
        }
        for (const instant of [now, NOON]) {
          gate.at(instant);
          await check(context);
        }
        gate.at(NOON);
      }
      close();
    }),
    { numRuns: runs(5) },
  );
  if (process.platform === 'linux') expect(atOnce).toBeGreaterThan(30);
});

test('a question that was under way while another found a change keeps nothing of before', async () => {
  const { gate, current, close } = await gateOfTwo();
  await on(gate, 'acme');
  const held = Promise.withResolvers<void>();
  let waits = true;
  const store = new Proxy<Store>(current.store, {
    get: (target, name: keyof Store) =>
      name !== 'head'
        ? target[name]
        : async (stream: string) => {
            const head = await target.head(stream);
            if (waits && stream === 'feature/acme') await held.promise;
            return head;
          },
  });
  const ask = askingOf({ ...current, store });
  const early = ask.one('acme');
  await setImmediate();
  waits = false;
  await gate.revoke('acme/1');
  expect(await ask.one('other')).toMatchObject({ value: false });
  held.resolve();
  await early;
  expect(await ask.one('acme')).toMatchObject({ value: false, variant: 'revoked' });
  close();
});

test.each<readonly [string, (gate: Gate) => unknown]>([
  ['a revocation above the key', (gate) => gate.revoke('acme/1')],
  ['a revocation that its feature’s stream could not take', (gate) => gate.revokeBeside('acme.lpr/1')],
  ['a clock that is set back to before the approval', (gate) => gate.at('2026-03-02T12:00:00.000Z')],
])('the next answer after %s is false, for one key and for many', async (_, happen) => {
  const gate = await openGate();
  gate.at('2026-03-02T13:00:00.000Z');
  const { one, many } = askingOf(gate.ports);
  for (const key of ['acme', 'acme.lpr']) await on(gate, key);
  const values = async () => [await one('acme.lpr'), ...(await many({}, ['acme.lpr'])).flags];
  expect(await values()).toMatchObject([{ value: true }, { value: true }]);
  await happen(gate);
  expect(await values()).toMatchObject([{ value: false }, { value: false }]);
});

test.runIf(process.platform === 'linux')('a basis stands while nothing is written, and not before its own instant', async () => {
  const { gate, switched, ports } = await openTwo();
  const { basis } = await revalidate(ports, undefined);
  expect(isStillCurrent(ports, basis, NOON)).toBe(true);
  expect(isStillCurrent(ports, basis, '2026-03-02T11:59:59.999Z')).toBe(false);
  switched.there = true;
  await gate.notice({ feature: 'acme' });
  expect(isStillCurrent(ports, basis, NOON)).toBe(false);
});

test('a kept answer needs a valid token, and is no answer for another agency', async () => {
  const gate = await openGate();
  await on(gate, 'acme');
  const tokens = await Promise.all(
    ['police', 'fire'].map((name) => createToken(gate.ports, { name, scopes: ['state:read'], agencies: [name] })),
  );
  let ms = 0;
  const deps = { ports: gate.ports, logger: () => undefined, checkpoint: () => undefined, leaseSeconds: 30 };
  const evaluate = flagEvaluator(
    { ...deps, authenticate: credentials(gate.ports, { wallMs: () => ms, monotonicMs: () => ms }) } as never,
    keptFlags({ ports: gate.ports }),
  );
  const ask = async (token: string, agency: string) => {
    const headers: Readonly<Record<string, string>> = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = async () => Buffer.from(JSON.stringify({ context: { agency } }));
    const { status, body: text } = await evaluate({ key: 'acme', header: (name) => headers[name], body });
    return [status, (JSON.parse(text) as { value?: boolean }).value];
  };
  const [police, fire] = tokens.map(({ token }) => token) as [string, string];
  await gate.approve({ feature: 'acme', version: '2' }, { terms: { ...NO_TERMS, audience: ['police'] } });
  expect(await ask(police, 'police')).toEqual([200, true]);
  for (const agency of ['fire', 'police']) expect(await ask(fire, agency)).toEqual([200, false]);
  await endToken(gate.ports, tokens[0]?.id ?? '');
  ms += 1_001;
  expect(await ask(police, 'police')).toEqual([401, undefined]);
  expect(await ask(fire, 'police')).toEqual([200, false]);
});

test.each([
  ['those to others stay', undefined, false],
  ['above the limit those to others go', KEYS.length, true],
])('answers to the question asked last are kept; %s', async (_, flagsMax, isReadAgain) => {
  const gate = await openGate();
  const { store, read } = counted(gate.ports.store);
  const { many } = askingOf({ ...gate.ports, store }, flagsMax);
  const isRead = async (version?: string) => {
    const before = read();
    await many(version === undefined ? {} : { version });
    return read() > before;
  };
  expect([await isRead(), await isRead(), await isRead('2'), await isRead()]).toEqual([true, false, true, isReadAgain]);
});

test('what is the same for all is evaluated for one; what is for named agencies, for each', async () => {
  const gate = await openGate();
  for (const key of ['acme', 'other']) await on(gate, key);
  await gate.approve({ feature: 'acme', version: '2' }, { terms: { ...NO_TERMS, audience: ['police'] } });
  const { store, read } = counted(gate.ports.store);
  const { many } = askingOf({ ...gate.ports, store });
  const ask = async (context: Context, keys: readonly string[]) => {
    const before = read();
    const { flags } = await many(context, keys);
    return [flags.map(({ value }) => value), read() - before];
  };
  const both = ['acme', 'other'];
  // The revocations are read with each part.
  expect(await ask({}, both)).toEqual([[false, true], 3]);
  expect(await ask({ agencies: ['police'] }, both)).toEqual([[true, true], 2]);
  expect(await ask({ agencies: ['fire'] }, both)).toEqual([[false, true], 2]);
  expect(await ask({ agencies: ['parks'] }, ['other'])).toEqual([[true], 0]);
  expect(await ask({ agencies: ['police'], own: ['fire'] }, both)).toEqual([[false, false], 3]);
  expect(await ask({ agencies: ['police'], own: ['police'] }, both)).toEqual([[true, true], 2]);
  expect(await ask({ version: '2' }, both)).toEqual([[false, false], 3]);
});

test.each<readonly [string, (gate: Gate) => unknown]>([
  ['a revocation', (gate) => gate.revoke('acme/1')],
  ['a clock that is set back to before the approval', (gate) => gate.at('2026-03-02T12:00:00.000Z')],
])('after %s between two looks at the store nothing is taken from another context', async (_, happen) => {
  const gate = await openGate();
  gate.at('2026-03-02T13:00:00.000Z');
  await on(gate, 'acme');
  let looks = 0;
  let isEnding = false;
  const store = new Proxy<Store>(gate.ports.store, {
    get: (target, name: keyof Store) =>
      name !== 'newestAt'
        ? target[name]
        : async () => {
            const found = await target.newestAt();
            looks += 1;
            if (isEnding && looks === 2) await happen(gate);
            return found;
          },
  });
  const { many } = askingOf({ ...gate.ports, store });
  const value = async (agency: string) => (await many({ agencies: [agency] }, ['acme'])).flags.map((flag) => flag.value);
  expect(await value('fire')).toEqual([true]);
  [looks, isEnding] = [0, true];
  expect([await value('police'), await value('police'), await value('fire')]).toEqual([[false], [false], [false]]);
});

test('contexts whose evaluation fails take room, too: they do not pile up', async () => {
  const gate = await openGate();
  const { store, read } = counted(gate.ports.store);
  let fails = false;
  const away: typeof store = {
    ...store,
    head: (stream) => (fails ? Promise.reject(new Error('away')) : store.head(stream)),
  };
  const { many } = askingOf({ ...gate.ports, store: away }, 2 * KEYS.length);
  await many({});
  fails = true;
  for (let n = 0; n < 2 * KEYS.length; n += 1) await expect(many({ agencies: [`agency-${n}`] })).rejects.toThrow('away');
  fails = false;
  const before = read();
  await many({});
  expect(read()).toBeGreaterThan(before);
});

test('a kept answer ends with its approval once anything was committed after that, though the clock is put back', async () => {
  const gate = await openGate();
  await on(gate, 'acme');
  const { one: ask } = askingOf(gate.ports);
  // The approval ends after a year, at noon.
  gate.at('2027-03-02T11:58:00.000Z');
  for (let time = 0; time < 2; time += 1) expect(await ask('acme')).toMatchObject({ value: true });
  gate.at('2027-03-02T12:00:01.000Z');
  await gate.notice({ feature: 'other' });
  gate.at('2027-03-02T11:58:00.000Z');
  // Another question looks first, and finds no other head of this one.
  await ask('nobody');
  expect(await ask('acme')).toMatchObject({ value: false, variant: 'expired' });
});

test('a stream that the sequencer holds is off at once when the list of held ones is read, and on when it is released', async () => {
  const gate = await openGate();
  await on(gate, 'acme');
  const variant = () => askingOf({ ...gate.ports, store: believed(gate.ports.store, gate.sideStore) }).one('acme');
  const store = () => believed({ ...gate.ports.store, isUnchangedSince: () => true }, gate.sideStore);
  expect(await variant()).toMatchObject({ value: true });
  const { moment } = await store().changed(['feature/'], undefined);
  expect((await store().changed(['feature/'], moment)).streams).toEqual([]);
  const held = store();
  expect(held.isUnchangedSince(moment)).toBe(false);
  await held.changed(['feature/'], moment);
  expect(held.isUnchangedSince(moment)).toBe(true);
  await hold(gate.ports, [{ stream: 'feature/acme', version: 1, problem: 'altered' }]);
  const holding = store();
  expect((await holding.changed(['feature/'], moment)).streams).toBeUndefined();
  expect(holding.isUnchangedSince(moment)).toBe(false);
  expect(await variant()).toMatchObject({ value: false });
  await release(gate.sideStore, 'feature/acme');
  expect((await store().changed(['feature/'], moment)).streams).toEqual([]);
});

test('many keys take many turns of the event loop, each of which reads its keys, the vendor above them and the revocations', async () => {
  const gate = await openGate();
  const many = Array.from({ length: 20 * KEYS_PER_TURN }, (_, n) => `acme.f${n}`);
  const { store, read } = counted(gate.ports.store);
  let ended = false;
  void askingOf({ ...gate.ports, store })
    .many({}, many)
    .then(() => {
      ended = true;
    });
  for (let before = 0; !ended; before = read()) {
    await setImmediate();
    expect(read() - before).toBeLessThanOrEqual(KEYS_PER_TURN + 2);
  }
  expect(read()).toBeGreaterThan(many.length);
});

test('a context in which nothing is asked that an answer depends on has a tag of its own and reads no head', async () => {
  const gate = await openGate();
  await on(gate, 'acme');
  await project(gate.ports, 'feature/acme');
  const { store, read } = counted(gate.ports.store);
  const ports = { ...gate.ports, store };
  const deps = { ports, checkpoint: () => undefined, leaseSeconds: 30 } as unknown as ApiDeps;
  const evaluateAll = bulkEvaluator(deps, keptFlags({ ports }));
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
