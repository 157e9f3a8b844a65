import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type HeldGateOptions, heldGate } from '../../../infra/client/held.ts';

// A gate and a client on a time of their own, in which clocks can be set, machines sleep, and answers come late or never.

const LEASE_S = 30;
const POLL_MS = 10_000;
const START = Date.parse('2026-03-02T12:00:00.000Z');

/** What happens to the next requests. */
type Way = 'answer' | 'untagged' | 'slow' | 'hang' | 'refuse' | 304 | 500 | 401 | 403 | 'rubbish' | 'other value';

/** Real time passes in steps of one timer at a time. While the machine sleeps, its monotonic clock and its timers stand still. */
class Universe {
  real = 0;
  wallOffset = 0;
  slept = 0;
  #timers: { readonly at: number; readonly task: () => void }[] = [];

  readonly clocks = {
    wallMs: () => START + this.real + this.wallOffset,
    monotonicMs: () => this.real - this.slept,
    after: (ms: number, task: () => void) => this.#after(this.clocks.monotonicMs() + Math.max(ms, 1), task),
  };

  #after(at: number, task: () => void): () => void {
    const timer = { at, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** Lets time pass; `each` runs at each moment at which anything can have changed. */
  async pass(ms: number, each: () => void = () => undefined): Promise<void> {
    const end = this.real + ms;
    for (;;) {
      await settled();
      each();
      const [next] = this.#timers.toSorted((a, b) => a.at - b.at);
      const at = next === undefined ? end : Math.max(this.real, next.at + this.slept);
      if (next === undefined || at > end) break;
      this.real = at;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.task();
    }
    this.real = end;
    await settled();
    each();
  }

  sleep(ms: number): void {
    this.real += ms;
    this.slept += ms;
  }
}

/** All promises that wait for nothing but each other. */
const settled = async () => {
  for (let turns = 0; turns < 30; turns += 1) await Promise.resolve();
};

const REVOKED_NEVER = Number.POSITIVE_INFINITY;

const openGate = (
  options: Partial<HeldGateOptions> & { readonly validUntil?: string; readonly body?: string; readonly way?: Way } = {},
) => {
  const universe = new Universe();
  const gate = { way: options.way ?? 'answer', tag: '', revokedAt: REVOKED_NEVER, asked: 0, notModified: 0, changes: 0 };
  const { validUntil, body, way: _way, ...own } = options;
  const isOn = () => universe.real < gate.revokedAt && (validUntil === undefined || now() < validUntil);
  const now = () => new Date(START + universe.real).toISOString();
  const answer = (tag: string | null) => {
    const on = isOn();
    const etag = `"${on ? 'on' : 'off'}"`;
    if (tag === etag) {
      gate.notModified += 1;
      return new Response(null, { status: 304, headers: { etag } });
    }
    const metadata = { asOf: now(), leaseSeconds: LEASE_S, ...(on && validUntil !== undefined && { validUntil }) };
    const flags = [{ key: 'acme', value: on, variant: on ? 'enabled' : 'revoked', reason: 'STATIC', metadata }];
    return new Response(body ?? JSON.stringify({ flags }), { status: 200, headers: { etag } });
  };
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void universe.clocks.after(ms, () => resolve()));
  const fetch = async (_url: unknown, init?: RequestInit): Promise<Response> => {
    gate.asked += 1;
    const tag = new Headers(init?.headers).get('if-none-match');
    const { way } = gate;
    if (way === 'hang') return new Promise(() => undefined);
    if (way === 'refuse') throw new TypeError('refused');
    if (way === 'rubbish') return new Response('<p>on</p>', { status: 200 });
    if (way === 'other value') return new Response('{"flags":[{"key":"acme","value":"yes"}]}', { status: 200 });
    if (way === 304) return new Response(null, { status: way, headers: gate.tag === '' ? {} : { etag: gate.tag } });
    if (typeof way === 'number') return new Response('{}', { status: way });
    if (way === 'untagged') return new Response(answer(null).body);
    const answered = answer(tag);
    // The answer was made before it came.
    if (way === 'slow') await wait(1_500);
    return answered;
  };
  const client = heldGate({
    url: 'https://gate.example',
    token: 'ald_x',
    keys: ['acme'],
    pollMs: POLL_MS,
    fetch,
    clocks: universe.clocks,
    onChange: () => {
      gate.changes += 1;
    },
    ...own,
  });
  const isOnNow = () => client.isOn('acme');
  /** Expects a yes until just before so many milliseconds have passed, and none then. */
  const expectOnFor = async (ms: number) => {
    await universe.pass(ms - 1);
    expect(isOnNow()).toBe(true);
    await universe.pass(1);
    expect(isOnNow()).toBe(false);
  };
  return { universe, gate, client, isOn: isOnNow, expectOnFor };
};

const opened = async (...options: Parameters<typeof openGate>) => {
  const all = openGate(...options);
  await all.universe.pass(0);
  expect(all.isOn()).toBe(true);
  return all;
};

describe('a yes is held', () => {
  test('for the lease from the sending of the question, while the gate is away, and no longer', async () => {
    const { gate, expectOnFor } = await opened();
    gate.way = 'refuse';
    await expectOnFor(LEASE_S * 1_000);
    expect(gate.changes).toBe(2);
  });

  test('from the sending and not from the answer', async () => {
    const { universe, gate, isOn, expectOnFor } = openGate({ way: 'slow' });
    await universe.pass(1_499);
    expect(isOn()).toBe(false);
    await universe.pass(1);
    expect(isOn()).toBe(true);
    gate.way = 'refuse';
    await expectOnFor(LEASE_S * 1_000 - 1_500);
  });

  test('anew by each 304', async () => {
    const { universe, gate, isOn } = await opened();
    await universe.pass(10 * LEASE_S * 1_000);
    expect([isOn(), gate.asked, gate.notModified]).toStrictEqual([true, 31, 30]);
  });

  test.each([
    ['untagged', ''],
    ['answer', ''],
    ['answer', 'W/"o"'],
    ['answer', '"on-two"'],
  ] as const)(
    'not by a 304 without the tag of the question, as of something before the gate that answers everything so: %s %s',
    async (way, tag) => {
      const { universe, gate, isOn, expectOnFor } = await opened({ way });
      Object.assign(gate, { way: 304, tag });
      await expectOnFor(LEASE_S * 1_000);
      gate.way = 'answer';
      await universe.pass(POLL_MS);
      expect([isOn(), gate.notModified]).toStrictEqual([true, 0]);
    },
  );

  test.each(['W/"on"', '"on-gzip"', '"on--br"'])('by a 304 whose tag a proxy has changed: %s', async (tag) => {
    const { universe, gate, isOn } = await opened();
    Object.assign(gate, { way: 304, tag });
    await universe.pass(2 * LEASE_S * 1_000);
    expect(isOn()).toBe(true);
  });

  test('never beyond the end of the approval, by the clock of the gate, also where a 304 renews it', async () => {
    const { universe, gate, isOn } = await opened({ validUntil: new Date(START + 65_000).toISOString() });
    universe.wallOffset = -3_600_000;
    await universe.pass(64_999);
    expect(isOn()).toBe(true);
    gate.way = 'hang';
    await universe.pass(1);
    expect(isOn()).toBe(false);
  });

  test('over a sleep of the machine by the wall clock, over a wall clock that is set back by the other', async () => {
    const { universe, gate, isOn } = await opened();
    gate.way = 'refuse';
    universe.sleep(LEASE_S * 1_000);
    expect(isOn()).toBe(false);
    const other = await opened();
    other.gate.way = 'refuse';
    other.universe.wallOffset = -86_400_000;
    await other.universe.pass(LEASE_S * 1_000);
    expect(other.isOn()).toBe(false);
  });
});

describe('a yes ends', () => {
  test('at the end of an approval, which is told at that moment and not at the next poll', async () => {
    const { universe, gate, isOn } = await opened({ validUntil: new Date(START + 5_000).toISOString() });
    expect(gate.changes).toBe(1);
    await universe.pass(5_000);
    expect([isOn(), gate.asked, gate.changes]).toStrictEqual([false, 1, 2]);
  });

  test.each([401, 403, 'rubbish'] as const)('at once when it is answered %s', async (way) => {
    const { universe, gate, isOn } = await opened();
    gate.way = way;
    await universe.pass(POLL_MS);
    expect(isOn()).toBe(false);
  });

  test('with the client, whose polls end', async () => {
    const { universe, gate, client, isOn } = await opened();
    client.close();
    expect(isOn()).toBe(false);
    await universe.pass(100_000);
    expect(gate.asked).toBe(1);
  });
});

describe('a no is', () => {
  test('everything before the first answer, and every other key', async () => {
    const { universe, client, isOn } = openGate();
    expect(isOn()).toBe(false);
    await universe.pass(0);
    expect([client.isOn('acme.lpr'), client.isOn('')]).toStrictEqual([false, false]);
  });

  const METADATA = { asOf: '2026-03-02T12:00:00.000Z', leaseSeconds: LEASE_S };
  const FLAG = { key: 'acme', value: true, variant: 'enabled', metadata: METADATA };
  const timed = (change: object) => [{ ...FLAG, metadata: { ...METADATA, ...change } }];

  test.each<[string, readonly object[]]>([
    ['without a lease', timed({ leaseSeconds: undefined })],
    ['with a lease of an hour and more', timed({ leaseSeconds: 3_601 })],
    ['with a lease that is no number', timed({ leaseSeconds: '30' })],
    ['with an end and no instant', timed({ asOf: 'now', validUntil: '2027-01-01T00:00:00.000Z' })],
    ['of another variant', [{ ...FLAG, variant: 'revoked' }]],
    ['twice for a key', [FLAG, { ...FLAG, value: false, variant: 'revoked' }]],
  ])('an answer %s', async (_, flags) => {
    const { universe, isOn } = openGate({ body: JSON.stringify({ flags }) });
    await universe.pass(0);
    expect(isOn()).toBe(false);
  });
});

test('what the program throws when it hears of a change is uncaught, and the polls go on', async () => {
  const uncaught: unknown[] = [];
  const original = globalThis.queueMicrotask;
  vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) =>
    original(() => {
      try {
        task();
      } catch (error) {
        uncaught.push(error);
      }
    }),
  );
  onTestFinished(() => void vi.restoreAllMocks());
  const fault = new Error('of the program');
  const onChange = () => {
    throw fault;
  };
  const { universe, gate, isOn } = await opened({ onChange });
  gate.revokedAt = 0;
  await universe.pass(2 * POLL_MS);
  expect(isOn()).toBe(false);
  expect([gate.asked, uncaught]).toStrictEqual([3, [fault, fault]]);
});

test('more keys than an answer holds, and an address that is none, are errors of the program', () => {
  const options = { url: 'https://gate.example', token: 'ald_x', keys: Array.from({ length: 501 }, (_, n) => `acme.k${n}`) };
  expect(() => heldGate(options)).toThrow(RangeError);
  expect(() => heldGate({ ...options, keys: [], url: 'ftp://gate.example' })).toThrow(TypeError);
  for (const pollMs of [0, -1, 999, 3_600_001, Number.NaN])
    expect(() => heldGate({ ...options, keys: [], pollMs }), `${pollMs}`).toThrow(RangeError);
});

const ways: readonly Way[] = ['answer', 'slow', 'hang', 'refuse', 304, 500, 401, 'rubbish', 'other value'];
const timed = (does: 'wait' | 'sleep' | 'set wall', min: number, max: number) =>
  fc.tuple(fc.constant(does), fc.integer({ min, max }));
const step = fc.oneof(
  fc.tuple(fc.constant('way' as const), fc.constantFrom(...ways)),
  timed('wait', 1, 40_000),
  timed('sleep', 1, 90_000),
  timed('set wall', -7_200_000, 7_200_000),
  fc.constant(['revoke', 0] as const),
);

test('no client reads true later than a lease after a revocation, nor later than a poll where the gate answers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      const { universe, gate, client, isOn } = openGate();
      const sleeps = steps.some(([does]) => does === 'sleep');
      let answeringSince = 0;
      let awake = 0;
      const check = () => {
        if (!isOn() || gate.revokedAt === REVOKED_NEVER) return;
        expect(universe.real - gate.revokedAt).toBeLessThan(LEASE_S * 1_000);
        if (gate.way === 'answer')
          expect(universe.real - Math.max(gate.revokedAt, answeringSince, awake)).toBeLessThanOrEqual(POLL_MS + 2_001);
      };
      await universe.pass(0, check);
      for (const [does, how] of steps) {
        if (does === 'way') {
          gate.way = how;
          answeringSince = universe.real;
        } else if (does === 'wait') await universe.pass(how, check);
        else if (does === 'sleep') {
          universe.sleep(how);
          awake = universe.real;
        } else if (does === 'revoke') gate.revokedAt = Math.min(gate.revokedAt, universe.real);
        // The two clocks fail one at a time: no program can know of a sleep during which its wall clock was set back as long.
        else universe.wallOffset = Math.max(sleeps ? universe.wallOffset : how, how);
        check();
      }
      await universe.pass(120_000, check);
      client.close();
    }),
    { numRuns: 300 },
  );
});

describe('a client that listens', () => {
  class Source {
    static made: Source[] = [];
    onmessage: ((event: never) => void) | null = null;
    onerror: ((event: never) => void) | null = null;
    readyState = 1;
    closed = false;
    readonly url: string;
    constructor(url: string) {
      this.url = url;
      Source.made.push(this);
    }
    close(): void {
      this.closed = true;
    }
  }

  const listening = async () => {
    Source.made = [];
    const metadata = { asOf: new Date(START).toISOString(), leaseSeconds: LEASE_S };
    const flags = [{ key: 'acme', value: true, variant: 'enabled', reason: 'STATIC', metadata }];
    const eventStreams = ['other', 'sse'].map((type) => ({ type, url: `https://gate.example/${type}` }));
    return opened({ body: JSON.stringify({ flags, eventStreams }), pollMs: 3_600_000, eventSource: Source });
  };

  test('asks the gate at each event, and learns nothing from it', async () => {
    const { universe, gate, isOn } = await listening();
    const [source] = Source.made;
    expect(source?.url).toBe('https://gate.example/sse');
    source?.onmessage?.({ data: '{"type":"refetchEvaluation"}' } as never);
    await universe.pass(0);
    expect([gate.asked, isOn(), Source.made.length]).toStrictEqual([2, true, 1]);
    gate.way = 'refuse';
    await universe.pass(20_000);
    source?.onmessage?.({ data: '{"acme":true}' } as never);
    await universe.pass(LEASE_S * 1_000 - 20_000);
    expect(isOn()).toBe(false);
  });

  test('asks once more after an answer during which it heard of a change', async () => {
    const { universe, gate, client } = await listening();
    gate.way = 'slow';
    const asking = client.refresh();
    for (let events = 0; events < 3; events += 1) Source.made[0]?.onmessage?.({} as never);
    await universe.pass(1_500);
    await asking;
    expect(gate.asked).toBe(3);
    await universe.pass(60_000);
    expect(gate.asked).toBe(3);
  });

  test('opens another stream with the answer after one that closed for good, and ends it with itself', async () => {
    const { client } = await listening();
    const [first] = Source.made;
    if (first !== undefined) first.readyState = 0;
    first?.onerror?.({} as never);
    await client.refresh();
    expect(Source.made).toHaveLength(1);
    if (first !== undefined) first.readyState = 2;
    first?.onerror?.({} as never);
    await client.refresh();
    expect(Source.made).toHaveLength(2);
    client.close();
    expect(Source.made[1]?.closed).toBe(true);
  });
});
