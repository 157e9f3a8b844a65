import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runConsumers } from '../../../functions/platform/feed/consumers.ts';
import { CorruptStore } from '../../../functions/platform/store/errors.ts';
import { runClock } from '../../../functions/reactions/clock/runClock.ts';
import { project, projector } from '../../../functions/register/project.ts';
import { rebuild } from '../../../functions/register/rebuild.ts';
import { failing, type Gate, NOON, openGate } from '../openGate.ts';

const dump = async ({ sideStore }: Gate) => [...(await sideStore.list('register')), ...(await sideStore.list('change'))];

test('what was thrown away comes back byte for byte', async () => {
  const gate = await openGate();
  for (const feature of ['acme', 'acme.lpr']) await gate.notice({ feature });
  expect(await rebuild(gate.ports)).toEqual({
    features: 2,
    changes: 2,
    differed: false,
    differences: [],
    unreadable: [],
    rows: [],
  });
  const built = await dump(gate);
  expect(built.length).toBe(4);
  for (const { id } of await gate.sideStore.list('change')) await gate.sideStore.remove('change', id);
  expect(await rebuild(gate.ports)).toMatchObject({ differed: true, differences: ['acme/0000001', 'acme.lpr/0000001'] });
  expect(await dump(gate)).toEqual(built);
});

test('the projector continues behind what was rebuilt, but tries what could not be read', async () => {
  let broken = true;
  const gate = await openGate({
    storeOf: (store) =>
      failing(store, (method, [stream]) =>
        broken && method === 'history' && stream === 'feature/acme.lpr' ? new CorruptStore('altered') : undefined,
      ),
  });
  for (const feature of ['acme', 'acme.lpr']) await gate.notice({ feature });
  const seen: string[] = [];
  const consumer = {
    ...projector(gate.ports),
    handle: async ({ stream }: { readonly stream: string }) => void seen.push(stream),
  };
  const sweep = () => runConsumers(gate.ports, [consumer]).sweep();
  expect(await rebuild(gate.ports)).toMatchObject({ unreadable: ['acme.lpr'] });
  broken = false;
  await rebuild(gate.ports);
  await sweep();
  expect(seen).toEqual([]);
  await gate.notice({ feature: 'acme.lpr', title: 'A second' });
  broken = true;
  await rebuild(gate.ports);
  broken = false;
  await sweep();
  expect(seen).toEqual(['feature/acme.lpr']);
});

test('lagging is not a difference; other content is', async () => {
  const gate = await openGate();
  await gate.notice({ title: 'The true title' });
  await project(gate.ports, 'feature/acme');
  const [old] = await gate.sideStore.list('change');
  const { digest } = await gate.notice();
  expect((await rebuild(gate.ports)).differed).toBe(false);
  await gate.certify('acme/2', digest);
  const forged = JSON.parse(JSON.stringify(old?.value).replaceAll('The true title', 'Another title'));
  await gate.sideStore.put('change', 'acme/0000001', forged);
  expect(await rebuild(gate.ports)).toMatchObject({ differed: true, differences: ['acme/0000001'] });
  expect((await gate.sideStore.list('change'))[0]).toEqual(old);
  expect((await rebuild(gate.ports)).differed).toBe(false);
});

test('what no commit speaks of goes away', async () => {
  const gate = await openGate();
  await gate.notice();
  await rebuild(gate.ports);
  const before = await dump(gate);
  await gate.sideStore.put('register', 'ghost', { any: 'thing' });
  await gate.sideStore.put('change', 'ghost/0000001', {});
  await gate.sideStore.put('change', 'acme/0000009', {});
  expect((await rebuild(gate.ports)).differences).toEqual(['ghost', 'ghost/0000001', 'acme/0000009']);
  expect(await dump(gate)).toEqual(before);
});

type Step = { readonly does: number; readonly n: number; readonly project: boolean; readonly days: number };

const STEP = fc.record({ does: fc.nat(9), n: fc.integer({ min: 1, max: 6 }), project: fc.boolean(), days: fc.nat(20) });

const act = async (gate: Gate, { does, n }: Step, digests: Map<number, string>, now: string): Promise<void> => {
  const digest = digests.get(n) ?? '';
  const id = `acme/${n}`;
  if (does <= 2) {
    const { change, digest: sent } = await gate.notice({ kind: does === 0 ? 'update' : 'new-feature', optOut: 'yes' });
    digests.set(Number(change.split('/')[1]), sent);
  } else if (does <= 4) await gate.certify(id, digest);
  else if (does === 5) await gate.sign(id, digest);
  else if (does === 6) await gate.sign(id, digest, { decision: 'refuse' });
  else if (does === 7) await gate.revoke(id);
  else if (does === 8) await gate.withdraw(id);
  else await runClock(gate.ports, now);
};

test('kept step by step or made at once, the register is the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 5, maxLength: 40 }), async (steps) => {
      const gate = await openGate();
      const digests = new Map<number, string>();
      let ms = Date.parse(NOON);
      for (const step of steps) {
        ms += step.days * 86_400_000;
        const now = new Date(ms).toISOString();
        gate.at(now);
        // Most random commands are refused; what counts is what the others left behind.
        await act(gate, step, digests, now).catch(() => undefined);
        if (step.project) await project(gate.ports, 'feature/acme');
      }
      await project(gate.ports, 'feature/acme');
      const kept = await dump(gate);
      expect((await rebuild(gate.ports)).differences).toEqual([]);
      expect(await dump(gate)).toEqual(kept);
    }),
    { numRuns: 40 },
  );
});
