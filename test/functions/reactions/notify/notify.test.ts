import { expect, test } from 'vitest';
import type { Body } from '../../../../domain/roster/schema.ts';
import { rosterAggregate } from '../../../../functions/gate/aggregates.ts';
import { resolveLink } from '../../../../functions/gate/links.ts';
import { confirmProposal, refuseProposal, resetPasskeysOf, setRoster } from '../../../../functions/gate/rosters.ts';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { load } from '../../../../functions/platform/store/load.ts';
import { adoptPolicy } from '../../../../functions/reactions/adoption/policies.ts';
import { runClock } from '../../../../functions/reactions/clock/runClock.ts';
import { project } from '../../../../functions/register/project.ts';
import { byBallots, COUNCIL, roster, withAdvice } from '../../../support/fixtures/city.ts';
import { atOnce, NOON, rosterFile } from '../../openGate.ts';
import { linkKey, linksOf, MEMBERS, mailing, who, withLink } from './mailing.ts';

test('at the notice each clerk gets a link, when the council has voted the mayor, and nobody who need do nothing a mail', async () => {
  const { gate, mails } = await mailing();
  const { digest } = await gate.notice();
  const first = await mails();
  expect(who(first)).toEqual(['clerk', 'deputy-clerk']);
  expect(first.every(({ change, revision }) => change === 'acme/1' && revision === 1)).toBe(true);
  const [clerk] = first;
  expect(clerk?.subject).toBe('Vendor acme, A new way to search: certify the vote of the City Council by May 31, 2026');
  expect(clerk?.text.replaceAll('\u202F', ' ')).toContain(
    '“A new way to search”: certify the vote of the City Council by Sunday, May 31, 2026 at 12:00 PM UTC.',
  );
  const link = await resolveLink({ ...gate, linkKey }, linksOf(clerk as Message)[0] ?? '');
  expect(link).toMatchObject({ holder: 'clerk', body: 'clerk', requirement: 'council', key: 'acme', n: 1, revision: 1 });
  expect(await mails()).toEqual([]);
  await gate.certify('acme/1', digest);
  const second = await mails();
  expect(who(second, withLink)).toEqual(['mayor']);
  expect(second.map(({ subject }) => subject)).toEqual([
    'Vendor acme, A new way to search: sign or refuse (City Council: 13 to 0) by March 7, 2026',
  ]);
  await gate.sign('acme/1', digest);
  await gate.revoke('acme/1');
  expect(await mails()).toEqual([]);
});

test('a mail names a body in the language of its reader', async () => {
  const plain = roster();
  const council = { ...plain.bodies['council'], name: { en: 'City Council', es: 'Concejo Municipal' } } as Body;
  const named = { ...plain, bodies: { ...plain.bodies, council } };
  const { gate, mails } = await mailing({ officials: rosterFile(named, { clerk: 'es' }) });
  await gate.notice();
  expect((await mails()).map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/ del Concejo Municipal, /),
    expect.stringMatching(/ of the City Council by /),
  ]);
});

test('a revision invites again with other links; invitations to old words are not sent late', async () => {
  const { gate, mails } = await mailing();
  await gate.notice();
  const before = (await mails()).flatMap(linksOf);
  await gate.notice({ revises: 1 });
  const after = await mails();
  expect(who(after, withLink)).toEqual(['clerk', 'deputy-clerk']);
  expect(after.every(({ revision }) => revision === 2)).toBe(true);
  expect(after.flatMap(linksOf).filter((link) => before.includes(link))).toEqual([]);

  const slow = await mailing();
  await slow.gate.notice();
  await slow.gate.notice({ revises: 1 });
  await slow.gate.withdraw('acme/1');
  expect(await slow.mails()).toEqual([]);
});

test('a requirement decided in the meantime is not mailed; a veto asks the clerks, and then who can confirm the second vote', async () => {
  const { gate, mails } = await mailing();
  const { digest } = await gate.notice();
  await gate.certify('acme/1', digest);
  expect(who(await mails(), withLink)).toEqual(['mayor']);
  await gate.sign('acme/1', digest, { decision: 'refuse' });
  const vetoed = await mails();
  expect(who(vetoed, withLink)).toEqual(['clerk', 'deputy-clerk']);
  expect(vetoed.length).toBe(2);
  expect(vetoed[0]?.subject).toBe(
    'Vendor acme, A new way to search: vetoed, certify the second vote of the City Council by April 1, 2026',
  );
  expect(vetoed[0]?.text).toContain('9 votes');
  await gate.certify('acme/1', digest, { purpose: 'override', fileNumber: '26-0002' });
  expect((await mails()).map(({ to, subject }) => [to, subject])).toEqual([
    [
      'at-large-a@city.example',
      'Vendor acme, A new way to search: confirm the certified vote of the City Council by March 16, 2026',
    ],
  ]);
  await gate.confirm('acme/1', digest);
  expect(await mails()).toEqual([]);
});

test('ballots go to every member by an own link, and advice too', async () => {
  const first = await mailing({ rules: byBallots });
  await first.gate.notice();
  const ballots = await first.mails();
  expect(who(ballots, withLink)).toEqual([...MEMBERS, 'mayor']);
  expect(new Set(ballots.flatMap(linksOf)).size).toBe(14);
  const second = await mailing({ rules: withAdvice });
  await second.gate.notice();
  const asked = await second.mails();
  expect(who(asked, ({ subject }) => subject.includes('your advice'))).toEqual(['board-1', 'board-2', 'board-3']);
});

test('a change without a policy causes no mail; once a policy binds it, its officials get mail', async () => {
  const { gate, mails } = await mailing({ rules: null });
  await gate.notice();
  expect(await mails()).toEqual([]);
  await adoptPolicy(gate.ports, atOnce);
  await project(gate.ports, 'feature/acme');
  await runClock(gate.ports, NOON);
  expect(who(await mails(), withLink)).toEqual(['clerk', 'deputy-clerk']);
});

test('everyone who may confirm what is proposed gets a link for exactly that, and whom it concerns a mail without one', async () => {
  const { gate, mails } = await mailing();
  await setRoster(gate.ports, rosterFile(roster({ 'district-1': { name: 'Another name' } })), new Uint8Array(32));
  const sent = await mails();
  const asked = sent.filter(({ subject }) => subject === 'Confirm a change of the list of officials');
  expect(who(asked, withLink)).toEqual([...COUNCIL, 'mayor', 'clerk', 'deputy-clerk']);
  expect(who(sent.filter((mail) => !asked.includes(mail)))).toEqual(['district-1']);
  expect(who(sent).filter((holder) => ['auditor', 'board-1'].includes(holder))).toEqual([]);
  const [clerk] = asked.filter((mail) => who([mail])[0] === 'clerk');
  const link = await resolveLink({ ...gate, linkKey }, linksOf(clerk as Message)[0] ?? '');
  const head = await gate.store.head('roster');
  expect(link).toMatchObject({ purpose: 'confirm-roster', holder: 'clerk', body: 'clerk', seat: 'clerk' });
  expect(head?.state).toContain((link as { sha256: string }).sha256);
});

test('a refusal is mailed to the others who may confirm', async () => {
  const { gate, mails } = await mailing();
  const put = await setRoster(gate.ports, rosterFile(roster({ mayor: { id: 'other' } })), new Uint8Array(32));
  const sha256 = put.ok ? (put.state.proposal?.sha256 ?? '') : '';
  await mails();
  const refusal = { sha256, holder: 'mayor', body: 'mayor', seat: 'mayor', reason: 'no' };
  expect(await refuseProposal(gate.ports, refusal, new Uint8Array(32))).toMatchObject({ ok: true, waits: true });
  expect(who(await mails(), withLink)).toEqual([...COUNCIL, 'clerk', 'deputy-clerk']);
});

test('a reset that waits is mailed to those who may confirm it and to its person; the mail of the reset brings the link', async () => {
  const { gate, mails } = await mailing({ rules: { ...atOnce, passkeys: 'when-enrolled' } });
  expect(await resetPasskeysOf(gate.ports, { holder: 'auditor', by: null })).toMatchObject({ resets: 0, waits: true });
  const sent = await mails();
  expect(who(sent, withLink)).toEqual([...COUNCIL, 'mayor', 'clerk', 'deputy-clerk']);
  expect(sent.filter((mail) => !withLink(mail)).map(({ subject }) => subject)).toEqual(['A proposal concerns you: is it right?']);
  const { proposal } = (await load(gate.store, rosterAggregate, 'roster')).state;
  for (const [holder, body] of [
    ['clerk', 'clerk'],
    ['mayor', 'mayor'],
  ] as const)
    await confirmProposal(gate.ports, { sha256: proposal?.sha256 ?? '', holder, body, seat: holder });
  expect(who(await mails(), withLink)).toEqual(['auditor']);
});
