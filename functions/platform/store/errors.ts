/** The store cannot be reached, or could not say whether it wrote. Callers answer 503; the same command may be sent again. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code = 'store-unavailable';
}

/** What the store holds is not what was written: no answer is given from it, never a guess. */
export class CorruptStore extends Error {
  override readonly name = 'CorruptStore';
  readonly code = 'corrupt-store';
}
