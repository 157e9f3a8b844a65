import type { JsonValue } from '../../../../domain/kernel/json.ts';

type Matcher =
  | string
  | { readonly prefix: string }
  | { readonly 'anything-but': { readonly prefix: string } | readonly string[] };

/** An EventBridge event pattern, as far as rules and filters here use it; a matcher of another kind throws. */
export interface Pattern {
  readonly [field: string]: Pattern | readonly Matcher[];
}

const matchesOne = (matcher: Matcher, value: JsonValue | undefined) => {
  if (typeof matcher === 'string') return value === matcher;
  if (typeof value !== 'string') return false;
  if ('prefix' in matcher) return value.startsWith(matcher.prefix);
  const but = matcher['anything-but'];
  return 'prefix' in but ? !value.startsWith(but.prefix) : !but.includes(value);
};

export const matches = (pattern: Pattern, event: JsonValue | undefined): boolean =>
  Object.entries(pattern).every(([field, part]) => {
    const value = (event as Readonly<Record<string, JsonValue>> | undefined)?.[field];
    return Array.isArray(part) ? part.some((each) => matchesOne(each, value)) : matches(part as Pattern, value);
  });
