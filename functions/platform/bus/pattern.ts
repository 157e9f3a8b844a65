import type { JsonValue } from '../../../domain/kernel/json.ts';

/** One value that a field may have: the value itself, or a test of it. */
type Matcher =
  | string
  | number
  | boolean
  | null
  | { readonly prefix: string }
  | { readonly 'anything-but': string | readonly string[] | { readonly prefix: string } }
  | { readonly exists: boolean };

/**
 * An EventBridge event pattern, limited to the features that the rules here use: all fields must match, and a list matches by
 * any of its members. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export interface Pattern {
  readonly [field: string]: Pattern | readonly Matcher[];
}

const isLeaf = (value: JsonValue | undefined): boolean => value === null || typeof value !== 'object';

const matchesOne = (matcher: Matcher, value: JsonValue | undefined): boolean => {
  if (typeof matcher !== 'object' || matcher === null) return value === matcher;
  // As in EventBridge, a field exists only as a leaf: an object does not count as a value.
  if ('exists' in matcher) return matcher.exists === (value !== undefined && (Array.isArray(value) || isLeaf(value)));
  if ('prefix' in matcher) return typeof value === 'string' && value.startsWith(matcher.prefix);
  const but = matcher['anything-but'];
  if (value === undefined || !isLeaf(value)) return false;
  if (typeof but === 'object' && 'prefix' in but) return typeof value === 'string' && !value.startsWith(but.prefix);
  return typeof but === 'string' ? value !== but : !but.some((each) => each === value);
};

const isMatchers = (part: Pattern | readonly Matcher[]): part is readonly Matcher[] => Array.isArray(part);

/** Reports whether a field matches; a list in the event matches if any of its members does. */
const matchesField = (matchers: readonly Matcher[], value: JsonValue | undefined): boolean =>
  matchers.some((matcher) => {
    const values: readonly (JsonValue | undefined)[] = Array.isArray(value) && !isExists(matcher) ? value : [value];
    return values.some((each) => matchesOne(matcher, each));
  });

const isExists = (matcher: Matcher): boolean => typeof matcher === 'object' && matcher !== null && 'exists' in matcher;

/** Reports whether an event, as EventBridge carries it, matches a pattern. */
export const matches = (pattern: Pattern, event: JsonValue | undefined): boolean =>
  Object.entries(pattern).every(([field, part]) => {
    const holder = typeof event === 'object' && event !== null && !Array.isArray(event) ? event : undefined;
    const value = holder !== undefined && Object.hasOwn(holder, field) ? (holder as Record<string, JsonValue>)[field] : undefined;
    return isMatchers(part) ? matchesField(part, value) : matches(part, value);
  });
