import { beforeAll, describe, expect, test } from 'vitest';
import { expectIn } from '../../../support/texts.ts';
import { cityForAll, decision } from './support/city.ts';

const city = cityForAll();
beforeAll(async () => {
  for (const feature of ['acme', 'acme.lpr.search']) await city.approve(await city.notify({ feature }));
  const vetoed = await city.notify({ feature: 'acme.alerts' });
  await city.certify(vetoed);
  city.passDays(1);
  await city.refuse(vetoed);
  city.passDays(1);
  await city.certify(vetoed, { purpose: 'override', meetingDate: '2026-03-05', fileNumber: '26-9' });
  await city.post(await city.link('h4', 'council', vetoed), decision(vetoed, { decision: 'confirm' }));
  city.passDays(1);
  await city.post(`${await city.toClerk(vetoed)}/revoke`, { reason: 'No.', fileNumber: '26-10' });
});

describe('the chain of consent', () => {
  test('shows where it breaks, who approved each link and until when', async () => {
    const html = await city.page('/features/acme.lpr.search');
    const chain = /<ol class="consent">[\s\S]*?<\/ol>/.exec(html)?.[0] ?? '';
    expect([...chain.matchAll(/<li class="(\w+)"/g)].map(([, state]) => state)).toEqual(['passes', 'stops', 'stops']);
    expect(chain).toContain('Approved by the City Council and the mayor on March 3, 2026, until March 3, 2027');
    expect(chain.match(/Consent stops here/g)).toHaveLength(1);
    expectIn(chain, 'It was never approved.', 'href="/features/acme.lpr"');
    expect(html).toContain('One broken link is enough');
    await city.shows('/features/acme', 'Every link holds');
    await city.omits('/features/acme', 'Waiting for');
  });

  test('says whom each of its changes waits for', async () => {
    await city.notify({ feature: 'acme.waits' });
    await city.says('/features/acme.waits', 'Waiting for the City Council');
  });

  test('names no body whose refusal was overturned as one that approved', async () => {
    await city.shows('/features/acme.alerts', 'Approved by the City Council on March 5, 2026');
    await city.shows('/features/acme.alerts', 'Second vote after the refusal: 3 of 4 voted yes.', 'confirmed the certificate');
  });
});

test('the path of a change has each act once: a vote and its second in the council, a refusal with the mayor, a revocation at the end', async () => {
  const html = await city.page('/changes/acme.alerts/1');
  const acts = [
    '3 to 1, 3 needed',
    'Second vote after the refusal',
    'confirmed the certificate',
    'The Mayor refused',
    'The City Clerk switched it off',
  ];
  const [, ...steps] = html.split('<span class="mark"');
  const found = steps.map((step) => acts.flatMap((act) => Array.from({ length: step.split(act).length - 1 }, () => act)));
  const [vote, second, confirmed, refused, revoked] = acts;
  expect(found).toEqual([[], [vote, vote, second, confirmed], [refused], [], [revoked]]);
});
