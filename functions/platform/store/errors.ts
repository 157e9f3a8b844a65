type Outage = 'store-unavailable' | 'disk-low' | 'clock-behind';

/**
 * Thrown when the store cannot be reached, could not confirm a write, or accepts no writes now. The same command may be sent again.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code: Outage;

  constructor(message: string, { code = 'store-unavailable', ...options }: ErrorOptions & { readonly code?: Outage } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** `store-unreadable`: a row, a record or a file cannot be read. The others concern the whole store. */
export type StoreFault =
  | 'store-unreadable'
  | 'unknown-format'
  | 'schema-changed'
  | 'file-exchanged'
  | 'not-compared'
  | 'restored';

/** Thrown when the store's content differs from what was written. Callers must not base an answer on it. */
export class CorruptStore extends Error {
  override readonly name = 'CorruptStore';
  readonly code: StoreFault;

  constructor(message: string, { code = 'store-unreadable', ...options }: ErrorOptions & { readonly code?: StoreFault } = {}) {
    super(message, options);
    this.code = code;
  }
}

const nothing = (): undefined => undefined;

/** Awaits a read; resolves to the result of `instead` if a record cannot be read. */
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
