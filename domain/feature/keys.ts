/** The city's own id in place of a vendor's: it owns the key of its own policy, and no vendor can have this name. */
export const CITY = 'aldergate';

/** The key of the feature whose changes are changes of the city's own policy. */
export const POLICY_KEY = `${CITY}.policy`;

/** Returns the vendor that owns a key: its first segment. */
export const vendorOf = (key: string): string => key.split('.', 1)[0] ?? key;

/**
 * Returns every prefix of a key from the root to the key itself: `a.b.c` → `a`, `a.b`, `a.b.c`. Each needs consent. The city's
 * own policy has only itself: no contract or product above it could be approved.
 */
export const prefixesOf = (key: string): readonly string[] => {
  if (key === POLICY_KEY) return [POLICY_KEY];
  const segments = key.split('.');
  return segments.map((_, index) => segments.slice(0, index + 1).join('.'));
};

/** Returns the public name of a change: its feature's key and its number there, `flock.lpr/3`. */
export const changeId = (key: string, change: number): string => `${key}/${change}`;

const CHANGE_ID = /^(?<key>[a-z0-9.-]{1,204})\/(?<number>[1-9][0-9]{0,6})$/;

/** Parses the name that {@link changeId} writes; undefined for any other text. */
export const changeNamed = (text: string): { readonly key: string; readonly number: number } | undefined => {
  const { key = '', number = '' } = CHANGE_ID.exec(text)?.groups ?? {};
  return key === '' ? undefined : { key, number: Number(number) };
};

/** Returns the stream that holds a feature's whole life. */
export const featureStream = (key: string): string => `feature/${key}`;
