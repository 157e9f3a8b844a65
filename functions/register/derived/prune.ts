import * as z from 'zod';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { object } from '../../../domain/kernel/lazyObject.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { DERIVED } from './records.ts';

const KEPT_MS = 90 * 24 * 60 * 60_000;
const PRUNED_AT_ONCE = 100;

const Queued = object(() => ({ queued: z.string() }));

/** Removes the events that were queued more than ninety days ago. */
export const pruneQueue = async (sideStore: SideStore, now: string): Promise<void> => {
  const oldest = new Date(Date.parse(now) - KEPT_MS).toISOString();
  for (;;) {
    const page = await sideStore.list(DERIVED.event, '', { limit: PRUNED_AT_ONCE });
    const old = page.filter(({ value }) => queuedAt(value) < oldest);
    await Promise.all(old.map(({ id }) => sideStore.remove(DERIVED.event, id)));
    if (old.length < PRUNED_AT_ONCE) return;
  }
};

/** An event that cannot be read is as old as any. */
const queuedAt = (value: JsonValue): string => Queued.safeParse(value).data?.queued ?? '';
