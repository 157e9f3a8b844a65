interface Run<T> {
  readonly current: Promise<T>;
  next: Promise<T> | undefined;
}

/**
 * Runs of work by name, one of each name at a time. A call while one is under way joins the run that follows it, since the present one
 * may have begun too early for it.
 */
export class JoinedRuns<T> {
  readonly #runs = new Map<string, Run<T>>();

  run(name: string, work: () => Promise<T>): Promise<T> {
    const known = this.#runs.get(name);
    if (known === undefined) return this.#begin(name, work);
    known.next ??= known.current.catch(() => undefined).then(() => this.#begin(name, work));
    return known.next;
  }

  /** Resolves when the runs asked for so far have ended, of all names that begin with `prefix`. Never rejects. */
  async settled(prefix = ''): Promise<void> {
    const asked = [...this.#runs].filter(([name]) => name.startsWith(prefix));
    await Promise.allSettled(asked.map(([, { current, next }]) => next ?? current));
  }

  #begin(name: string, work: () => Promise<T>): Promise<T> {
    const own: Run<T> = { current: work(), next: undefined };
    this.#runs.set(name, own);
    const leave = (): void => {
      if (this.#runs.get(name) === own && own.next === undefined) this.#runs.delete(name);
    };
    own.current.then(leave, leave);
    return own.current;
  }
}
