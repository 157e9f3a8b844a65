// Storage format, side kind `lease`: which process does some work alone, and until when.
import * as z from 'zod';
import { strictObject } from '../../domain/kernel/zodTypes.ts';
import { isUnexpired } from './age.ts';
import type { SideStore } from './store/sideStore.ts';

const LEASE = 'lease';
export const LEASE_KINDS = [LEASE] as const;

const NUMBER_DIGITS = 15;
/** How long a process keeps a lease after its last sign of life. */
export const LEASE_MS = 60_000;
/** So many signs of life may be lost, or come late. */
const SIGNS = 4;

/** By the wall clock. A lease that was given back ended at 0. */
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
 * Returns the id of the lease taken; undefined while another process has it. Leases are numbered, and each number is taken once: the side
 * store inserts under a condition, but does not replace under one. The older ones are removed, so one who saw none of the newer might take
 * a number again, and looks once more whether his is the newest.
 */
const take = async ({ sideStore, wallMs }: LeasePorts, name: string): Promise<string | undefined> => {
  const known = await numbersOf(sideStore, name);
  const newest = known.at(-1);
  const nowMs = wallMs();
  // The clocks of two processes differ by less than a whole lease.
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
    // One that is lost is followed by the next one.
    last = sideStore.put(LEASE, own, { untilMs: wallMs() + LEASE_MS }).catch(() => undefined);
  }, LEASE_MS / SIGNS).unref();
  return async () => {
    clearInterval(timer);
    await last;
  };
};

/**
 * Does work that no other process may do at the same time; returns undefined while another one does it. A process that ends in between
 * keeps its lease until that expires.
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
