import { expect, test } from 'vitest';
import { recordOptOut } from '../../../functions/gate/feature.ts';
import { isMissing, keepText, orderRedaction, readHidden, readText } from '../../../functions/gate/redactions.ts';
import { openGate } from '../openGate.ts';

const KEY = new Uint8Array(32).fill(3);
const ORDER = {
  reason: 'personal-data',
  authority: 'A court',
  fileNumber: '1',
  by: 'token:operator',
  everywhere: false,
} as const;

test('a text is kept under a commitment to it, its place and the key, and returned only if it fits', async () => {
  const { ports, sideStore } = await openGate();
  const [text, commitment] = ['Because.', await keepText(ports, KEY, 'acme/1', 'Because.')];
  const place = { key: 'acme', change: 1, revision: null, commitment };
  expect(await keepText(ports, KEY, 'acme/1', text)).toBe(commitment);
  expect(await keepText(ports, KEY, 'acme/2', text)).not.toBe(commitment);
  expect(await readText(ports, { ...place, audience: 'public' })).toEqual({ text, redaction: undefined });
  expect(await isMissing(ports, commitment)).toBe(false);
  const kept = (await sideStore.get('text', commitment)) as { readonly salt: string };
  for (const other of [{ ...kept, text: 'Another.' }, { text, salt: kept.salt.slice(4) }, { text }, null]) {
    await sideStore.put('text', commitment, other);
    expect(await readText(ports, { ...place, audience: 'officials' })).toBeUndefined();
    expect(await isMissing(ports, commitment)).toBe(true);
  }
  expect(await keepText(ports, KEY, 'acme/1', text)).toBe(commitment);
  expect(await sideStore.get('text', commitment)).toEqual(kept);
});

test('what an order hides at a place is named, and nothing else is', async () => {
  const { ports, notice } = await openGate();
  const [{ digest }, { digest: other }] = [await notice(), await notice({ title: 'Another' })];
  const place = { key: 'acme', change: 1, revision: 1 };
  expect(await orderRedaction(ports, { action: 'withhold', ...ORDER, ...place, commitment: digest })).toMatchObject({ ok: true });
  const hidden = await readHidden(ports, [
    { ...place, commitment: digest },
    { ...place, change: 2, commitment: other },
  ]);
  expect([...hidden.keys()]).toEqual([digest]);
  expect(await readHidden(ports, [{ ...place, change: 2, commitment: digest }])).toEqual(new Map());
});

test('the note of an opt-out that is refused is removed again', async () => {
  const { ports, sideStore, notice } = await openGate();
  const { digest } = await notice({ optOut: 'no' });
  const caller = { name: 'console', person: 'ida' };
  const report = { key: 'acme', n: 1, revision: 1, digest, note: 'In the console', evidence: null, caller };
  expect(await recordOptOut(ports, report, null)).toMatchObject({ ok: false });
  expect(await sideStore.list('text')).toEqual([]);
});
