import { copyFileSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseVerifierKey, type VerifierKey } from '../../../domain/log/note.ts';
import { logFolder } from '../../../infra/local/settings.ts';
import { verifiedEntries } from '../../functions/log/sequencer/verifiedEntries.ts';
import { builtJudge, goMissing, runJudge } from '../../judge/goJudge.ts';
import { folderOfFile } from '../../support/folders.ts';
import { type PlayedCity, playedCity } from './revokedCity.ts';

const missing = goMissing();
if (missing !== undefined) console.warn(`SKIPPED: the foreign judge did not read the log of a real server. ${missing}`);

describe('the public log of a server that a whole story was played on', () => {
  const scratch = folderOfFile('log-test');
  let city: PlayedCity;
  let folder: string;
  let key: VerifierKey;

  const get = (path: string, init: RequestInit = {}) => fetch(`${city.url}/log/${path}`, init);
  const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

  beforeAll(async () => {
    city = await playedCity();
    folder = logFolder(city.installation.settings);
    key = parseVerifierKey((await (await get('vkey')).text()).trim());
  });
  afterAll(() => city?.close());

  // What has just been written enters before the rest of the feed, so between streams the order is the log's own.
  test('has every commit of the feed but its own once, those of a stream in their order', async () => {
    const { items } = await city.installation.ports.store.feed(undefined, 10_000);
    const places = (commits: readonly { readonly stream: string; readonly version: number }[]) =>
      commits.flatMap(({ stream, version }) => (stream === 'log' ? [] : [{ stream, version }]));
    const byStream = (commits: Parameters<typeof places>[0]) => Map.groupBy(places(commits), ({ stream }) => stream);
    const logged = verifiedEntries(folder, key);
    expect(byStream(logged)).toEqual(byStream(items));
    expect(logged.length).toBeGreaterThan(40);
  });

  // What is not served, and how that is said, is in test/functions/log/proofs.test.ts.
  test('is served with its types, and cached where it never changes', async () => {
    const headers = async (path: string) => {
      const { status, headers: told } = await get(path);
      return [status, told.get('content-type'), told.get('cache-control')];
    };
    const size = verifiedEntries(folder, key).length;
    expect(await headers('checkpoint')).toEqual([200, 'text/plain; charset=utf-8', 'no-cache']);
    const forever = [200, 'application/octet-stream', 'public, max-age=31536000, immutable'];
    expect(await headers(`tile/0/000.p/${size}`)).toEqual(forever);
    expect(await headers(`tile/entries/000.p/${size}`)).toEqual(forever);
    expect((await headers('proof/northcam/1'))[0]).toBe(200);
    expect((await get('checkpoint', { method: 'HEAD' })).status).toBe(200);
    expect((await get('checkpoint', { method: 'POST' })).headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    for (const path of ['proof/Nobody!/1', 'proof/northcam/x']) expect((await get(path)).status, path).toBe(400);
  });

  test.skipIf(missing !== undefined)(missing ?? 'is accepted by a program in Go that shares no code with it', async () => {
    const receipts = await Promise.all(
      [1, 2].map(async (version) => {
        const file = join(scratch, `${version}.tlog-proof`);
        writeFileSync(file, await bytesOf(await get(`proof/northcam/${version}`)));
        return file;
      }),
    );
    const vkey = (await (await get('vkey')).text()).trim();
    // Built after the last request: it holds up this process, in which the server closes connections that were idle for a minute.
    const judge = builtJudge();
    const size = verifiedEntries(folder, key).length;
    expect(runJudge(judge, ['-key', vkey, folder, ...receipts])).toMatchObject({ size, entries: size, receipts: 2 });
    const altered = join(scratch, 'altered');
    cpSync(folder, altered, { recursive: true });
    copyFileSync(join(folder, `tile/entries/000.p/${size}`), join(altered, `tile/0/000.p/${size}`));
    expect(runJudge(judge, ['-key', vkey, altered])).toContain('tile');
  });
});
