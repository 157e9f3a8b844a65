import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { canonical } from '../../../../domain/kernel/canonical.ts';
import { digestOf } from '../../../../domain/kernel/digest.ts';
import { recordFor } from '../../../../functions/log/record.ts';
import type { InclusionPorts } from '../../../../functions/log/sequencer/inclusion.ts';
import { SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { logSigner } from '../../../../functions/log/sequencer/signer.ts';
import type { RecordFile } from '../../../../functions/log/verify/recordFormat.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import { openGate } from '../../openGate.ts';
import { acceptAll, ORIGIN, PRIVATE_KEY } from '../sequencer/ports.ts';

export const SEARCH = 'acme.search';
export const ON = '2026-03-05T12:00:00.000Z';
export const REVOKED = '2026-03-08T12:00:00.000Z';
export const LATER = '2026-03-20T12:00:00.000Z';

export const signer = logSigner(PRIVATE_KEY, ORIGIN);
export const trusted = { origin: ORIGIN, keys: [signer.key] };

/** A contract, and a feature beneath it that is on for three days; what the log of it stands on. `publish`: takes all into the log. */
export const publishedStory = async (honest = true) => {
  const gate = await openGate({ honest });
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-record-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const ports = { ...gate.ports, ...SOLE_WRITER, judge: acceptAll(), blobs: folderBlobs(folder), signer };
  const approve = async (feature: string) => {
    const { change, digest } = await gate.notice({ feature });
    await gate.certify(change, digest);
    await gate.sign(change, digest);
    return change;
  };
  await approve('acme');
  gate.at(ON);
  const change = await approve(SEARCH);
  gate.at(REVOKED);
  await gate.revoke(change);
  gate.at(LATER);
  await sequence(ports);
  return { gate, ports, publish: () => sequence(ports) };
};

/** The text of the file about the feature at an instant. */
export const recordText = async (ports: InclusionPorts, at: string): Promise<string> => {
  const made = await recordFor(ports, SEARCH, at);
  if (!made.ok) throw new Error(made.because);
  return made.file;
};

/** The file with an edit, sealed again as a forger would. */
export const forged = (text: string, edit: (file: RecordFile) => object): Uint8Array => {
  const { sha256: _, ...content } = { ...(edit(JSON.parse(text) as RecordFile) as RecordFile) };
  const sha256 = digestOf(canonical(content));
  return new TextEncoder().encode(`${canonical({ ...content, sha256 })}\n`);
};

/** An edit of one of the file's streams. */
export const inStream =
  (name: string, edit: (stream: RecordFile['streams'][number]) => object) =>
  (file: RecordFile): object => ({
    ...file,
    streams: file.streams.map((stream) => (stream.stream === name ? { ...stream, ...edit(stream) } : stream)),
  });
