import { describe, expect, test } from 'vitest';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { certificate, cityForEach, PEOPLE, ROSTER } from './support/city.ts';

const city = cityForEach();

const hrefs = (page: string): readonly string[] =>
  [...page.matchAll(/<a class="go" href="(\/d\/[^"]+)"/g)].map(([, path = '']) => path);
const inbox = async (link: string): Promise<string> => city.page(`${link}/inbox`);

describe('what waits', () => {
  test('soonest first, with a link to each that decides', async () => {
    const late = await city.notify({ title: 'Arrived first' });
    city.passDays(1);
    const later = await city.notify({ feature: 'acme.lpr', title: 'Arrived second' });
    const links = [await city.link('clerk', 'council', late), await city.link('clerk', 'council', later)];
    const page = await inbox(links[1] ?? '');
    expect(hrefs(page)).toEqual(links);
    expect(page.indexOf('Arrived first')).toBeLessThan(page.indexOf('Arrived second'));
    expect(page).toContain('2 things wait for you.');
    expect(page).toContain('Certify the vote of the City Council');
  });

  test('only one’s own, and not what is done', async () => {
    const change = await city.notify();
    const [clerk, mayor] = [await city.link('clerk', 'council', change), await city.link('mayor', 'mayor', change)];
    expect(await inbox(mayor)).toContain('Nothing waits for you.');
    await city.post(clerk, certificate(change));
    expect(await inbox(clerk)).toContain('Nothing waits for you.');
    expect(await inbox(clerk)).toMatch(/What you decided recently[\s\S]*City Council: 3 to 1, 3 needed/);
    const page = await inbox(mayor);
    expect(hrefs(page)).toEqual([mayor]);
    expect(page).toContain('5 days left');
  });

  test('a list of officials that waits for the clerk’s confirmation', async () => {
    const clerk = await city.link('clerk', 'council', await city.notify());
    const holders = ROSTER.holders.map((holder) => (holder.id === 'hm' ? { ...holder, to: '2026-03-09' } : holder));
    const sha256 = await city.putForward(holders);
    const page = await inbox(clerk);
    expect(page).toContain('A proposal about officials');
    expect(page).toContain(`name="roster" value="${sha256}"`);
    const opened = await city.post(`${clerk}/inbox`, { roster: sha256 });
    expect(opened.status).toBe(303);
    expect(await city.page(opened.headers.get('location') ?? '')).toContain('Is this list of officials right?');
  });
});

describe('what was decided lately', () => {
  test('is newest first and no more than ten, whatever was touched since', async () => {
    const links: string[] = [];
    for (let n = 1; n <= 11; n += 1) {
      const change = await city.notify({ feature: `acme.f${n}`, title: `Feature number ${n}` });
      links.push(await city.link('clerk', 'council', change));
      expect((await city.certify(change, { meetingDate: city.now().slice(0, 10) })).status).toBe(303);
      city.passDays(1);
    }
    for (let n = 1; n <= 61; n += 1) await city.notify({ feature: `acme.later-${n}` });
    for (const [path, heading] of [
      ['inbox', 'What you decided recently'],
      ['desk', 'Certified recently'],
    ]) {
      const [, lately = ''] = (await city.page(`${links[10]}/${path}`)).split(`<h2>${heading}</h2>`);
      const told = [...lately.matchAll(/Feature number (\d+)/g)].map(([, n]) => Number(n));
      expect(told).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    }
  });

  test('is shown for a person whose changes are not among the newest of their feature', async () => {
    const change = await city.notify();
    const clerk = await city.link('clerk', 'council', change);
    await city.certify(change, { 'vote.district-1': 'no', 'vote.district-2': 'no' });
    for (let n = 2; n <= 103; n += 1) await city.withdraw(await city.notify({ title: `Notice ${n}` }));
    expect(await inbox(clerk)).toMatch(/What you decided recently[\s\S]*City Council: /);
  });
});

describe('a link that no mail made yet', () => {
  test('is made when it is asked for, by who it waits for', async () => {
    const first = await city.notify();
    const clerk = await city.link('clerk', 'council', first);
    const second = await city.notify({ feature: 'acme.lpr' });
    const before = { ...city.writes };
    expect(hrefs(await inbox(clerk))).toEqual([clerk]);
    expect(city.writes).toEqual(before);
    const asked = { change: second.change, requirement: 'council', seat: 'clerk' };
    const opened = await city.post(`${clerk}/inbox`, asked);
    expect(opened.headers.get('location')).toBe(await city.link('clerk', 'council', second));
  });
});

describe('a link that is over leads nowhere', () => {
  test('of a change that ended, or of an older revision: it shows what waits and opens nothing', async () => {
    const change = await city.notify();
    const clerk = await city.link('clerk', 'council', change);
    await city.post(clerk, certificate(change, { 'vote.district-1': 'no', 'vote.district-2': 'no' }));
    const other = await city.notify({ feature: 'acme.lpr' });
    const page = await inbox(clerk);
    expect(page).toContain('acme.lpr/1');
    expect(page).toContain('This link is for something that is over.');
    expect(hrefs(page)).toEqual([]);
    expect((await city.post(`${clerk}/inbox`, { change: other.change, requirement: 'council', seat: 'clerk' })).status).toBe(404);
    const old = await city.link('clerk', 'council', other);
    const current = await city.link('clerk', 'council', await city.notify({ feature: 'acme.lpr', revises: 1 }));
    expect(hrefs(await inbox(current))).toEqual([current]);
    expect(await inbox(old)).toContain('This link is for something that is over.');
    expect(hrefs(await inbox(old))).toEqual([]);
  });

  test('of a person whose term is over', async () => {
    const change = await city.notify();
    const clerk = await city.link('clerk', 'council', change);
    const next = { id: 'hc2', email: 'hc2@city.example' };
    await city.replaceHolders(
      ROSTER.holders.map((holder) => (holder.id === 'hc' ? { ...holder, ...next } : holder)),
      'mayor',
      'h1',
    );
    const page = await inbox(clerk);
    expect(page).toContain('You do not hold this seat today');
    expect(hrefs(page)).toEqual([]);
  });

  test('one that was withdrawn or never was is 404, whatever the method', async () => {
    const change = await city.notify();
    const clerk = await city.link('clerk', 'council', change);
    await cutOffLinksOf(city.ports, { holder: PEOPLE.clerk.holder, by: null, reissued: false });
    expect((await city.get(`${clerk}/inbox`)).status).toBe(404);
    expect((await city.get(`/d/${'A'.repeat(43)}/inbox`)).status).toBe(404);
    expect((await city.post(`/d/${'A'.repeat(43)}/inbox`, {})).status).toBe(404);
    expect((await city.app.request(`https://gate.example${clerk}/inbox`, { method: 'DELETE' })).status).toBe(405);
  });
});
