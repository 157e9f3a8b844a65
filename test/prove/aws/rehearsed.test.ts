import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actorsOf } from '../../infra/aws/support/actors.ts';
import { documentedCommands, operatorFolder, runDocumented } from '../../infra/aws/support/documented.ts';
import { type GateOnAws, openGateOnAws, openTables } from '../../infra/aws/support/gateOnAws.ts';
import { awsEnvironment } from '../../infra/aws/support/lambdas.ts';
import { decideOnMachine } from '../../infra/aws/support/machine.ts';
import { everythingIn, published, readiness, settle, staysClosed, withGateOnAws } from '../../infra/aws/support/opened.ts';
import { folderOfFile } from '../../support/folders.ts';
import { listening } from '../../support/listening.ts';

// A city moves from one machine to a stage whose functions have run since its deployment, and from that, as after a loss, to another.

const MOVE = documentedCommands('export city.ndjson --move');
const IMPORTING = 'npm exec -- node infra/aws/archive.ts import';
const cutAtImport = (commands: string): readonly [before: string, after: string] => {
  const place = commands.indexOf(IMPORTING);
  return [commands.slice(0, place), commands.slice(place)];
};
const LOOK = documentedCommands('restore-table-to-point-in-time');
const AS_COPY = documentedCommands('export copy/aldergate.ndjson');
const SECOND = documentedCommands('second Aldergate-city2-Records');
const RESTORE = documentedCommands('import copy/aldergate.ndjson');
const ADDRESS = documentedCommands('second --all');
const BACK = documentedCommands('export ALDERGATE_DATA=./data');
/** The key of the first stage, which signs for the second one, too. */
const LOG_KEY = 'arn:aws:kms:us-west-2:123456789012:key/mrk-LogKey';

let first: GateOnAws;
let second: GateOnAws;
let actors: ReturnType<typeof actorsOf>;
let next: ReturnType<typeof actorsOf>;
let itToken: string;

withGateOnAws((opened) => {
  ({ gate: first, actors } = opened);
});
const folder = operatorFolder(folderOfFile('operator'));
const at = (name: string) => join(folder, name);
/** The gate to which the city's name leads. */
let served: GateOnAws;
/** To which private parts are encrypted; its identity lies in the folder. */
let recipient = '';
let address: Awaited<ReturnType<typeof listening>>;
beforeAll(async () => {
  const identity = await generateX25519Identity();
  for (const name of ['identity', 'copies.identity']) writeFileSync(at(name), identity);
  recipient = await identityToRecipient(identity);
  address = await listening();
  address.serve(async (request) => {
    const { pathname, search } = new URL(request.url);
    const { statusCode, headers, body, isBase64Encoded } = await served.request(request.method, `${pathname}${search}`);
    return new Response(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'), { status: statusCode, headers });
  });
});
afterAll(() => address.close());
/** Runs commands with what docs/aws-copies.md asks an operator to have at hand. */
const operating = (gate: GateOnAws, commands: string, placeholders: Readonly<Record<string, string>> = {}) =>
  runDocumented({ folder, env: awsEnvironment(gate.cloud.endpointOf('operator')), commands, placeholders });

const checkpointOf = async (gate: GateOnAws): Promise<string> => (await gate.request('GET', '/log/checkpoint')).body;
const typesOf = (gate: GateOnAws) => published(gate).map(({ type }) => type.replace(/^aldergate\.|\.v1$/g, ''));
const sizeOf = (checkpoint: string) => checkpoint.split('\n')[1] ?? '';

/** What the city's IT sees of a feature that no vendor announced. */
const report = (on: boolean, of: ReturnType<typeof actorsOf>) =>
  of.operator('POST', '/v1/observations', {
    vendor: 'northcam',
    source: 'city-it',
    observedAt: new Date().toISOString(),
    features: { 'northcam.ghost': on },
  });

beforeAll(async () => {
  second = await openGateOnAws(undefined, {
    keys: first.cloud.keys,
    change: { stage: 'city2', logKey: '0', logKeyArn: LOG_KEY },
  });
  next = actorsOf(second);
  served = first;
  writeFileSync(at('cdk-outputs.json'), readFileSync(first.deployment.outputsFile));
  writeFileSync(at('cdk-outputs-city2.json'), readFileSync(second.deployment.outputsFile));
});
afterAll(async () => {
  const { denied } = second.cloud;
  await second.stop();
  expect(denied).toStrictEqual([]);
});

test('a second stage that signs with the key of the first is born closed as well', () => staysClosed(second));

describe('the move from one machine', () => {
  let seen: string;
  let linkKey: Uint8Array;

  test('the city decides on its machine', async () => {
    ({ itToken, linkKey } = await decideOnMachine(folder));
    // A verifier remembers what it has seen.
    await operating(first, 'npx aldergate verify data/log --key "$(cat the-key-that-was-published)"');
    seen = sizeOf(readFileSync(at('data/log/checkpoint'), 'utf8'));
    actors.hasToken(itToken);
  });

  test('while the import runs everything else stands, and where it was interrupted nothing goes on', async () => {
    let puts = 0;
    first.cloud.meanwhile = async (caller, operation) => {
      if (caller !== 'operator' || operation !== 'PutItem') return true;
      puts += 1;
      if (puts === 20) {
        await settle(first);
        const page = await first.request('GET', '/', undefined, { accept: 'text/html' });
        expect(page).toMatchObject({ statusCode: 503, headers: { 'retry-after': '60' } });
        expect((await actors.operator('GET', '/v1/features')).status).toBe(503);
        expect(await readiness(first)).toMatchObject({
          problems: [{ code: 'closed', detail: expect.stringContaining('again') }],
        });
      }
      return puts !== 40;
    };
    const placeholders = { 'ROLE-ARN': 'arn:aws:iam::123456789012:role/it', RECIPIENT: recipient };
    await expect(operating(first, MOVE, placeholders)).rejects.toThrow('AccessDenied');
    expect(puts).toBeGreaterThan(40);
    first.cloud.meanwhile = undefined;

    const left = await everythingIn(first);
    await settle(first);
    expect(await everythingIn(first)).toStrictEqual(left);
    expect(await readiness(first)).toMatchObject({ problems: [{ code: 'closed' }] });
  });

  test('run again, it is done: the same answers and the same log, and nothing is published or mailed again', async () => {
    expect(await operating(first, cutAtImport(MOVE)[1])).toMatch(/imported \d+ commits/);
    await settle(first);
    expect(published(first)).toStrictEqual([]);
    expect(first.cloud.mails).toStrictEqual([]);
    // The links of earlier mails go on.
    expect(Buffer.from(first.cloud.secrets.get('LinkKeySecret') ?? '', 'base64')).toStrictEqual(Buffer.from(linkKey));
    expect(await readiness(first)).toMatchObject({ status: 'ready' });
    expect(await actors.isOn('northcam.lpr')).toBe(true);
  });

  test('an act is taken into the same log and published once, and verify leads from the old key to the new', async () => {
    expect((await report(true, actors)).status).toBe(200);
    await settle(first);
    expect(typesOf(first)).toStrictEqual(['observation.ObservationRecorded', 'derived.DriftOpened', 'derived.TaskOpened']);
    const verify = `npx aldergate verify ${address.url} --key "$(cat the-key-that-was-published)"`;
    const vkey = (await first.request('GET', '/log/vkey')).body.trim();
    await expect(operating(first, verify)).rejects.toThrow(`pin that one: ${vkey}`);
    writeFileSync(at('the-key-that-was-published'), vkey);
    expect(await operating(first, verify)).toContain(`nothing that was seen at size ${seen} has changed`);
  });
});

test('a city that goes back to a machine keeps the name of its log there', async () => {
  writeFileSync(at('seen'), await checkpointOf(first));
  const starting = 'npm start\n';
  expect(BACK.endsWith(starting)).toBe(true);
  await operating(first, BACK.slice(0, -starting.length), { RECIPIENT: recipient, './data': at('back') });
  const [origin, size] = readFileSync(at('back/log/checkpoint'), 'utf8').split('\n');
  expect([origin, size]).toStrictEqual(readFileSync(at('seen'), 'utf8').split('\n').slice(0, 2));
});

describe('a restore into another stage', () => {
  test('is looked at on a machine, compared with the log that the public saw', async () => {
    writeFileSync(at('seen'), await checkpointOf(first));
    const printed = await operating(first, LOOK, { 'https://gate.city.example': address.url, '/tmp/look': at('look') });
    const size = sizeOf(await checkpointOf(first));
    expect(printed).toMatch(/^imported \d+ commits\na new log begins/m);
    expect(printed).toContain(`: ${size} commits in `);
  });

  test('has the answers, publishes nothing of the past, and takes what comes', async () => {
    await operating(first, AS_COPY, { RECIPIENT: recipient });
    const signers = documentedCommands('"aws:PrincipalArn": "arn:aws:iam::ACCOUNT:role/Aldergate-city2');
    writeFileSync(at('signers.json'), signers.replaceAll(/(?:KEY-)?ACCOUNT/g, '123456789012'));
    await operating(second, SECOND, { 'NEW-REGION': 'us-west-2', 'KEY-REGION': 'us-west-2', LogKeyReplica: LOG_KEY });
    await settle(second);
    expect(await everythingIn(second)).toStrictEqual([]);
    expect(await operating(second, RESTORE)).toMatch(/imported \d+ commits/);
    second.lose();
    await settle(second);
    expect(published(second)).toStrictEqual([]);
    expect(sizeOf(await checkpointOf(second))).toBe(sizeOf(readFileSync(at('seen'), 'utf8')));

    next.hasToken(itToken);
    expect(await next.isOn('northcam.lpr')).toBe(true);
    const { json } = await next.operator('GET', '/v1/drift');
    expect(json.items).toMatchObject([{ key: 'northcam.ghost', kind: 'never-announced', until: null }]);
    expect((await report(false, next)).status).toBe(200);
    await settle(second);
    expect(typesOf(second)).toStrictEqual(['observation.ObservationRecorded', 'derived.DriftClosed', 'derived.TaskClosed']);
    expect(await readiness(second)).toMatchObject({ status: 'ready' });
  });

  test('takes the name from the old distribution, and leaves no file with its secret; verify follows the key that was pinned', async () => {
    served = second;
    const defined = SECOND.slice(0, SECOND.indexOf('second Aldergate'));
    const printed = await operating(second, `${defined}${ADDRESS}`, { 'https://gate.city.example': address.url });
    expect(printed).toContain('nothing that was seen at size');
    const { config, modes } = JSON.parse(readFileSync(at('updated.json'), 'utf8'));
    expect(config.Aliases).toStrictEqual({ Quantity: 0 });
    expect(modes).toStrictEqual(['600', '600']);
    for (const name of ['old.json', 'without.json']) expect(existsSync(at(name))).toBe(false);
  });

  test('a stage that is open takes no import, and is not closed by one', async () => {
    await expect(operating(second, RESTORE)).rejects.toThrow('the stage is open');
    expect(await readiness(second)).toMatchObject({ status: 'ready' });
  });
});

test('a rebuild makes what is derived anew, names what differed, and says when the function does it', async () => {
  const rebuild = () => second.operate('archive.ts', 'rebuild');
  const whole = /^rebuilt \d+ features and \d+ changes$/;
  expect(await rebuild()).toMatch(whole);

  const { client, sideStore } = openTables(second.engine);
  const id = (await sideStore.list('derived', 'northcam.ghost'))[0]?.id ?? '';
  await sideStore.remove('derived', id);
  await expect(rebuild()).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining(`differed: derived/${id}\n`) });
  expect(await rebuild()).toMatch(whole);

  await sideStore.remove('derived', id);
  await sideStore.put('lease', `derived/${'9'.repeat(15)}`, { untilMs: Date.now() + 60_000 });
  expect(await rebuild()).toContain('the function `derived` makes anew');
  await sideStore.remove('lease', `derived/${'9'.repeat(15)}`);
  await second.invoke('derived', { task: 'sweep' });
  expect(await sideStore.get('derived', id)).toBeDefined();
  client.destroy();
});
