import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { attachedBytes, CommitJudge } from '../../../../functions/log/judging.ts';
import { commitOf } from '../../../../functions/platform/store/record.ts';
import { readFeed } from '../../../contract/underTest.ts';
import { HOSTILE_TEXTS } from '../../../support/pseudo.ts';
import { shared } from '../../../support/shared.ts';
import { bearer, notice, notified, openWorld, post, signed, story, vendor } from './world.ts';

// What a vendor signs is either refused at once or stands: a notice that the gate takes and the judge refuses would hold a stream, and with
// it everything beneath the key, so that a vendor could switch off what the city has approved.

/** A feature that is on for one agency. */
const forOne = shared(async (atEnd) => {
  const world = await openWorld({ atEnd });
  const { body } = await notified(world, await vendor(world, 'acme'));
  await world.gate.decide(body, { terms: { ...NO_TERMS, audience: ['town-pd'] } });
  return { world, token: await world.token('state:read') };
});

/** JSON texts of one notice each that a program could read in two ways. */
const TEXTS: readonly string[] = [
  ...HOSTILE_TEXTS.map((text) => JSON.stringify(notice({ title: text, summary: text, version: text.slice(0, 40) }))),
  ...Array.from('\u2028\u2029\u0085\ufeff\ufffe\uffff\u{e0001}\u{10ffff}\ud83d\ude00ﬁİßſK\u0344한', (text) =>
    JSON.stringify(notice({ title: `a${text}b`, description: `${text}\n\n${text}` })),
  ),
  ...[
    '2026-04-01',
    '2026-04-01T00:00:00Z',
    '2026-04-01T00:00:00.123456789Z',
    '2026-04-01T24:00:00Z',
    '2026-06-30T23:59:60Z',
    '2026-04-01T00:00:00+14:00',
    '2026-04-01T00:00:00-00:00',
    '0000-01-01',
    '9999-12-31',
    '+275760-09-13T00:00:00Z',
    '-000001-01-01',
    '1969-12-31T23:59:59Z',
  ].flatMap((at) => [JSON.stringify(notice({ effectiveAt: at })), JSON.stringify(notice({ kind: 'contract', endsAt: at }))]),
  ...['contract', 'new-feature', 'update', 'data-sharing', 'terms', 'removal'].flatMap((kind) =>
    ['yes', 'no', 'unknown'].map((optOut) => JSON.stringify(notice({ kind, optOut, endsAt: '2027-03-31' }))),
  ),
  ...['1e0', '1.0', '-0', '0', '1E+0', '100000000000000000000e-20'].map((n) =>
    JSON.stringify(notice()).replace(/}$/, `,"revises":${n}}`),
  ),
  ...[
    'https://a.example/%zz',
    'https://a.example:99999/',
    'https://xn--/',
    'https://a.example/\\..\\',
    'HTTPS://A.EXAMPLE',
    'https://a.example/é',
    'https://[::1]/',
    'https://0x7f.1/',
  ].map((url) => JSON.stringify(notice({ documents: [{ title: 'D', kind: 'release-note', url }] }))),
  `  ${JSON.stringify(notice())}\r\n`,
  JSON.stringify(notice({ title: 'escaped' })).replace('"title"', '"\\u0074itle"'),
];

test('every notice of a hundred that could be read in two ways is refused at once or stands before the judge', async () => {
  const { world, acme } = await story();
  const statuses: number[] = [];
  for (const [index, text] of TEXTS.entries()) {
    const body = text.replace('"feature":"acme"', `"feature":"acme.n${index}"`);
    statuses.push((await signed(world, acme, '/v1/notices', body)).status);
  }
  expect(new Set(statuses)).toEqual(new Set([202, 400, 409]));
  expect(statuses.filter((status) => status === 202).length).toBeGreaterThan(50);
  const judge = new CommitJudge();
  const refused = (await readFeed(world.deps.ports.store, undefined, 500)).items.flatMap((commit) => {
    const verdict = judge.next(commit.bytes, attachedBytes(commit.attachments), commitOf(commit));
    return verdict.ok ? [] : [`${commit.stream}: ${verdict.code}: ${verdict.detail}`];
  });
  expect(refused).toEqual([]);
});

const OWN = '{"context":{"agency":"town-pd"}}';

test.each([
  ['a prototype', '{"context":{"__proto__":{"agency":"town-pd"}}}'],
  ['two contexts', '{"context":{"agency":"x"},"context":{"agency":"town-pd"}}'],
  ['two agencies', '{"context":{"agency":"x","agency":"town-pd"}}'],
  ['a list', '{"context":{"agency":["town-pd"]}}'],
  ['an object that is a text', '{"context":{"agency":{"toString":"town-pd"}}}'],
  ['another case', OWN.replace('town-pd', 'Town-PD')],
  ['full width', OWN.replace('town', 'ｔｏｗｎ')],
  ['a space around it', OWN.replace('town-pd', ' town-pd ')],
  ['a version that is an object', '{"context":{"agency":"town-pd","version":{"$ne":""}}}'],
  ['a context that is a list', '{"context":[{"agency":"town-pd"}]}'],
  ['an agency beside the context', '{"agency":"town-pd"}'],
  ['a key in full width', OWN, 'ａcme'],
  ['a key in capitals', OWN, 'Acme'],
  ['a key with an encoded zero', OWN, 'acme%00'],
])('an answer for one agency is not had by %s', async (_, body, key = 'acme') => {
  const { world, token } = forOne();
  const asked = (path: string, text: string) => post(world, `/ofrep/v1/evaluate/flags/${path}`, text, bearer(token));
  const { status, body: answer } = await asked(key, body);
  expect(status).toBeLessThan(500);
  expect(answer.value ?? false).toBe(false);
  expect((await asked('acme', OWN)).body.value).toBe(true);
});
