import * as z from 'zod';
import type { Rejection } from '../../domain/kernel/decider.ts';
import { strictObject } from '../../domain/kernel/zodTypes.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { StoreRejection } from '../platform/store/submit.ts';
import { wholeNumber } from '../platform/wholeNumber.ts';

export interface NoticeLimits {
  readonly perHour: number;
  readonly bytesPerDay: number;
}

export const DEFAULT_NOTICE_LIMITS: NoticeLimits = { perHour: 120, bytesPerDay: 20_000_000 };

export const NoticeLimit = wholeNumber(0);

/** `sender`: one vendor, one form or one token. */
export interface CountedDelivery {
  readonly sender: string;
  readonly bytes: number;
}

/** A window begins with its first delivery. `resetS`: seconds until it ends. */
export interface LimitState {
  readonly name: 'notices' | 'notice-bytes';
  readonly quota: number;
  readonly windowS: number;
  readonly remaining: number;
  readonly resetS: number;
}

/** `retryAfterS`: seconds after which the same delivery fits. */
export interface LimitsExceeded {
  readonly states: readonly LimitState[];
  readonly retryAfterS: number;
}

export type CountNotice = (delivery: CountedDelivery) => Promise<LimitsExceeded | undefined>;

/** Why a counted delivery was refused. `exceeded`: present with `too-many-notices`. */
export interface NotTaken<C extends string> {
  readonly ok: false;
  readonly rejection: Rejection<C | StoreRejection | 'too-many-notices'> & { readonly exceeded?: LimitsExceeded };
}

export const countDelivery = async (
  { countNotice }: { readonly countNotice: CountNotice },
  delivery: CountedDelivery | null,
): Promise<{ readonly ok: true } | NotTaken<never>> => {
  const exceeded = delivery === null ? undefined : await countNotice(delivery);
  if (exceeded === undefined) return { ok: true };
  const detail = `the limit of this sender is reached; send it again in ${exceeded.retryAfterS} seconds`;
  return { ok: false, rejection: { code: 'too-many-notices', detail, exceeded } };
};

const Window = strictObject(() => ({ since: z.string(), used: z.number() }));
type Window = z.infer<typeof Window>;

const Usage = strictObject(() => ({ hour: Window, day: Window }));
type Usage = z.infer<typeof Usage>;

/** `update` stores the usage that `change` returns, if any, and resolves with its result. */
interface UsageRecords {
  update<T>(sender: string, change: (usage: Usage | undefined) => { readonly next?: Usage; readonly result: T }): Promise<T>;
}

const HOUR_S = 3_600;
const DAY_S = 86_400;

const endsInS = ({ since }: Window, windowS: number, now: string): number =>
  Math.ceil((Date.parse(since) - Date.parse(now)) / 1_000) + windowS;

const current = (window: Window | undefined, windowS: number, now: string): Window =>
  window === undefined || endsInS(window, windowS, now) <= 0 ? { since: now, used: 0 } : window;

const judge =
  ({ perHour, bytesPerDay }: NoticeLimits, bytes: number, now: string) =>
  (usage: Usage | undefined) => {
    const hour = current(usage?.hour, HOUR_S, now);
    const day = current(usage?.day, DAY_S, now);
    const limits = [
      { name: 'notices' as const, quota: perHour, windowS: HOUR_S, window: hour, asks: 1 },
      { name: 'notice-bytes' as const, quota: bytesPerDay, windowS: DAY_S, window: day, asks: bytes },
    ].filter(({ quota }) => quota > 0);
    const states = limits.map(({ window, asks, ...limit }) => ({
      ...limit,
      asks,
      remaining: Math.max(0, limit.quota - window.used),
      resetS: endsInS(window, limit.windowS, now),
    }));
    const exceeded = states.filter(({ asks, remaining }) => asks > remaining);
    if (exceeded.length > 0) {
      const retryAfterS = Math.max(...exceeded.map(({ resetS }) => resetS));
      return { result: { states: states.map(({ asks: _asks, ...state }) => state), retryAfterS } };
    }
    const next = { hour: { ...hour, used: hour.used + 1 }, day: { ...day, used: day.used + bytes } };
    return { next, result: undefined };
  };

export const noticeCounter =
  (limits: NoticeLimits, usage: UsageRecords, clock: () => string): CountNotice =>
  async ({ sender, bytes }) => {
    if (limits.perHour === 0 && limits.bytesPerDay === 0) return undefined;
    return usage.update<LimitsExceeded | undefined>(sender, judge(limits, bytes, clock()));
  };

/** Maximum senders kept; above it the least recent one is dropped. */
const SENDERS_MAX = 10_000;

/** Counts exactly; a new process starts from zero. */
export const usageInMemory = (): UsageRecords => {
  const known = new Map<string, Usage>();
  return {
    update: async (sender, change) => {
      const { next, result } = change(known.get(sender));
      if (next === undefined) return result;
      known.delete(sender);
      known.set(sender, next);
      const [oldest] = known.keys();
      if (known.size > SENDERS_MAX && oldest !== undefined) known.delete(oldest);
      return result;
    },
  };
};

/** Side kind: by sender. */
const USAGE = 'notice-usage';

/** Counts for several processes. Approximate: some simultaneous deliveries are not counted. */
export const usageInSideStore = (sideStore: SideStore): UsageRecords => ({
  update: async (sender, change) => {
    const { next, result } = change(Usage.safeParse(await sideStore.get(USAGE, sender)).data);
    if (next !== undefined) await sideStore.put(USAGE, sender, next);
    return result;
  },
});
