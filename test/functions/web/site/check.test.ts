import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatVerifierKey } from '../../../../domain/log/note.ts';
import { logSigner, SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { acceptAll, PRIVATE_KEY } from '../../log/sequencer/ports.ts';
import { type City, certificate, decision, openCity } from './support/city.ts';

let city: City;
let clerk: string;
let mayor: string;
const folder = mkdtempSync(join(tmpdir(), 'aldergate-check-'));
const signer = logSigner(PRIVATE_KEY, 'gate.example/log');
let size: string | undefined;
let app: ReturnType<typeof siteApp>;

const publish = async (): Promise<void> => {
  const published = await sequence({
    ...city.ports,
    ...SOLE_WRITER,
    judge: acceptAll(),
    blobs: folderBlobs(folder),
    signer,
    logger: () => undefined,
  });
  size = String(published?.size ?? 0);
};
const page = async (path: string): Promise<string> =>
  (await app.request(`https://gate.example${path}`, { headers: { accept: 'text/html' } })).text();
const json = async (path: string): Promise<unknown> => (await app.request(`https://gate.example${path}`)).json();

beforeAll(async () => {
  city = await openCity();
  app = siteApp({ ...city.deps, checkpoint: () => size, vkey: () => formatVerifierKey(signer.key) });
  const change = await city.notify();
  clerk = await city.link('clerk', 'council', change);
  mayor = await city.link('mayor', 'mayor', change);
  await city.post(clerk, certificate(change));
  await catchUp(city.ports, 'acme');
  await publish();
  await city.post(mayor, decision(change));
});
afterAll(async () => {
  await city.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the page', () => {
  test('has the commands filled with this log: address, key and size', async () => {
    const shown = await page('/check?lang=en');
    const vkey = formatVerifierKey(signer.key);
    expect(shown).toContain(`node aldergate-verify.mjs https://gate.example --key &#39;${vkey}&#39;`);
    expect(shown).toMatch(/curl https:\/\/gate\.example\/log\/proof\/acme\/\d</);
    expect(shown).toContain(`curl -o checkpoint-${size} https://gate.example/log/checkpoint`);
  });
  test('answers the same as data', async () => {
    const vkey = formatVerifierKey(signer.key);
    expect(await json('/check?format=json')).toStrictEqual({
      url: 'https://gate.example/log',
      origin: 'gate.example/log',
      vkey,
      size: Number(size),
    });
  });
  test('without a log it states that nothing is published, and still explains', async () => {
    const bare = siteApp(city.deps);
    const shown = await (await bare.request('https://gate.example/check?lang=en')).text();
    expect(shown).toContain('Nothing has been published yet.');
    expect(shown).toContain('What the log is');
  });
});

test('a receipt names the checkpoint and the proof of its commit; what is not in yet waits to be published', async () => {
  const [published, waiting] = [await page(`${clerk}?lang=en`), await page(`${mayor}?lang=en`)];
  expect(published).toMatch(/Entry \d+ of the public log\. The newest checkpoint has \d+ entries\./);
  expect(published).toContain('href="/log/proof/acme/2"');
  expect(waiting).toContain('Waiting to be published in the public log.');
  expect(waiting).not.toContain('/log/proof/acme/3');
});

test('so do the pages of a feature and of a change, by the commit that decided; then it is published, and they say so', async () => {
  for (const path of ['/features/acme?lang=en', '/changes/acme/1?lang=en'])
    expect(await page(path), path).toContain('Waiting to be published in the public log.');
  await publish();
  for (const path of ['/features/acme?lang=en', '/changes/acme/1?lang=en', `${mayor}?lang=en`]) {
    const shown = await page(path);
    expect(shown, path).toContain('href="/log/proof/acme/3"');
    expect(shown, path).toContain(`has ${size} entries`);
    expect(shown, path).toContain('href="/check?lang=en">');
  }
});

test('an unknown feature rests on the checkpoint alone', async () => {
  const shown = await page('/features/nobody?lang=en');
  expect(shown).toContain(`has ${size} entries`);
  expect(shown).not.toContain('/log/proof/');
});
