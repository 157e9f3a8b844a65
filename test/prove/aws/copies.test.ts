import { Decrypter } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import type { actorsOf } from '../../infra/aws/support/actors.ts';
import type { GateOnAws } from '../../infra/aws/support/gateOnAws.ts';
import { beginStage, withGateOnAws } from '../../infra/aws/support/opened.ts';
import { COPY_IDENTITY } from '../../infra/aws/support/templates.ts';

const DAY_MS = 24 * 60 * 60_000;
const SWEEP = { task: 'sweep' };
const FILES = ['aldergate.ndjson', 'aldergate.ndjson.private.age', 'checkpoint'];

let gate: GateOnAws;
let actors: ReturnType<typeof actorsOf>;

withGateOnAws((opened) => {
  ({ gate, actors } = opened);
});

/** The day in which a clock is that runs so many days ahead. */
const day = (aheadDays: number) => new Date(Date.now() + aheadDays * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);
const copied = (): readonly string[] => [...gate.cloud.objects.keys()].filter((place) => place.startsWith('CopyBucket/'));
const fileOf = (of: string, name: string) =>
  gate.cloud.objects.get(`CopyBucket/town/${of}/${name}`) ?? expect.fail(`no ${name} in ${copied().join()}`);
const readiness = async () => {
  // What is found is kept for a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const { statusCode, body } = await gate.request('GET', '/readyz');
  return { statusCode, notes: (JSON.parse(body).notes ?? []).map(({ code }: { readonly code: string }) => code) };
};
const copy = () => gate.invoke<{ readonly size: number; readonly folder: string } | undefined>('copies', SWEEP);

// What a copy is made of, and when, is in test/functions/log/dailyCopy.test.ts.

test('the copy of a day ends at the published checkpoint, and has everything private but what makes links', async () => {
  await beginStage(gate, actors);
  expect((await actors.vendor('acme')).status).toBe(202);
  await gate.pump();
  await gate.sweep();
  const made = day(0);
  const { length } = gate.cloud.asked;
  expect(await copy()).toMatchObject({ folder: made, size: expect.any(Number) });
  // A lease that is taken and given back, and the record of the copy.
  const writes = gate.cloud.asked.slice(length).filter((each) => /Put|Delete|Update/.test(each));
  expect(writes).toStrictEqual(['copies PutItem', 'copies PutItem', 'copies PutItem']);
  expect(fileOf(made, 'checkpoint').toString()).toBe((await gate.request('GET', '/log/checkpoint')).body);

  const encrypted = fileOf(made, 'aldergate.ndjson.private.age');
  expect(encrypted.toString('latin1')).not.toContain('city.example');
  const decrypter = new Decrypter();
  decrypter.addIdentity(COPY_IDENTITY);
  const lines = (await decrypter.decrypt(new Uint8Array(encrypted), 'text'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const secret = (name: string) => Buffer.from(gate.cloud.secrets.get(name) ?? '', 'base64').toString('base64');
  expect(lines[0].keys).toStrictEqual({ text: secret('TextKeySecret'), roster: secret('RosterSaltSecret') });
  const kinds = new Set(lines.slice(1, -1).map(({ kind }) => kind));
  for (const kind of ['directory', 'token', 'vendor', 'sent']) expect([...kinds]).toContain(kind);
  expect([...kinds]).not.toContain('link');
});

describe('a copy that is not made', () => {
  test('because the function is killed in the middle: no sums, and the next run makes it', async () => {
    await gate.restart(DAY_MS);
    const reached = Promise.withResolvers<void>();
    gate.cloud.failing.put = async (place) => {
      if (!place.includes('private')) return undefined;
      reached.resolve();
      return new Promise(() => undefined);
    };
    const killed = copy().catch(() => 'killed');
    await reached.promise;
    gate.cloud.failing.put = undefined;
    // The lease of the one that was killed has ended by then.
    await gate.restart(1.25 * DAY_MS);
    expect(await killed).toBe('killed');
    const sums = () => copied().filter((place) => place.endsWith('/sha256sums')).length;
    const before = sums();
    expect(await copy()).toMatchObject({ folder: day(1.25) });
    expect(sums()).toBe(before + 1);
    expect(fileOf(day(1.25), 'sha256sums').length).toBeGreaterThan(0);
  });

  test('for two days, whether its function runs or not: a note that leaves the gate ready, and a line each hour for the alarm', async () => {
    const lines = () => gate.log.join('').split('"event":"copies are old"').length - 1;
    const minutes = async (...planned: readonly string[]) => {
      for (const scheduled of planned) await gate.invoke('clock', { ...SWEEP, scheduled });
    };
    await minutes('2026-01-01T10:00:07Z');
    expect(lines()).toBe(0);
    await gate.restart(4.5 * DAY_MS);
    await gate.invoke('sequencer', SWEEP);
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
});

test('with copyTo it is another account’s bucket that has the copy, and nothing more than the copy', async () => {
  await gate.restart(6 * DAY_MS, { copyTo: 'arn:aws:s3:::county-archive' });
  const before = new Set(gate.cloud.objects.keys());
  expect(await copy()).toMatchObject({ folder: day(6) });
  expect([...gate.cloud.objects.keys()].filter((place) => !before.has(place))).toStrictEqual(
    [...FILES, 'sha256sums'].map((name) => `county-archive/town/${day(6)}/${name}`),
  );
});
