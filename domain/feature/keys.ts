/** The city itself where a vendor's id stands: it owns the key of its own policy, and no vendor has this name. */
export const CITY = 'aldergate';

/** The key of the feature whose changes are changes of the city's own policy. */
export const POLICY_KEY = `${CITY}.policy`;

/** The vendor that owns a key: its first segment. */
export const vendorOf = (key: string): string => key.split('.', 1)[0] ?? key;

/**
 * Every prefix of a key from the root to the key itself: `a.b.c` → `a`, `a.b`, `a.b.c`. Consent is needed at each of them. The city's own
 * policy stands for itself: above it is no contract or product that anybody could approve.
 */
export const prefixesOf = (key: string): readonly string[] => {
  if (key === POLICY_KEY) return [POLICY_KEY];
  const segments = key.split('.');
  return segments.map((_, index) => segments.slice(0, index + 1).join('.'));
};

/** The public name of a change: its feature's key and its number there, `flock.lpr/3`. */
export const changeId = (key: string, change: number): string => `${key}/${change}`;

const CHANGE_ID = /^(?<key>[a-z0-9.-]{1,204})\/(?<number>[1-9][0-9]{0,6})$/;

/** The change that a text names as {@link changeId} writes it; undefined when it names none. */
export const changeNamed = (text: string): { readonly key: string; readonly number: number } | undefined => {
  const { key = '', number = '' } = CHANGE_ID.exec(text)?.groups ?? {};
  return key === '' ? undefined : { key, number: Number(number) };
};

/** The stream that holds a feature's whole life. */
export const featureStream = (key: string): string => `feature/${key}`;
