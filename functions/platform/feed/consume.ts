import { ifReadable, StoreUnavailable } from '../store/errors.ts';
import type { StoredCommit } from '../store/port.ts';
import { type Consumer, type FeedPorts, Unavailable } from './consumer.ts';
import { park } from './deadLetters.ts';
import { advanceMark, clearTrouble, putTrouble, readMark, readTrouble } from './mark.ts';

/** After this many tries a commit is parked and the consumer continues. */
export const CONSUME_TRIES_MAX = 5;
/** A minute of trouble elsewhere must not produce a dead letter. */
const PAUSES_MS = [0, 1_000, 10_000, 60_000];
/** The pause between tries while the consumer's target cannot be reached. */
const UNAVAILABLE_PAUSE_MS = 5_000;
const PAGE = 50;

/** `caught-up`: nothing lies above the mark. `waiting`: a commit failed and is tried again later. */
export type Consumed = 'caught-up' | 'waiting';

const messageOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

const isUnavailable = (error: unknown): boolean => error instanceof Unavailable || error instanceof StoreUnavailable;

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
const failed = async (ports: FeedPorts, { consumer, stream, version, error }: Failure): Promise<boolean> => {
  const { sideStore, logger, clock, wallMs } = ports;
  const known = await readTrouble(sideStore, consumer.name, stream);
  const earlier = known?.version === version ? known.tries : 0;
  const message = messageOf(error);
  if (isUnavailable(error)) {
    logger({ level: 'warn', event: 'consumer waits', consumer: consumer.name, stream, version, error: message });
    const tries = Math.max(1, earlier);
    await putTrouble(sideStore, consumer.name, stream, {
      version,
      tries,
      notBeforeMs: wallMs() + UNAVAILABLE_PAUSE_MS,
      error: message,
    });
    return false;
  }
  const tries = earlier + 1;
  logger({ level: 'error', event: 'commit not handled', consumer: consumer.name, stream, version, tries, error: message });
  if (tries < CONSUME_TRIES_MAX) {
    const pauseMs = PAUSES_MS[tries - 1] ?? 0;
    await putTrouble(sideStore, consumer.name, stream, { version, tries, notBeforeMs: wallMs() + pauseMs, error: message });
    return pauseMs === 0;
  }
  await park(sideStore, { consumer: consumer.name, stream, version, tries, error: message, at: clock() });
  logger({ level: 'error', event: 'commit parked', consumer: consumer.name, stream, version });
  await advanceMark(sideStore, consumer.name, stream, version);
  await clearTrouble(sideStore, consumer.name, stream);
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
