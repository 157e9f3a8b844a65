import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordRevocation } from '../../../../../functions/gate/feature.ts';
import { evaluateKey } from '../../../../../functions/gate/heads.ts';
import { endToken } from '../../../../../functions/gate/tokens.ts';
import { hold, release } from '../../../../../functions/log/sequencer/logIndex.ts';
import { flagJson, momentText } from '../../../../../functions/web/api/ofrep/flag.ts';
import { flagEvaluator, keptFlags, look, stands } from '../../../../../functions/web/api/ofrep/keptFlags.ts';
import { createToken, credentials } from '../../../../../functions/web/http/tokens.ts';
import { believed } from '../../../../support/believed.ts';
import { type Gate, NOON, openGate } from '../../../openGate.ts';
import { carryOut, KEYS, step, TIMES } from '../../../randomSteps.ts';
import { CONTEXTS, counted, on, openTwo } from './twoProcesses.ts';

type Ports = Parameters<typeof keptFlags>[0];

const MOMENT = { asOf: 'now', checkpoint: undefined, leaseSeconds: 30 };

const flagIn = (text: string): unknown => JSON.parse(text + momentText(MOMENT));

const asking =
  (flagFor: ReturnType<typeof keptFlags>) =>
  async (key: string, context: (typeof CONTEXTS)[number] = {}): Promise<unknown> =>
    flagIn((await flagFor(key, context)).text);

const askingOf = (ports: Ports, flagsMax?: number) => asking(keptFlags(ports, flagsMax));

/** What a gate that keeps nothing answers. */
const anew = async (ports: Gate['ports'], key: string, context: (typeof CONTEXTS)[number]): Promise<unknown> =>
  flagJson(key, await evaluateKey(ports, key, context), MOMENT);

const MAYOR = { requirement: 'mayor', holder: 'mayor', body: 'mayor', seat: 'mayor', fileNumber: null, reason: null };

/** What befalls a gate besides commands: each makes answers `false`, or lets them be what they were. */
const EVENTS = ['hold', 'release', 'record a revocation', 'alter', 'mend'] as const;

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
    fc.asyncProperty(fc.array(action, { minLength: 4, maxLength: 12 }), async (actions) => {
      const { gate, switched, path, ports } = await openTwo();
      // A hold is found when the list is read the next time; a new reader reads it at once.
      const wrapped = () => ({ ...ports, store: believed(ports.store, gate.sideStore) });
      let asked = wrapped();
      const current: Ports = {
        get store() {
          return asked.store;
        },
        clock: ports.clock,
      };
      const flagFor = keptFlags(current);
      const ask = asking(flagFor);
      const raw = new DatabaseSync(path, { timeout: 3_000 });
      const happen = async (event: (typeof EVENTS)[number], key: string): Promise<void> => {
        const stream = `feature/${key}`;
        if (event === 'hold') await hold(gate.sideStore, { stream, version: 1, problem: 'may not stand' });
        else if (event === 'release') await release(gate.sideStore, stream);
        else if (event === 'record a revocation') await recordRevocation(gate.ports, `r/${key}`, { ...MAYOR, key, change: 1 });
        else if (event === 'alter')
          raw.prepare("UPDATE commits SET state = state || ' ' WHERE stream = ? AND state NOT LIKE '% '").run(stream);
        else raw.prepare('UPDATE commits SET state = rtrim(state) WHERE stream = ?').run(stream);
        // Another process cannot act within a turn of this one.
        await setImmediate();
        asked = wrapped();
      };
      for (const key of ['acme', 'acme.lpr']) await on(gate, key);
      expect(await ask('acme.lpr')).toMatchObject({ value: true });
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
          for (const feature of KEYS) {
            const answer = await ask(feature, context);
            const expected = await anew({ ...gate.ports, ...asked }, feature, context);
            expect(answer).toEqual(expected);
            // Asked again at once it is given without a look at the store.
            const again = flagFor(feature, context);
            if (!(again instanceof Promise)) atOnce += 1;
            expect(flagIn((await again).text)).toEqual(expected);
          }
        }
        gate.at(NOON);
      }
      raw.close();
    }),
    { numRuns: Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 15) },
  );
  if (process.platform === 'linux') expect(atOnce).toBeGreaterThan(100);
});

test('the next answer after a revocation by another process is false', async () => {
  const { gate, switched, ports } = await openTwo();
  const ask = askingOf(ports);
  for (let round = 1; round <= 5; round += 1) {
    switched.there = false;
    await on(gate, 'acme');
    for (let time = 0; time < 2; time += 1) expect(await ask('acme')).toMatchObject({ value: true });
    switched.there = true;
    await gate.revoke(`acme/${round}`);
    expect(await ask('acme')).toMatchObject({ value: false, variant: 'revoked' });
  }
});

test.runIf(process.platform === 'linux')('a basis stands while nothing is written, and not before its own instant', async () => {
  const { gate, switched, ports } = await openTwo();
  const { basis } = await look(ports, undefined);
  expect(stands(ports, basis, NOON)).toBe(true);
  expect(stands(ports, basis, '2026-03-02T11:59:59.999Z')).toBe(false);
  switched.there = true;
  await gate.notice({ feature: 'acme' });
  expect(stands(ports, basis, NOON)).toBe(false);
});

test('a kept answer needs a valid token, and is no answer for another agency', async () => {
  const gate = await openGate();
  await on(gate, 'acme');
  const tokens = await Promise.all(
    [['police'], ['fire']].map((agencies, index) =>
      createToken(gate.ports, { name: `it-${index}`, scopes: ['state:read'], agencies }),
    ),
  );
  let ms = 0;
  const deps = { ports: gate.ports, logger: () => undefined, checkpoint: () => undefined, leaseSeconds: 30 };
  const evaluate = flagEvaluator({ ...deps, authenticate: credentials(gate.ports, () => ms) } as never, keptFlags(gate.ports));
  const ask = async (token: string, agency: string) => {
    const headers: Readonly<Record<string, string>> = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = async () => Buffer.from(JSON.stringify({ context: { agency } }));
    const { status, body: text } = await evaluate({ key: 'acme', header: (name) => headers[name], body });
    return { status, enabled: (JSON.parse(text) as { value?: boolean }).value };
  };
  const [police, fire] = tokens.map(({ token }) => token) as [string, string];
  const { digest } = await gate.notice({ feature: 'acme', version: '2' });
  const terms = { from: null, until: null, audience: ['police'], conditions: null, maintenance: false };
  await gate.certify('acme/2', digest, { terms });
  await gate.sign('acme/2', digest, { terms });
  expect(await ask(police, 'police')).toEqual({ status: 200, enabled: true });
  expect(await ask(fire, 'fire')).toEqual({ status: 200, enabled: false });
  expect(await ask(fire, 'police')).toEqual({ status: 200, enabled: false });
  await endToken(gate.ports, tokens[0]?.id ?? '');
  ms += 1_001;
  expect(await ask(police, 'police')).toEqual({ status: 401, enabled: undefined });
  expect(await ask(fire, 'police')).toEqual({ status: 200, enabled: false });
});

test('above the limit the answer kept first is dropped', async () => {
  const gate = await openGate();
  const { store, read } = counted(gate.ports.store);
  const ask = askingOf({ ...gate.ports, store }, 1);
  const isRead = async (key: string): Promise<boolean> => {
    const before = read();
    await ask(key);
    return read() > before;
  };
  const asked = [await isRead('acme'), await isRead('acme'), await isRead('other'), await isRead('acme')];
  expect(asked).toEqual([true, false, true, true]);
});

test('a kept answer ends with its approval once anything was committed after that, though the clock is put back', async () => {
  const gate = await openGate();
  await on(gate, 'acme');
  const ask = askingOf(gate.ports);
  // The approval ends after a year, at noon.
  gate.at('2027-03-02T11:58:00.000Z');
  for (let time = 0; time < 2; time += 1) expect(await ask('acme')).toMatchObject({ value: true });
  gate.at('2027-03-02T12:00:01.000Z');
  await gate.notice({ feature: 'other' });
  gate.at('2027-03-02T11:58:00.000Z');
  expect(await ask('acme')).toMatchObject({ value: false, variant: 'expired' });
});
