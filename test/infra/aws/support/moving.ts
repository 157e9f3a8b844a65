import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatVerifierKey } from '../../../../domain/log/note.ts';
import { logSigner } from '../../../../functions/log/sequencer/ports.ts';
import { openCity } from '../../../../infra/demo/city.ts';
import { play, story } from '../../../../infra/demo/story.ts';
import { logOrigin } from '../../../../infra/local/settings.ts';
import { clientAt } from '../../../contract/dynamoTables.ts';
import { folderOfFile } from '../../../support/folders.ts';
import { listening } from '../../../support/listening.ts';
import { actorsOf } from './actors.ts';
import { documentedCommands, operatorFolder, runDocumented } from './documented.ts';
import type { GateOnAws } from './gateOnAws.ts';
import { awsEnvironment } from './lambdas.ts';

// A city moves from one machine to a stage whose functions have run since its deployment.

const DAY = 10;
const MOVE = documentedCommands('export city.ndjson --move');
const IMPORTING = 'npm exec -- node infra/aws/archive.ts import';
const cutAtImport = (commands: string): readonly [before: string, after: string] => {
  const place = commands.indexOf(IMPORTING);
  return [commands.slice(0, place), commands.slice(place)];
};

type Actors = ReturnType<typeof actorsOf>;

/** Everything that runs, as often as it takes until nothing is left to do. */
export const settle = async (gate: GateOnAws): Promise<void> => {
  for (let times = 0; times < 3; times += 1) {
    await gate.sweep();
    await gate.pump();
  }
};

export const published = (gate: GateOnAws): readonly { readonly type: string; readonly subject: string }[] =>
  gate.cloud.published.map(({ Detail: detail }) => JSON.parse(detail));

export const readiness = async (gate: GateOnAws) => JSON.parse((await gate.request('GET', '/readyz')).body);

/** Every item of the tables, and every file of the bucket. */
export const everythingIn = async (gate: GateOnAws): Promise<readonly string[]> => {
  const client = clientAt(gate.engine);
  const rows: string[] = [];
  for (const TableName of ['CommitsTable', 'SideTable', 'RegisterTable'])
    for (const { pk, sk } of (await client.send(new ScanCommand({ TableName }))).Items ?? [])
      rows.push(`${TableName} ${pk?.S} ${sk?.S ?? sk?.N}`);
  client.destroy();
  return [...rows, ...gate.cloud.objects.keys()].sort();
};

export const checkpointOf = async (gate: GateOnAws): Promise<string> => (await gate.request('GET', '/log/checkpoint')).body;
export const sizeOf = (checkpoint: string): string => checkpoint.split('\n')[1] ?? '';

/** What the city's IT sees of a feature that no vendor announced. */
export const report = (on: boolean, of: Actors) =>
  of.operator('POST', '/v1/observations', {
    vendor: 'northcam',
    source: 'city-it',
    observedAt: new Date().toISOString(),
    features: { 'northcam.ghost': on },
  });

export interface Operator {
  /** The path of a file in the folder in which the operator works. */
  readonly at: (name: string) => string;
  /** To which private parts are encrypted; its identity lies in the folder. */
  readonly recipient: () => string;
  /** Where the city's name leads, to one gate after the other. */
  readonly address: () => string;
  readonly serve: (gate: GateOnAws) => void;
  readonly run: (gate: GateOnAws, commands: string, placeholders?: Readonly<Record<string, string>>) => Promise<string>;
}

/** For the tests of a file: an operator with what docs/deploy.md asks to have at hand. */
export const operatorAtWork = (): Operator => {
  const folder = operatorFolder(folderOfFile('operator'));
  const at = (name: string): string => join(folder, name);
  let served: GateOnAws;
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
  return {
    at,
    recipient: () => recipient,
    address: () => address.url,
    serve: (gate) => {
      served = gate;
    },
    run: (gate, commands, placeholders = {}) =>
      runDocumented({ folder, env: awsEnvironment(gate.cloud.endpointOf('operator')), commands, placeholders }),
  };
};

/** A stage that nobody opened writes nothing of its own and says what to do. */
export const staysClosed = async (gate: GateOnAws): Promise<void> => {
  await settle(gate);
  for (const path of ['/', '/features', '/feed.atom', '/docs', '/log/checkpoint', '/v1/features', '/readyz'])
    await gate.request('GET', path, undefined, { accept: 'text/html' });
  expect((await actorsOf(gate).vendor('northcam')).status).toBe(401);
  expect(await everythingIn(gate)).toStrictEqual([]);
  expect(published(gate)).toStrictEqual([]);
  expect((await gate.request('GET', '/healthz')).statusCode).toBe(200);
  expect((await gate.request('GET', '/log/checkpoint')).statusCode).toBe(404);
  expect(await readiness(gate)).toMatchObject({
    status: 'not-ready',
    problems: [{ code: 'closed', detail: expect.stringContaining('import an archive into it') }],
  });
};

/** The tests of the move into a stage. `took` is given the token with which the city's IT asks, on the machine and in the stage. */
export const cityMovesIn = (
  { at, run: operating, recipient, address, serve }: Operator,
  stage: () => { readonly gate: GateOnAws; readonly actors: Actors },
  took: (itToken: string) => void = () => undefined,
): void => {
  let first: GateOnAws;
  let actors: Actors;
  beforeAll(() => {
    ({ gate: first, actors } = stage());
    serve(first);
    writeFileSync(at('cdk-outputs.json'), readFileSync(first.deployment.outputsFile));
  });

  describe('the move from one machine', () => {
    let seen: string;
    let linkKey: Uint8Array;

    test('the city decides on its machine', async () => {
      const city = await openCity(DAY);
      for (const step of story.filter(({ day }) => day <= DAY)) await play(city, step);
      await city.settle();
      const { settings, secrets } = city.installation;
      ({ linkKey } = secrets);
      writeFileSync(at('the-key-that-was-published'), formatVerifierKey(logSigner(secrets.logKey, logOrigin(settings)).key));
      execFileSync('cp', ['-R', settings.data, at('data')]);
      await city.close();
      // A verifier remembers what it has seen.
      await operating(first, 'npx aldergate verify data/log --key "$(cat the-key-that-was-published)"');
      seen = sizeOf(readFileSync(at('data/log/checkpoint'), 'utf8'));
      actors.hasToken(city.itToken);
      took(city.itToken);
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
      const placeholders = { 'ROLE-ARN': 'arn:aws:iam::123456789012:role/it', RECIPIENT: recipient() };
      await expect(operating(first, MOVE, placeholders)).rejects.toThrow('AccessDenied');
      expect(puts).toBeGreaterThan(40);
      first.cloud.meanwhile = undefined;

      const left = await everythingIn(first);
      await settle(first);
      expect(await everythingIn(first)).toStrictEqual(left);
      expect(await readiness(first)).toMatchObject({ problems: [{ code: 'closed' }] });
    });

    test('another import does not go on where that one was interrupted, and is told its files', async () => {
      const left = await everythingIn(first);
      const sums = ['city.ndjson', 'city.ndjson.private.age'].map((name) =>
        createHash('sha256')
          .update(readFileSync(at(name)))
          .digest('hex'),
      );
      const besides = ' --private city.ndjson.private.age --identity identity --keep-links';
      for (const [part, other] of [
        [besides, ''],
        [' --keep-links', ''],
        ['import city.ndjson', 'import seen'],
      ] as const) {
        const importing = cutAtImport(MOVE)[1].replace(part, other);
        await expect(operating(first, importing)).rejects.toThrow(
          `of the archive sha256:${sums[0]} with the private part sha256:${sums[1]} and --keep-links was interrupted`,
        );
      }
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
      const types = published(first).map(({ type }) => type.slice('aldergate.'.length));
      expect(types).toStrictEqual(['observation.ObservationRecorded.v1', 'derived.DriftOpened.v1', 'derived.TaskOpened.v1']);
      const verify = `npx aldergate verify ${address()} --key "$(cat the-key-that-was-published)"`;
      const vkey = (await first.request('GET', '/log/vkey')).body.trim();
      await expect(operating(first, verify)).rejects.toThrow(`pin that one:\n${vkey}`);
      writeFileSync(at('the-key-that-was-published'), vkey);
      expect(await operating(first, verify)).toContain(`nothing that was seen at size ${seen} has changed`);
    });
  });
};
