import { handoverText } from '../../../domain/log/keyAnnouncement.ts';
import type { LogbookCommand, LogbookRejection } from '../../../domain/log/logbook.ts';
import type { LogbookEvent } from '../../../domain/log/logbookEvents.ts';
import { type LogbookState, logbookStream } from '../../../domain/log/logbookState.ts';
import { formatNote } from '../../../domain/log/note.ts';
import { formatVerifierKey, type VerifierKey } from '../../../domain/log/verifierKey.ts';
import { logbookAggregate } from '../../gate/logbook.ts';
import { type SubmitPorts, type Submitted, submit } from '../../platform/store/submit.ts';
import { type KeySigner, signedBy } from './signer.ts';

type Written = Submitted<LogbookState, LogbookEvent, LogbookRejection>;

const write = (ports: SubmitPorts, origin: string, command: (at: string) => LogbookCommand): Promise<Written> =>
  submit(ports, logbookAggregate, {
    stream: logbookStream(origin),
    commandId: `logbook/${ports.newId()}`,
    actor: 'operator',
    command,
  });

/**
 * Announces in the log itself which key comes next: signed by the old key, and by the new one, which shows that somebody has it. To be
 * in a checkpoint that the old key signed before the new one signs any. Announced again: nothing new.
 */
export const announceKey = async (
  ports: SubmitPorts,
  { by, next, until }: { readonly by: KeySigner; readonly next: KeySigner; readonly until: string },
): Promise<Written> => {
  const text = handoverText({ by: by.key, key: next.key, until });
  const note = Buffer.from(formatNote({ text, signatures: await signedBy(text, [by, next]) })).toString('utf8');
  const [byKey, key] = [formatVerifierKey(by.key), formatVerifierKey(next.key)];
  return write(ports, by.key.name, (at) => ({ type: 'LogKeyAnnounced', at, by: byKey, key, until, note }));
};

/** Ends a log: this is its last entry. `successor`: where it goes on. */
export const freezeLog = (
  ports: SubmitPorts,
  own: VerifierKey,
  successor: { readonly origin: string; readonly key: string },
): Promise<Written> =>
  write(ports, own.name, (at) => ({ type: 'LogFrozen', at, origin: own.name, key: formatVerifierKey(own), successor }));
