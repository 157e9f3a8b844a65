/**
 * Thrown when the store cannot be reached, or could not confirm whether it wrote. Callers answer 503; the same command may be
 * sent again.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code = 'store-unavailable';
}

/** Thrown when the store's content differs from what was written. Callers give no answer based on it, never a guess. */
export class CorruptStore extends Error {
  override readonly name = 'CorruptStore';
  readonly code = 'corrupt-store';
}
