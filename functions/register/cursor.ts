/** Where a list goes on: opaque to whoever holds it. */
export const encodeCursor = (place: string): string => Buffer.from(place).toString('base64url');

/** The place in a cursor; '' without one, undefined when it is no cursor of ours. */
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
