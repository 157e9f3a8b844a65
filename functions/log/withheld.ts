import { hashOf } from '../../domain/kernel/commit.ts';
import type { FeedPorts } from '../platform/feed/consumer.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import { ANY_CHANGED, type Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { type HeldStream, heldProblem, heldStreams, readLogIndex } from './sequencer/logIndex.ts';

/** How long a list of held streams is cached, in ms. */
const HELD_AGE_MS_MAX = 500;

/** The streams that the sequencer holds. `text`: all of them as JSON, after a space. */
interface Held {
  readonly streams: ReadonlyMap<string, HeldStream>;
  readonly text: string;
}

/** A reader of the streams that the sequencer holds. `known`: what {@link read} would resolve with; undefined if it has to be read. */
interface HeldReader {
  readonly read: () => Promise<Held>;
  readonly known: () => Held | undefined;
}

/** Returns a reader of the streams that the sequencer holds, which reads them at most twice a second. */
const heldReader = (sideStore: SideStore): HeldReader => {
  let last: { readonly reading: Promise<Held>; readonly until: number; held?: Held } | undefined;
  return {
    read: () => {
      if (last !== undefined && performance.now() < last.until) return last.reading;
      const reading = heldStreams(sideStore).then((all) => ({
        streams: new Map(all.map((each) => [each.stream, each])),
        text: ` ${JSON.stringify(all)}`,
      }));
      const asked: typeof last = { reading, until: performance.now() + HELD_AGE_MS_MAX };
      last = asked;
      reading.then(
        (held) => {
          asked.held = held;
        },
        () => {
          last = undefined;
        },
      );
      return reading;
    },
    known: () => (last !== undefined && performance.now() < last.until ? last.held : undefined),
  };
};

const refuse = (held: HeldStream): never => {
  throw new CorruptStore(`${held.stream}@${held.version}: ${heldProblem(held)}`);
};

/**
 * Returns the store for everything but the sequencer: a stream that the sequencer holds is unreadable from its first refused commit on, so
 * that every answer that depends on it is `false`.
 */
export const withheld = (store: Store, sideStore: SideStore): Store => {
  const held = heldReader(sideStore);
  return {
    ...store,
    head: async (stream) => {
      const head = await store.head(stream);
      const known = (held.known() ?? (await held.read())).streams.get(stream);
      if (known !== undefined && (head?.version ?? 0) >= known.version) refuse(known);
      return head;
    },
    changed: async (prefixes, since) => {
      const { text } = await held.read();
      const end = since?.indexOf(' ') ?? -1;
      const { moment, streams } = await store.changed(prefixes, since?.slice(end) === text ? since.slice(0, end) : undefined);
      return moment === '' ? ANY_CHANGED : { moment: moment + text, streams };
    },
    isUnchangedSince: (moment) => {
      const text = held.known()?.text;
      return text !== undefined && moment.endsWith(text) && store.isUnchangedSince(moment.slice(0, -text.length));
    },
    history: async (stream, range) => {
      const known = (await held.read()).streams.get(stream);
      const page = await store.history(stream, range);
      if (known === undefined) return page;
      const standing = page.filter(({ version }) => version < known.version);
      if (standing.length === 0 && (page.length > 0 || known.version === 0)) refuse(known);
      return standing;
    },
    feed: async (cursor, limit, unreadable) => {
      const [page, { streams: all }] = [await store.feed(cursor, limit, unreadable), await held.read()];
      const items = page.items.filter((commit) => {
        const known = all.get(commit.stream);
        if (known === undefined || commit.version < known.version) return true;
        if (unreadable === undefined) refuse(known);
        unreadable?.({ stream: commit.stream, version: commit.version, problem: known.problem });
        return false;
      });
      return { ...page, items };
    },
  };
};

/** Returns whether this very commit is in the log, and so was judged. */
export const isInLog =
  (sideStore: SideStore): FeedPorts['isReleased'] =>
  async ({ stream, version, bytes }) =>
    (await readLogIndex(sideStore, stream, version))?.hash === hashOf(bytes);
