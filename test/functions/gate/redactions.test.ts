import { expect, test } from 'vitest';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import { recordOptOut } from '../../../functions/gate/feature.ts';
import {
  isMissing,
  keepText,
  namedBy,
  namingEvents,
  orderRedaction,
  readHidden,
  readText,
} from '../../../functions/gate/redactions.ts';
import { day, facts, notify } from '../../domain/feature/support.ts';
import { city } from '../../domain/judge/log.ts';
import { BY_OPERATOR } from '../../support/fixtures/vendor.ts';
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

test('an opt-out that says what the newest record says is not written again; any other is, and the note of one that is refused is removed', async () => {
  const { ports, sideStore, notice } = await openGate();
  const { digest } = await notice({ optOut: 'no' });
  const caller = { name: 'console', person: 'ida' };
  const report = { key: 'acme', n: 1, revision: 1, digest, note: 'In the console', evidence: null, caller };
  const note = await keepText(ports, KEY, 'acme/1', report.note);
  const last = { person: 'ida', evidence: { sha256: 'a'.repeat(64), title: 'A list' }, note };
  const known = { revisions: [{ revision: 1, digest }], optOut: { records: [last] } } as unknown as Parameters<
    typeof recordOptOut
  >[2];
  const same = { ...report, evidence: last.evidence };
  expect(await recordOptOut(ports, same, known)).toEqual({ ok: true });
  for (const other of [
    report,
    { ...same, note: 'Elsewhere' },
    { ...same, revision: 2 },
    { ...same, digest: note },
    { ...same, caller: { ...caller, person: 'ivo' } },
    { ...same, evidence: { ...last.evidence, title: 'Another' } },
  ])
    expect(await recordOptOut(ports, other, known)).toMatchObject({ ok: false });
  expect((await sideStore.list('text')).map(({ id }) => id)).toEqual([note]);
});

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const named = (stream: string, ...events: readonly JsonObject[]) =>
  namingEvents(stream, events).flatMap((event) => namedBy(stream, event));

const ACT = { v: 1, at: day(0), holder: 'mayor', body: 'mayor', seat: 'mayor' };
const refused = (reason: string | null) => {
  const answer = { sha256: digest('a'), roster: 1, decision: 'refuse', reason };
  return { type: 'ProposalAnswered', ...ACT, ...answer };
};
const revoked = (reason: string | null) => {
  const recorded = { key: 'acme', change: 3, requirement: 'mayor', fileNumber: null, reason };
  return { type: 'RevocationRecorded', ...ACT, ...recorded };
};

test('a refusal of a roster names its reason, which belongs to no change, a recorded revocation its own with the change that it ends', () => {
  const text = { what: 'text', revision: null };
  const [ofRoster, ofChange] = [
    { ...text, key: null, change: null, commitment: digest('b') },
    { ...text, key: 'acme', change: 3, commitment: digest('c') },
  ];
  expect(named('roster', refused(digest('b')), refused(null))).toEqual([ofRoster]);
  expect(named('revocation', revoked(digest('c')), revoked(null))).toEqual([ofChange]);
  expect([...named('policy', refused(digest('b'))), ...named('roster', revoked(digest('c')))]).toEqual([]);
});

test('a feature names raw notices, documents and texts', () => {
  const documents = [
    { title: 'Report', kind: 'report', url: 'https://acme.example/1', sha256: 'e'.repeat(64) },
    { title: 'Sheet', kind: 'sheet', url: 'https://acme.example/2' },
  ];
  const notified = city().feat(notify(day(0), 1, { digest: digest('d'), notice: facts({ documents }) }));
  const change = { v: 1, at: day(0), change: 2, digest: digest('d') };
  const withdrawn = { type: 'ChangeWithdrawn', ...change, provenance: BY_OPERATOR };
  const pdf = { sha256: digest('e'), mediaType: 'application/pdf', bytes: 5 };
  const by = 'vendor:acme';
  const attached = { type: 'DocumentAttached', ...change, revision: 1, kind: 'impact-report', title: 'Report', ...pdf, by };
  const reason = { by: { token: 'it' }, reason: digest('f'), act: 'act' };
  const contested = { type: 'MaintenanceContested', ...change, revision: 1, ...reason };
  expect(named('feature/acme', ...notified.last.events, withdrawn, attached, contested, { type: 'Unknown' })).toEqual([
    { what: 'notice', key: 'acme', change: 1, revision: 1, commitment: digest('d') },
    { what: 'document', key: 'acme', change: 1, revision: 1, commitment: digest('e') },
    { what: 'notice', key: 'acme', change: 2, revision: null, commitment: digest('d') },
    { what: 'document', key: 'acme', change: 2, revision: 1, commitment: digest('e') },
    { what: 'text', key: 'acme', change: 2, revision: null, commitment: digest('f') },
  ]);
});
