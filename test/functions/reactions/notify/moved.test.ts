import { expect, test } from 'vitest';
import { askForEveryone, renewalsAsked, resolveLink } from '../../../../functions/gate/links.ts';
import { cutOffLinksOf, resetPasskeysOf } from '../../../../functions/gate/rosters.ts';
import { NotSent } from '../../../../functions/platform/mail/port.ts';
import { mailRenewals } from '../../../../functions/reactions/notify/links.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { linksOf, mailing, who } from './mailing.ts';

const newKey = new Uint8Array(32).fill(7);

/** One change is approved, one waits for the mayor, two for the clerks; then the gate has another key for links. */
const story = async () => {
  const all = await mailing();
  const { gate, mails, ports, sent } = all;
  const digests = new Map<string, string>();
  for (const feature of ['acme', 'acme.lpr', 'acme.map', 'acme.search'])
    digests.set(`${feature}/1`, (await gate.notice({ feature })).digest);
  const digestOf = (change: string): string => digests.get(change) ?? '';
  for (const change of ['acme/1', 'acme.lpr/1']) await gate.certify(change, digestOf(change));
  await gate.sign('acme/1', digestOf('acme/1'));
  await mails();
  for (const { key } of [...digests.keys()].map((change) => ({ key: change.slice(0, -2) }))) await catchUp(gate.ports, key);
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
  const { gate, mail, opens, waiting } = await story();
  const sent = await mail();
  // Members of the council act by no link of their own.
  expect(who(sent).sort()).toEqual(['clerk', 'deputy-clerk', 'mayor']);
  const clerk = sent.find(({ to }) => to.startsWith('clerk@'));
  expect(clerk?.subject).toBe('New links: the old ones no longer work');
  expect(clerk?.text).toContain('The links in earlier mails no longer work.');
  const of = async (name: string) =>
    Promise.all(
      sent
        .filter(({ to }) => to.startsWith(name))
        .flatMap(linksOf)
        .map(opens),
    );
  const change = (holder: string, key: string) => expect.objectContaining({ purpose: 'decide', holder, key, n: 1 });
  expect(await of('mayor@')).toEqual([change('mayor', 'acme.lpr'), change('mayor', 'acme')]);
  expect(await of('deputy-clerk@')).toEqual(['acme.map', 'acme.search', 'acme'].map((key) => change('deputy-clerk', key)));
  expect(await waiting()).toEqual([]);
  expect(await mail()).toEqual([]);
  expect(gate.logged.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a gate that ends in the middle of it mails the rest, and none of them twice', async () => {
  const { mail, refuseIf, waiting, sent } = await story();
  refuseIf(({ to }) => (to.startsWith('mayor@') ? new NotSent('no connection', { unreachable: true }) : undefined));
  await expect(mail()).rejects.toThrow('no connection');
  const before = who(sent.splice(0));
  expect((await waiting()).map(({ target }) => target.holder)).toContain('mayor');
  refuseIf(() => undefined);
  expect([...before, ...who(await mail())].sort()).toEqual(['clerk', 'deputy-clerk', 'mayor']);
});

test('an address that is refused is tried again in an hour; the others have theirs', async () => {
  const { gate, mail, refuseIf, waiting } = await story();
  refuseIf(({ to }) => (to.startsWith('clerk@') ? new NotSent('not verified', { unreachable: false }) : undefined));
  expect(who(await mail()).sort()).toEqual(['deputy-clerk', 'mayor']);
  refuseIf(() => undefined);
  expect(await mail()).toEqual([]);
  gate.at('2026-03-02T13:00:00.000Z');
  expect(who(await mail())).toEqual(['clerk']);
  expect(await waiting()).toEqual([]);
});

test('none comes after links were revoked; after a reset of passkeys it has the link that sets up another', async () => {
  const { gate, mail, opens } = await story();
  await cutOffLinksOf(gate.ports, { holder: 'clerk', by: null, reissued: false });
  await resetPasskeysOf(gate.ports, { holder: 'at-large-a', by: null });
  const sent = await mail();
  expect(who(sent).sort()).toEqual(['at-large-a', 'deputy-clerk', 'mayor']);
  const [member = ''] = sent.filter(({ to }) => to.startsWith('at-large-a')).flatMap(linksOf);
  expect(await opens(member)).toMatchObject({ purpose: 'passkeys', holder: 'at-large-a', resets: 1 });
});
