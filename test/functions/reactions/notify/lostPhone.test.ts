import { expect, test } from 'vitest';
import { resolveLink } from '../../../../functions/gate/links.ts';
import { cutOffLinksOf, setRoster } from '../../../../functions/gate/rosters.ts';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { roster } from '../../../support/fixtures/city.ts';
import { rosterFile } from '../../openGate.ts';
import { linkKey, linksOf, mailing, who, withLink } from './mailing.ts';

const CLERK = { holder: 'deputy-clerk', body: 'clerk', seat: 'deputy-clerk' };

const story = async () => {
  const { gate, mails } = await mailing({ itMail: 'it@city.example' });
  const one = await gate.notice();
  await gate.notice({ feature: 'acme.lpr' });
  const old = (await mails()).filter((mail) => withLink(mail) && mail.to.startsWith('clerk@')).flatMap(linksOf);
  for (const key of ['acme', 'acme.lpr']) await catchUp(gate.ports, key);
  const opens = (token: string) => resolveLink({ ...gate, linkKey }, token);
  return { gate, mails, one, old, opens };
};

test('every link of a lost phone is dead at once, and one new mail comes for each thing that waits', async () => {
  const { gate, mails, old, opens } = await story();
  expect(old.length).toBe(2);
  expect(await cutOffLinksOf(gate.ports, { holder: 'clerk', by: CLERK, reissued: true })).toMatchObject({ ok: true });
  for (const token of old) expect(await opens(token)).toBeUndefined();
  const all = await mails();
  expect(who(all.filter((mail) => !withLink(mail)))).toEqual(['clerk', 'deputy-clerk', 'it']);
  const sent = all.filter(withLink);
  expect(who(sent)).toEqual(['clerk', 'clerk']);
  const fresh = sent.flatMap(linksOf);
  expect(fresh.filter((token) => old.includes(token))).toEqual([]);
  expect(await Promise.all(fresh.map(opens))).toMatchObject([
    { holder: 'clerk', requirement: 'council', key: 'acme', generation: 2 },
    { holder: 'clerk', requirement: 'council', key: 'acme.lpr', generation: 2 },
  ]);
  expect(sent.map(({ subject }) => subject.includes('certify the vote of the City Council'))).toEqual([true, true]);
});

test('others keep theirs; what comes later makes links that work', async () => {
  const { gate, mails, opens } = await story();
  await cutOffLinksOf(gate.ports, { holder: 'clerk', by: null, reissued: false });
  const news = await mails();
  expect(who(news)).toEqual(['clerk', 'deputy-clerk', 'it']);
  expect(news.filter(withLink)).toEqual([]);
  expect(news[0]?.text).toContain('No new link is in this mail.');
  await gate.notice({ feature: 'acme.drone' });
  const sent = (await mails()).filter(withLink);
  expect(who(sent)).toEqual(['clerk', 'deputy-clerk']);
  const [clerk, deputy] = await Promise.all(sent.map((mail: Message) => opens(linksOf(mail)[0] ?? '')));
  expect([clerk?.generation, deputy?.generation]).toEqual([2, 1]);
});

test('the same request again cuts off nothing that was sent since, and mails nothing twice', async () => {
  const { gate, mails, opens } = await story();
  const request = { holder: 'clerk', by: null, reissued: true, seen: 1 };
  await cutOffLinksOf(gate.ports, request);
  const [first] = (await mails()).flatMap(linksOf);
  expect(await cutOffLinksOf(gate.ports, request)).toMatchObject({ ok: true });
  expect(await mails()).toEqual([]);
  expect(await opens(first ?? '')).toMatchObject({ holder: 'clerk' });
});

test('a list of officials that waits for a confirmation comes along', async () => {
  const { gate, mails, opens } = await story();
  const moved = rosterFile(roster({ mayor: { to: '2026-12-31' } }));
  expect(await setRoster(gate.ports, moved, new Uint8Array(32))).toMatchObject({ ok: true });
  const asked = (await mails()).filter((mail) => mail.to.startsWith('clerk@')).flatMap(linksOf);
  await cutOffLinksOf(gate.ports, { holder: 'clerk', by: null, reissued: true });
  const targets = await Promise.all((await mails()).flatMap(linksOf).map(opens));
  expect(targets.map((target) => target?.purpose)).toEqual(['decide', 'decide', 'confirm-roster']);
  expect(asked.length).toBe(1);
});

test('after a veto the new link is for the second vote', async () => {
  const { gate, mails, one, opens } = await story();
  await gate.certify('acme/1', one.digest);
  await gate.sign('acme/1', one.digest, { decision: 'refuse' });
  await mails();
  await catchUp(gate.ports, 'acme');
  await cutOffLinksOf(gate.ports, { holder: 'clerk', by: null, reissued: true });
  const about = (await mails()).find(({ change }) => change === 'acme/1');
  expect(about?.subject.includes('vetoed, certify the second vote')).toBe(true);
  expect(await opens(linksOf(about as Message)[0] ?? '')).toMatchObject({ requirement: 'council', key: 'acme', generation: 2 });
});
