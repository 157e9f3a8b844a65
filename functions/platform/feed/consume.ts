import { nameAndMessageOf } from '../logging.ts';
import { ifReadable } from '../store/errors.ts';
import type { StoredCommit } from '../store/port.ts';
import type { Consumer, FeedPorts } from './consumer.ts';
import { park } from './deadLetters.ts';
import { advanceMark, clearTrouble, putTrouble, readMark, readTrouble } from './mark.ts';
import { CONSUME_TRIES_MAX, nextTry } from './tries.ts';

const PAGE = 50;

/** `caught-up`: nothing lies above the mark. `waiting`: a commit failed and is tried again later. */
export type Consumed = 'caught-up' | 'waiting';

const pageAbove = ({ store }: FeedPorts, stream: string, after: number): Promise<readonly StoredCommit[]> =>
  ifReadable(store.history(stream, { after, limit: PAGE }), () => store.history(stream, { after, limit: 1 }));

interface Failure {
  readonly consumer: Consumer;
  readonly stream: string;
  readonly version: number;
  readonly error: unknown;
}

/** Waiting does not count as a failed try. */
const awaitRelease = async (
  { sideStore }: FeedPorts,
  consumer: Consumer,
  { stream, version }: Pick<StoredCommit, 'stream' | 'version'>,
): Promise<void> => {
  const known = await readTrouble(sideStore, consumer.name, stream);
  if (known?.version === version) return;
  await putTrouble(sideStore, consumer.name, stream, { version, tries: 1, notBeforeMs: 0, error: 'not in the log yet' });
};

/** Returns whether to go on at once. */
const failed = async (ports: FeedPorts, { consumer: { name }, stream, version, error }: Failure): Promise<boolean> => {
  const { sideStore, logger, clock, wallMs } = ports;
  const known = await readTrouble(sideStore, name, stream);
  const next = nextTry(error, known?.version === version ? known.tries : 0, wallMs());
  const place = { consumer: name, stream, version };
  const message = nameAndMessageOf(error);
  if (next?.isAway === true) logger({ level: 'warn', event: 'consumer waits', ...place, error: message });
  else logger({ level: 'error', event: 'commit not handled', ...place, tries: next?.tries ?? CONSUME_TRIES_MAX, error: message });
  if (next !== undefined) {
    await putTrouble(sideStore, name, stream, { version, tries: next.tries, notBeforeMs: next.notBeforeMs, error: message });
    return next.atOnce;
  }
  await park(sideStore, { ...place, tries: CONSUME_TRIES_MAX, error: message, at: clock() });
  logger({ level: 'error', event: 'parked', ...place });
  await advanceMark(sideStore, name, stream, version);
  await clearTrouble(sideStore, name, stream);
  return true;
};

/**
 * Runs a consumer over the commits above its mark in one stream. A crash repeats at most the commit in progress. Retries a failed commit
 * after a pause, and parks it after {@link CONSUME_TRIES_MAX} tries.
 */
export const consume = async (ports: FeedPorts, consumer: Consumer, stream: string): Promise<Consumed> => {
  const { sideStore, wallMs } = ports;
  const trouble = await readTrouble(sideStore, consumer.name, stream);
  if (trouble !== undefined && trouble.notBeforeMs > wallMs()) return 'waiting';
  let mark = await readMark(sideStore, consumer.name, stream);
  let troubled = trouble !== undefined;
  for (;;) {
    let version = mark + 1;
    try {
      const page = await pageAbove(ports, stream, mark);
      if (page.length === 0) break;
      for (const commit of page) {
        version = commit.version;
        if (!(await ports.isReleased(commit))) {
          await awaitRelease(ports, consumer, commit);
          return 'waiting';
        }
        await consumer.handle(commit);
        await advanceMark(sideStore, consumer.name, stream, version);
        mark = version;
        if (troubled) await clearTrouble(sideStore, consumer.name, stream);
        troubled = false;
      }
    } catch (error) {
      troubled = true;
      if (!(await failed(ports, { consumer, stream, version, error }))) return 'waiting';
      mark = Math.max(mark, await readMark(sideStore, consumer.name, stream));
    }
  }
  if (troubled) await clearTrouble(sideStore, consumer.name, stream);
  return 'caught-up';
};
