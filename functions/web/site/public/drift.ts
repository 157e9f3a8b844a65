import type { SiteDeps } from '../deps.ts';

// What was seen on beyond what is approved, for the public pages.

/** Returns the keys of vendors that are on beyond what is approved, with when each was seen last. */
export const driftOf = async (_deps: SiteDeps, _vendors: readonly string[]): Promise<ReadonlyMap<string, string>> => new Map();

/** Returns when a key was seen on last, if that exceeds what is approved; undefined otherwise. */
export const driftAt = async (_deps: SiteDeps, _key: string): Promise<string | undefined> => undefined;

/** Returns who looked at a vendor, and when last. */
export const looksAt = async (
  _deps: SiteDeps,
  _vendor: string,
): Promise<readonly { readonly source: string; readonly observedAt: string }[]> => [];
