import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readPublished } from '../../../../functions/log/sequencer/publicFiles.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import {
  cosignPublished,
  quorumCheck,
  seenBy,
  type WitnessPolicy,
  withWitnesses,
} from '../../../../functions/log/sequencer/witnesses.ts';
import { openWitness, witnessServer } from '../../../../infra/cli/commands/witness.ts';
import { folderOfTest } from '../../../support/folders.ts';
import { listened } from '../../../support/listened.ts';
import { answering as serving } from '../../../support/listening.ts';
import { type Bench, bench, newSigner } from './ports.ts';

/** A witness that watches the log of the bench; `sees` tells it of no other. */
const witness = async (ports: Bench, name = 'witness.example', watches = ports.signer.key.name) => {
  const folder = folderOfTest('cosign');
  const state = openWitness(folder, name);
  const server = witnessServer(state, [{ origin: watches, keys: [ports.signer.key] }], (error) =>
    ports.logger({ level: 'error', event: String(error) }),
  );
  const { url, close } = await listened(server);
  onTestFinished(close);
  return { url, key: state.key };
};

/** A server that answers everything alike; it counts, and keeps the size from which it is asked. */
const answering = async (status: number, body = '', type = 'text/plain') => {
  const olds: string[] = [];
  const url = await serving((request, response) => {
    void text(request).then((asked) => {
      olds.push(asked.split('\n', 1)[0] ?? '');
      response.writeHead(status, { 'content-type': type }).end(body);
    });
  });
  return { url, asked: () => olds.length, olds };
};

const cosigned = async (ports: Bench, { witnesses }: WitnessPolicy) =>
  (await readPublished(ports.blobs, ports.signer))?.cosignatures(witnesses.map(({ key }) => key)).map(({ key }) => key.name) ??
  [];

test('every checkpoint is cosigned after it is published, from what the witness has, and no witness is asked twice', async () => {
  const ports = bench();
  const policy = { witnesses: [await witness(ports), await witness(ports, 'other.example')], quorum: 0 };
  const asked = vi.spyOn(globalThis, 'fetch');
  for (const count of [1, 300, 5]) {
    await ports.write('policy', count);
    await sequence(ports);
    expect(await cosigned(ports, policy)).toEqual([]);
    await cosignPublished(ports, policy);
    expect(await cosigned(ports, policy)).toEqual(['witness.example', 'other.example']);
    const bytes = readFileSync(join(ports.folder, 'checkpoint'));
    await cosignPublished(ports, policy);
    expect(readFileSync(join(ports.folder, 'checkpoint'))).toEqual(bytes);
  }
  expect(ports.logged).toEqual([]);
  expect(asked).toHaveBeenCalledTimes(6);
  await sequence(ports);
  expect(await cosigned(ports, policy)).toHaveLength(2);
});

test('409: a witness that has more or less than was believed is asked again from there', async () => {
  const ports = bench();
  const policy = { witnesses: [await witness(ports)], quorum: 0 };
  const publish = async (count: number) => {
    await ports.write('policy', count);
    await sequence(ports);
    await cosignPublished(ports, policy);
  };
  await publish(3);
  for (const { id } of await ports.sideStore.list('log-witness')) await ports.sideStore.remove('log-witness', id);
  await publish(4);
  expect(await cosigned(ports, policy)).toEqual(['witness.example']);
});

test('a witness that has seen a longer log than there is: said aloud, and nothing is cosigned', async () => {
  const ports = bench();
  const { url } = await answering(409, '999\n', 'text/x.tlog.size');
  const policy = { witnesses: [{ url, key: (await witness(ports)).key }], quorum: 0 };
  await ports.write('policy');
  await sequence(ports);
  await cosignPublished(ports, policy);
  expect(ports.logged).toMatchObject([{ event: 'witness did not cosign', error: expect.stringContaining('999 entries') }]);
});

test('a witness has seen this log if it cosigns it, or an earlier one; any other size is of another; a page of a proxy says nothing', async () => {
  const ports = bench();
  const real = await witness(ports);
  await ports.write('policy', 3);
  await sequence(ports);
  const checkpoint = await readPublished(ports.blobs, ports.signer);
  if (checkpoint === undefined) throw new Error('nothing is published');
  const { size } = checkpoint;
  expect(await seenBy(ports, real, checkpoint)).toEqual({ size: 0, of: 'earlier' });
  await cosignPublished(ports, { witnesses: [real], quorum: 0 });
  expect(await seenBy(ports, real, checkpoint)).toEqual({ size, of: 'this' });
  for (const [seen, of] of [
    [size + 1, 'later'],
    [size, 'another'],
    [size - 1, 'another'],
  ] as const) {
    const { url } = await answering(409, `${seen}\n`, 'text/x.tlog.size');
    expect(await seenBy(ports, { url, key: real.key }, checkpoint)).toEqual({ size: seen, of });
  }
  for (const status of [409, 422]) {
    const { url } = await answering(status, `${size}\n`);
    expect(await seenBy(ports, { url, key: real.key }, checkpoint)).toBeUndefined();
    const forked = await serving((request, response) => {
      void text(request).then((asked) => {
        if (asked.startsWith(`old ${size}\n`)) response.writeHead(status).end();
        else response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end(`${size}\n`);
      });
    });
    expect(await seenBy(ports, { url: forked, key: real.key }, checkpoint)).toEqual({ size, of: 'another' });
  }
  await ports.write('policy', 2);
  const grown = (await sequence(ports)) ?? checkpoint;
  expect(await seenBy(ports, real, grown)).toEqual({ size, of: 'earlier' });
});

test.each([
  ['403', 403, `no${' more'.repeat(50)}`, `answered 403: no${' more'.repeat(39)} mo`],
  ['422', 422, '', 'answered 422: '],
  ['a 200 with the line of a stranger', 200, '— stranger.example AAAAAAAAAAAA\n', 'no known key signed the note'],
  ['a 200 with nonsense', 200, 'thanks', 'signature lines end in a newline'],
  ['a 409 without a size', 409, 'perhaps\n', 'answered 409: perhaps'],
])('%s: publication goes on, the witness is left in peace, then asked again', async (_, status, body, error) => {
  const real = bench();
  let now = Date.parse('2026-03-02T12:00:00.000Z');
  const uncosigned = vi.fn(async () => undefined);
  const ports = { ...real, uncosigned, clock: () => new Date(now).toISOString() };
  const { url, asked, olds } = await answering(status, body);
  const policy = { witnesses: [{ url, key: (await witness(ports)).key }], quorum: 0 };
  await ports.write('policy');
  expect((await sequence(withWitnesses(ports, policy)))?.size).toBe(1);
  for (let i = 0; i < 3; i += 1) await cosignPublished(ports, policy);
  expect(ports.logged).toMatchObject([{ event: 'witness did not cosign', error }]);
  expect(asked()).toBe(1);
  expect(uncosigned).toHaveBeenCalledTimes(1);
  now += 1_000;
  await cosignPublished(ports, policy);
  expect(asked()).toBe(2);
  now += 1_999;
  await cosignPublished(ports, policy);
  expect(olds).toEqual(['old 0', 'old 0']);
  expect(await cosigned(ports, policy)).toEqual([]);
});

test('a witness that failed while the clock ran ahead is asked again once it is put right', async () => {
  const real = bench();
  let now = Date.parse('2099-03-02T12:00:00.000Z');
  const ports = { ...real, clock: () => new Date(now).toISOString() };
  const { url, asked } = await answering(500);
  const policy = { witnesses: [{ url, key: (await witness(ports)).key }], quorum: 0 };
  await real.write('policy');
  await sequence(real);
  await cosignPublished(ports, policy);
  now = Date.parse('2026-03-02T12:00:00.000Z');
  await cosignPublished(ports, policy);
  await cosignPublished(ports, policy);
  expect(asked()).toBe(2);
});

test('a checkpoint that other keys signed is shown to no witness', async () => {
  const ports = bench();
  const { url, asked } = await answering(200);
  await ports.write('policy');
  await sequence(ports);
  const policy = { witnesses: [{ url, key: (await witness(ports)).key }], quorum: 0 };
  await cosignPublished({ ...ports, signer: newSigner() }, policy);
  expect(asked()).toBe(0);
});

test('a quorum: nothing is published before enough have cosigned, and what waited is published later', async () => {
  const real = bench();
  let now = Date.parse('2026-03-02T12:00:00.000Z');
  const ports = { ...real, clock: () => new Date(now).toISOString() };
  const good = await witness(ports);
  const blind = await witness(ports, 'blind.example', 'elsewhere.example/log');
  const lenient = { witnesses: [good, blind], quorum: 1 };
  expect(await quorumCheck(ports, lenient)()).toEqual([]);
  await ports.write('policy');
  expect((await sequence(withWitnesses(ports, lenient)))?.size).toBe(1);
  expect(await cosigned(ports, lenient)).toEqual(['witness.example']);
  // One of two has not cosigned: noted for a quorum of two alone.
  expect(await quorumCheck(ports, lenient)()).toEqual([]);
  const strict = { witnesses: [good, blind], quorum: 2 };
  await ports.write('policy', 2);
  expect((await sequence(withWitnesses(ports, strict)))?.size).toBe(1);
  expect((await ports.store.head('log'))?.version).toBe(2);
  expect(ports.logged.some(({ event }) => event === 'checkpoint waits for witnesses')).toBe(true);
  expect(await quorumCheck(ports, strict)()).toMatchObject([
    { code: 'witnesses-away', detail: expect.stringMatching(/did not cosign: blind\.example\.$/) },
  ]);
  const seeing = await witness(ports, 'seeing.example');
  now += 600_000;
  const met = { witnesses: [good, seeing], quorum: 2 };
  expect((await sequence(withWitnesses(ports, met)))?.size).toBe(3);
  expect(await cosigned(ports, met)).toEqual(['witness.example', 'seeing.example']);
  expect(await quorumCheck(ports, met)()).toEqual([]);
});
