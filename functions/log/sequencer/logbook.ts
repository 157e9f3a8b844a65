import { plusDuration } from '../../../domain/kernel/zone.ts';
import type { LogbookState } from '../../../domain/log/decide.ts';
import { type LogKeyAnnounced, logbookStream } from '../../../domain/log/events.ts';
import { formatNote, formatVerifierKey, handoverText } from '../../../domain/log/note.ts';
import { logbookAggregate, readLogbook } from '../../gate/aggregates.ts';
import { type SubmitPorts, type Submitted, submit } from '../../platform/store/submit.ts';
import type { SequencerPorts } from './ports.ts';
import { sequence } from './sequence.ts';
import { type KeySigner, type LogSigner, signedBy } from './signer.ts';

/** Announces the next key in the log, signed by the old key, and by the new one as proof of possession. Repeated, it appends nothing. */
export const announceKey = async (
  ports: SubmitPorts,
  { by, next, until }: { readonly by: KeySigner; readonly next: KeySigner; readonly until: string },
): Promise<Submitted<LogbookState, LogKeyAnnounced, 'rotation-under-way'>> => {
  const text = handoverText({ by: by.key, key: next.key, until });
  const note = Buffer.from(formatNote({ text, signatures: await signedBy(text, [by, next]) })).toString('utf8');
  const [byKey, key] = [formatVerifierKey(by.key), formatVerifierKey(next.key)];
  return submit(ports, logbookAggregate, {
    stream: logbookStream(by.key.name),
    commandId: `logbook/${ports.newId()}`,
    actor: 'operator',
    command: (at) => ({ at, by: byKey, key, until, note }),
  });
};

/** How long both keys sign, so that verifiers that pinned the old key learn of the next one. */
const OVERLAP = 'P30D';

/**
 * Hands a log over to the next key and returns the signer of both: the next key is announced, the old key alone signs a checkpoint over
 * that, and only then does the next key sign. May be repeated and run twice at once. `done`: the next key is published already. Throws if
 * the logbook refuses.
 */
export const handOver = async (ports: SequencerPorts, next: KeySigner, done: boolean): Promise<LogSigner> => {
  const { signer: former } = ports;
  const origin = former.key.name;
  const to = formatVerifierKey(next.key);
  let refused = '';
  if ((await readLogbook(ports.store, origin)).handover?.key !== to) {
    const until = plusDuration(ports.clock(), OVERLAP, 'UTC');
    const announced = await announceKey(ports, { by: former, next, until });
    if (!announced.ok) refused = announced.rejection.detail;
  }
  const { handover } = await readLogbook(ports.store, origin);
  if (handover?.key !== to) throw new Error(`the log is not handed over: ${refused}`);
  if (!done) await sequence(ports);
  return { ...next, former: { ...former, until: handover.until } };
};
