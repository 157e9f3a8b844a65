import { latest } from '../../../domain/kernel/order.ts';
import { StoreUnavailable } from './errors.ts';
import type { Store } from './port.ts';

const CLOCK_BEHIND_MS_MAX = 5_000;

const isBehind = (now: string, newest: string): boolean => Date.parse(newest) - Date.parse(now) > CLOCK_BEHIND_MS_MAX;

/** Returns the newest instant committed if this instant is behind it; undefined if it is not, and where the store does not know. */
export const newestBeyond = async (
  { store }: { readonly store: Pick<Store, 'newestAt'> },
  now: string,
): Promise<string | undefined> => {
  const newest = await store.newestAt();
  return newest !== undefined && isBehind(now, newest) ? newest : undefined;
};

/** Returns the later of the clock and the newest instant committed, as far as the store knows it: nothing is decided before it. */
export const presentOf = async ({ store, clock }: { readonly store: Pick<Store, 'newestAt'>; readonly clock: () => string }) =>
  latest(clock(), await store.newestAt());

/**
 * Taken while the clock is behind: what switches off or ends something, the receipt of a notice, and the log's own commits, without which
 * the others would not be public.
 */
const TAKEN_WHILE_BEHIND: ReadonlySet<unknown> = new Set([
  'ApprovalRevoked',
  'MaintenanceContested',
  'RevocationRecorded',
  'AccessRevoked',
  'PasskeyRemoved',
  'KeyRetired',
  'LinksCutOff',
  'LinksUsed',
  'NoticeReceived',
  'CheckpointSigned',
]);

/** What a commit of a feature records beside its act because time has passed. Alone it waits, too. */
const BY_TIME: ReadonlySet<unknown> = new Set([
  'ApprovalBegan',
  'ApprovalEnded',
  'ChangeLapsed',
  'ChangeRefused',
  'ChangeVetoed',
  'PolicyPinned',
]);

const isTakenWhileBehind = (events: readonly unknown[]): boolean => {
  const acts = events.map((event) => (event as { readonly type?: unknown }).type).filter((type) => !BY_TIME.has(type));
  // A removal is a notice that switches off.
  return acts.includes('FeatureRemoved') || (acts.length > 0 && acts.every((type) => TAKEN_WHILE_BEHIND.has(type)));
};

/**
 * Throws StoreUnavailable (`clock-behind`) if a clock is behind the instant at which events are committed, unless they switch off or end
 * something: they would bear an instant at which a signature of now does not count, and be kept out of the log for good.
 */
export const mustNotBeBehind = (now: string, at: string, events: readonly unknown[]): void => {
  if (!isBehind(now, at) || isTakenWhileBehind(events)) return;
  throw new StoreUnavailable(`the clock shows ${now}, and something was committed at ${at}`, { code: 'clock-behind' });
};
