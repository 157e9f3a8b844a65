import { expect, test } from 'vitest';
import { deadLetters } from '../../../../functions/platform/feed/deadLetters.ts';
import { NotSent } from '../../../../functions/platform/mail/port.ts';
import { roster } from '../../../support/fixtures/city.ts';
import { failing, rosterFile, URL_OF_GATE } from '../../openGate.ts';
import { linksOf, mailing, who } from './mailing.ts';

test('each person is written to in their language, with the day in it', async () => {
  const { gate, mails } = await mailing({ officials: rosterFile(roster(), { clerk: 'es-419' }), zone: 'America/Denver' });
  await gate.notice({ summary: 'Some words.' });
  const [clerk, deputy] = await mails();
  expect(clerk?.subject).toBe(
    'Vendor acme, A new way to search: certifique la votación del City Council, hasta el 31 de mayo de 2026',
  );
  expect(clerk?.language).toBe('es-419');
  expect(clerk?.text).toContain('El aviso dice: «Some words.»');
  expect(deputy?.subject).toMatch(/certify/);
});

test('a vendor’s words never stand on a line of their own, so none passes for a link', async () => {
  const { gate, mails } = await mailing();
  const trap = `${URL_OF_GATE}/d/${'A'.repeat(43)}`;
  await gate.notice({ title: trap, summary: `Please decide here: ${trap} ${'word '.repeat(30)}${trap}` });
  for (const mail of await mails()) {
    expect(linksOf(mail)).not.toContain('A'.repeat(43));
    expect(linksOf(mail).length).toBeLessThanOrEqual(1);
    expect(mail.text.split('\n')).not.toContain(trap);
  }
});

test('a requirement without a holder raises an alarm, in the log and to the clerks, and stays open', async () => {
  const { gate, mails } = await mailing({ officials: rosterFile(roster({ mayor: { to: '2026-02-01' } })) });
  const { digest } = await gate.notice();
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

test('a person without an address is logged and delays no other mail', async () => {
  const { gate, mails } = await mailing();
  await gate.sideStore.remove('directory', 'clerk');
  await gate.notice();
  expect(who(await mails())).toEqual(['deputy-clerk']);
  expect(gate.logged.filter(({ event }) => event === 'no mail address').length).toBe(1);
});

test('an address that was changed in the side store gets no link, and an error names whose it is', async () => {
  const { gate, mails } = await mailing();
  const mine = (await gate.sideStore.get('directory', 'clerk')) as { language: string; salt: string };
  await gate.sideStore.put('directory', 'clerk', { ...mine, email: 'stranger@elsewhere.example' });
  await gate.notice();
  const sent = await mails();
  expect(sent.length).toBeGreaterThan(0);
  expect(sent.map(({ to }) => to)).not.toContain('stranger@elsewhere.example');
  expect(gate.logged).toContainEqual(expect.objectContaining({ level: 'error', event: 'mail address altered', holder: 'clerk' }));
});

test('a mail server that is away delays everything and loses nothing', async () => {
  const { gate, mails, refuseIf } = await mailing();
  const { digest } = await gate.notice();
  refuseIf(() => new NotSent('away', { unreachable: true }));
  for (let round = 0; round < 9; round += 1) {
    expect(await mails()).toEqual([]);
    gate.later(5_000);
  }
  refuseIf(() => undefined);
  expect((await mails()).length).toBe(2);
  await gate.certify('acme/1', digest);
  expect(who(await mails())).toEqual(['mayor']);
  expect(await deadLetters(gate.sideStore)).toEqual([]);
});

test('one mail that is refused keeps no other from leaving, once each, and is parked in the end', async () => {
  const { gate, mails, refuseIf } = await mailing();
  refuseIf(({ to }) => (to.startsWith('clerk@') ? new NotSent('no such box', { unreachable: false }) : undefined));
  await gate.notice();
  const all: string[] = [];
  for (let round = 0; round < 6; round += 1) {
    all.push(...who(await mails()));
    gate.later(60_000);
  }
  expect(all).toEqual(['deputy-clerk']);
  expect(await deadLetters(gate.sideStore)).toMatchObject([{ consumer: 'notify', stream: 'feature/acme', version: 1 }]);
});

test('a crash between sending and noting it sends that one mail twice, under the same Message-ID', async () => {
  let crash = false;
  const { gate, mails, sent, consumers } = await mailing({
    sideStoreOf: (sideStore) =>
      failing(sideStore, (method, [kind]) => {
        if (!crash || method !== 'put' || kind !== 'sent') return undefined;
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

test('Message-IDs distinguish persons, events and purposes', async () => {
  const { gate, mails } = await mailing();
  const { digest } = await gate.notice();
  const all = [...(await mails())];
  await gate.certify('acme/1', digest);
  await gate.sign('acme/1', digest, { decision: 'refuse' });
  all.push(...(await mails()));
  expect(new Set(all.map(({ messageId }) => messageId)).size).toBe(all.length);
  expect(all.every(({ messageId }) => /^[0-9a-f]{40}@gate\.example$/.test(messageId))).toBe(true);
});
