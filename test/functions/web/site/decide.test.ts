import { beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { certificate, cityForEach, decision, roll } from './support/city.ts';
import { textOf } from './support/readers.ts';

let change: Received;
let clerk: string;
let mayor: string;

const city = cityForEach();
beforeEach(async () => {
  change = await city.notify();
  clerk = await city.link('clerk', 'council', change);
  mayor = await city.link('mayor', 'mayor', change);
});

const certify = (fields: Record<string, string> = {}, to = '') => city.post(`${clerk}${to}`, certificate(change, fields));
const sign = (fields: Record<string, string> = {}, to = '') => city.post(`${mayor}${to}`, decision(change, fields));

describe('the whole round', () => {
  test('the clerk certifies, the mayor signs, and it is on', async () => {
    expect((await city.get(clerk)).status).toBe(200);
    const certified = await certify();
    expect(certified.status).toBe(303);
    expect(certified.headers.get('location')).toBe(clerk);
    expect(await city.status()).toBe('pending');
    expect((await sign()).status).toBe(303);
    expect(await city.status()).toBe('enabled');
    const receipt = await city.page(mayor);
    expect(receipt).toContain(change.digest);
    expect(receipt).toContain('You signed');
  });

  test('the same form sent again is the same answer and no new commit; another one is refused', async () => {
    await certify();
    const commits = city.writes.commits;
    expect((await certify()).status).toBe(303);
    for (const other of [{ fileNumber: '26-0413' }, { mover: 'district-1' }]) expect((await certify(other)).status).toBe(409);
    expect(city.writes.commits).toBe(commits);
  });

  test('a veto, its override, and a revocation', async () => {
    await certify();
    expect((await sign({ decision: 'refuse', comment: 'Not yet.' })).status).toBe(303);
    expect(await city.status()).toBe('vetoed');
    expect((await certify({ purpose: 'override', fileNumber: '26-0500' })).status).toBe(303);
    expect(await city.status()).toBe('vetoed');
    const presiding = await city.link('h4', 'council', change);
    const page = await city.page(presiding);
    expect(page).toContain('name="certificate"');
    // The roll call that is to be confirmed.
    expect(page.match(/<details open>/g)).toHaveLength(1);
    expect(page).not.toContain('name="fileNumber"');
    expect((await city.post(presiding, decision(change, { decision: 'confirm' }))).status).toBe(303);
    expect((await city.post(presiding, decision(change, { decision: 'confirm' }))).status).toBe(303);
    expect(await city.status()).toBe('enabled');
    expect((await city.post(`${mayor}/revoke`, { reason: 'x' })).status).toBe(409);
    expect((await city.post(`${clerk}/revoke`, { reason: 'x' })).status).toBe(422);
    expect((await city.post(`${clerk}/revoke`, { reason: ' ', fileNumber: '26-0600' })).status).toBe(422);
    expect((await city.post(`${clerk}/revoke`, { reason: 'x', fileNumber: '26-0600' })).status).toBe(303);
    expect(await city.status()).toBe('revoked');
  });
});

describe('terms', () => {
  test('a signature without the terms that stand is refused', async () => {
    await certify({ until: '2027-03-31', conditions: 'Images are kept for 21 days at most.' });
    expect((await sign()).status).toBe(409);
    const page = await city.page(mayor);
    const until = /name="until" value="([^"]+)"/.exec(page)?.[1] ?? '';
    expect((await sign({ until, conditions: 'Images are kept for 21 days at most.' })).status).toBe(303);
    expect(await city.status()).toBe('enabled');
  });
});

describe('what a form must not do', () => {
  test.each<[string, Record<string, string>, number]>([
    ['no decision', { decision: '' }, 422],
    ['an unknown decision', { decision: 'perhaps' }, 422],
    ['an unknown field', { colour: 'red' }, 422],
    ['another digest', { digest: `sha256:${'0'.repeat(64)}` }, 409],
    ['another revision', { revision: '2' }, 409],
    ['a date that is none', { until: '31 March' }, 422],
    ['a vote of a seat', { 'vote.district-1': 'no' }, 422],
    ['a bidirectional override', { comment: 'a\u202eb' }, 422],
    ['an abstention', { decision: 'abstain' }, 422],
  ])('%s', async (_, fields, status) => {
    await certify();
    const [answer, reviewed] = [await sign(fields), await sign(fields, '/review')];
    expect([answer.status, reviewed.status]).toEqual([status, status]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await reviewed.json()).toEqual(await answer.json());
    expect(await city.status()).toBe('pending');
  });

  test.each<[string, Record<string, string>, number]>([
    ['no purpose', { purpose: '' }, 422],
    ['a decision beside it', { decision: 'refuse' }, 422],
    ['a blank vote', { 'vote.district-1': '' }, 422],
    ['a seat of nobody', { 'vote.district-9': 'yes' }, 422],
    ['no file number', { fileNumber: ' ' }, 422],
    ['a meeting to come', { meetingDate: '2026-03-04' }, 422],
    ['a meeting before the revision', { meetingDate: '2026-03-01' }, 422],
    ['a day that is none', { meetingDate: '2026-02-30' }, 422],
    ['a mover of no seat', { mover: 'somebody' }, 422],
    ['no quorum', { ...roll(2), 'vote.district-3': 'absent', 'vote.at-large': 'absent' }, 422],
  ])('certification: %s', async (_, fields, status) => {
    const [answer, reviewed] = [await certify(fields), await certify(fields, '/review')];
    expect([answer.status, reviewed.status]).toEqual([status, status]);
    expect(await reviewed.json()).toEqual(await answer.json());
    expect(await city.status()).toBe('pending');
    expect((await certify()).status).toBe(303);
  });

  test('a field sent twice', async () => {
    await certify();
    const { decision: said, ...rest } = decision(change);
    expect((await city.post(mayor, { decision: [said ?? '', 'refuse'], ...rest })).status).toBe(422);
  });

  test.each([
    ['a byte alone', Buffer.from('&comment=caf\xe9', 'latin1')],
    ['an escape alone', Buffer.from('&comment=caf%E9')],
  ])('a text that is not UTF-8 is not altered and recorded: %s', async (_, more) => {
    await certify();
    const sent = await city.app.request(`https://gate.example${mayor}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'https://gate.example',
        accept: 'application/json',
      },
      body: Buffer.concat([Buffer.from(new URLSearchParams(decision(change)).toString()), more]),
    });
    expect(sent.status).toBe(422);
    expect(await city.status()).toBe('pending');
  });

  test('without an origin a browser says that it is the same (origins.test.ts has what is refused)', async () => {
    const fetched = await city.app.request(`https://gate.example${clerk}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams(certificate(change)).toString(),
    });
    expect(fetched.status).toBe(303);
  });

  test('a link that does not exist', async () => {
    expect((await city.get('/d/nothing')).status).toBe(404);
    expect((await city.post(`/d/${'A'.repeat(43)}`, decision(change))).status).toBe(404);
  });
});

test.each(['at-large', 'Council member, At Large', 'council member, at large'])('%s is a mover', async (mover) => {
  expect((await certify({ mover })).status).toBe(303);
});

describe('the last step', () => {
  const told = async (answer: Response) => (await answer.text()).replaceAll(/<[^>]+>/g, '');

  test('states the whole decision in one sentence, stores nothing, and its form decides', async () => {
    await certify({ until: '2026-05-18', audience: 'Police', conditions: 'Kept for 21 days.' });
    const [, until = ''] = /name="until" value="([^"]+)"/.exec(await city.page(mayor)) ?? [];
    const terms = { until, audience: 'Police', conditions: 'Kept for 21 days.', comment: 'In good order.' };
    const before = { ...city.writes };
    const asked = await sign(terms, '/review');
    expect(asked.status).toBe(200);
    expect(await told(asked)).toContain(
      'As the mayor, on revision 1 of “FreeForm search for vehicles”: I sign, only for Police, until the end of May 18, 2026, under the conditions below.',
    );
    expect(await told(await sign({ ...terms, decision: 'refuse' }, '/review?lang=es'))).toContain('Rechazo.');
    expect(city.writes).toEqual(before);
    expect(await city.status()).toBe('pending');
    expect((await sign(terms)).status).toBe(303);
  });

  test('of a decision that is recorded leads to its receipt, of another one is refused as that is', async () => {
    await certify();
    await sign();
    expect((await sign({}, '/review')).headers.get('location')).toBe(mayor);
    for (const to of ['', '/review']) expect((await sign({ decision: 'refuse' }, to)).status).toBe(409);
  });

  test('is of no use before its turn, or to who has no seat', async () => {
    for (const to of ['', '/review']) expect((await sign({}, to)).status).toBe(409);
    await certify();
    city.passDays(-2000);
    for (const to of ['', '/review']) expect((await sign({}, to)).status).toBe(409);
  });
});

test('the deadline that is shown is that of who must act, with the window beside it; after a refusal that of the second vote', async () => {
  const words = async (path: string) => textOf(await city.page(path));
  expect(await words('/changes/acme/1')).toContain('Monday, June 1, 2026 at 8:00 AM.');
  await certify();
  for (const path of ['/changes/acme/1', mayor, `${mayor}/inbox`])
    expect(await words(path)).toMatch(
      /ntil Sunday, March 8, 2026 at 8:00 AM\. (?:5 days left\. )?On Monday, June 1, 2026 at 8:00 AM/,
    );
  expect(await words('/')).toMatch(/until March 8, 2026[^.]*\. On [^.]*June 1, 2026/);
  await sign({ decision: 'refuse' });
  expect(await words('/changes/acme/1')).toContain('until April 2, 2026');
  expect(await words(`${clerk}/desk`)).toMatch(/Until Thursday, April 2, 2026[^.]*\. 30 days left\. A vote/);
});

describe('after a revision', () => {
  test('an old link shows what changed and decides nothing', async () => {
    await certify();
    await city.notify({
      revises: 1,
      summary: 'Officers describe a vehicle in plain words and the system searches some camera images for it.',
    });
    const page = await city.page(mayor);
    expect(page).toMatch(/searches all camera images[\s\S]*searches some camera images/);
    expect((await sign()).status).toBe(409);
    expect((await certify()).status).toBe(409);
    expect(await city.status()).toBe('pending');
  });
});

describe('pages never decide', () => {
  test('GET and HEAD write nothing at all', async () => {
    await certify();
    const before = { ...city.writes };
    for (const path of [clerk, mayor]) {
      expect((await city.get(path)).status).toBe(200);
      expect((await city.app.request(`https://gate.example${path}`, { method: 'HEAD' })).status).toBe(200);
    }
    expect(city.writes).toEqual(before);
  });
});

describe('the certificate of a second vote', () => {
  const words = async (path: string): Promise<string> => (await city.page(path)).replaceAll(/<[^>]+>/g, '');

  test('sent unanswered by who confirms it, names their own question; disputed, it is in the inbox of the clerk as such', async () => {
    await certify();
    await sign({ decision: 'refuse' });
    expect(await words(clerk)).toContain('Before it counts, a member of the City Council confirms the record.');
    await certify({ purpose: 'override', fileNumber: '26-0413' });
    const member = await city.link('h4', 'council', change);
    expect(await (await city.post(member, decision(change, { decision: '' }))).json()).toMatchObject({
      status: 422,
      errors: [{ pointer: '/decision' }],
    });
    await city.post(member, decision(change, { decision: 'dispute', comment: 'District 2 voted no.' }));
    expect(await words(`${clerk}/inbox`)).toContain('Your record of the vote of the City Council is disputed');
  });
});
