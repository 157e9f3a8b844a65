import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { hashOf } from '../../../domain/kernel/commit.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import { putLogIndex } from '../../../functions/log/sequencer/logIndex.ts';
import { toItem } from '../../../functions/platform/store/dynamo/dynamoStore.ts';
import type { StoredCommit } from '../../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../../functions/platform/store/record.ts';
import { approvedLike, forgery } from '../../contract/forgery.ts';
import { must } from '../../contract/underTest.ts';
import { logged } from '../../infra/aws/faults/checks.ts';
import { form, playCities, send } from '../../infra/aws/faults/city.ts';
import { coldStart } from '../../infra/aws/faults/coldStart.ts';
import { type Lane, type Lanes, openLanes, type Snapshot } from '../../infra/aws/faults/lanes.ts';
import { streamRecord } from '../../infra/aws/support/events.ts';
import { testMacs } from '../../support/macs.ts';

// Who can write into the tables of DynamoDB, without and with the key of the MACs, against the functions that are deployed.

const FEATURE = 'feature/acme';
let lanes: Lanes;
let approved: StoredCommit;
type Stage = 'undecided' | 'on' | 'revoked';

type Change = 'INSERT' | 'MODIFY';
const record = ({ stream, version }: Pick<StoredCommit, 'stream' | 'version'>, change: Change) => ({
  Records: [streamRecord({ stream, version }, 1, change)],
});

const headOf = async ({ truth }: Lane) => must(await truth.store.head(FEATURE));

const forgedApproval = async (lane: Lane) => forgery(await headOf(lane), [approvedLike(approved)], { state: approved.state });

const itemOf = async (lane: Lane, version: number) =>
  must((await lanes.snapshot(lane)).commits.find(({ pk, sk }) => pk?.S === FEATURE && sk?.N === String(version)));

const approvalMovedTo = async (lane: Lane, version: number, change: Change) => {
  await lanes.overwrite(lane, 'commits', { ...(await itemOf(lane, approved.version)), sk: { N: String(version) } });
  return record({ stream: FEATURE, version }, change);
};

/** On a city of that stage. Returns the record of the table's stream. */
type Attack = readonly [from: Stage, attack: (lane: Lane) => Promise<ReturnType<typeof record>>];

/** What the MACs refuse. */
const WITHOUT_KEY: Readonly<Record<string, Attack>> = {
  'a state beside the newest commit': [
    'undecided',
    async (lane) => {
      const { version } = await headOf(lane);
      await lanes.overwrite(lane, 'commits', { ...(await itemOf(lane, version)), state: { S: approved.state } });
      return record({ stream: FEATURE, version }, 'MODIFY');
    },
  ],
  'a commit under the MAC of a stranger': [
    'undecided',
    async (lane) => {
      const forged = await forgedApproval(lane);
      expect(await lane.stranger.store.append([forged])).toMatchObject({ appended: 1 });
      return record(forged, 'INSERT');
    },
  ],
  'the approval, put in the place of the revocation': [
    'revoked',
    async (lane) => approvalMovedTo(lane, (await headOf(lane)).version, 'MODIFY'),
  ],
  'the approval, moved behind the revocation': [
    'revoked',
    async (lane) => approvalMovedTo(lane, (await headOf(lane)).version + 1, 'INSERT'),
  ],
};

/** What is believed until the sequencer has handled the record of the table's stream. */
const UNTIL_JUDGED: Readonly<Record<string, Attack>> = {
  'with the key, an approval that nobody gave': [
    'undecided',
    async (lane) => {
      const forged = await forgedApproval(lane);
      await lane.truth.store.append([forged]);
      return record(forged, 'INSERT');
    },
  ],
  'with the key, the same behind the revocation, by a record already in the log': [
    'revoked',
    async (lane) => {
      const forged = await forgedApproval(lane);
      await lane.truth.store.append([forged]);
      await putLogIndex(lane.truth.sideStore, forged.stream, forged.version, { index: 0, hash: hashOf(forged.bytes) });
      return record(forged, 'INSERT');
    },
  ],
  'with the key, another commit in the place of the revocation': [
    'revoked',
    async (lane) => {
      const forged = forgery(approved, [{ type: 'Nothing' }], { state: approved.state });
      await lanes.overwrite(lane, 'commits', toItem(forged, Date.now(), testMacs));
      return record(forged, 'MODIFY');
    },
  ],
};

let stages: Readonly<Record<Stage, Snapshot>>;
let token: string;
let mayor: string;

beforeAll(async () => {
  lanes = await openLanes();
  const city = await playCities(lanes);
  ({ token } = city);
  mayor = city.links.mayor;
  const lane = await lanes.open(city.approved);
  approved = must(await lane.truth.store.head(FEATURE));
  const done = await form(mayor, '/revoke', { reason: 'The contract is over.' })(await coldStart('site', lanes.proxy, lane));
  expect(done.statusCode).toBe(303);
  stages = { undecided: city.certified, on: city.approved, revoked: await lanes.snapshot(lane) };
});
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(() => lanes.close());

const run = async (lane: Lane, name: 'sequencer' | 'projector', event: unknown = { task: 'sweep' }) =>
  (await coldStart(name, lanes.proxy, lane))(event, { awsRequestId: randomUUID() });

const cityOf = async (stage: Stage): Promise<Lane> => {
  const lane = await lanes.open(stages[stage]);
  await run(lane, 'sequencer');
  await run(lane, 'projector');
  return lane;
};

const bearer = () => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });

const all = (value: boolean) => ({ flag: value, bulk: value, listed: value, page: value });

const asked = async (lane: Lane, of: 'api' | 'site', method: string, path: string, body?: string) => {
  const handler = await coldStart(of, lanes.proxy, lane);
  const { statusCode, body: text } = await send(handler, method, path, body, bearer());
  expect(statusCode).toBeLessThan(504);
  return statusCode === 200 ? (JSON.parse(text) as JsonObject) : {};
};

const flagOf = async (lane: Lane, key = 'acme'): Promise<unknown> =>
  (await asked(lane, 'api', 'POST', `/ofrep/v1/evaluate/flags/${key}`, '{"context":{}}'))['value'] ?? false;

const onInBulk = async (lane: Lane): Promise<readonly unknown[]> => {
  const { flags = [] } = await asked(lane, 'api', 'POST', '/ofrep/v1/evaluate/flags', '{"context":{}}');
  return (flags as readonly JsonObject[]).flatMap(({ key, value }) => (value === true ? [key] : []));
};

const isOnPage = async (lane: Lane, key = 'acme'): Promise<unknown> =>
  (await asked(lane, 'site', 'GET', `/features/${key}?format=json`))['enabled'] ?? false;

const answersOf = async (lane: Lane) => {
  const { items = [] } = await asked(lane, 'api', 'GET', '/v1/features');
  const listed = (items as readonly JsonObject[]).find(({ key }) => key === 'acme');
  return {
    flag: await flagOf(lane),
    bulk: (await onInBulk(lane)).includes('acme'),
    listed: listed?.['enabled'] ?? false,
    page: await isOnPage(lane),
  };
};

const problemsOf = async (lane: Lane) =>
  (await send(await coldStart('api', lanes.proxy, lane), 'GET', '/readyz', undefined, {})).body;

describe('the table of the commits', () => {
  test('without an attacker: on once it is approved, off before and after', async () => {
    for (const [stage, isOn] of [
      ['undecided', false],
      ['on', true],
      ['revoked', false],
    ] as const)
      expect(await answersOf(await cityOf(stage))).toEqual(all(isOn));
  });

  test.each(Object.entries(WITHOUT_KEY))(
    'without the key of the MACs: %s is never a yes, and is named',
    async (_, [from, attack]) => {
      const lane = await cityOf(from);
      const seen = await attack(lane);
      expect(await answersOf(lane)).toEqual(all(false));
      await run(lane, 'sequencer', seen).catch(() => undefined);
      await run(lane, 'projector', seen).catch(() => undefined);
      expect(await flagOf(lane)).toBe(false);
      expect(await problemsOf(lane)).toMatch(/row-altered|judge-failed|log-conflict/);
      await lane.drop();
    },
  );

  test.each(Object.entries(UNTIL_JUDGED))('%s: off and named once the sequencer has its record', async (_, [from, attack]) => {
    const lane = await cityOf(from);
    const seen = await attack(lane);
    // Every key fits: nothing but the judge and the log tell it from an honest commit.
    expect(await flagOf(lane)).toBe(true);
    await run(lane, 'sequencer', seen).catch(() => undefined);
    await run(lane, 'projector', seen).catch(() => undefined);
    expect(await answersOf(lane)).toEqual(all(false));
    expect(await problemsOf(lane)).toMatch(/judge-failed|log-conflict/);
    await lane.drop();
  });
});

describe('without the key, the revocation deleted, and before that', () => {
  const rowsOf = async (lane: Lane, stream: string) =>
    (await lanes.snapshot(lane)).commits
      .filter(({ pk }) => pk?.S === stream)
      .toSorted((one, other) => Number(one['sk']?.N) - Number(other['sk']?.N));
  const altered = async (lane: Lane, stream: string, place: number) => {
    const row = must((await rowsOf(lane, stream)).at(place));
    await lanes.overwrite(lane, 'commits', { ...row, mac: { B: new Uint8Array(32) } });
    return async () => lanes.overwrite(lane, 'commits', row);
  };
  const removed = async (lane: Lane, ...streams: readonly string[]) => {
    const restores: (() => Promise<void>)[] = [];
    for (const stream of streams)
      for (const { sk } of await rowsOf(lane, stream)) restores.push(await lanes.remove(lane, stream, Number(sk?.N)));
    return async () => {
      for (const restore of restores) await restore();
    };
  };
  const BEFORE: Readonly<Record<string, (lane: Lane) => Promise<() => Promise<void>>>> = {
    'the published checkpoint signed by other keys': async (lane) => {
      const published = Buffer.from(must(lane.file('checkpoint'))).toString();
      const name = must(published.split('\n')[0]);
      lanes.replaceFile(lane, 'checkpoint', published.replace(/— .*/, `— ${name} ${Buffer.alloc(68, 7).toString('base64')}`));
      return async () => lanes.replaceFile(lane, 'checkpoint', published);
    },
    'the newest row of the log altered': (lane) => altered(lane, 'log', -1),
    'the first row of the log altered': (lane) => altered(lane, 'log', 0),
    'the log removed': (lane) => removed(lane, 'log'),
    'everything removed by which a stage is known to be open': (lane) => removed(lane, 'roster', 'policy'),
    'that and the log': (lane) => removed(lane, 'roster', 'policy', 'log'),
  };
  test.each(Object.entries(BEFORE))(
    '%s: off and named after the next run on the schedule, until the rows are back',
    async (_, before) => {
      const lane = await cityOf('revoked');
      const back = await before(lane);
      const { version } = await headOf(lane);
      const restore = await lanes.remove(lane, FEATURE, version);
      expect(await flagOf(lane)).toBe(true);
      await run(lane, 'sequencer').catch(() => undefined);
      expect(await answersOf(lane)).toEqual(all(false));
      expect(await problemsOf(lane)).toMatch(/log-conflict/);
      await back();
      await restore();
      await run(lane, 'sequencer');
      expect(await headOf(lane)).toMatchObject({ version });
      expect(await problemsOf(lane)).not.toMatch(/log-conflict/);
      await lane.drop();
    },
  );
});

test('while the log cannot be read an official switches off all the same, for good', async () => {
  const lane = await cityOf('on');
  const row = must((await lanes.snapshot(lane)).commits.find(({ pk }) => pk?.S === 'log'));
  await lanes.overwrite(lane, 'commits', { ...row, mac: { B: new Uint8Array(32) } });
  await run(lane, 'sequencer').catch(() => undefined);
  const site = await coldStart('site', lanes.proxy, lane);
  const done = await form(mayor, '/revoke', { reason: 'Not like this.' })(site);
  expect(done.statusCode, done.body).toBe(303);
  await lanes.overwrite(lane, 'commits', row);
  await run(lane, 'sequencer');
  expect(await answersOf(lane)).toEqual(all(false));
  await lane.drop();
});

describe('with the key, a feature that was never proposed, approved at an old place of the feed', () => {
  const isGhostOn = (lane: Lane): Promise<unknown> => flagOf(lane, 'acme.ghost');
  const planted = () => {
    const { state, stateVersion } = approved;
    const commit = { ...commitOf(approved), stream: 'feature/acme.ghost', version: 1, prev: null };
    return toItem(newRecord(commit, { state, stateVersion, attachments: [] }), 1_000, testMacs);
  };

  test('its record of the table’s stream is lost: off and named after the next run on the schedule', async () => {
    const lane = await cityOf('on');
    await lanes.overwrite(lane, 'commits', planted());
    expect(await isGhostOn(lane)).toBe(true);
    await run(lane, 'sequencer').catch(() => undefined);
    expect(await isGhostOn(lane)).toBe(false);
    expect(await problemsOf(lane)).toMatch(/judge-failed/);
    await lane.drop();
  });

  test.each(['timeShard', 'stamp'])('the feed does not have it, for it has no %s: never on', async (missing) => {
    const lane = await cityOf('on');
    const { [missing]: _, ...item } = planted();
    await lanes.overwrite(lane, 'commits', item);
    expect(await isGhostOn(lane)).toBe(false);
    await lane.drop();
  });
});

describe('the table of the register', () => {
  const documentOf = async () => must((await lanes.snapshot(await cityOf('on'))).register.find(({ sk }) => sk?.S === 'acme'));

  test('a document of an earlier time, put back: no answer of the API nor the public page says yes', async () => {
    const document = await documentOf();
    const lane = await cityOf('revoked');
    await lanes.overwrite(lane, 'register', document);
    expect(await answersOf(lane)).toEqual(all(false));
    await lane.drop();
  });

  test('with the key, a document of a feature that was never proposed', async () => {
    const value = JSON.parse(must((await documentOf())['value']?.S)) as JsonObject;
    const lane = await cityOf('on');
    for (const stores of [lane.stranger, lane.truth]) {
      await stores.sideStore.put('register', 'acme.ghost', { ...value, key: 'acme.ghost' });
      expect(await onInBulk(lane)).toEqual(['acme']);
      expect(await flagOf(lane, 'acme.ghost')).toBe(false);
      expect(await isOnPage(lane, 'acme.ghost')).toBe(false);
    }
    await lane.drop();
  });
});

describe('the side store', () => {
  test.each([
    ['a stranger', 'stranger'],
    ['who has the key', 'truth'],
  ] as const)('of %s: a record makes no token and no link', async (_, whose) => {
    const lane = await cityOf('undecided');
    const { sideStore } = lane[whose];
    const [bearerToken, linkToken] = [`ald_${randomBytes(32).toString('hex')}`, randomBytes(32).toString('base64url')];
    const [known] = await lane.truth.sideStore.list('token');
    await sideStore.put('token', hashOf(Buffer.from(bearerToken)).slice(7), must(known).value);
    const [own] = (await lane.truth.sideStore.list('link')).filter(
      ({ value }) => (value as { target: JsonObject }).target['holder'] === 'hm',
    );
    await sideStore.put('link', hashOf(Buffer.from(linkToken)).slice(7), must(own).value);
    const api = await coldStart('api', lanes.proxy, lane);
    const headers = { authorization: `Bearer ${bearerToken}`, 'content-type': 'application/json' };
    expect((await send(api, 'POST', '/ofrep/v1/evaluate/flags/acme', '{}', headers)).statusCode).toBe(401);
    const site = await coldStart('site', lanes.proxy, lane);
    expect((await send(site, 'GET', `/d/${linkToken}`, undefined, {})).statusCode).toBe(404);
    await lane.drop();
  });

  test('without the records of progress, or with forged ones, the log goes on and no answer changes', async () => {
    const lane = await cityOf('revoked');
    const { sideStore } = lane.truth;
    for (const kind of ['mark', 'feed-cursor', 'log-compared', 'log-applied', 'log-place', 'log-held', 'log-published'] as const)
      for (const { id } of await sideStore.list(kind)) await sideStore.remove(kind, id);
    await putLogIndex(sideStore, FEATURE, 99, { index: 7, hash: hashOf(approved.bytes) });
    await sideStore.put('mark', `notify/${FEATURE}`, 99);
    await sideStore.put('log-compared', 'sequencer', 9_999);
    await run(lane, 'sequencer');
    await run(lane, 'projector');
    await logged(lane);
    expect(await answersOf(lane)).toEqual(all(false));
    await lane.drop();
  });
});
