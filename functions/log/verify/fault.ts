/** What is wrong with a public log, and at which entry, as far as that can be said. */
export class LogFault extends Error {
  override readonly name = 'LogFault';
  /** The first bad entry; undefined where the fault is not one of an entry. */
  readonly index: number | undefined;
  constructor(detail: string, index?: number, options?: ErrorOptions) {
    super(index === undefined ? detail : `entry ${index}: ${detail}`, options);
    this.index = index;
  }
}
