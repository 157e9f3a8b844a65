import { beforeAll, describe, expect, test } from 'vitest';
import { formatVerifierKey } from '../../../../domain/log/note.ts';
import { logSigner, SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import { siteApp } from '../../../../functions/web/site/app.ts';
import { readVerifier } from '../../../../functions/web/site/verifierFile.ts';
import { folderOfFile } from '../../../support/folders.ts';
import { acceptAll, PRIVATE_KEY } from '../../log/sequencer/ports.ts';
import { cityForAll, ORIGIN } from './support/city.ts';

let app: ReturnType<typeof siteApp>;
let size: string | undefined;
let links: Awaited<ReturnType<typeof city.linksTo>>;
const folder = folderOfFile('check');
const signer = logSigner(PRIVATE_KEY, 'gate.example/log');
const vkey = formatVerifierKey(signer.key);
const city = cityForAll();

const publish = async () => {
  const quiet = { judge: acceptAll(), blobs: folderBlobs(folder), signer, logger: () => undefined };
  size = String((await sequence({ ...city.ports, ...SOLE_WRITER, ...quiet }))?.size ?? 0);
};
const page = async (path: string, of = app) =>
  (await of.request(`${ORIGIN}${path}`, { headers: { accept: 'text/html' } })).text();

beforeAll(async () => {
  app = siteApp({ ...city.deps, checkpoint: () => size, vkey: () => vkey });
  const change = await city.notify();
  links = await city.linksTo(change);
  await city.certify(change);
  await publish();
  await city.sign(change);
});

test('a verifier that was not built is not there', () => expect(readVerifier('/nowhere')).toBeUndefined());

describe('the page', () => {
  test('has the commands filled with this log: address, key and size', async () => {
    const shown = await page('/check?lang=en');
    expect(shown).toContain(`node aldergate-verify.mjs https://gate.example --key &#39;${vkey}&#39;`);
    expect(shown).toMatch(/curl https:\/\/gate\.example\/log\/proof\/acme\/\d</);
    expect(shown).toContain(`curl -o checkpoint-${size} https://gate.example/log/checkpoint`);
  });
  test('answers the same as data', async () => {
    const log = { url: `${ORIGIN}/log`, origin: 'gate.example/log', vkey, size: Number(size) };
    expect(JSON.parse(await page('/check?format=json'))).toStrictEqual(log);
  });
  test('without a log it states that nothing is published, and still explains', async () => {
    const shown = await page('/check?lang=en', siteApp(city.deps));
    for (const text of ['Nothing has been published yet.', 'What the log is']) expect(shown).toContain(text);
  });
});

test('a receipt names the checkpoint and the proof of its commit; what is not in yet waits to be published', async () => {
  const [published, waiting] = [await page(`${links.clerk}?lang=en`), await page(`${links.mayor}?lang=en`)];
  expect(published).toMatch(/Entry \d+ of the public log\. The newest checkpoint has \d+ entries\./);
  expect(published).toContain('href="/log/proof/acme/2"');
  expect(waiting).toContain('Waiting to be published in the public log.');
  expect(waiting).not.toContain('/log/proof/acme/3');
});

test('so do the pages of a feature and of a change, by the commit that decided; then it is published, and they say so', async () => {
  for (const path of ['/features/acme?lang=en', '/changes/acme/1?lang=en'])
    expect(await page(path), path).toContain('Waiting to be published in the public log.');
  await publish();
  for (const path of ['/features/acme?lang=en', '/changes/acme/1?lang=en', `${links.mayor}?lang=en`]) {
    const shown = await page(path);
    expect(shown, path).toContain('href="/log/proof/acme/3"');
    expect(shown, path).toContain(`has ${size} entries`);
    expect(shown, path).toContain('href="/check?lang=en">');
  }
});

test('the page of a feature has an address that always gives its answer, and the file that proves it', async () => {
  const at = encodeURIComponent(city.now());
  const shown = await page('/features/acme?lang=en&agency=pd');
  for (const to of [`/log/record/acme?at=${at}`, `/features/acme?lang=en&amp;agency=pd&amp;at=${at}`])
    expect(shown).toContain(`href="${to}"`);
});

test('an unknown feature rests on the checkpoint alone', async () => {
  const shown = await page('/features/nobody?lang=en');
  expect(shown).toContain(`has ${size} entries`);
  expect(shown).not.toContain('/log/proof/');
});
