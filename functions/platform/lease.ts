// Storage format, side kind `lease`: which process does some work alone, and until when.
import * as z from 'zod';
import { strictObject } from '../../domain/kernel/zodTypes.ts';
import { isUnexpired } from './age.ts';
import type { SideStore } from './store/sideStore.ts';

const LEASE = 'lease';
export const LEASE_KINDS = [LEASE] as const;

const NUMBER_DIGITS = 15;
/** How long a lease lasts after its last renewal. */
export const LEASE_MS = 60_000;
/** Renewals in the duration of a lease, so that some may be lost or late. */
const SIGNS = 4;

/** `untilMs`: by the wall clock; 0 for a released lease. */
const Lease = strictObject(() => ({ untilMs: z.number() }));

interface LeasePorts {
  readonly sideStore: SideStore;
  readonly wallMs: () => number;
}

const idOf = (name: string, number: number): string => `${name}/${String(number).padStart(NUMBER_DIGITS, '0')}`;

const numbersOf = async (sideStore: SideStore, name: string) =>
  (await sideStore.list(LEASE, `${name}/`)).map(({ id, value }) => ({
    id,
    number: Number(id.slice(name.length + 1)),
    untilMs: Lease.safeParse(value).data?.untilMs ?? 0,
  }));

/**
 * Returns the id of the lease taken; undefined while another process has it. Leases are numbered and each number is taken once, because the
 * side store has conditional inserts but no conditional replace. Older ones are removed, so a process with a stale list might take a number
 * again; it therefore checks once more that its number is the newest.
 */
const take = async ({ sideStore, wallMs }: LeasePorts, name: string): Promise<string | undefined> => {
  const known = await numbersOf(sideStore, name);
  const newest = known.at(-1);
  const nowMs = wallMs();
  // Assumes that the clocks of two processes differ by less than a lease.
  if (newest !== undefined && isUnexpired(newest.untilMs, nowMs, 2 * LEASE_MS)) return undefined;
  const own = idOf(name, (newest?.number ?? 0) + 1);
  if (!(await sideStore.putIfAbsent(LEASE, own, { untilMs: nowMs + LEASE_MS }))) return undefined;
  const [last] = (await numbersOf(sideStore, name)).slice(-1);
  if (last?.id !== own) {
    await sideStore.remove(LEASE, own);
    return undefined;
  }
  for (const { id } of known) await sideStore.remove(LEASE, id);
  return own;
};

const keeping = ({ sideStore, wallMs }: LeasePorts, own: string): (() => Promise<void>) => {
  let last: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // A lost renewal is followed by the next one.
    last = sideStore.put(LEASE, own, { untilMs: wallMs() + LEASE_MS }).catch(() => undefined);
  }, LEASE_MS / SIGNS).unref();
  return async () => {
    clearInterval(timer);
    await last;
  };
};

/**
 * Does work that no other process may do at the same time; returns undefined while another one does it. If a process dies meanwhile, its
 * lease lasts until it expires.
 */
export const underLease = async <T>(ports: LeasePorts, name: string, work: () => Promise<T>): Promise<T | undefined> => {
  const own = await take(ports, name);
  if (own === undefined) return undefined;
  const stop = keeping(ports, own);
  try {
    return await work();
  } finally {
    await stop();
    await ports.sideStore.put(LEASE, own, { untilMs: 0 });
  }
};
