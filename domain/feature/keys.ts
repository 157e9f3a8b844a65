/** The city's own id in place of a vendor's. */
export const CITY = 'aldergate';

/** The feature whose changes are changes of the city's own policy. */
export const POLICY_KEY = `${CITY}.policy`;

export const vendorOf = (key: string): string => key.split('.', 1)[0] ?? key;

/** Returns every prefix of a key, root first: `a.b.c` → `a`, `a.b`, `a.b.c`. The city's policy has only itself. */
export const prefixesOf = (key: string): readonly string[] => {
  if (key === POLICY_KEY) return [POLICY_KEY];
  const segments = key.split('.');
  return segments.map((_, index) => segments.slice(0, index + 1).join('.'));
};

/** Returns the public name of a change: `acme.lpr/3`. */
export const changeId = (key: string, change: number): string => `${key}/${change}`;

const CHANGE_ID = /^(?<key>[a-z0-9.-]{1,204})\/(?<number>[1-9][0-9]{0,6})$/;

export const changeNamed = (text: string): { readonly key: string; readonly number: number } | undefined => {
  const { key = '', number = '' } = CHANGE_ID.exec(text)?.groups ?? {};
  return key === '' ? undefined : { key, number: Number(number) };
};

export const featureStream = (key: string): string => `feature/${key}`;

export const FEATURE_STREAMS = featureStream('');

export const isFeatureStream = (stream: string): boolean =>
  stream.startsWith(FEATURE_STREAMS) && stream.length > FEATURE_STREAMS.length;

export const featureOf = (stream: string): string => stream.slice(FEATURE_STREAMS.length);
