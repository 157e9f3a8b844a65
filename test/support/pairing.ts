/** What a gate makes at random: the token of a link, an API token, the id of a key, the log's key, a UUID, a hash. */
const RANDOM =
  /(?<=\/[dmn]\/)[\w-]{43}|ald_\w{54}|k_[\w-]{12}|\w{8}\+A[\w+/]{43}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{16,64}\b/g;

/** Pairs the random values that two gates have at the same places of a text, consistently throughout. */
export const pairing = () => {
  const [theirs, own] = [new Map<string, string>(), new Map<string, string>()];
  return {
    toTheirs: (text: string) => text.replaceAll(RANDOM, (found) => theirs.get(found) ?? found),
    /** Returns the other gate's text with this gate's random values, after pairing those that are new in both. */
    toOwn: (mine: string, other: string) => {
      const found = mine.match(RANDOM) ?? [];
      for (const [index, each] of (other.match(RANDOM) ?? []).entries()) {
        const same = found[index];
        if (same === undefined || theirs.has(same) || own.has(each)) continue;
        theirs.set(same, each);
        own.set(each, same);
      }
      return other.replaceAll(RANDOM, (each) => own.get(each) ?? each);
    },
  };
};
