import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import * as z from 'zod';
import { parseVerifierKey } from '../../../domain/log/verifierKey.ts';
import { macsUnder } from '../../../functions/platform/store/mac.ts';
import { openSqliteStore } from '../../../functions/platform/store/sqlite/sqliteStore.ts';
import { openSecrets } from '../../../infra/local/secrets.ts';
import { verifiedEntries } from '../../functions/log/sequencer/verifiedEntries.ts';
import { cliJson, makePlace, type Place, postNotice, type RunningServer, serve } from './process.ts';

const ROUNDS = 6;
/** Between the acknowledgement and the kill: within the gathering, within the publication, after it. */
const PAUSE_MS = 45;
const Issued = z.object({ keys: z.tuple([z.object({ secret: z.string() })]) });

let server: RunningServer | undefined;
let where: Place | undefined;
afterEach(async () => {
  server?.child.kill('SIGKILL');
  await server?.ended;
  if (where !== undefined) rmSync(where.folder, { recursive: true, force: true });
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const acknowledged = async (data: string): Promise<ReadonlySet<string>> => {
  const store = openSqliteStore(
    join(data, 'aldergate.db'),
    macsUnder(openSecrets(join(data, 'keys.json')).commitKeys, 'commits'),
  );
  const { items } = await store.feed(undefined, 10_000);
  await store.close();
  return new Set(items.filter(({ stream }) => stream !== 'log').map(({ stream, version }) => `${stream}@${version}`));
};

test('a server that is killed while it publishes has one log, whole at every moment, with all that it acknowledged', async () => {
  where = await makePlace();
  const data = join(where.folder, 'data');
  const folder = join(data, 'log');
  const { keys } = Issued.parse(await cliJson(where, 'vendor', 'add', 'acme', '--name', 'Acme Cameras'));
  let published: Uint8Array[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    server = await serve(where);
    for (let n = 0; n < 3; n += 1) {
      const notice = { feature: `acme.f${round}`, kind: 'new-feature', title: `Search ${n}`, summary: 'Another way to search.' };
      expect((await postNotice(where, keys[0].secret, `msg_${round}_${n}`, notice)).status).toBe(202);
    }
    await pause(round * PAUSE_MS);
    server.child.kill('SIGKILL');
    await server.ended;
    // The first round may be over before the first checkpoint.
    if (existsSync(join(folder, 'checkpoint')))
      published = [...published, new Uint8Array(readFileSync(join(folder, 'checkpoint')))];
  }
  server = await serve(where);
  const key = parseVerifierKey((await (await fetch(`${where.url}/log/vkey`)).text()).trim());
  const expected = await acknowledged(data);
  await expect.poll(() => verifiedEntries(folder, key).length).toBeGreaterThanOrEqual(expected.size);
  const places = verifiedEntries(folder, key).map(({ stream, version }) => `${stream}@${version}`);
  expect(places.length).toBe(expected.size);
  expect(new Set(places)).toEqual(expected);
  const sizes = published.map((bytes) => Number(Buffer.from(bytes).toString().split('\n')[1]));
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
});
