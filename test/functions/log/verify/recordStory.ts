import { canonical, digestOf } from '../../../../domain/kernel/canonical.ts';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { recordTimeZone } from '../../../../functions/gate/rules.ts';
import { rotateVendor } from '../../../../functions/gate/vendors.ts';
import { type InclusionPorts, recordFor } from '../../../../functions/log/proofs.ts';
import { logSigner, SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { announceKey, sequence } from '../../../../functions/log/sequencer/sequence.ts';
import type { RecordFile } from '../../../../functions/log/verify/recordFile.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import { adoptPolicy } from '../../../../functions/reactions/adoption/policies.ts';
import { folderUntil } from '../../../support/folders.ts';
import { atEndOfTest } from '../../../support/shared.ts';
import { atOnce, openGate } from '../../openGate.ts';
import { acceptAll, newSigner, ORIGIN, PRIVATE_KEY } from '../sequencer/ports.ts';

export const SEARCH = 'acme.search';
export const ON = '2026-03-05T12:00:00.000Z';
export const REVOKED = '2026-03-08T12:00:00.000Z';
export const LATER = '2026-03-20T12:00:00.000Z';

export const signer = logSigner(PRIVATE_KEY, ORIGIN);
export const trusted = { origin: ORIGIN, keys: [signer.key] };

/**
 * A contract, and a feature beneath it that is on for three days; what the log of it stands on, in `folder`. `publish`: takes all
 * into the log.
 */
export const publishedStory = async (honest = true, rules = atOnce, atEnd = atEndOfTest) => {
  const gate = await openGate({ honest, rules, atEnd });
  const folder = folderUntil('record', atEnd);
  const ports = { ...gate.ports, ...SOLE_WRITER, judge: acceptAll(), blobs: folderBlobs(folder), signer };
  await gate.approve();
  gate.at(ON);
  const { change } = await gate.approve({ feature: SEARCH });
  gate.at(REVOKED);
  await gate.revoke(change);
  gate.at(LATER);
  await sequence(ports);
  return { gate, ports, folder, publish: () => sequence(ports) };
};

/** Has one more commit of every stream on which the answer rests written after the story, so that each is closed. */
export const closed = async ({ gate, publish }: Awaited<ReturnType<typeof publishedStory>>): Promise<void> => {
  const { ports } = gate;
  await gate.notice();
  const done = [
    await announceKey(ports, { by: signer, next: newSigner(), until: '2027-03-20T12:00:00.000Z' }),
    await rotateVendor(ports, 'acme'),
    await cutOffLinksOf(ports, { holder: 'mayor', by: null, reissued: false }),
    await adoptPolicy(ports, { ...atOnce, version: 'next' }),
    await gate.revokeBeside('acme/1'),
  ];
  if (!done.every(({ ok }) => ok)) throw new Error(`refused: ${JSON.stringify(done)}`);
  await recordTimeZone({ ...ports, zone: 'America/Denver' });
  await publish();
};

export const recordText = async (ports: InclusionPorts, at: string, key = SEARCH): Promise<string> => {
  const made = await recordFor(ports, key, at);
  if (!made.ok) throw new Error(`${key}: ${made.because}`);
  return made.file;
};

/** The file with an edit, sealed again as a forger would. */
export const forged = (text: string, edit: (file: RecordFile) => object): Uint8Array => {
  const { sha256: _, ...content } = { ...(edit(JSON.parse(text) as RecordFile) as RecordFile) };
  const sha256 = digestOf(canonical(content));
  return new TextEncoder().encode(`${canonical({ ...content, sha256 })}\n`);
};

export const inStream =
  (name: string, edit: (stream: RecordFile['streams'][number]) => object) =>
  (file: RecordFile): object => ({
    ...file,
    streams: file.streams.map((stream) => (stream.stream === name ? { ...stream, ...edit(stream) } : stream)),
  });
