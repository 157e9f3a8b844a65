import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { orderFeature } from '../../../../functions/gate/feature.ts';
import { resolveLink } from '../../../../functions/gate/links.ts';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { adoptPolicy } from '../../../../functions/reactions/adoption/policies.ts';
import { mailAsked } from '../../../../functions/reactions/notify/derivedMails.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { byBallots, roster } from '../../../support/fixtures/city.ts';
import { enteredBy } from '../../../support/fixtures/vendor.ts';
import { expectIn } from '../../../support/texts.ts';
import { atOnce, mustBe, NOON, rosterFile } from '../../openGate.ts';
import { linkKey, linksOf, MEMBERS, mailing, who } from './mailing.ts';

/** A city that enters what it heard otherwise; `enter`: what it has already. */
const entering = async (options?: Parameters<typeof mailing>[0]) => {
  const world = await mailing(options);
  await createToken(world.gate.ports, { name: 'desk', scopes: ['notice'], person: 'auditor' });
  const heard = enteredBy('auditor', NOON);
  const enter = (feature: string) => world.gate.notice({ feature }, undefined, { ...heard, channel: 'inventory' });
  return { ...world, heard, enter };
};
const FEATURES = ['acme', ...Array.from({ length: 29 }, (_, n) => `acme.f${n}`)];

test('an inventory asks each person by one mail, which lists the first and leads to all; who acts next is asked by mails as ever', async () => {
  const { gate, ports, mails, regular, sent, consumers, enter } = await entering();
  const entered = [];
  for (const feature of FEATURES) entered.push(await enter(feature));
  // Handled late, and more of it may follow.
  gate.at('2026-03-02T12:01:00.000Z');
  await consumers.sweep();
  await mailAsked({ ...ports, wallMs: () => Date.parse(gate.ports.clock()) + 20_000 });
  expect(sent).toEqual([]);
  const [clerk, ...others] = await mails();
  expect([clerk?.to, who(others)]).toEqual(['clerk@city.example', ['deputy-clerk']]);
  expect(clerk?.subject).toBe('By May 31: 30 changes of the city’s inventory wait for you');
  expectIn(clerk?.text ?? '', 'And 10 more. Everything that waits for you:', 'certify the vote of the City Council by Sunday');
  const links = linksOf(clerk as Message);
  expect([new Set(links).size, clerk?.text.includes(`${links.at(-1)}/inbox`)]).toEqual([20, true]);
  const { length: dues } = clerk?.calendar?.match(/BEGIN:VEVENT/g) ?? [];
  expect(dues).toBe(20);
  // Each of them was asked for, and its link decides that one alone.
  const targets = await Promise.all(links.map((link) => resolveLink({ ...gate, linkKey }, link)));
  expect(targets.map((target) => target?.purpose === 'decide' && target.key)).toEqual(FEATURES.toSorted().slice(0, 20));
  gate.at('2026-03-02T13:00:00.000Z');
  expect(await regular(...FEATURES)).toEqual([]);
  const [first] = entered;
  await gate.certify(first?.change ?? '', first?.digest ?? '');
  expect((await mails()).map(({ subject }) => subject)).toEqual([expect.stringMatching(/sign or refuse.*A new way to search$/)]);
  await enter('acme.late');
  expect((await mails()).map(({ subject }) => /certify.*A new way to search$/.test(subject))).toEqual([true, true]);
});

test('a crash amid the mails of an inventory sends none twice to who was told, and leaves nobody untold', async () => {
  const { mails, enter, refuseTo, accept, wait } = await entering();
  for (const feature of FEATURES.slice(0, 3)) await enter(feature);
  refuseTo('clerk@');
  expect(who(await mails())).toEqual(['deputy-clerk']);
  await enter('acme.late');
  accept();
  wait(120_000);
  expect((await mails()).map(({ to, subject }) => [to.split('@')[0], subject])).toEqual([
    ['clerk', 'By May 31: 4 changes of the city’s inventory wait for you'],
    ['deputy-clerk', 'By May 31: certify the vote. Vendor acme, A new way to search'],
  ]);
  wait(3_600_000);
  expect(await mails()).toEqual([]);
});

test('who votes before the mail of an inventory has left keeps it from nobody', async () => {
  const { gate, consumers, mails, enter, wait } = await entering({ rules: byBallots });
  const { digest } = await enter('acme');
  await consumers.sweep();
  const [holder = '', ...others] = MEMBERS;
  const words = { change: 1, revision: 1, digest, requirement: 'council', terms: NO_TERMS, comment: null };
  const request = { type: 'ballot', holder, decision: 'approve', ...words } as const;
  await mustBe(orderFeature(gate.ports, { key: 'acme', commandId: holder, actor: `holder:${holder}`, request }));
  wait(60_000);
  expect(who(await mails())).toEqual([...others, 'mayor']);
});

test('that nobody can decide the entries of an inventory is one mail, which lists them', async () => {
  const { mails, enter } = await entering({ officials: rosterFile(roster({ mayor: { to: '2026-02-01' } })) });
  for (const feature of FEATURES) await enter(feature);
  const [alarm, ...more] = (await mails()).filter(({ to, subject }) => to.startsWith('clerk@') && subject.includes('cannot be'));
  expect([alarm?.subject, more]).toEqual(['30 changes of the city’s inventory cannot be decided as things stand', []]);
  expectIn(alarm?.text ?? '', 'No one holds a seat of the mayor.', 'and 10 more', '“A new way to search”: it cannot be decided');
  expect(linksOf(alarm as Message)).toEqual([]);
});

test('mails say whose words they show: the vendor’s, what the city wrote down, or its own proposal', async () => {
  const { gate, mails, heard } = await entering();
  const textOf = async () => (await mails())[0]?.text ?? '';
  await gate.notice();
  expectIn(await textOf(), 'The notice says: “Says what');
  await gate.notice({ feature: 'acme.heard' }, undefined, heard);
  const text = await textOf();
  expectIn(text, 'The city wrote this down. The vendor did not send it: “Says what');
  expect(text).not.toMatch(/notice says|did not sign/);
  await mustBe(adoptPolicy(gate.ports, { ...atOnce, version: 'next' }));
  expectIn(await textOf(), 'The proposal says: “');
});
