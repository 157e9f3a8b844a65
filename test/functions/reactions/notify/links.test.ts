import { expect, test } from 'vitest';
import { orderFeature } from '../../../../functions/gate/feature.ts';
import { askForEveryone, askForLinks, renewalsAsked, resolveLink } from '../../../../functions/gate/links.ts';
import { confirmProposal, cutOffLinksOf, resetPasskeysOf, setRoster } from '../../../../functions/gate/rosters.ts';
import { type Message, NotSent } from '../../../../functions/platform/mail/port.ts';
import { mailRenewals } from '../../../../functions/reactions/notify/links.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { roster } from '../../../support/fixtures/city.ts';
import { expectIn } from '../../../support/texts.ts';
import { rosterFile } from '../../openGate.ts';
import { IT, linkKey, linksOf, mailing, who, withLink } from './mailing.ts';

const DEPUTY = { holder: 'deputy-clerk', body: 'clerk', seat: 'deputy-clerk' };

/** Two changes wait for the clerk, who holds the links of the first mails. */
const story = async () => {
  const all = await mailing({ itMail: IT });
  const { gate, mails } = all;
  const one = await gate.notice();
  await gate.notice({ feature: 'acme.lpr' });
  const links = (await mails()).filter(({ to }) => to.startsWith('clerk@')).flatMap(linksOf);
  for (const key of ['acme', 'acme.lpr']) await catchUp(gate.ports, key);
  const [old = ''] = links;
  const opens = (token: string) => resolveLink({ ...gate.ports, linkKey }, token);
  const ask = () => askForLinks({ ...gate.ports, linkKey }, old);
  /** Returns the recipients of requested new links. */
  const asked = async () => {
    await ask();
    return (await all.renewals()).map(({ to }) => to);
  };
  const cutOff = (reissued: boolean) => cutOffLinksOf(gate.ports, { holder: 'clerk', by: null, reissued });
  const adopt = async (file: ReturnType<typeof rosterFile>) => {
    const done = await setRoster(gate.ports, file, new Uint8Array(32));
    const sha256 = (done.ok && done.state.proposal?.sha256) || '';
    for (const by of [{ holder: 'mayor', body: 'mayor', seat: 'mayor' }, DEPUTY])
      expect(await confirmProposal(gate.ports, { sha256, ...by })).toMatchObject({ ok: true });
  };
  return { ...all, one, links, old, opens, ask, asked, cutOff, adopt };
};
const MOVED = JSON.parse(JSON.stringify(rosterFile()).replace('"clerk@city.example"', '"new@city.example"'));

test('new links that are tried again are of what waited then: later words have mails of their own', async () => {
  const { gate, mails, refuseTo, wait } = await mailing();
  const notice = async (title: string) => {
    await gate.notice({ title });
    const sent = who(await mails());
    await catchUp(gate.ports, 'acme');
    wait(60_000);
    return sent;
  };
  await notice('First words');
  refuseTo('deputy-clerk@');
  await cutOffLinksOf(gate.ports, { holder: 'clerk', by: null, reissued: true });
  expect(who((await mails()).filter(withLink))).toEqual(['clerk']);
  wait(1_000);
  expect(await notice('Other words')).toEqual(['clerk']);
  expect(await mails()).toEqual([]);
});

test('what was not mailed yet comes once, whichever of its mails is taken first; none comes by an earlier reissue after links were revoked', async () => {
  const { gate, mails, refuseIf, wait } = await mailing();
  const links = async () => who(await mails(), withLink);
  const refused = new NotSent('refused', { unreachable: false });
  const cutOff = (reissued: boolean) => cutOffLinksOf(gate.ports, { holder: 'clerk', by: null, reissued });
  let refuses = () => true;
  refuseIf((mail) => (mail.to.startsWith('clerk@') && withLink(mail) && refuses() ? refused : undefined));
  const notice = async (feature: string) => {
    await gate.notice({ feature });
    await mails();
    await catchUp(gate.ports, feature);
  };
  await notice('acme');
  refuses = () => false;
  await cutOff(true);
  expect(await links()).toEqual(['clerk']);
  wait(120_000);
  expect(await mails()).toEqual([]);
  refuses = () => true;
  await notice('acme.lpr');
  await cutOff(true);
  await cutOff(true);
  let tries = 0;
  refuses = () => {
    tries += 1;
    return tries <= 2;
  };
  for (const sent of [[], ['clerk', 'clerk'], []]) {
    wait(300_000);
    expect(await links()).toEqual(sent);
  }
  refuses = () => true;
  await cutOff(true);
  await mails();
  await cutOff(false);
  refuses = () => false;
  wait(120_000);
  expect(await links()).toEqual([]);
});

test('every link of a lost phone is dead at once, and one mail brings new ones to all that waits; what comes later has its own', async () => {
  const { gate, mails, regular, wait, links, opens } = await story();
  expect(links.length).toBe(2);
  await resetPasskeysOf(gate.ports, { holder: 'clerk', by: null });
  await mails();
  expect(await cutOffLinksOf(gate.ports, { holder: 'clerk', by: DEPUTY, reissued: true })).toMatchObject({ ok: true });
  for (const token of links) expect(await opens(token)).toBeUndefined();
  const [mail, ...others] = await mails();
  expect([mail?.to, who(others), others.some(withLink)]).toEqual(['clerk@city.example', ['deputy-clerk', 'it'], false]);
  expectIn(
    mail?.text ?? '',
    'old ones can still switch off',
    'each with a new link:',
    '“A new way to search”: certify the vote of the City Council by Sunday, May 31',
  );
  const fresh = linksOf(mail as Message);
  expect(fresh.filter((token) => links.includes(token))).toEqual([]);
  expect(await Promise.all(fresh.map(opens))).toMatchObject([
    { purpose: 'passkeys', holder: 'clerk', generation: 2 },
    { holder: 'clerk', requirement: 'council', key: 'acme', generation: 2 },
    { holder: 'clerk', requirement: 'council', key: 'acme.lpr', generation: 2 },
  ]);
  for (const title of ['Second', 'Third']) {
    await gate.notice({ revises: 1, title });
    await mails();
  }
  wait(3_700_000);
  expect(who(await regular())).toEqual(['clerk', 'deputy-clerk']);
});

test('others keep theirs; what comes later makes links that work', async () => {
  const { gate, mails, opens, cutOff } = await story();
  await cutOff(false);
  const news = await mails();
  expect(who(news)).toEqual(['clerk', 'deputy-clerk', 'it']);
  expect(news.filter(withLink)).toEqual([]);
  expect(news[0]?.text).toContain('No new link is in this mail.');
  const others = 'The links of Holder of clerk were replaced';
  expect(news.map(({ subject }) => subject)).toEqual(['Your links were replaced', others, others]);
  await gate.notice({ feature: 'acme.drone' });
  const sent = (await mails()).filter(withLink);
  expect(who(sent)).toEqual(['clerk', 'deputy-clerk']);
  const [clerk, deputy] = await Promise.all(sent.map((mail: Message) => opens(linksOf(mail)[0] ?? '')));
  expect([clerk?.generation, deputy?.generation]).toEqual([2, 1]);
});

test('a second vote after a veto and a list of officials that waits for a confirmation come along', async () => {
  const { gate, mails, one, opens, cutOff } = await story();
  await gate.certify('acme/1', one.digest);
  await gate.sign('acme/1', one.digest, { decision: 'refuse' });
  await catchUp(gate.ports, 'acme');
  const ended = rosterFile(roster({ mayor: { to: '2026-12-31' } }));
  expect(await setRoster(gate.ports, ended, new Uint8Array(32))).toMatchObject({ ok: true });
  await mails();
  await cutOff(true);
  const again = await mails();
  const targets = await Promise.all(again.flatMap(linksOf).map(opens));
  expect(targets.map((target) => target?.purpose)).toEqual(['decide', 'decide', 'confirm-roster']);
  expect(again[0]?.text).toContain('vetoed, certify the second vote');
});

test('the person, the clerks and IT hear that a link that was cut off switched something off; of another link no one does', async () => {
  const { gate, mails } = await mailing({ itMail: IT });
  const request = { type: 'revoke', requirement: 'mayor', holder: 'mayor', reason: null, fileNumber: null } as const;
  const heardOf = async (change: number, by: { readonly byReplacedLink?: true }) => {
    await gate.approve({ version: String(change) });
    const order = { key: 'acme', commandId: `revoked ${change}`, actor: 'holder:mayor', request: { ...request, change, ...by } };
    expect(await orderFeature(gate.ports, order)).toMatchObject({ ok: true });
    return (await mails()).filter(({ subject }) => subject === 'An old link switched something off');
  };
  expect(await heardOf(1, {})).toEqual([]);
  const heard = await heardOf(2, { byReplacedLink: true });
  expect(who(heard)).toEqual(['mayor', 'clerk', 'deputy-clerk', 'it']);
  for (const { text } of heard) expect(text).toContain('to switch off acme/2');
});

test('a reset takes its person one mail, with a link to a new passkey and to nothing else', async () => {
  const { gate, mails } = await mailing();
  expect(await resetPasskeysOf(gate.ports, { holder: 'mayor', by: null })).toMatchObject({ ok: true, resets: 1 });
  const sent = await mails();
  expect(who(sent)).toEqual(['mayor']);
  expect(sent[0]?.subject).toBe('Your passkeys were reset');
  const [token = ''] = sent.flatMap(linksOf);
  const target = { purpose: 'passkeys', holder: 'mayor', resets: 1 };
  expect(await resolveLink({ ...gate, linkKey }, token)).toMatchObject(target);
});

test('by an old link one mail comes, with a link to each thing that waits and to what the old one opened', async () => {
  const { gate, renewals, ask, opens, mails, cutOff } = await story();
  await gate.withdraw('acme/1');
  await catchUp(gate.ports, 'acme');
  await resetPasskeysOf(gate.ports, { holder: 'clerk', by: null });
  await cutOff(true);
  await mails();
  await ask();
  const sent = await renewals();
  expect(who(sent)).toEqual(['clerk']);
  expect(sent[0]?.subject).toBe('New links, as you asked');
  expect(sent[0]?.text).toContain('“A new way to search”: certify the vote of the City Council by Sunday, May 31');
  expect(await Promise.all(sent.flatMap(linksOf).map(opens))).toMatchObject([
    { holder: 'clerk', key: 'acme', n: 1, generation: 2 },
    { purpose: 'passkeys', resets: 1 },
    { holder: 'clerk', key: 'acme.lpr', generation: 2 },
  ]);
  expect(await renewals()).toEqual([]);
});

test('where more waits than a mail lists, the link to all of it is no link to what is over, from where none could be opened', async () => {
  const { gate, renewals, ask, opens } = await story();
  await gate.withdraw('acme/1');
  const keys = ['acme', ...Array.from({ length: 20 }, (_, n) => `acme.more-${n}`)];
  for (const feature of keys.slice(1)) await gate.notice({ feature });
  for (const key of keys) await catchUp(gate.ports, key);
  await ask();
  const [mail] = await renewals();
  const [, token = ''] = /And 2 more.*\n\n\S+\/d\/([^/]+)\/inbox$/m.exec(mail?.text ?? '') ?? [];
  expect(await opens(token)).toMatchObject({ key: expect.stringContaining('acme.more-') });
});

test('at most one comes in an hour, also once a clock that ran ahead is put right; who asks within it gets none later either', async () => {
  const { gate, renewals, ask, asked } = await story();
  expect(await asked()).toHaveLength(1);
  gate.at('2026-03-02T12:59:59.000Z');
  expect(await asked()).toEqual([]);
  gate.at('2026-03-02T13:00:00.000Z');
  expect(await renewals()).toEqual([]);
  await ask();
  for (const now of ['2026-03-02T13:00:00.000Z', '2026-04-02T12:00:00.000Z', '2026-03-02T14:00:00.000Z']) {
    gate.at(now);
    expect(await asked()).toHaveLength(1);
  }
});

test('who no longer holds the seat gets none, and neither does who follows', async () => {
  const { gate, asked, adopt } = await story();
  await adopt(rosterFile(roster({ clerk: { to: '2026-03-02' } })));
  gate.at('2026-03-04T12:00:00.000Z');
  expect(await asked()).toEqual([]);
  expect(await renewalsAsked(gate.ports.sideStore)).toEqual([]);
});

test('after links were revoked none is mailed, until new ones were or the address is another', async () => {
  const { ask, asked, renewals, mails, gate, cutOff, adopt } = await story();
  await ask();
  await cutOff(false);
  await mails();
  expect(await renewals()).toEqual([]);
  await ask();
  expect(await renewalsAsked(gate.ports.sideStore)).toEqual([]);
  await cutOff(true);
  await mails();
  expect(await asked()).toHaveLength(1);
  await cutOff(false);
  await adopt(MOVED);
  await mails();
  gate.at('2026-03-02T14:00:00.000Z');
  expect(await asked()).toEqual(['new@city.example']);
});

test('an address that does not take mail is tried again after a while; the next request is tried at once', async () => {
  const { wait, refuseTo, accept, renewals, asked } = await story();
  refuseTo('clerk@');
  expect(await asked()).toEqual([]);
  wait(61_000);
  expect(await renewals()).toEqual([]);
  accept();
  // Twice as long after the second time.
  wait(61_000);
  expect(await renewals()).toEqual([]);
  wait(61_000);
  expect(who(await renewals())).toEqual(['clerk']);
  wait(3_600_000);
  refuseTo('clerk@');
  expect(await asked()).toEqual([]);
  accept();
  wait(1_000);
  expect(await asked()).toHaveLength(1);
});

const newKey = new Uint8Array(32).fill(7);

/** One change is approved, one waits for the mayor, two for the clerks; then the gate has another key for links. */
const movedStory = async () => {
  const all = await mailing();
  const { gate, mails, ports, sent } = all;
  await gate.approve();
  const { change, digest } = await gate.notice({ feature: 'acme.lpr' });
  await gate.certify(change, digest);
  for (const feature of ['acme.map', 'acme.search']) await gate.notice({ feature });
  await mails();
  for (const key of ['acme', 'acme.lpr', 'acme.map', 'acme.search']) await catchUp(gate.ports, key);
  await askForEveryone(gate.ports);
  const moved = { ...ports, linkKey: newKey };
  const mail = async () => {
    await mailRenewals(moved);
    return sent.splice(0);
  };
  const opens = (token: string) => resolveLink({ ...gate.ports, linkKey: newKey }, token);
  return { ...all, mail, opens, waiting: () => renewalsAsked(gate.sideStore) };
};

test('after a move everyone who needs links is mailed once, with what waits and what they can switch off', async () => {
  const { gate, mail, opens, waiting } = await movedStory();
  const sent = await mail();
  // Members of the council act by no link of their own.
  expect(who(sent).sort()).toEqual(['clerk', 'deputy-clerk', 'mayor']);
  expect(sent[0]?.subject).toBe('New links: the old ones no longer work');
  expect(sent[0]?.text).toContain('The links in earlier mails no longer work.');
  const to = (name: string) => sent.filter((mail) => mail.to.startsWith(name));
  const of = (name: string) => Promise.all(to(name).flatMap(linksOf).map(opens));
  const change = (holder: string, key: string) => expect.objectContaining({ purpose: 'decide', holder, key, n: 1 });
  expect(await of('mayor@')).toEqual([change('mayor', 'acme.lpr'), change('mayor', 'acme')]);
  expect(to('mayor@')[0]?.text).toMatch(
    /sign or refuse.*This was approved\. With your new link you can open its page and switch it off:\n\n“.*acme\/1/s,
  );
  expect(await of('deputy-clerk@')).toEqual(['acme.map', 'acme.search', 'acme'].map((key) => change('deputy-clerk', key)));
  expect(await waiting()).toEqual([]);
  expect(await mail()).toEqual([]);
  expect(gate.logged.filter(({ level }) => level === 'error')).toEqual([]);
});

test('of much that waits a mail has the first twenty and a link to all; each that they can switch off has its own, in further mails', async () => {
  const { gate, mails, regular, renewals, nine } = await mailing();
  const keys = Array.from({ length: 21 }, (_, n) => [`acme.off-${n}`, `acme.wait-${n}`]).flat();
  for (const feature of keys) await (feature.includes('off') ? gate.approve({ feature }) : gate.notice({ feature }));
  await mails();
  for (const key of keys) await catchUp(gate.ports, key);
  await askForEveryone(gate.ports);
  const all = (await renewals()).filter(({ to }) => /^(clerk|mayor)@/.test(to));
  const counts = all.map(
    (mail) => `${who([mail])}: ${linksOf(mail).length}${/^And 1 more.*\n\n.*\/inbox$/m.test(mail.text) ? ' +' : ''}`,
  );
  expect(counts.sort()).toEqual(['clerk: 1', 'clerk: 40 +', 'mayor: 1', 'mayor: 20']);
  expect(new Set(all.filter(({ to }) => to.startsWith('mayor')).flatMap(linksOf)).size).toBe(21);
  nine('05-24');
  const [reminder] = (await regular(...keys)).filter(({ to }) => to.startsWith('clerk@'));
  expect(linksOf(reminder as Message)).toHaveLength(20);
  expect(reminder?.text).toMatch(/^And 1 more. Everything that waits for you:\n\n.*\/inbox$/m);
});

test('where the mail server goes away in the middle of it the rest is mailed later, and none of them twice', async () => {
  const { mail, refuseIf, accept, waiting, sent } = await movedStory();
  refuseIf(({ to }) => (to.startsWith('mayor@') ? new NotSent('no connection', { unreachable: true }) : undefined));
  await expect(mail()).rejects.toThrow('no connection');
  const before = who(sent.splice(0));
  expect((await waiting()).map(({ target }) => target.holder)).toContain('mayor');
  accept();
  expect([...before, ...who(await mail())].sort()).toEqual(['clerk', 'deputy-clerk', 'mayor']);
});

test('an address that is refused is tried again after a minute; the others have theirs, but whose links were revoked', async () => {
  const { gate, wait, mail, refuseTo, accept, waiting } = await movedStory();
  await cutOffLinksOf(gate.ports, { holder: 'deputy-clerk', by: null, reissued: false });
  refuseTo('clerk@');
  expect(who(await mail())).toEqual(['mayor']);
  accept();
  expect(await mail()).toEqual([]);
  wait(60_000);
  expect(who(await mail())).toEqual(['clerk']);
  expect(await waiting()).toEqual([]);
});
