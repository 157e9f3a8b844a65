import { expect, test } from 'vitest';
import { formatVerifierKey, parseNote } from '../../../../domain/log/note.ts';
import { readLogbook } from '../../../../functions/gate/aggregates.ts';
import { CHECKPOINT_PATH } from '../../../../functions/log/sequencer/ports.ts';
import { handOver, sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { keyAfter } from '../../../../functions/log/verify/readLog.ts';
import { type Bench, bench, newSigner, ORIGIN } from './ports.ts';

const published = async ({ blobs }: Bench) => {
  const text = Buffer.from((await blobs.get(CHECKPOINT_PATH)) ?? []);
  return { size: Number(text.toString().split('\n')[1]), signatures: parseNote(new Uint8Array(text)).signatures.length };
};

test('the old key alone signs that the next one comes; then both sign', async () => {
  const ports = bench();
  await ports.write('feature/acme');
  await sequence(ports);
  const next = newSigner();
  const signer = await handOver(ports, next, false);
  expect(await published(ports)).toEqual({ size: 2, signatures: 1 });
  expect(signer).toMatchObject({ key: next.key, former: { key: ports.signer.key } });
  await ports.write('feature/acme');
  await sequence({ ...ports, signer });
  expect(await published(ports)).toEqual({ size: 3, signatures: 2 });
  // Once the new key signs alone, beside the witnesses, the files say that the pinned one handed over to it.
  const both = (await ports.blobs.get(CHECKPOINT_PATH)) ?? new Uint8Array();
  await ports.blobs.replace(CHECKPOINT_PATH, Buffer.concat([both, Buffer.from('— witness.example AAAAAAAA\n')]), both);
  await sequence({ ...ports, signer: { ...signer, former: { ...ports.signer, until: '2026-01-01T00:00:00.000Z' } } });
  expect(await published(ports)).toEqual({ size: 3, signatures: 2 });
  const checkpoint = (await ports.blobs.get(CHECKPOINT_PATH)) ?? new Uint8Array();
  expect(await keyAfter(ports.blobs, checkpoint, { origin: ORIGIN, keys: [ports.signer.key] })).toEqual({
    key: next.key,
    until: signer.former?.until,
  });
});

test('again, by two at once or after a crash, announces nothing twice and ends at the same instant', async () => {
  const ports = bench();
  const next = newSigner();
  const signers = [
    ...(await Promise.all([handOver(ports, next, false), handOver(ports, next, false)])),
    await handOver(ports, next, true),
  ];
  expect(new Set(signers.map(({ former }) => former?.until)).size).toBe(1);
  expect((await readLogbook(ports.store, ORIGIN)).handover?.key).toBe(formatVerifierKey(next.key));
  await sequence({ ...ports, signer: signers[0] ?? next });
  expect((await published(ports)).size).toBe(1);
});

test('a third key while two sign waits: the second signs alone, and hands over once the first has ended', async () => {
  const ports = bench();
  const [second, third] = [newSigner(), newSigner()];
  await handOver(ports, second, false);
  await ports.write('feature/acme');
  const later = { ...ports, signer: second };
  const signer = await handOver(later, third, false);
  expect(signer).toBe(second);
  await sequence({ ...ports, signer });
  expect(await published(ports)).toEqual({ size: 2, signatures: 1 });
  await expect(handOver({ ...ports, signer: newSigner() }, third, false)).rejects.toThrow('the log is not handed over');
  const clock = () => '2026-04-02T12:00:00.000Z';
  expect(await handOver({ ...later, clock }, third, false)).toMatchObject({ key: third.key, former: { key: second.key } });
});
