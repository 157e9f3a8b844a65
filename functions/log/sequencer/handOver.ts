import { plusDuration } from '../../../domain/kernel/zone.ts';
import { formatVerifierKey } from '../../../domain/log/verifierKey.ts';
import { readLogbook } from '../../gate/logbook.ts';
import { announceKey } from './logbook.ts';
import type { SequencerPorts } from './ports.ts';
import { sequence } from './sequence.ts';
import type { KeySigner, LogSigner } from './signer.ts';

/** Long enough for whoever pinned the old key to hear of the next one. */
const OVERLAP = 'P30D';

/**
 * Hands a log over from the key of `ports.signer` to the next one, and is the signer of both from then on. The next key is announced
 * in the log, by both; the old one alone signs a checkpoint over that; only then does the next one sign anything. May be repeated, and
 * done by two at once: what is announced already is not announced again. `done`: the next key is the published one already. Throws when
 * the logbook does not allow it, as while an earlier handover lasts; nothing is signed by the next key then.
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
