import { vi } from 'vitest';
import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import { type Call, DONE_UNTOLD, type Fault, faultsOf, isRead, type Seen } from '../../../contract/faultProxy.ts';
import { coldStart, type Handler } from './coldStart.ts';
import type { Lane, Lanes, Snapshot } from './lanes.ts';

export interface Cut extends Call {
  readonly fault: Fault;
}

/** One command or one run of a consumer, from its first try until it is done. */
export interface Deed {
  readonly name: string;
  readonly of: FunctionName;
  readonly from: Snapshot;
  readonly tryOnce: (handler: Handler, lane: Lane) => Promise<boolean>;
  readonly meanwhile: (lane: Lane, told: boolean) => Promise<void>;
  readonly after: (lane: Lane, cut: Cut | undefined) => Promise<void>;
  readonly heal?: (handler: Handler, lane: Lane) => Promise<void>;
}

interface Case {
  readonly lane: Lane;
  readonly cut: Cut | undefined;
  handler: Handler | undefined;
  told: boolean;
  trouble: string | undefined;
}

const AT_ONCE = 6;
const WAITING_AT_ONCE = 24;
const TRIES_MAX = 6;
/** Longer than every pause that a consumer makes. */
const PAUSE_MS = 90_000;

/** With this variable set, as the long proofs do, each call meets each of its faults. */
export const isComplete = process.env.ALDERGATE_EVERY_FAULT !== undefined;

/** By default one read in this many meets a fault: whichever fault it is, nothing was done. */
const READS_SKIPPED = 60;
/** Tries the first two writes of a kind and one in this many, since those in between are of the same batch. */
const [WRITES_MIN, WRITES_SKIPPED] = [2, 8];

/**
 * Returns the faults that the call at a place meets, which is the `turn`th of its kind. By default some calls meet one: a write by turns
 * one after which it was done and one after which it was not.
 */
const chosenFaults = (call: Call, at: number, turn: number) => {
  const faults = faultsOf(call);
  if (isComplete) return faults;
  const inTurn = (some: readonly Fault[], turn: number): readonly Fault[] => some.slice(turn % some.length).slice(0, 1);
  if (isRead(call)) return at % READS_SKIPPED === 0 ? inTurn(faults, at / READS_SKIPPED) : [];
  if (turn >= WRITES_MIN && turn % WRITES_SKIPPED !== 0) return [];
  const isDone = at % 2 === 0;
  return inTurn(
    faults.filter((fault) => isUntold(fault) === isDone),
    at >> 1,
  );
};

/** Whether two calls are of one kind. Calls that are made side by side come in any order, so a fault is for the nth of its kind. */
const isSameAs =
  (one: Call) =>
  ({ service, operation }: Call) =>
    service === one.service && operation === one.operation;

const isUntold = (fault: Fault) => DONE_UNTOLD.has(fault);

const atMost = async <T>(most: number, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const waiting = [...items];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: most }, worker));
};

const each = async <T extends Pick<Case, 'cut'>>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const isSlow = ({ cut }: T) => cut?.fault === 'slow';
  const [slow, others] = [items.filter(isSlow), items.filter((one) => !isSlow(one))];
  await Promise.all([atMost(WAITING_AT_ONCE, slow, work), atMost(AT_ONCE, others, work)]);
};

/** Makes one try. A function that cannot start or that throws has acknowledged nothing. */
const attempt = async ({ proxy }: Lanes, deed: Deed, one: Case) => {
  try {
    one.handler ??= await coldStart(deed.of, proxy, one.lane);
  } catch {
    return;
  }
  one.told = await deed.tryOnce(one.handler, one.lane);
};

/** Runs a step of a case; the first trouble of a case is kept, with what was cut. */
const step = (work: (one: Case) => Promise<void>) => async (one: Case) => {
  if (one.trouble !== undefined) return;
  try {
    await work(one);
  } catch (error) {
    one.trouble = error instanceof Error ? error.message : String(error);
  }
};

const finish = async (lanes: Lanes, deed: Deed, one: Case) => {
  for (let tries = 0; !one.told && tries < TRIES_MAX; tries += 1) await attempt(lanes, deed, one);
  if (!one.told) throw new Error('it was never told that it is done');
  if (one.handler !== undefined) await deed.heal?.(one.handler, one.lane);
  await deed.meanwhile(one.lane, true);
  await deed.after(one.lane, one.cut);
};

const play = async (lanes: Lanes, deed: Deed, cases: readonly Case[]) => {
  await each(
    cases,
    step(async (one) => {
      await attempt(lanes, deed, one);
      await deed.meanwhile(one.lane, one.told);
    }),
  );
  vi.setSystemTime(Date.now() + PAUSE_MS);
  await each(
    cases,
    step((one) => finish(lanes, deed, one)),
  );
  await Promise.all(cases.map(({ lane }) => lane.drop()));
};

const caseOn = async (lanes: Lanes, { from }: Deed, cut?: Cut): Promise<Case> => ({
  lane: await lanes.open(from),
  cut,
  handler: undefined,
  told: false,
  trouble: undefined,
});

/**
 * Does a deed once without a fault, which gives its calls, and then once for each call and each of its chosen faults, cold start
 * included. Returns one line for each case that went wrong; `gaveUp`: in how many the machine was too busy for a client's limits.
 */
export const everyFault = async (lanes: Lanes, deed: Deed) => {
  const clean = await caseOn(lanes, deed);
  await step((one) => attempt(lanes, deed, one))(clean);
  const calls = lanes.proxy.takeCalls(clean.lane.name);
  await play(lanes, deed, [clean]);
  const hits = new Set<string>();
  const cases: Case[] = [];
  const cuts = calls.flatMap((call, at) => {
    const turn = calls.slice(0, at).filter(isSameAs(call)).length;
    return chosenFaults(call, at, turn).map((fault) => ({ turn, cut: { ...call, fault } }));
  });
  await each(cuts, async ({ turn, cut }) => {
    const one = await caseOn(lanes, deed, cut);
    cases.push(one);
    let seen = 0;
    const choose = (call: Seen) => {
      // A busy machine repeats calls of the clean run: the last of them does not happen here, and what heals must not meet its fault.
      if (one.told || !isSameAs(cut)(call)) return undefined;
      seen += 1;
      if (seen !== turn + 1) return undefined;
      hits.add(one.lane.name);
      return cut.fault;
    };
    lanes.proxy.plan(choose, one.lane.name);
  });
  await play(lanes, deed, cases);
  const isBusy = clean.lane.gaveUp();
  const troubles = [clean, ...cases].flatMap(({ lane, cut, trouble }) => {
    // Reads that are made side by side may join, so that one of them does not happen. A write always does.
    const isMissed = cut !== undefined && !isRead(cut) && !hits.has(lane.name) && !isBusy;
    const missed = isMissed ? 'it was never reached' : undefined;
    const said = trouble ?? missed;
    return said === undefined ? [] : [`${cut?.service ?? 'clean'} ${cut?.operation ?? ''} ${cut?.fault ?? ''}: ${said}`];
  });
  const gaveUp = [clean, ...cases].filter(({ lane }) => lane.gaveUp()).length;
  return { calls: calls.map(({ service, operation }) => `${service} ${operation}`), gaveUp, troubles };
};
