import { plusDuration } from '../../../domain/kernel/zone.ts';
import { handoverText } from '../../../domain/log/keyAnnouncement.ts';
import type { LogbookCommand, LogbookRejection } from '../../../domain/log/logbook.ts';
import type { LogbookEvent, LogbookEventOf } from '../../../domain/log/logbookEvents.ts';
import { type LogbookState, logbookStream } from '../../../domain/log/logbookState.ts';
import { formatNote } from '../../../domain/log/note.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../../../domain/log/verifierKey.ts';
import { logbookAggregate, readLogbook } from '../../gate/logbook.ts';
import { type SubmitPorts, type Submitted, submit } from '../../platform/store/submit.ts';
import type { SequencerPorts } from './ports.ts';
import { sequence } from './sequence.ts';
import { type KeySigner, type LogSigner, signedBy } from './signer.ts';

type Written = Submitted<LogbookState, LogbookEvent, LogbookRejection>;

const write = (ports: SubmitPorts, origin: string, command: (at: string) => LogbookCommand): Promise<Written> =>
  submit(ports, logbookAggregate, {
    stream: logbookStream(origin),
    commandId: `logbook/${ports.newId()}`,
    actor: 'operator',
    command,
  });

/**
 * Announces the next key in the log: signed by the old key, and by the new one as proof of possession. The announcement must be in a
 * checkpoint signed by the old key before the new key signs any. Announcing the same key again appends nothing.
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

/** Appends the last entry of a log, which names its successor. */
export const freezeLog = (
  ports: SubmitPorts,
  own: VerifierKey,
  successor: { readonly origin: string; readonly key: string },
): Promise<Written> =>
  write(ports, own.name, (at) => ({ type: 'LogFrozen', at, origin: own.name, key: formatVerifierKey(own), successor }));

/** Streams that a log may have before the loss of another's keys is recorded: none that decides anything about a feature. */
const BEFORE_A_LOSS: readonly string[] = ['settings', 'log', 'logbook', 'access'];

const entered = async ({ store }: Pick<SubmitPorts, 'store'>): Promise<string | undefined> => {
  for (let cursor: string | undefined; ; ) {
    const page = await store.feed(cursor, 200);
    const found = page.items.find(({ stream }) => !BEFORE_A_LOSS.includes(stream.split('/', 1)[0] ?? ''));
    if (found !== undefined || page.done) return found?.stream;
    cursor = page.next;
  }
};

/** The log whose keys were lost: its last checkpoint, which its key signed. */
export type LostLog = LogbookEventOf<'LogKeysLost'>['lost'];

/**
 * Records in a new log that the keys of another were lost, before anything is entered that a feature depends on: so nothing that was
 * approved there counts here. `lost`: verified by the caller. Recording the same loss again appends nothing.
 */
export const recordKeysLost = async (
  ports: SubmitPorts,
  origin: string,
  lost: LostLog,
): Promise<{ readonly ok: true; readonly at: string } | { readonly ok: false; readonly detail: string }> => {
  const known = (await readLogbook(ports.store, origin)).lost;
  const found = known === null ? await entered(ports) : undefined;
  if (found !== undefined)
    return {
      ok: false,
      detail: `this installation has the stream ${found}: the loss is recorded in a new one, before anything is entered`,
    };
  const done = await write(ports, origin, (at) => ({ type: 'LogKeysLost', at, origin, lost }));
  return done.ok ? { ok: true, at: known?.at ?? done.at } : { ok: false, detail: done.rejection.detail };
};

/** The end of a log: when, its published size, and its successor. */
export interface EndOfLog {
  readonly at: string;
  readonly size: number;
  readonly successor: { readonly origin: string; readonly key: string };
}

/** The end of the log, or why the logbook refuses it. */
export type FreezeOutcome = { readonly ok: true; readonly end: EndOfLog } | { readonly ok: false; readonly detail: string };

/** Returns the log of a verifier key as a successor. Throws LogError for a malformed key. */
export const successorOf = (vkey: string): EndOfLog['successor'] => ({ origin: parseVerifierKey(vkey).name, key: vkey });

/**
 * Ends a log: takes in all pending commits, then the entry that names the successor, then signs the last checkpoint. While others may
 * still be writing (`endAfterMs`), a later run of the sequencer does the last two. Running it again completes it after a crash.
 */
export const freeze = async (ports: SequencerPorts, successor: EndOfLog['successor']): Promise<FreezeOutcome> => {
  const { key } = ports.signer;
  await sequence(ports);
  const done = await freezeLog(ports, key, successor);
  if (!done.ok) return { ok: false, detail: done.rejection.detail };
  const size = (await sequence(ports))?.size ?? 0;
  const { frozen } = await readLogbook(ports.store, key.name);
  if (frozen === null) throw new Error('broken invariant: the log was frozen and is not');
  return { ok: true, end: { at: frozen.at, size, successor: frozen.successor } };
};

/** How long both keys sign, so that verifiers that pinned the old key learn of the next one. */
const OVERLAP = 'P30D';

/**
 * Hands a log over from the key of `ports.signer` to the next key and returns the signer of both. Both announce the next key in the log;
 * the old key alone signs a checkpoint over the announcement; only then does the next key sign. May be repeated and run twice at once.
 * `done`: the next key is published already. Throws if the logbook refuses, such as during an earlier handover; the next key has then
 * signed nothing.
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
