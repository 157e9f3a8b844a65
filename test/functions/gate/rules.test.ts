import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cachedRules, recordTimeZone, zoneInForce } from '../../../functions/gate/rules.ts';
import { StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import { failing, openGate } from '../openGate.ts';

// What a process keeps of the rules for a while. By which clocks it is aged is in test/functions/platform/age.test.ts.

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('a zone that another process recorded binds this one within a minute', async () => {
  const { ports } = await openGate();
  await recordTimeZone({ ...ports, store: { ...ports.store }, zone: 'America/Denver' });
  vi.advanceTimersByTime(59_999);
  expect(await zoneInForce(ports)).toBe('UTC');
  vi.advanceTimersByTime(1);
  expect(await zoneInForce(ports)).toBe('America/Denver');
});

test('kept rules are read again after a second, and at once where a reading failed', async () => {
  const { store } = await openGate();
  let [reads, isDown] = [0, true];
  const counted = failing(store, (method, [stream]) => {
    if (method === 'head' && stream === 'policy') reads += 1;
    return isDown ? new StoreUnavailable('throttled') : undefined;
  });
  const rules = cachedRules({ store: counted });
  await expect(rules()).rejects.toThrow('throttled');
  isDown = false;
  const numbers = [];
  for (const passed of [0, 999, 1]) {
    vi.advanceTimersByTime(passed);
    numbers.push([(await rules()).policy?.number, reads]);
  }
  expect(numbers).toEqual([
    [1, 2],
    [1, 2],
    [1, 3],
  ]);
});
