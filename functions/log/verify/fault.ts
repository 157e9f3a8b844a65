/** A fault of a public log, and the entry at which it is. */
export class LogFault extends Error {
  override readonly name = 'LogFault';
  /** The first bad entry; undefined if the fault is not at an entry. */
  readonly index: number | undefined;
  constructor(detail: string, index?: number, options?: ErrorOptions) {
    super(index === undefined ? detail : `entry ${index}: ${detail}`, options);
    this.index = index;
  }
}

/** The log is smaller than, or differs from, what was verified of it earlier. */
export class NotContinued extends LogFault {}
