import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type City, certificate, decision, openCity } from './support/city.ts';

let city: City;
beforeAll(async () => {
  city = await openCity();
  const approve = async (feature: string, terms: Record<string, string> = {}): Promise<void> => {
    const change = await city.notify({ feature, title: `Title of ${feature}` });
    await city.post(await city.link('clerk', 'council', change), certificate(change, terms));
    await city.post(await city.link('mayor', 'mayor', change), decision(change, terms));
  };
  await approve('acme');
  await approve('acme.lpr.search');
  const vetoed = await city.notify({ feature: 'acme.alerts' });
  await city.post(await city.link('clerk', 'council', vetoed), certificate(vetoed));
  city.passDays(1);
  await city.post(await city.link('mayor', 'mayor', vetoed), decision(vetoed, { decision: 'refuse' }));
  city.passDays(1);
  await city.post(
    await city.link('clerk', 'council', vetoed),
    certificate(vetoed, { purpose: 'override', meetingDate: '2026-03-05', fileNumber: '26-9' }),
  );
  await city.post(await city.link('h4', 'council', vetoed), decision(vetoed, { decision: 'confirm' }));
  city.passDays(1);
  await city.post(`${await city.link('clerk', 'council', vetoed)}/revoke`, { reason: 'No.', fileNumber: '26-10' });
  await city.notify({ feature: 'acme.many', title: 'One' });
  for (let n = 2; n <= 20; n += 1) {
    city.passDays(1);
    await city.notify({ feature: 'acme.many', title: `Number ${n}`, revises: 1 });
  }
});
afterAll(() => city.close());

const page = async (path: string): Promise<string> => (await city.get(path)).text();

describe('the chain of consent', () => {
  test('shows where it breaks, who approved each link and until when', async () => {
    const html = await page('/features/acme.lpr.search');
    const chain = /<ol class="consent">[\s\S]*?<\/ol>/.exec(html)?.[0] ?? '';
    expect([...chain.matchAll(/<li class="(\w+)"/g)].map(([, state]) => state)).toEqual(['passes', 'stops', 'stops']);
    expect(chain).toContain('Approved by the City Council and the mayor on March 3, 2026, until March 3, 2027');
    expect(chain.match(/Consent stops here/g)).toHaveLength(1);
    expect(chain).toContain('It was never approved.');
    expect(chain).toContain('href="/features/acme.lpr"');
    expect(html).toContain('One broken link is enough');
    expect(await page('/features/acme')).toContain('Every link holds');
  });
});

describe('the timeline of a change', () => {
  const picture = (html: string): string => /<svg class="chart timeline"[\s\S]*?<\/svg>/.exec(html)?.[0] ?? '';
  const items = (html: string): readonly string[] =>
    [
      ...(/The same as a list<\/summary><ol>([\s\S]*?)<\/ol>/.exec(html)?.[1] ?? '').matchAll(
        /<li>[\s\S]*?<\/small> ([\s\S]*?)<\/li>/g,
      ),
    ].map(([, text]) => text ?? '');

  test('a veto, its override and a revocation, each with its number in the picture and its line in the list', async () => {
    const html = await page('/changes/acme.alerts/1');
    expect(items(html)).toEqual([
      'The notice arrived',
      'The City Council voted, certified: 3 to 1',
      'The Mayor refused',
      'The City Council voted again after the refusal: 3 to 1',
      'Council member, At Large confirmed the certificate',
      'Approved: on from here, if all above it is on',
      'The City Clerk switched it off',
      'Ended: revoked',
    ]);
    const svg = picture(html);
    expect([...svg.matchAll(/text-anchor="middle">(\d+)</g)].map(([, n]) => Number(n))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(svg).toMatch(/role="img" aria-labelledby="timeline-title timeline-desc"/);
    expect(svg).toContain('8 events, from March 3, 2026 to March 6, 2026');
    expect(svg).not.toContain('style=');
    const places = [...svg.matchAll(/cx="(\d+)"/g)].map(([, x]) => Number(x));
    for (const [index, place] of places.entries())
      if (index > 0) expect(place - (places[index - 1] ?? 0)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...places)).toBeLessThanOrEqual(320);
  });

  test('of very many events the picture shows the first and the last, the list all', async () => {
    const html = await page('/changes/acme.many/1');
    expect(items(html)).toHaveLength(21);
    const numbers = [...picture(html).matchAll(/text-anchor="middle">(\d+)</g)].map(([, n]) => Number(n));
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 15, 16, 17, 18, 19, 20, 21]);
    expect(items(html).at(-1)).toBe('The time to decide ends');
  });
});
