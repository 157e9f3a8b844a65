import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import type { Body } from '../../../../domain/roster/schema.ts';
import { rosterAggregate } from '../../../../functions/gate/aggregates.ts';
import { resolveLink } from '../../../../functions/gate/links.ts';
import { confirmProposal, refuseProposal, resetPasskeysOf, setRoster } from '../../../../functions/gate/rosters.ts';
import { deadLetters } from '../../../../functions/platform/feed/deadLetters.ts';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { load } from '../../../../functions/platform/store/load.ts';
import { adoptPolicy, repinAll } from '../../../../functions/reactions/adoption/policies.ts';
import { runClock } from '../../../../functions/reactions/clock/runClock.ts';
import { mailsDue } from '../../../../functions/reactions/notify/asks.ts';
import { waitingMailsCheck } from '../../../../functions/reactions/notify/waitingMails.ts';
import { project } from '../../../../functions/register/project.ts';
import { boardRoll } from '../../../domain/feature/support.ts';
import {
  boardVote,
  byBallots,
  COUNCIL,
  council,
  mayor,
  policy,
  roster,
  rule,
  thirteenSeats,
  withAdvice,
} from '../../../support/fixtures/city.ts';
import { HOSTILE_TEXTS } from '../../../support/pseudo.ts';
import { expectIn } from '../../../support/texts.ts';
import { atOnce, failing, NOON, rosterFile, URL_OF_GATE } from '../../openGate.ts';
import { adoptRules, CLERKS_AND_IT, IT, linkKey, linksOf, MEMBERS, mailing, noticed, who, withLink } from './mailing.ts';

test('at the notice each clerk gets a link, when the council has voted the mayor, and nobody who need do nothing a mail', async () => {
  const { gate, mails, digest } = await noticed();
  const first = await mails();
  expect(who(first)).toEqual(['clerk', 'deputy-clerk']);
  expect(first.every(({ change, revision }) => change === 'acme/1' && revision === 1)).toBe(true);
  const [clerk] = first;
  expect(clerk?.subject).toBe('By May 31: certify the vote. Vendor acme, A new way to search');
  expect(clerk?.text.replaceAll('\u202F', ' ')).toContain(
    '“A new way to search”: certify the vote of the City Council by Sunday, May 31, 2026 at 12:00 PM UTC.',
  );
  const link = await resolveLink({ ...gate, linkKey }, linksOf(clerk as Message)[0] ?? '');
  expect(link).toMatchObject({ holder: 'clerk', body: 'clerk', requirement: 'council', key: 'acme', n: 1, revision: 1 });
  expect(await mails()).toEqual([]);
  await gate.certify('acme/1', digest);
  const second = await mails();
  expect(who(second, withLink)).toEqual(['mayor']);
  expect(second.map(({ subject }) => subject)).toEqual(['By March 7: sign or refuse. Vendor acme, A new way to search']);
  await gate.sign('acme/1', digest);
  await gate.revoke('acme/1');
  expect(await mails()).toEqual([]);
});

test('who is asked reads by when the city can say no at the vendor, and from which day the words run there', async () => {
  const { gate, mails } = await mailing();
  const days = { effectiveAt: '2026-06-01', optOut: 'yes', withoutAction: 'on' } as const;
  const textOf = async (over: object) => {
    await gate.notice({ kind: 'update', ...over });
    return (await mails())[0]?.text.replaceAll('\u202F', ' ') ?? '';
  };
  const [runs, none] = ['- Takes effect: June 1, 2026 at 12:00 AM UTC. This date turns nothing on.\n', /Takes effect|say no/];
  const yes = '- Can the city say no? Yes, the vendor can hold it back.\n';
  const silence = '- If the city does nothing: The vendor switches it on.\n';
  expect(await textOf({ ...days, optOutBy: '2026-05-20' })).toContain(
    `\n${runs}${yes}- The city can say no until: the end of May 19, 2026\n${silence}`,
  );
  expect(await textOf({ ...days, title: 'Other' })).toContain(
    `\n${runs}${yes}- The city can say no until: the end of May 31, 2026\n${silence}`,
  );
  const unknown = '- Can the city say no? The vendor does not state this. It counts as no.\n';
  expect(await textOf({ effectiveAt: '2026-06-01', title: 'Another' })).toContain(`\n${runs}${unknown}\n`);
  expect(await textOf({ kind: 'terms', title: 'None' })).not.toMatch(none);
});

test('the clerk reads from which day a meeting may be, as on the page: all of that day', async () => {
  const { mails } = await noticed({ rules: thirteenSeats });
  expect((await mails())[0]?.text).toContain('A decision counts from March 9, 2026. Until then');
});

test('a revision invites again with other links; invitations to old words are not sent late', async () => {
  const { gate, mails } = await noticed();
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
  const { gate, mails, digest } = await noticed();
  await gate.certify('acme/1', digest);
  const signing = await mails();
  expect(who(signing)).toEqual(['mayor']);
  await gate.sign('acme/1', digest, { decision: 'refuse' });
  const vetoed = await mails();
  expect(who(vetoed)).toEqual(['clerk', 'deputy-clerk']);
  expect(vetoed.every(withLink)).toBe(true);
  // Message-IDs distinguish persons, events and purposes.
  const ids = [...signing, ...vetoed].map(({ messageId }) => messageId);
  expect(new Set(ids).size).toBe(3);
  expect(ids.every((id) => /^[0-9a-f]{40}@gate\.example$/.test(id))).toBe(true);
  expect(vetoed[0]?.subject).toBe('By April 1: vetoed, certify the second vote. Vendor acme, A new way…');
  expect(vetoed[0]?.text).toContain('9 votes');
  await gate.certify('acme/1', digest, { purpose: 'override', fileNumber: '26-0002' });
  expect((await mails()).map(({ to, subject }) => [to, subject])).toEqual([
    ['at-large-a@city.example', 'By March 16: confirm the certified vote. Vendor acme, A new way to…'],
  ]);
  await gate.confirm('acme/1', digest);
  expect(await mails()).toEqual([]);
});

test('a refusal that was taken back and comes again asks for the second vote anew', async () => {
  const { gate, mails, digest } = await noticed();
  await gate.certify('acme/1', digest);
  await mails();
  const asked: string[][] = [];
  for (const over of [{ decision: 'refuse' }, { decision: 'take-back', comment: digest }, { decision: 'refuse' }]) {
    await gate.sign('acme/1', digest, over);
    asked.push(who(await mails()));
  }
  expect(asked).toEqual([['clerk', 'deputy-clerk'], ['mayor'], ['clerk', 'deputy-clerk']]);
});

test('who is asked once time has refused for the mayor is not asked again once that is on record', async () => {
  const { gate, mails, regular, digest } = await noticed();
  await gate.certify('acme/1', digest);
  await mails();
  gate.at('2026-03-07T12:00:00.000Z');
  const [mail, ...others] = (await regular()).filter(withLink);
  expect([mail?.to, mail?.text, who(others)]).toEqual([
    'clerk@city.example',
    expect.stringContaining('overturn that with 9 votes'),
    ['deputy-clerk'],
  ]);
  await runClock({ ...gate.ports, logger: () => undefined }, gate.ports.clock());
  expect(await mails()).toEqual([]);
});

test('other rules, which void what was decided, ask everyone anew', async () => {
  const { gate, mails, digest } = await noticed();
  await gate.certify('acme/1', digest);
  await adoptRules(gate);
  await mails();
  expect(await repinAll(gate.ports)).toBe(1);
  const anew = await mails();
  expect(who(anew, withLink)).toEqual(['clerk', 'deputy-clerk']);
  expect(anew[0]?.text).toContain('Other rules apply to this change now. What was decided on it before is void.');
  await gate.certify('acme/1', digest, { fileNumber: '26-0002' });
  expect(who(await mails(), withLink)).toEqual(['mayor']);
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
  const { gate, mails } = await noticed({ rules: null });
  expect(await mails()).toEqual([]);
  await adoptPolicy(gate.ports, atOnce);
  await project(gate.ports, 'feature/acme');
  await runClock(gate.ports, NOON);
  expect(who(await mails(), withLink)).toEqual(['clerk', 'deputy-clerk']);
});

test('everyone who may confirm what is proposed gets a link for exactly that, and whom it concerns a mail without one', async () => {
  const { gate, mails } = await mailing();
  // One that another has replaced is not mailed any more, and no error.
  for (const name of ['Some other name', 'Another name'])
    await setRoster(gate.ports, rosterFile(roster({ 'district-1': { name } })), new Uint8Array(32));
  const sent = await mails();
  const asked = sent.filter(({ subject }) => subject === 'Confirm a change of the list of officials');
  expect(who(asked, withLink)).toEqual([...COUNCIL, 'mayor', 'clerk', 'deputy-clerk']);
  for (const { text } of asked)
    expect(text.replaceAll('\u202F', ' ')).toMatch(/You can answer until .*, March 16, 2026 at 12:0\d PM UTC\./);
  expect(gate.logged).toEqual([]);
  const concerned = sent.filter((mail) => !asked.includes(mail));
  expect(who(concerned)).toEqual(['district-1']);
  expect(concerned[0]?.text).toContain('list of officials');
  const [link = ''] = asked.filter(({ to }) => to.startsWith('clerk@')).flatMap(linksOf);
  const { proposal } = (await load(gate.store, rosterAggregate, 'roster')).state;
  const of = { purpose: 'confirm-roster', holder: 'clerk', body: 'clerk', seat: 'clerk', sha256: proposal?.sha256 };
  expect(await resolveLink({ ...gate, linkKey }, link)).toMatchObject(of);
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
  const asked = sent.filter(({ subject }) => subject === 'Confirm that passkeys are reset');
  expect(who(asked, withLink)).toEqual([...COUNCIL, 'mayor', 'clerk', 'deputy-clerk']);
  const [concerned, ...others] = sent.filter((mail) => !withLink(mail));
  expect([concerned?.subject, others]).toEqual(['A proposal concerns you: is it right?', []]);
  expect(concerned?.text).toContain('reset your passkeys');
  const { proposal } = (await load(gate.store, rosterAggregate, 'roster')).state;
  for (const [holder, body] of [
    ['clerk', 'clerk'],
    ['mayor', 'mayor'],
  ] as const)
    await confirmProposal(gate.ports, { sha256: proposal?.sha256 ?? '', holder, body, seat: holder });
  expect(who(await mails(), withLink)).toEqual(['auditor']);
});

test('what one person alone certified for every body stays open, and the clerk and IT hear of it', async () => {
  const { bodies, holders } = roster({ auditor: { id: 'clerk' } });
  const board = { ...(bodies['board'] as Body), attestedBy: 'auditor' };
  const rules = policy(rule([council(), boardVote()], { notice: 'P0D', window: 'P90D' }));
  const { gate, mails, digest } = await noticed({
    rules,
    officials: rosterFile({ bodies: { ...bodies, board }, holders }),
    itMail: IT,
  });
  await gate.certify('acme/1', digest);
  await mails();
  await gate.certify('acme/1', digest, { requirement: 'board', votes: boardRoll(3) });
  const sent = await mails();
  expect(who(sent).sort()).toEqual(CLERKS_AND_IT);
  for (const { subject, text } of sent) {
    expect(subject).toBe('It cannot be decided as things stand. Vendor acme, A new way to search');
    expect(text).toContain('one person alone acted for all of them');
  }
  expect(gate.logged).toContainEqual(
    expect.objectContaining({ event: 'requirement cannot be met', code: 'two-persons', requirement: 'board' }),
  );
});

const CLERKS = CLERKS_AND_IT.slice(0, 2);
const inMinutes = (minutes: number) => new Date(Date.parse(NOON) + minutes * 60_000).toISOString();
const due = (...minutes: readonly number[]) =>
  (Date.parse(mailsDue(minutes.map((each) => ({ at: inMinutes(each) })))) - Date.parse(NOON)) / 60_000;

test.each([
  ['the notice', [0], 0],
  ['its first revision', [0, 1], 1],
  ['the second within the hour', [0, 1, 2], 61],
  ['the third within the hour', [0, 1, 2, 60], 61],
  ['one in the hour after that', [0, 1, 2, 61], 121],
  ['one after a quiet hour', [0, 1, 2, 121], 121],
  ['a hundred an hour, in their third hour', [0, ...Array.from({ length: 300 }, (_, n) => n / 2)], 180],
])('mails about %s', (_, minutes, expected) => {
  expect(due(...minutes)).toBe(expected);
});

test('twenty revisions in a second send the mails of one, and those of the last one when the hour is over; none once the change is closed', async () => {
  const { gate, mails, regular } = await noticed();
  expect(who(await mails(), withLink)).toEqual(CLERKS);
  for (let n = 0; n < 20; n += 1) {
    await gate.notice({ revises: 1, title: `Revision ${n}` });
    // Some are handled one by one, some together.
    if (n === 0) expect(who(await mails(), withLink)).toEqual(CLERKS);
    if (n % 8 === 1) expect(await mails()).toEqual([]);
  }
  gate.at(inMinutes(59));
  expect(await regular()).toEqual([]);
  gate.at(inMinutes(61));
  const later = await regular();
  expect(who(later, withLink)).toEqual(CLERKS);
  expect(later.length).toBe(new Set(who(later)).size);
  expect(later.every(({ revision, subject }) => revision === 21 && subject.includes('Revision 19'))).toBe(true);
  gate.at(inMinutes(90));
  expect(await regular()).toEqual([]);
  await gate.notice({ revises: 1, title: 'Four' });
  expect(await regular()).toEqual([]);
  await gate.withdraw('acme/1');
  await mails();
  gate.at(inMinutes(130));
  expect(await regular()).toEqual([]);
});

test('who acts next is asked at once, also while revisions wait', async () => {
  const { gate, mails } = await noticed();
  let { digest } = await gate.notice({ revises: 1, title: 'One' });
  ({ digest } = await gate.notice({ revises: 1, title: 'Two' }));
  await mails();
  await gate.certify('acme/1', digest, { revision: 3 });
  expect(who(await mails())).toEqual(['mayor']);
});

const DENVER = { name: 'City and County of Denver', contact: 'the clerk, +1 720 555 0100' };

test('each person is written to in their language, with the day and the body in it, for the city, and hears whom to ask', async () => {
  const { bodies, holders } = roster();
  const named = { ...(bodies['council'] as Body), name: { en: 'City Council', es: 'Concejo Municipal' } };
  const officials = rosterFile({ bodies: { ...bodies, council: named }, holders }, { clerk: 'es-419' });
  const { gate, mails } = await mailing({ officials, zone: 'America/Denver', city: DENVER });
  await gate.notice({ summary: 'Some words.' });
  const [clerk, deputy] = await mails();
  expect(clerk?.subject).toBe('Hasta el 31 de mayo a las 05:00: certifique la votación. Vendor acme…');
  expect(clerk?.language).toBe('es-419');
  for (const text of [
    'El aviso dice: «Some words.»',
    'Enviado en nombre de City and County of Denver por Aldergate',
    'Preguntas: the clerk, +1 720 555 0100',
  ])
    expect(clerk?.text).toContain(text);
  expect(deputy?.subject).toMatch(/^By .*: certify the vote\. /);
  expect(deputy?.html).toContain('Sent for City and County of Denver by Aldergate');
  expect(deputy?.text.trimEnd().endsWith('Questions: the clerk, +1 720 555 0100')).toBe(true);
  await gate.notice({ revises: 1, title: 'Another', summary: 'Some words.' });
  expect((await mails()).find(({ language }) => language === 'es-419')?.text).toMatch(/^(?!.*“).*antes: «A new way to search»/s);
  const plain = await mailing();
  await plain.gate.notice();
  expect((await plain.mails())[0]?.text).not.toContain('Questions');
});

test('a vendor’s words never stand on a line of their own, so none passes for a link, and end no quotation', async () => {
  const { gate, mails } = await mailing();
  const trap = `${URL_OF_GATE}/d/${'A'.repeat(43)}`;
  await gate.notice({ title: trap, summary: `Please decide here: ${trap} ${'word '.repeat(30)}${trap}` });
  for (const mail of await mails()) {
    expect(linksOf(mail)).not.toContain('A'.repeat(43));
    expect(linksOf(mail).length).toBeLessThanOrEqual(1);
    expect(mail.text.split('\n')).not.toContain(trap);
  }
  await gate.notice({ title: 'Search” was approved. Read «this', summary: 'Fine." The clerk says: “Go on.' });
  const [mail] = await mails();
  expectIn(mail?.text ?? '', "“Search' was approved. Read 'this”", "“Fine.' The clerk says: 'Go on.”");
});

test('a requirement without a holder raises an alarm, in the log and to the clerks, and stays open', async () => {
  const { gate, mails, digest } = await noticed({ officials: rosterFile(roster({ mayor: { to: '2026-02-01' } })) });
  const alarms = (await mails()).filter(({ subject }) => subject.includes('cannot be decided'));
  expect(who(alarms)).toEqual(['clerk', 'deputy-clerk']);
  expect(alarms[0]?.text).toContain('No one holds a seat of the mayor.');
  await gate.certify('acme/1', digest);
  // The same alarm is mailed once.
  expect(await mails()).toEqual([]);
  expect(gate.logged).toContainEqual(
    expect.objectContaining({ event: 'requirement cannot be met', requirement: 'mayor', code: 'no-official' }),
  );
});

test('who voted and holds the mayor’s seat as well is not asked to sign: the clerks hear that nobody can', async () => {
  const { bodies, holders } = roster();
  const voted = holders.map((each) => (each.body === 'mayor' ? { ...each, id: 'district-1' } : each));
  const { gate, mails, digest } = await noticed({ officials: rosterFile({ bodies, holders: voted }) });
  await mails();
  await gate.certify('acme/1', digest);
  const sent = await mails();
  expect(who(sent)).toEqual(['clerk', 'deputy-clerk']);
  expect(sent[0]?.text).toContain('No one in office may take the next step for the mayor.');
});

test('who disputed a record cannot confirm the next: the clerks hear for which body nobody can', async () => {
  const override = { requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'board/board-1' } as const;
  const rules = policy(rule([council(), mayor({ override })], { notice: 'P0D', window: 'P90D' }));
  const { bodies, holders } = roster({ 'board-1': { id: 'at-large-a' } });
  const { gate, mails, digest } = await noticed({ rules, officials: rosterFile({ bodies, holders }) });
  await gate.certify('acme/1', digest);
  await gate.sign('acme/1', digest, { decision: 'refuse' });
  await gate.certify('acme/1', digest, { purpose: 'override', fileNumber: '26-0002' });
  await gate.confirm('acme/1', digest, { decision: 'dispute' });
  await mails();
  await gate.certify('acme/1', digest, { purpose: 'correct', fileNumber: '26-0002', comment: `sha256:${'c'.repeat(64)}` });
  // A second vote that cannot be confirmed runs out, so what waits is not said to stay open.
  expect((await mails())[0]?.text).toMatch(/next step for the Privacy Board\.\s+It stays off\. The list of officials/);
});

test('who is asked about words that others overtook reads that a yes switches nothing on', async () => {
  const { gate, mails } = await mailing();
  const { digest } = await gate.notice({ title: 'First words' });
  await gate.approve({ title: 'Later words' });
  await mails();
  await gate.certify('acme/1', digest);
  const [asked] = await mails();
  expect(asked?.subject).toMatch(/sign or refuse\. Vendor acme, First words$/);
  expect(asked?.text.replaceAll('\n', ' ')).toContain(
    'replaced at once. Change 2 came later and is approved: it stays in force.',
  );
  expect(asked?.text).not.toContain('If it is approved, this takes effect');
});

test('who is asked on terms that are over reads that they cannot be approved', async () => {
  const { gate, mails, digest } = await noticed();
  await mails();
  await gate.certify('acme/1', digest, { terms: { ...NO_TERMS, until: '2026-03-05T17:00:00.000Z' } });
  gate.at('2026-03-06T15:00:00.000Z');
  const [asked] = await mails();
  expect(asked?.text.replaceAll('\n', ' ')).toContain('This cannot be approved: it could last only until March 5, 2026');
  expect(asked?.text).not.toContain('If it is approved, this takes effect');
});

test('who is asked about words that take effect later reads what stays in force until then, and the effect', async () => {
  const { gate, mails } = await mailing();
  await gate.approve({ title: 'First words' });
  const { digest } = await gate.notice({ title: 'Later words', optOut: 'yes', effectiveAt: '2026-05-01T12:00:00Z' });
  await mails();
  await gate.certify('acme/2', digest);
  const [asked] = await mails();
  const text = asked?.text.replaceAll('\n', ' ');
  expect(text).toContain('it begins on May 1, 2026 at 12:00 PM UTC. Until then change 1 stays in force.');
  expect(text).toMatch(/If it is approved, this takes effect:.*- Conditions: none {2}/u);
});

test('nobody is asked about words that are over: the change has lapsed', async () => {
  const { gate, mails } = await mailing();
  const { digest } = await gate.notice({ endsAt: '2026-03-05T17:00:00Z' });
  await mails();
  await gate.certify('acme/1', digest);
  gate.at('2026-03-06T15:00:00.000Z');
  expect((await mails()).filter(({ subject }) => subject.includes('sign or refuse'))).toStrictEqual([]);
});

test('an address that was changed in the side store gets no link, and an error names whose it is', async () => {
  const { gate, mails } = await mailing();
  const mine = (await gate.sideStore.get('directory', 'clerk')) as { language: string; salt: string };
  await gate.sideStore.put('directory', 'clerk', { ...mine, email: 'stranger@elsewhere.example' });
  await gate.sideStore.remove('directory', 'deputy-clerk');
  await gate.notice();
  expect(await mails()).toEqual([]);
  expect(gate.logged).toContainEqual(expect.objectContaining({ event: 'no mail address', holder: 'deputy-clerk' }));
  expect(gate.logged).toContainEqual(expect.objectContaining({ level: 'error', event: 'mail address altered', holder: 'clerk' }));
});

test('a mail that is not taken keeps no other from leaving, also of later commits, and leaves by itself once it is taken', async () => {
  const { gate, mails, refuseTo, accept, wait } = await mailing();
  const waits = waitingMailsCheck(gate.ports);
  refuseTo('clerk@');
  const since = gate.ports.clock();
  for (const title of ['First words', 'Other words']) {
    await gate.notice({ title });
    expect(who(await mails())).toEqual(['deputy-clerk']);
  }
  expect(await waits()).toEqual([]);
  wait(900_000);
  expect(await mails()).toEqual([]);
  expect(await waits()).toEqual([{ code: 'consumers-stuck', since, detail: '2 mails to clerk wait: refused.' }]);
  accept();
  // Twice as long after the second time.
  wait(60_000);
  expect(await mails()).toEqual([]);
  wait(60_000);
  expect(who(await mails())).toEqual(['clerk', 'clerk']);
  expect([...(await waits()), ...(await deadLetters(gate.sideStore))]).toEqual([]);
  wait(3_600_000);
  expect(await mails()).toEqual([]);
});

test('a mail that is not taken for five days is given up, and told no more where nobody wants it', async () => {
  const { gate, mails, refuseTo, wait } = await mailing();
  refuseTo('clerk@');
  await gate.notice();
  await mails();
  wait(5 * 86_400_000);
  expect(await waitingMailsCheck(gate.ports)()).toEqual([]);
  expect(await mails()).toEqual([]);
  expect(await deadLetters(gate.sideStore)).toMatchObject([{ consumer: 'notify', stream: 'feature/acme', version: 1 }]);
  expect(gate.logged).toContainEqual(expect.objectContaining({ level: 'error', event: 'mail not taken', to: 'clerk' }));
});

test.each(['accept', 'refuseTo'] as const)(
  'that no mail leaves is told until the server answers about one: %s',
  async (answer) => {
    const { gate, mails, goDown, wait, ...server } = await mailing();
    const waits = waitingMailsCheck(gate.ports);
    goDown();
    await gate.notice();
    await mails();
    const since = gate.ports.clock();
    wait(3_600_000);
    await mails();
    expect(await waits()).toEqual([{ code: 'consumers-stuck', since, detail: 'No mail leaves: down.' }]);
    server[answer]('');
    wait(5_000);
    expect(await mails()).toHaveLength(answer === 'accept' ? 2 : 0);
    expect(await waits()).toEqual([]);
  },
);

test('a crash between sending and noting it sends that one mail twice, under the same Message-ID', async () => {
  let crash = false;
  const { gate, mails, sent, consumers } = await mailing({
    sideStoreOf: (sideStore) =>
      failing(sideStore, (method, [kind]) => {
        if (!crash || method !== 'putIfAbsent' || kind !== 'sent') return undefined;
        crash = false;
        return new Error('killed');
      }),
  });
  await gate.notice();
  crash = true;
  await consumers.look('feature/acme');
  const everything = [...sent.splice(0), ...(await mails())];
  const counts = Map.groupBy(everything, ({ messageId }) => messageId);
  expect(counts.size).toBe(2);
  expect(everything.length).toBe(3);
  for (const [first, ...again] of counts.values()) for (const mail of again) expect(mail).toEqual(first);
  expect(await mails()).toEqual([]);
});

/** The tags of a mail's page in their order, and where its links lead. */
const skeleton = ({ html }: Message) => [...html.matchAll(/<\/?[a-z!]+/gi)].map(([tag]) => tag);
const leads = ({ html }: Message) => [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href);

test('fifty hostile texts stay text in every mail: none adds a tag, a link or a header', async () => {
  const { gate, mails, regular, nine } = await mailing();
  const askedAbout = async (title: string, summary: string) => {
    const { change } = await gate.notice({ title, summary });
    const sent = await mails();
    await gate.withdraw(change);
    return sent;
  };
  const plain = await askedAbout('A title', 'A summary.');
  const all: Message[] = [];
  for (const [index, text] of HOSTILE_TEXTS.slice(HOSTILE_TEXTS.length / 2).entries()) {
    const asked = await askedAbout(HOSTILE_TEXTS[index] ?? '', text);
    expect(asked.map(skeleton), text).toStrictEqual(plain.map(skeleton));
    const links = asked.map((mail) => linksOf(mail).length);
    expect(links, text).toEqual([1, 1]);
    all.push(...asked);
  }
  nine('03-09');
  const weekly = await regular();
  expect(weekly.length).toBeGreaterThan(0);
  const tags = new Set(['<!doctype', '<html', '<head', '<meta', '<title', '<style', '<body', '<p', '<ul', '<li', '<a', '<br']);
  for (const mail of weekly) expect(skeleton(mail).filter((tag) => !tags.has(tag.replace('</', '<').toLowerCase()))).toEqual([]);
  for (const mail of [...all, ...weekly]) {
    for (const href of leads(mail)) expect(href, mail.subject).toMatch(/^https:\/\/gate\.example\//);
    expect(mail.subject).toMatch(/^.{1,70}$/u);
    // An address alone on its line passes for ours, so a stranger's never stands so.
    expect(mail.text, mail.subject).not.toMatch(/^https?:(?!\/\/gate\.example\/)\S+$/m);
  }
});

test('the mail that asks states the effect, each limit with its origin; no line of a condition stands alone', async () => {
  const { gate, mails } = await mailing({ zone: 'America/Denver' });
  const limits = { terms: { ...NO_TERMS, audience: ['Police'], until: '2026-05-19T06:00:00.000Z' } };
  await gate.approve({ kind: 'contract', endsAt: '2027-03-31' }, limits);
  await mails();
  const { digest } = await gate.notice({ feature: 'acme.lpr', title: 'Plate readers' });
  const conditions = 'Images go to\nhttps://evil.example/d/x\nand nowhere else.';
  await gate.certify('acme.lpr/1', digest, { terms: { ...NO_TERMS, conditions } });
  const mayor = (await mails()).find(({ to }) => to.startsWith('mayor@'));
  expect(mayor?.text).toContain(`If it is approved, this takes effect:

- Until: the end of May 18, 2026 (set by acme, above it)
- Agencies: only for Police (set by acme, above it)
- Conditions: “Images go to https://evil.example/d/x and nowhere else.” (set by the first to decide)
`);
  expect(mayor?.text.split('\n')).not.toContain('https://evil.example/d/x');
});
