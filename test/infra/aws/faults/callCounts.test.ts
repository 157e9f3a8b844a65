import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Cities, form, noticeOf, playCities, send, signed, withdrawalOf } from './city.ts';
import { coldStart, type Handler } from './coldStart.ts';
import { type Lanes, openLanes, type Snapshot } from './lanes.ts';

let lanes: Lanes;
let cities: Cities;
beforeAll(async () => {
  lanes = await openLanes();
  cities = await playCities(lanes);
});
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  // Stops the clock for ages, so that no second passes between two requests, however slow the machine is.
  vi.spyOn(performance, 'now').mockReturnValue(1_000_000);
});
afterAll(() => lanes.close());

type Request = (handler: Handler) => Promise<{ readonly statusCode: number }>;

/**
 * Resolves with the calls of one request to a warm function, which has answered within the second for which it remembers the
 * rules and the state of the log. `commits` lists the calls to the table of commits, as `operation stream`; `side` counts those
 * to the other table.
 */
const callsOf = async (of: 'api' | 'site', from: Snapshot, warm: Request, request: Request) => {
  const lane = await lanes.open(from);
  const handler = await coldStart(of, lanes.proxy, lane);
  await warm(handler);
  lanes.proxy.takeCalls(lane.name);
  const { statusCode } = await request(handler);
  const calls = lanes.proxy.takeCalls(lane.name);
  const commits = calls.filter(({ table = '' }) => table.startsWith(`${lane.name}commits`));
  return {
    statusCode,
    commits: commits.map(({ operation, key = '' }) => `${operation} ${key}`),
    reads: commits.filter(({ operation, key }) => operation === 'Query' && key === 'feature/acme').length,
    writes: commits.filter(({ operation }) => operation === 'PutItem').map(({ key }) => key),
    sideStore: calls.length - commits.length,
  };
};

const evaluationOf =
  (key: string): Request =>
  (handler) => {
    const headers = { authorization: `Bearer ${cities.token}`, 'content-type': 'application/json' };
    return send(handler, 'POST', `/ofrep/v1/evaluate/flags/${key}`, '{}', headers);
  };

/** A withdrawal of a change that does not exist: it decides nothing but reads the rules. */
const other: Request = (handler) =>
  signed('msg_other', '/v1/changes/acme.other/1/withdraw', JSON.stringify({ withdraw: 'acme.other/1' }))(handler);

/** The same, and an answer, which asks whether the log has ended. */
const both: Request = async (handler) => {
  await other(handler);
  return evaluationOf('zzz')(handler);
};

test('a notice is two reads and two writes, the read of its vendor’s keys and the count of its sender', async () => {
  expect(await callsOf('api', cities.ready, both, noticeOf())).toMatchObject({
    statusCode: 202,
    commits: [
      'Query vendor/acme',
      'Query receipt/acme/msg_notice',
      'Query feature/acme',
      'PutItem receipt/acme/msg_notice',
      'PutItem feature/acme',
    ],
    // What its sender sent so far is read and written.
    sideStore: 2,
  });
});

test('a command is one read and one write; what is answered then is read for the answer', async () => {
  const { statusCode, commits } = await callsOf('api', cities.noticed, both, withdrawalOf());
  expect(statusCode).toBe(200);
  const first = ['Query vendor/acme', 'Query feature/acme', 'PutItem feature/acme'];
  expect(commits.slice(0, first.length)).toStrictEqual(first);
  expect(commits.filter((call) => call.startsWith('PutItem'))).toHaveLength(1);
});

test.each(['certification', 'signature', 'revocation'] as const)(
  'a %s reads what its page shows, then is one read and one write as every command',
  async (act) => {
    const [from, request] = {
      certification: [cities.noticed, form(cities.links.clerk, '', cities.certificate)] as const,
      signature: [cities.certified, form(cities.links.mayor, '', cities.signature)] as const,
      revocation: [cities.approved, form(cities.links.mayor, '/revoke', { reason: 'No.' })] as const,
    }[act];
    const warm = form(act === 'certification' ? cities.links.mayor : cities.links.clerk, '', {});
    const { statusCode, commits, reads, writes } = await callsOf('site', from, warm, request);
    expect(statusCode).toBe(303);
    const ofFeature = commits.filter((call) => call.endsWith(' feature/acme'));
    expect(ofFeature.slice(-2)).toStrictEqual(['Query feature/acme', 'PutItem feature/acme']);
    expect(writes).toStrictEqual(['feature/acme']);
    expect(reads).toBeLessThanOrEqual(6);
  },
);

test('an evaluation is one read a prefix and that of the revocations, whatever the length of the history', async () => {
  for (const from of [cities.ready, cities.approved]) {
    expect(await callsOf('api', from, evaluationOf('zzz'), evaluationOf('acme.lpr.search'))).toMatchObject({
      statusCode: 200,
      commits: ['Query revocation', 'Query feature/acme', 'Query feature/acme.lpr', 'Query feature/acme.lpr.search'],
    });
  }
});
