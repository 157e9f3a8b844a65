import { beforeEach, describe, expect, test } from 'vitest';
import { featureStream } from '../../../../domain/feature/keys.ts';
import { isShared } from '../../../../functions/gate/feature.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { expectIn } from '../../../support/texts.ts';
import { BOARD, COUNCIL, cityForEach, cityForTest, MAYOR, POLICY, RULE, roll, threeIn, wordsOf } from './support/city.ts';

let desk: string;
let changes: readonly Received[];

const city = cityForEach();
beforeEach(async () => {
  changes = await threeIn(city);
  desk = `${await city.toClerk(changes[0] as Received)}/desk`;
});

type Fields = Record<string, string | readonly string[]>;

/** What the form of a consent agenda sends: one meeting, and each change with its exact words. */
const resolution = (over: Fields = {}): Fields => ({
  body: 'council',
  ...wordsOf(changes),
  fileNumber: '26-0412',
  meetingDate: '2026-03-03',
  mover: 'district-1',
  ...roll(3),
  ...over,
});
const certify = (over: Fields = {}) => city.post(`${desk}/consent`, resolution(over));
interface Told {
  readonly requirements: readonly { readonly status: string }[];
  readonly terms: object | null;
}
const told = () => Promise.all(changes.map(({ change }) => city.json<Told>(`/changes/${change}?format=json`)));
const statuses = async () => (await told()).map(({ requirements }) => requirements[0]?.status);
const revise = () => city.notify({ feature: 'acme.lpr', revises: 1, summary: 'Other words.' });

describe('one vote for several changes', () => {
  test('is one certification, recorded once in each', async () => {
    const before = city.writes.commits;
    const done = await certify();
    expect(done.status).toBe(303);
    const to = `${desk}?file=26-0412&change=acme%2F1&change=acme.lpr%2F1&change=acme.drone%2F1`;
    expect(done.headers.get('location')).toBe(to);
    expect(city.writes.commits).toBe(before + 3);
    const heads = ['acme', 'acme.lpr', 'acme.drone'].map((key) => city.ports.store.head(featureStream(key)));
    for (const head of await Promise.all(heads)) expect(isShared(head?.commandId ?? '')).toBe(true);
    expect(await statuses()).toEqual(['met', 'met', 'met']);
    const page = await city.page(to);
    expect(page).toMatch(/Recorded under file <bdi[^>]*>26-0412<\/bdi>: acme\/1, acme\.lpr\/1, and acme\.drone\/1/);
    await city.hides(`${desk}?file=26-0413&change=acme/1`, 'Recorded under file');
  });

  test('each on its own terms, which are shown, with a note when they differ', async () => {
    const terms = {
      'until.acme/1': '2027-03-31',
      'conditions.acme.lpr/1': 'Kept for 21 days.',
      'audience.acme.lpr/1': ['Police', 'Parks'],
    };
    expect((await certify(terms)).status).toBe(303);
    expect((await told()).map((each) => each.terms)).toMatchObject([
      { until: '2027-04-01T06:00:00.000Z', conditions: null },
      { until: null, conditions: 'Kept for 21 days.', audience: ['Parks', 'Police'] },
      { until: null, conditions: null, audience: null },
    ]);
  });
});

test('the last step warns first of each change whose votes are too few under its own rule', async () => {
  const require = [{ ...COUNCIL, threshold: { ...COUNCIL.threshold, yes: 4 } }, MAYOR, BOARD];
  const strict = { ...RULE, id: 'strict', when: { key: ['acme.drone'] }, require };
  const uneven = await cityForTest({ policy: { ...POLICY, rules: [strict, RULE] } });
  const three = await threeIn(uneven);
  const link = await uneven.toClerk(three[0]);
  const page = await uneven.answered(`${link}/desk/review`, resolution(wordsOf(three)));
  expect(page).toMatch(/"c-acme-lpr-1".*"c-acme-drone-1".*Yes votes: 3. Needed: 4. This ends the change.*>Certify for all/s);
  expect(page.match(/This ends the change/g)?.length).toBe(1);
});

describe('what is stale or decided is refused by itself', () => {
  test('the rest is recorded, the page lists both, and sending it again completes what was missing without doubling', async () => {
    const old = resolution();
    const revised = await revise();
    const before = city.writes.commits;
    const reviewed = await city.post(`${desk}/review`, old);
    expect([reviewed.status, await reviewed.json()]).toMatchObject([
      409,
      { type: 'urn:aldergate:problem:stale', errors: [{ pointer: '/change/acme.lpr~11' }] },
    ]);
    expect(city.writes.commits).toBe(before);
    const page = await city.answered(`${desk}/consent`, old);
    expect(page).toMatch(/<title>Not everything was recorded: /);
    expect(page).toMatch(/id="errors"[^>]*><h2>Not everything was recorded<[\s\S]*?<a href="#c-acme-lpr-1">Not recorded: <bdi/);
    const current = `name="digest.acme.lpr/1" value="${revised.digest}"`;
    expectIn(page, '<li class="card" id="c-acme-lpr-1">', current, 'name="fileNumber" value="26-0412"');
    expect(page.match(/<span>Recorded<\/span>/g)?.length).toBe(2);
    expect(page.match(/<span>Not recorded<\/span>/g)?.length).toBe(1);
    expect(city.writes.commits).toBe(before + 2);
    const part = await city.post(`${desk}/consent`, old);
    expect(part.status).toBe(409);
    expect(await part.json()).toMatchObject({
      type: 'urn:aldergate:problem:stale',
      detail: 'recorded: acme/1, acme.drone/1; not recorded: 1',
      errors: [{ pointer: '/change/acme.lpr~11', detail: expect.stringContaining('stale') as string }],
    });
    expect(city.writes.commits).toBe(before + 2);
    expect(await statuses()).toEqual(['met', 'open', 'met']);
    const fresh = { ...old, 'revision.acme.lpr/1': '2', 'digest.acme.lpr/1': revised.digest };
    expect((await city.post(`${desk}/consent`, fresh)).status).toBe(303);
    expect(city.writes.commits).toBe(before + 3);
    expect(await statuses()).toEqual(['met', 'met', 'met']);
  });
});

test('of a long agenda terms are asked for where they are wanted, so that forty changes fit a light page', async () => {
  const many: Received[] = [];
  for (let n = 10; n < 50; n += 1) many.push(await city.notify({ feature: `acme.f${n}`, title: `Search number ${n} of many` }));
  const named = many.map(({ change }) => `change=${change}`).join('&');
  const page = await city.page(`${desk}/consent?body=council&${named}`);
  expect(page.length).toBeLessThan(60 * 1024);
  expect(page).not.toContain('name="until.');
  const before = city.writes.commits;
  const next = await city.answered(`${desk}/review`, resolution({ ...wordsOf(many), own: ['acme.f17/1'] }));
  expect(next.match(/name="until\.[^"]*"/g)).toEqual(['name="until.acme.f17/1"']);
  expectIn(next, 'id="c-acme-f17-1" tabindex="-1" autofocus', 'value="26-0412"');
  expect(city.writes.commits).toBe(before);
});

describe('refused (forms.test.ts has what is wrong in the fields):', () => {
  test('a link whose own change has another revision since certifies nothing', async () => {
    const sent = resolution();
    await city.notify({ title: 'Camera contract', revises: 1, summary: 'Other words.' });
    const before = city.writes.commits;
    for (const to of ['consent', 'review']) expect((await city.post(`${desk}/${to}`, sent)).status).toBe(409);
    expect(city.writes.commits).toBe(before);
  });

  test('a change that this body does not vote on, or that does not exist', async () => {
    const strange = {
      change: ['acme/1', 'acme/9', '../../x'],
      'digest.acme/9': changes[0]?.digest ?? '',
      'revision.acme/9': '1',
    };
    const answer = await certify({ ...strange, 'digest.../../x': changes[0]?.digest ?? '', 'revision.../../x': '1' });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ detail: 'recorded: acme/1; not recorded: 2' });
  });
});

test('the form names the first day on which one vote counts for all', async () => {
  const two = await cityForTest();
  const older = await two.notify();
  two.passDays(1);
  const newer = await two.notify({ feature: 'acme.drone' });
  const path = `${await two.toClerk(older)}/desk/consent?body=council`;
  for (const [first, second] of [
    [older, newer],
    [newer, older],
  ] as const)
    await two.shows(`${path}&change=${first.change}&change=${second.change}`, 'if the meeting is on March 4, 2026 or later.');
});
