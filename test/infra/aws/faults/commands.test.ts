import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Cities, eventsOf, form, isOn, noticeOf, playCities, type send, withdrawalOf } from './city.ts';
import type { Handler } from './coldStart.ts';
import { type Deed, everyFault } from './everyFault.ts';
import { type Lane, type Lanes, openLanes } from './lanes.ts';

const PATIENCE_MS = 600_000;

let lanes: Lanes;
let cities: Cities;

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  lanes = await openLanes();
  cities = await playCities(lanes);
}, PATIENCE_MS);
beforeEach(() => {
  // What the functions write to their logs here is about faults that were meant.
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  // The monotonic clock stands still, so that what is cached for a second is read equally often on every machine.
  vi.spyOn(performance, 'now').mockReturnValue(0);
});
afterAll(async () => {
  await lanes.close();
  vi.useRealTimers();
});

interface Command {
  readonly name: string;
  readonly of: 'api' | 'site';
  readonly from: keyof Pick<Cities, 'ready' | 'noticed' | 'certified' | 'approved'>;
  readonly request: () => (handler: Handler) => ReturnType<typeof send>;
  readonly status: number;
  readonly events: readonly string[];
  readonly onBefore: boolean;
  readonly onAfter: boolean;
}

const deedOf = ({ name, of, from, request, status, events, onBefore, onAfter }: Command): Deed => {
  const ask = request();
  const before = async (lane: Lane): Promise<boolean> => (await eventsOf(lane)).length < events.length;
  return {
    name,
    of,
    from: cities[from],
    tryOnce: async (handler) => {
      const { statusCode, body } = await ask(handler);
      if (statusCode < 500) expect(statusCode, body).toBe(status);
      return statusCode < 500;
    },
    meanwhile: async (lane, told) => {
      const missing = await before(lane);
      if (told) expect(missing, 'an acknowledged command is lost').toBe(false);
      expect(await isOn(lane), 'on while it must not be, or the other way round').toBe(missing ? onBefore : onAfter);
    },
    after: async (lane) => {
      expect(await eventsOf(lane)).toStrictEqual(events);
      const receipts = await lane.truth.store.history('receipt/acme/msg_notice', {});
      expect(receipts).toHaveLength(1);
    },
  };
};

const CERTIFIED = ['1 ChangeNotified', '2 VoteCertified', '2 RequirementMet'];
const APPROVED = [...CERTIFIED, '3 SignatureGiven', '3 RequirementMet', '3 ChangeApproved'];

const COMMANDS: readonly Command[] = [
  {
    name: 'a notice',
    of: 'api',
    from: 'ready',
    request: noticeOf,
    status: 202,
    events: ['1 ChangeNotified'],
    onBefore: false,
    onAfter: false,
  },
  {
    name: 'its withdrawal',
    of: 'api',
    from: 'noticed',
    request: withdrawalOf,
    status: 200,
    events: ['1 ChangeNotified', '2 ChangeWithdrawn'],
    onBefore: false,
    onAfter: false,
  },
  {
    name: 'a certification',
    of: 'site',
    from: 'noticed',
    request: () => form(cities.links.clerk, '', cities.certificate),
    status: 303,
    events: CERTIFIED,
    onBefore: false,
    onAfter: false,
  },
  {
    name: 'a signature',
    of: 'site',
    from: 'certified',
    request: () => form(cities.links.mayor, '', cities.signature),
    status: 303,
    events: APPROVED,
    onBefore: false,
    onAfter: true,
  },
  {
    name: 'a revocation',
    of: 'site',
    from: 'approved',
    request: () => form(cities.links.mayor, '/revoke', { reason: 'It is used otherwise.' }),
    status: 303,
    events: [...APPROVED, '4 ApprovalRevoked'],
    onBefore: true,
    onAfter: false,
  },
];

test.each(COMMANDS)(
  '$name: done once and told so, whatever went wrong at any of its calls',
  async (command) => {
    const { calls, troubles } = await everyFault(lanes, deedOf(command));
    console.log(`${command.name}: ${calls.length} calls: ${calls.join(', ')}`);
    expect(calls.length).toBeGreaterThan(3);
    expect(troubles).toStrictEqual([]);
  },
  PATIENCE_MS,
);
