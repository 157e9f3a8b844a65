import { CLOCKS, type ClockReading, isYounger, readClocks, type TwoClocks } from '../age.ts';
import type { Store, StoredCommit } from './port.ts';
import { heldBytes } from './record.ts';

const LIMITS = { heads: 20_000, bytes: 33_554_432 };

/** `isOpen`: no other question has begun since. */
interface Reading {
  readonly moment: string;
  readonly asked: ClockReading;
  readonly heads: Map<string, Promise<StoredCommit | undefined>>;
  bytes: number;
  isOpen: boolean;
}

/**
 * Caches heads for answers that may be somewhat old, over a store that cannot tell what has changed. The heads that one question read serve
 * later questions until they are `ageMs` old, counted from before the first read; an unreadable record ends that. Only heads read by one
 * question are used together: with heads of different moments, a key could be on that was never on.
 */
export class KeptHeads {
  readonly #ageMs: number;
  readonly #clocks: TwoClocks;
  readonly #limits: typeof LIMITS;
  #reading: Reading | undefined;
  #readings = 0;

  constructor(ageMs: number, clocks: TwoClocks = CLOCKS, limits = LIMITS) {
    this.#ageMs = ageMs;
    this.#clocks = clocks;
    this.#limits = limits;
  }

  /** Returns the store for such answers. Each question begins with `changed`; the age is checked only then. */
  over(store: Store): Store {
    return {
      ...store,
      head: (stream) => this.#head(store, stream),
      changed: async (_prefixes, since) => {
        if (this.#reading !== undefined && !isYounger(this.#reading.asked, this.#ageMs, this.#clocks)) this.#end();
        const reading = this.#reading;
        if (reading === undefined) return { moment: this.#begin().moment, streams: undefined };
        reading.isOpen = false;
        return { moment: reading.moment, streams: since === reading.moment ? [] : undefined };
      },
      isUnchangedSince: () => false,
    };
  }

  /**
   * Returns the store for everything else. A command drops the cached heads, and so does reading a head that differs from the cached one or
   * that cannot be read.
   */
  noticing(store: Store): Store {
    return {
      ...store,
      head: async (stream) => {
        const kept = this.#reading?.heads.get(stream);
        try {
          const head = await store.head(stream);
          if (kept !== undefined && (await kept.catch(() => undefined))?.version !== head?.version) this.#end();
          return head;
        } catch (error) {
          this.#end();
          throw error;
        }
      },
      append: (records) => store.append(records).finally(() => this.#end()),
    };
  }

  /** Reports whether these heads may be used together, if they are read from {@link over} in the same turn. */
  readonly holds = (streams: readonly string[]): boolean => {
    const reading = this.#reading;
    return reading === undefined || reading.isOpen || streams.every((stream) => reading.heads.has(stream));
  };

  #begin(): Reading {
    this.#readings += 1;
    const asked = readClocks(this.#clocks);
    this.#reading = { moment: String(this.#readings), asked, heads: new Map(), bytes: 0, isOpen: true };
    return this.#reading;
  }

  #end(): void {
    this.#reading = undefined;
  }

  #head(store: Store, stream: string): Promise<StoredCommit | undefined> {
    const reading = this.#reading ?? this.#begin();
    const known = reading.heads.get(stream);
    if (known !== undefined) return known;
    const head = store.head(stream);
    if (!reading.isOpen || reading.heads.size >= this.#limits.heads) return head;
    reading.heads.set(stream, head);
    head.then(
      (found) => {
        const bytes = found === undefined ? 0 : heldBytes(found);
        if (reading.bytes + bytes <= this.#limits.bytes) reading.bytes += bytes;
        else reading.heads.delete(stream);
      },
      () => {
        if (this.#reading === reading) this.#end();
      },
    );
    return head;
  }
}
