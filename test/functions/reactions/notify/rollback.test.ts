import { expect, test } from 'vitest';
import { cutOffLinksOf } from '../../../../functions/gate/personCredentials.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { expectDecidingAreAsked, mailing, who } from './mailing.ts';

/** A feature that is on, and a forced update that took effect two days later. */
const forcedUpdate = async () => {
  const opened = await mailing();
  const { gate, mails } = opened;
  const { digest } = await gate.notice();
  await gate.certify('acme/1', digest);
  await gate.sign('acme/1', digest);
  await gate.notice({ kind: 'update', title: 'Faces, too', optOut: 'no', effectiveAt: '2026-03-04T12:00:00.000Z' });
  await mails();
  return opened;
};

const asking = (subject: string): boolean => subject === 'Vendor acme, Faces, too: confirm that it is undone';

test('once the vendor takes back what took effect, each person in office in a body that decides gets an own link', async () => {
  const { gate, mails } = await forcedUpdate();
  gate.at('2026-03-06T12:00:00.000Z');
  await gate.withdraw('acme/2');
  const asked = (await mails()).filter(({ subject }) => asking(subject));
  await expectDecidingAreAsked(gate, asked);
});

test('no one is asked when it is taken back before it takes effect', async () => {
  const { gate, mails } = await forcedUpdate();
  gate.at('2026-03-03T12:00:00.000Z');
  await gate.withdraw('acme/2');
  expect((await mails()).filter(({ subject }) => asking(subject))).toEqual([]);
});

test('who gets new links for a lost phone gets this one, too', async () => {
  const { gate, mails } = await forcedUpdate();
  gate.at('2026-03-06T12:00:00.000Z');
  await gate.withdraw('acme/2');
  await mails();
  await catchUp(gate.ports, 'acme');
  await cutOffLinksOf(gate.ports, { holder: 'mayor', by: null, reissued: true });
  const again = (await mails()).filter(({ subject }) => asking(subject));
  expect(who(again)).toEqual(['mayor']);
});
