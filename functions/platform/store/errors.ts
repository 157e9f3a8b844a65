/**
 * Why the store takes no write: it cannot be reached, its disk has only the reserve for officials' decisions left, or the clock is behind
 * what was committed.
 */
type Outage = 'store-unavailable' | 'disk-low' | 'clock-behind';

/**
 * Thrown when the store cannot be reached, could not confirm whether it wrote, keeps its last room for others, or has a clock
 * by which nothing can be committed. Callers answer
 * 503; the same command may be sent again.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code: Outage;

  constructor(message: string, { code = 'store-unavailable', ...options }: ErrorOptions & { readonly code?: Outage } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** Thrown when the store's content differs from what was written. Callers give no answer based on it, never a guess. */
export class CorruptStore extends Error {
  override readonly name = 'CorruptStore';
  readonly code = 'corrupt-store';
}

const nothing = (): undefined => undefined;

/**
 * Awaits a reading on which more than it depends: resolves to what `instead` gives, by default undefined, if a record cannot be read. Rejects
 * for every other error.
 */
export const ifReadable = async <T, Instead = undefined>(
  reading: Promise<T>,
  instead: (error: CorruptStore) => Instead | Promise<Instead> = nothing as () => Instead,
): Promise<T | Instead> => {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof CorruptStore) return instead(error);
    throw error;
  }
};
