import { earliest } from '../kernel/order.ts';
import { commonAudience } from './approval.ts';
import { advanceTo } from './due.ts';
import { prefixesOf } from './keys.ts';
import type { ChangeState, FeatureState } from './state.ts';
import { newestOf, openChanges, standingOf } from './state.ts';

/** The answers the gate knows. Only `enabled` is yes. */
export const VARIANTS = [
  'enabled',
  'pending',
  'vetoed',
  'refused',
  'lapsed',
  'withdrawn',
  'outdated',
  'expired',
  'revoked',
  'removed',
  'unknown',
  'blocked',
  'audience',
  'version',
] as const;
export type Variant = (typeof VARIANTS)[number];

/** Whether something may be on, if only for the agencies that its approval names. */
export const mayBeOn = (variant: Variant): boolean => variant === 'enabled' || variant === 'audience';

/**
 * A head of each prefix of a key, root first: a state, nothing (nobody has spoken of it), one that could not be read, or `ended`: the log
 * was frozen, so that nobody could switch it off here any more.
 */
export type Head = FeatureState | null | 'unreadable' | 'ended';

/** Who asks, and for which version; both optional. */
export interface EvaluationContext {
  readonly agency?: string | undefined;
  readonly version?: string | undefined;
}

/** The answer and everything it rests on. `validUntil` is the earliest end along the chain; `audience` null means every agency. */
export interface Evaluation {
  readonly enabled: boolean;
  readonly variant: Variant;
  readonly reason: 'STATIC' | 'TARGETING_MATCH';
  readonly because: string;
  readonly change: number | null;
  readonly revision: number | null;
  readonly digest: string | null;
  readonly version: string | null;
  readonly validUntil: string | null;
  readonly audience: readonly string[] | null;
  readonly conditions: readonly string[];
  readonly pending: number;
}

interface Link {
  readonly key: string;
  readonly variant: Variant;
  readonly change: ChangeState | undefined;
  readonly pending: number;
}

/** From when the approved words are untrue, by an open or a closed change that could not be held back. */
export const staleFrom = (state: FeatureState): string | null =>
  earliest(state.stale?.from ?? null, ...openChanges(state).map(({ stale }) => stale));

/** What one key is on its own, ancestors left aside. `enabled` here means in force. */
const linkOf = (key: string, head: Head, now: string): Link => {
  if (head === 'ended') return { key, variant: 'blocked', change: undefined, pending: 0 };
  if (head === null || head === 'unreadable') return { key, variant: 'unknown', change: undefined, pending: 0 };
  const state = advanceTo(head, now);
  const pending = openChanges(state).length;
  const standing = standingOf(state);
  if (state.removal !== null && state.removal.effectiveAt <= now) return { key, variant: 'removed', change: standing, pending };
  if (standing === undefined) {
    const newest = newestOf(state);
    const status = newest?.status ?? 'pending';
    const variant: Variant =
      newest === undefined ? 'unknown' : status === 'approved' || status === 'replaced' ? 'unknown' : status;
    return { key, variant, change: newest, pending };
  }
  const stale = staleFrom(state);
  if (standing.status === 'revoked' || standing.status === 'expired')
    return { key, variant: standing.status, change: standing, pending };
  if (standing.status !== 'approved') return { key, variant: 'unknown', change: standing, pending };
  return { key, variant: stale !== null && stale <= now ? 'outdated' : 'enabled', change: standing, pending };
};

const ENDED = 'this register has ended: nothing could be switched off in it, so nothing is on; ask the one in which it goes on';

const intersect = (links: readonly Link[]): readonly string[] | null =>
  links.reduce<readonly string[] | null>(
    (allowed, { change }) => commonAudience(allowed, change?.approved?.terms.audience ?? null),
    null,
  );

const variantOf = (
  links: readonly Link[],
  audience: readonly string[] | null,
  context: EvaluationContext,
): { variant: Variant; because: string } => {
  const own = links.at(-1);
  if (own === undefined || own.variant !== 'enabled')
    return { variant: own?.variant ?? 'unknown', because: `${own?.key ?? 'the key'} is ${own?.variant ?? 'unknown'}` };
  if (context.version !== undefined && context.version !== own.change?.version) {
    return { variant: 'version', because: `version ${own.change?.version ?? 'none'} is approved, not ${context.version}` };
  }
  if (audience !== null && (context.agency === undefined || !audience.includes(context.agency))) {
    return {
      variant: 'audience',
      because:
        context.agency === undefined
          ? 'the approval is for named agencies, and none was given'
          : 'this agency is not among those the approval is for',
    };
  }
  const off = links.find(({ variant }) => variant !== 'enabled');
  if (off !== undefined) return { variant: 'blocked', because: `${off.key} is ${off.variant}` };
  return { variant: 'enabled', because: 'every required approval is in force' };
};

/**
 * The only place where "enabled" is computed. `heads`: one for each prefix of the key, root first. Yes only when the key and every
 * prefix of it is approved, in force at `now`, not made untrue by a later change, for this version and this agency. Anything else,
 * an unreadable record included, is no, with the reason. Never throws on heads that the store's own checks let through.
 */
export const evaluate = (key: string, heads: readonly Head[], context: EvaluationContext, now: string): Evaluation => {
  const prefixes = prefixesOf(key);
  const links = prefixes.map((prefix, index) => linkOf(prefix, heads[index] ?? null, now));
  const inForce = links.filter(({ variant }) => variant === 'enabled');
  const audience = intersect(inForce);
  const { variant, because } = variantOf(links, audience, context);
  const own = links.at(-1);
  const enabled = variant === 'enabled';
  const readable = heads.slice(0, prefixes.length).every((head) => head !== 'unreadable');
  return {
    enabled: enabled && readable,
    variant: readable || !enabled ? variant : 'blocked',
    reason: inForce.some(({ change }) => change?.approved?.terms.audience != null) ? 'TARGETING_MATCH' : 'STATIC',
    because: heads.includes('ended') ? ENDED : readable ? because : 'a stored record cannot be read',
    change: own?.change?.number ?? null,
    revision: own?.change?.revision ?? null,
    digest: own?.change?.digest ?? null,
    version: own?.change?.version ?? null,
    validUntil: earliest(...inForce.map(({ change }) => change?.approved?.validUntil ?? null)),
    audience,
    conditions: inForce.flatMap(({ change }) => change?.approved?.terms.conditions ?? []),
    pending: own?.pending ?? 0,
  };
};
