import { describe, expect, test } from 'vitest';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { expectIn } from '../../../support/texts.ts';
import { cityForEach, holdersWith, PEOPLE, refusalOf } from './support/city.ts';

const city = cityForEach();

const hrefs = (page: string) => [...page.matchAll(/<a class="go" href="(\/d\/[^"]+)"/g)].map(([, path = '']) => path);
const inbox = (link: string) => city.page(`${link}/inbox`);
const certifier = async (change?: Parameters<typeof city.notify>[0]) => city.toClerk(await city.notify(change));
const FAILED = { 'vote.district-1': 'no', 'vote.district-2': 'no' };

describe('what waits', () => {
  test('soonest first, with a link to each that decides', async () => {
    const first = await certifier({ title: 'Arrived first' });
    city.passDays(1);
    const second = await certifier({ feature: 'acme.lpr', title: 'Arrived second' });
    const page = await inbox(second);
    expect(hrefs(page)).toEqual([first, second]);
    expect(page.indexOf('Arrived first')).toBeLessThan(page.indexOf('Arrived second'));
    expectIn(page, '2 things wait for you.', 'Certify the vote of the City Council');
  });

  test('only one’s own, and not what is done', async () => {
    const change = await city.notify();
    const { clerk, mayor } = await city.linksTo(change);
    expect(await inbox(mayor)).toContain('Nothing waits for you.');
    await city.certify(change);
    expect(await inbox(clerk)).toMatch(
      /Nothing waits for you\.[\s\S]*What you decided recently[\s\S]*City Council: 3 to 1, 3 needed<br><small>File number [^·]*26-0412[^·]* · March 3, 2026/,
    );
    const page = await inbox(mayor);
    expect(hrefs(page)).toEqual([mayor]);
    expect(page).toContain('5 days left');
  });

  test('a list of officials that waits for the clerk’s confirmation', async () => {
    const clerk = await certifier();
    const roster = await city.putForward(holdersWith('hm', { to: '2026-03-09' }));
    const page = await inbox(clerk);
    expectIn(page, 'A proposal about officials', `name="roster" value="${roster}"`);
    // It lapses in fourteen days, before the change that waits.
    expect(page).toMatch(/14 days left[\s\S]*A proposal about officials[\s\S]*Certify the vote/);
    const opened = await city.post(`${clerk}/inbox`, { roster });
    expect(opened.status).toBe(303);
    await city.shows(opened.headers.get('location') ?? '', 'Is this list of officials right?');
  });
});

describe('what was decided lately', () => {
  test('is newest first and no more than ten, whatever was touched since', async () => {
    let link = '';
    for (let n = 1; n <= 11; n += 1) {
      const change = await city.notify({ feature: `acme.f${n % 4}`, title: `Feature number ${n}` });
      ({ clerk: link } = await city.linksTo(change));
      expect((await city.certify(change, { meetingDate: city.now().slice(0, 10) })).status).toBe(303);
      city.passDays(1);
    }
    for (let n = 1; n <= 61; n += 1) await city.notify({ feature: `acme.later-${n}` });
    const [, lately = ''] = (await inbox(link)).split('<h2>What you decided recently</h2>');
    const told = [...lately.matchAll(/Feature number (\d+)/g)].map(([, n]) => Number(n));
    expect(told).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    expect(lately).toContain(`<a href="${link}">`);
  });

  test('is shown for a person whose changes are not among the newest of their feature', async () => {
    const change = await city.notify();
    await city.certify(change, FAILED);
    for (let n = 2; n <= 103; n += 1) await city.withdraw(await city.notify({ title: `Notice ${n}` }));
    const { clerk } = await city.linksTo(change);
    expect(await inbox(clerk)).toMatch(/What you decided recently[\s\S]*City Council: /);
  });
});

test('a link that no mail made yet is made when it is asked for, by who it waits for', async () => {
  const clerk = await certifier();
  const second = await city.notify({ feature: 'acme.lpr' });
  const before = { ...city.writes };
  expect(hrefs(await inbox(clerk))).toEqual([clerk]);
  expect(city.writes).toEqual(before);
  const asked = { change: second.change, requirement: 'council', seat: 'clerk' };
  const opened = await city.post(`${clerk}/inbox`, asked);
  expect(opened.headers.get('location')).toBe(await city.toClerk(second));
  expect(await refusalOf(city.post(`${clerk}/inbox`, { ...asked, decision: 'approve' }))).toEqual([422, '/decision']);
});

describe('a link that is over leads nowhere', () => {
  const OVER = 'This link is for something that is over.';

  test('of a change that ended, or of an older revision: it shows what waits and opens nothing', async () => {
    const change = await city.notify();
    await city.certify(change, FAILED);
    const { clerk } = await city.linksTo(change);
    const other = await city.notify({ feature: 'acme.lpr' });
    const { clerk: old } = await city.linksTo(other);
    expect(await inbox(clerk)).toContain('acme.lpr/1');
    const current = await certifier({ feature: 'acme.lpr', revises: 1 });
    expect(hrefs(await inbox(current))).toEqual([current]);
    for (const link of [clerk, old]) {
      expect(await inbox(link)).toContain(OVER);
      expect(hrefs(await inbox(link))).toEqual([]);
      const asked = { change: other.change, requirement: 'council', seat: 'clerk' };
      expect((await city.post(`${link}/inbox`, asked)).status).toBe(404);
    }
  });

  test('of a person whose term is over', async () => {
    const clerk = await certifier();
    await city.replaceHolders(holdersWith('hc', { id: 'hc2', email: 'hc2@city.example' }), 'mayor', 'h1');
    const page = await inbox(clerk);
    expect(page).toContain('You do not hold this seat today');
    expect(hrefs(page)).toEqual([]);
  });

  test('one that was withdrawn or never was is 404', async () => {
    const clerk = await certifier();
    await cutOffLinksOf(city.ports, { holder: PEOPLE.clerk.holder, by: null, reissued: false });
    const unknown = `/d/${'A'.repeat(43)}`;
    for (const link of [clerk, unknown]) expect((await city.get(`${link}/inbox`)).status).toBe(404);
    expect((await city.post(`${unknown}/inbox`, {})).status).toBe(404);
  });
});
