import { expect, test } from 'vitest';
import { setRoster } from '../../../../functions/gate/rosters.ts';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { roster } from '../../../support/fixtures/city.ts';
import { rosterFile } from '../../openGate.ts';
import { mailing } from './mailing.ts';

const DENVER = { name: 'City and County of Denver', contact: 'the clerk, +1 720 555 0100' };

/** One mail of each kind that a change, a roster and a week give rise to. */
const everyMail = async (language: string): Promise<readonly Message[]> => {
  const people = { mayor: language, clerk: language, 'deputy-clerk': language, 'district-1': language };
  const { gate, mails, regular } = await mailing({ city: DENVER, officials: rosterFile(undefined, people) });
  const all: Message[] = [];
  const { digest } = await gate.notice();
  all.push(...(await mails()));
  await gate.certify('acme/1', digest);
  all.push(...(await mails()));
  await setRoster(gate.ports, rosterFile(roster({ 'district-1': { id: 'newcomer', name: 'Somebody new' } })), new Uint8Array(32));
  all.push(...(await mails()));
  gate.at('2026-03-09T09:00:00.000Z');
  all.push(...(await regular()));
  return all;
};

test.each([
  ['en', 'Sent for City and County of Denver by Aldergate', 'Questions: the clerk, +1 720 555 0100'],
  ['es', 'Enviado en nombre de City and County of Denver por Aldergate', 'Preguntas: the clerk, +1 720 555 0100'],
])('every mail in %s names the city and whom to ask', async (language, city, contact) => {
  const sent = (await everyMail(language)).filter((mail) => mail.language === language);
  expect(sent.length).toBeGreaterThan(3);
  for (const { subject, text, html } of sent) {
    expect({ subject, city: text.includes(city), contact: text.trimEnd().endsWith(contact) }).toEqual({
      subject,
      city: true,
      contact: true,
    });
    expect(html).toContain('City and County of Denver');
  }
});

test('a city that names no contact promises none', async () => {
  const { gate, mails } = await mailing();
  await gate.notice();
  const [mail] = await mails();
  expect(mail?.text).toContain('Sent for City by Aldergate');
  expect(mail?.text).not.toContain('Questions');
});
