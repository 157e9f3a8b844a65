/** Encodes the position after which a list continues. Clients must treat it as opaque. */
export const encodeCursor = (place: string): string => Buffer.from(place).toString('base64url');

/** Decodes a cursor: '' without a cursor, undefined for an invalid one. */
export const decodeCursor = (cursor: string | undefined): string | undefined => {
  if (cursor === undefined) return '';
  const place = Buffer.from(cursor, 'base64url').toString();
  return place !== '' && place.isWellFormed() && encodeCursor(place) === cursor ? place : undefined;
};

/** One page of a list; `next` is null at its end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
