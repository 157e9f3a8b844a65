import { beforeAll, expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { certificate, cityForAll, POLICY, RULE } from './support/city.ts';

const ASKING = { ...RULE, id: 'asking', when: { key: ['acme.**'] }, documents: ['impact-report'] };
const REPORT = Buffer.from('What the cameras change.');

let change: Received;
let clerk: string;
const city = cityForAll({ policy: { ...POLICY, rules: [ASKING, RULE] } });
beforeAll(async () => {
  change = await city.notify();
  clerk = await city.toClerk(change);
});

const page = (path: string) => city.page(path);

test('pages name the document that is missing, in both languages, and an approval without it is refused', async () => {
  const report = 'impact report';
  for (const path of ['/changes/acme/1', clerk, `${clerk}/desk`, '/changes/acme/1/packet'])
    expect(await page(path)).toContain(`the file itself is not here yet: ${report}`);
  expect(await page('/rules')).toContain('The vendor must send: impact report.');
  expect(await page(clerk)).toContain(`You cannot approve yet. The rules ask for a document that is missing: ${report}.`);
  const refused = await city.post(clerk, certificate(change));
  expect([refused.status, await refused.json()]).toEqual([
    409,
    expect.objectContaining({
      type: 'urn:aldergate:problem:documents-missing',
      detail: expect.stringContaining('impact-report'),
    }),
  ]);
});

test('a document that is attached can be saved from the page, with its hash and who attached it', async () => {
  await city.attach('acme', REPORT, { title: 'Report "1"', mediaType: 'text/html' });
  const hash = digestOf(REPORT).slice(7);
  const text = await page('/changes/acme/1');
  expect(text).toContain(`<a href="/log/document/${hash}" download="Report &quot;1&quot;">`);
  expect(text).toContain('The city attached this file on March 3, 2026.');
  expect(text).not.toContain('not here yet');
  // Who decides gets it by its hash, whatever lies among the public files.
  expect(await page(clerk)).toContain(`href="${clerk}/document/${hash}"`);
  expect(await page('/features/acme')).toContain('A document was attached to change 1.');
});

test('an approval is of the documents that its form showed: one that took their place meanwhile is to be read first', async () => {
  const shown = async (path: string, name = 'documents') =>
    new RegExp(`name="${name}" value="([^"]+)"`).exec(await page(path))?.[1] ?? '';
  const agenda = `${clerk}/desk/consent?body=council&change=acme/1`;
  const before = await shown(clerk);
  expect(await shown(agenda, 'documents.acme/1')).toBe(before);
  await city.attach('acme', Buffer.from('Another report.'));
  const now = await shown(clerk);
  expect(now).not.toBe(before);
  const { revision = '', digest = '', purpose: _, ...votes } = certificate(change);
  const together = (documents: string) =>
    city.post(`${clerk}/desk/consent`, {
      ...votes,
      body: 'council',
      change: 'acme/1',
      'revision.acme/1': revision,
      'digest.acme/1': digest,
      'documents.acme/1': documents,
    });
  for (const answer of [await city.post(clerk, { ...certificate(change), documents: before }), await together(before)])
    expect([answer.status, await answer.text()]).toEqual([
      409,
      expect.stringContaining('a document was attached or replaced since'),
    ]);
  expect((await city.post(clerk, { ...certificate(change), documents: 'none' })).status).toBe(422);
  expect((await city.post(clerk, { ...certificate(change), documents: now })).status).toBe(303);
});
