import { expect, test } from 'vitest';
import { type actorsOf, POLICY } from '../../infra/aws/support/actors.ts';
import type { GateOnAws } from '../../infra/aws/support/gateOnAws.ts';
import { beginStage, withGateOnAws } from '../../infra/aws/support/opened.ts';

const DAY_MS = 24 * 60 * 60_000;
const SWEEP = { task: 'sweep' };
const FILES = ['aldergate.ndjson', 'aldergate.ndjson.private.age', 'checkpoint'];

let gate: GateOnAws;
let actors: ReturnType<typeof actorsOf>;

withGateOnAws((opened) => {
  ({ gate, actors } = opened);
});

/** The day in which a clock is that runs so many days ahead. */
const day = (aheadDays: number): string => new Date(Date.now() + aheadDays * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);
const copied = (): readonly string[] => [...gate.cloud.objects.keys()].filter((place) => place.startsWith('CopyBucket/'));
const readiness = async () => {
  // What is found is kept for a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const { statusCode, body } = await gate.request('GET', '/readyz');
  return { statusCode, notes: (JSON.parse(body).notes ?? []).map(({ code }: { readonly code: string }) => code) };
};
const copy = () => gate.invoke<{ readonly size: number; readonly folder: string } | undefined>('copies', SWEEP);

test('while the stage is closed nothing is copied', async () => {
  expect(await copy()).toBeUndefined();
  expect(copied()).toStrictEqual([]);
});

test('the copy of a day is noted as missing until it is made, and the gate is ready all the same', async () => {
  await beginStage(gate, actors);
  expect((await actors.operator('POST', '/v1/policy', { policy: POLICY })).status).toBe(200);
  expect((await actors.vendor('acme')).status).toBe(202);
  await gate.pump();
  await gate.sweep();
  expect(await readiness()).toStrictEqual({ statusCode: 200, notes: ['no-copies'] });
  const { length } = gate.cloud.asked;
  expect(await copy()).toMatchObject({ folder: day(0), size: expect.any(Number) });
  const writes = gate.cloud.asked.slice(length).filter((each) => /Put|Delete|Update/.test(each));
  // A lease that is taken and given back, and the record of the copy.
  expect(writes).toStrictEqual(['copies PutItem', 'copies PutItem', 'copies PutItem']);
  expect(await readiness()).toStrictEqual({ statusCode: 200, notes: [] });
});

test('one that was not made for two days is noted, whether its function runs or not, with a line each hour for the alarm', async () => {
  const lines = () => gate.log.join('').split('"event":"copies are old"').length - 1;
  const minutes = async (...planned: readonly string[]) => {
    for (const scheduled of planned) await gate.invoke('clock', { ...SWEEP, scheduled });
  };
  await minutes('2026-01-01T10:00:07Z');
  expect(lines()).toBe(0);
  await gate.restart(4.5 * DAY_MS);
  // Nothing else ran meanwhile, which is noted, too.
  expect((await readiness()).notes).toContain('copies-old');
  expect(lines()).toBe(0);
  await minutes('2026-01-01T10:59:07Z', '2026-01-01T11:00:07Z', '2026-01-01T11:01:07Z', '2026-01-01T12:00:07Z');
  expect(lines()).toBe(2);
  await copy();
  await minutes('2026-01-01T13:00:07Z');
  expect(lines()).toBe(2);
  expect((await readiness()).notes).not.toContain('copies-old');
});

test('with copyTo it is another account’s bucket that has the copy, and nothing more than the copy', async () => {
  await gate.restart(6 * DAY_MS, { copyTo: 'arn:aws:s3:::county-archive' });
  const before = new Set(gate.cloud.objects.keys());
  expect(await copy()).toMatchObject({ folder: day(6) });
  expect([...gate.cloud.objects.keys()].filter((place) => !before.has(place))).toStrictEqual(
    [...FILES, 'sha256sums'].map((name) => `county-archive/town/${day(6)}/${name}`),
  );
});
