/**
 * Runs the commands on one stream of this process one after the other, so that conflicts stay rare. Across processes the conditional
 * append decides.
 */
export class StreamQueue {
  readonly #tails = new Map<string, { tail: Promise<unknown>; waiting: number }>();

  /** Runs `work` after everything queued on `stream` before it; undefined if the queue is full. */
  run<T>(stream: string, work: () => Promise<T>): Promise<T> | undefined {
    const queue = this.#tails.get(stream) ?? { tail: Promise.resolve(), waiting: 0 };
    if (queue.waiting >= QUEUE_MAX) return undefined;
    this.#tails.set(stream, queue);
    queue.waiting += 1;
    const result = queue.tail.then(work);
    queue.tail = result.then(
      () => this.#leave(stream, queue),
      () => this.#leave(stream, queue),
    );
    return result;
  }

  #leave(stream: string, queue: { waiting: number }): void {
    queue.waiting -= 1;
    if (queue.waiting === 0) this.#tails.delete(stream);
  }
}

/** A flood on one stream is turned away instead of filling memory. */
const QUEUE_MAX = 2_000;
