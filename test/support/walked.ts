interface Part<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** More than the pages of any list of a test. */
const PAGES_MAX = 200;

/** Returns the pages of a list. `read`: the page behind a cursor, which is empty for the first. */
export const walked = async <T>(read: (cursor: string) => Promise<Part<T>>): Promise<readonly (readonly T[])[]> => {
  const pages: (readonly T[])[] = [];
  for (let cursor: string | null = ''; cursor !== null && pages.length < PAGES_MAX; ) {
    const { items, next }: Part<T> = await read(cursor);
    pages.push(items);
    cursor = next;
  }
  return pages;
};
