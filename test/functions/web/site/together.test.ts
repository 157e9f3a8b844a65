import { beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../../../../functions/gate/intake.ts';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { BALLOTS, cityForEach, cityForTest, threeIn } from './support/city.ts';

let mayor: string;
let changes: readonly [Received, Received, Received];
const city = cityForEach();
beforeEach(async () => {
  changes = await threeIn(city);
  for (const change of changes) await city.certify(change);
  mayor = await city.toMayor(changes[0]);
});

const boxes = async (link = mayor) =>
  [...(await city.page(`${link}/inbox`)).matchAll(/form="together" name="change" value="([^"]+)"/g)].map(([, box = '']) => box);
const HTML = { accept: 'text/html' };
const revise = () => city.notify({ feature: 'acme.lpr', revises: 1, title: 'Plate reader', summary: 'Other words.' });
const send = (change: readonly string[], over: object = {}, headers: Record<string, string> = {}) =>
  city.post(`${mayor}/together`, { change, decision: 'approve', ...over }, headers);
const signatures = async (key: string) => (await city.events(key)).filter((event) => event.type === 'SignatureGiven');

describe('the inbox of a signer', () => {
  test('offers what waits for the signature, and nothing where only one thing waits', async () => {
    const offered = await boxes();
    expect(offered.map((value) => value.split(';')[0])).toEqual(['acme/1', 'acme.drone/1', 'acme.lpr/1']);
    expect(offered[0]).toMatch(/^acme\/1;1;sha256:[0-9a-f]{64};[0-9a-f]{24};1\/all$/);
    await send(offered.slice(1));
    expect(await boxes()).toEqual([]);
    await city.hides(`${mayor}/inbox`, 'Decide several at once');
    expect(await boxes(await city.toClerk(changes[0]))).toEqual([]);
  });

  test('offers none on which no terms stand: who signs first sets them, on its own page', async () => {
    const other = await cityForTest({ policy: BALLOTS });
    const [one] = [await other.notify(), await other.notify({ feature: 'acme.lpr' })];
    const inbox = `${await other.toMayor(one)}/inbox`;
    await other.shows(inbox, '2 things wait for you.');
    await other.hides(inbox, 'type="checkbox"');
  });

  test('the last step says it in one sentence, sends what can be decided, and decides nothing', async () => {
    const offered = await boxes();
    await revise();
    const before = city.writes.commits;
    const review = (more: object = {}) =>
      city.answered(`${mayor}/together/review`, { change: offered, decision: 'approve', comment: 'In good order.', ...more });
    const page = await review();
    expect(page).toMatch(/<title>Check it before it counts/);
    expect(page.replaceAll(/<[^>]+>/g, '')).toContain('As the mayor, on 2 changes, “Camera contract” and “Drone”: I sign.');
    const sent = [
      ...page.slice(page.indexOf('<main'), page.indexOf('I sign</button>')).matchAll(/name="change" value="([^;]+);/g),
    ];
    expect(sent.map(([, change]) => change)).toEqual(['acme/1', 'acme.drone/1']);
    expect(page).toMatch(/Left out[\s\S]*Plate reader[\s\S]*What you decided on has changed/);
    expect(page).toContain('In good order.');
    expect(city.writes.commits).toBe(before);
    const edit = await review({ edit: 'yes' });
    expect(edit.match(/name="change" value="[^"]+" checked/g)).toHaveLength(2);
    expect(edit).toContain('In good order.</textarea>');
  });
});

describe('one decision on several changes', () => {
  test('is recorded in each with the whole list; a stale one is left out and named', async () => {
    const offered = await boxes();
    await revise();
    const before = city.writes.commits;
    const part = await send(offered, { comment: 'In good order.' });
    expect(part.status).toBe(409);
    expect(await part.json()).toMatchObject({
      type: 'urn:aldergate:problem:stale',
      detail: 'recorded: acme/1, acme.drone/1; not recorded: 1',
      errors: [{ pointer: '/change/acme.lpr~11' }],
    });
    expect(city.writes.commits).toBe(before + 2);
    expect([await city.status('acme'), await city.status('acme.drone')]).toEqual(['enabled', 'enabled']);
    const [one, other] = [(await signatures('acme'))[0], (await signatures('acme.drone'))[0]];
    const listed = ['acme/1', 'acme.drone/1', 'acme.lpr/1'].map((change) => ({ change, requirement: 'mayor' }));
    expect(one?.together).toMatchObject(listed);
    expect(other?.together).toEqual(one?.together);
    expect(one?.comment).toBe(one?.together?.[0]?.comment);
    await city.shows('/changes/acme.drone/1', 'In good order.');
    await city.hides('/changes/acme.drone/1?format=json', 'together');
  });

  test('sent again it says the same and records nothing, also after the link closed with its change', async () => {
    const offered = await boxes();
    await revise();
    for (const decision of ['refuse', 'refuse']) {
      const answer = await send(offered, { decision }, HTML);
      expect(answer.status).toBe(200);
      const page = await answer.text();
      expect(page).toContain('2 decisions are recorded');
      expect(page.match(/>Recorded</g)).toHaveLength(2);
      expect(page).toMatch(/Plate reader[\s\S]*Not recorded[\s\S]*What you decided on has changed/);
    }
    expect(await signatures('acme')).toHaveLength(1);
    const other = await send(offered.slice(0, 2), { decision: 'approve' }, HTML);
    expect(other.status).toBe(409);
    expect(await other.text()).toContain('<h1>Nothing was recorded</h1>');
    expect((await send(offered.slice(0, 2), { decision: 'refuse' })).status).toBe(200);
    expect(await signatures('acme.drone')).toHaveLength(1);
  });

  test('each on its own terms; other terms than those that stand, or none, what is not open yet and what is unknown are skipped', async () => {
    const open = await city.notify({ feature: 'acme.new', title: 'New' });
    const [one = '', two = '', three = ''] = await boxes();
    const cut = (value: string, terms: string) => value.split(';').slice(0, 3).concat(terms).join(';');
    const named = (change: string) => `${change};1;${open.digest};${'0'.repeat(24)}`;
    const sent = [one, cut(two, '0'.repeat(24)), cut(three, ''), named('acme.new/1'), named('acme.none/1')];
    const { errors } = (await (await send(sent)).json()) as { errors: { pointer: string; detail: string }[] };
    expect(errors.map(({ pointer, detail }) => `${pointer} ${detail.split(':')[0]}`)).toEqual([
      '/change/acme.drone~11 other-terms',
      '/change/acme.lpr~11 other-terms',
      '/change/acme.new~11 other-terms',
      '/change/acme.none~11 unknown-requirement',
    ]);
    expect([...(await signatures('acme')), ...(await signatures('acme.drone'))]).toHaveLength(1);
  });
});

describe('refused as a whole', () => {
  test('by a link that was cut off, or by one that decides nothing', async () => {
    const offered = await boxes();
    const clerk = await city.toClerk(changes[0]);
    const theirs = await city.post(`${clerk}/together`, { change: offered, decision: 'approve' });
    expect(theirs.status).toBe(409);
    expect(await theirs.text()).toContain('unknown-requirement');
    await cutOffLinksOf(city.ports, { holder: 'hm', by: null, reissued: false });
    expect((await send(offered)).status).toBe(404);
    expect((await city.post('/d/nothing/together', { change: offered, decision: 'approve' })).status).toBe(404);
    expect(await signatures('acme')).toEqual([]);
  });

  test('by the link of something that is over, which opens no other', async () => {
    const change = await boxes();
    const other = await city.toMayor(changes[2]);
    await city.withdraw(changes[0]);
    const answer = await send(change, {}, HTML);
    expect([answer.status, (await answer.text()).includes(other)]).toEqual([409, false]);
  });

  test('by a link to words that were revised', async () => {
    const offered = await boxes();
    await city.notify({ revises: 1, summary: 'Other words.' });
    const refused = await send(offered);
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain('recorded: nothing; not recorded: 3');
    expect(await signatures('acme.drone')).toEqual([]);
  });
});
