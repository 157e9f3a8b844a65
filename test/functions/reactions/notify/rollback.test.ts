import { expect, test } from 'vitest';
import { Notice } from '../../../../domain/feature/notice.ts';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { orderFeature, recordOptOut } from '../../../../functions/gate/feature.ts';
import { intake } from '../../../../functions/gate/intake.ts';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { writeRegularly } from '../../../../functions/reactions/notify/regular.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { roster, term } from '../../../support/fixtures/city.ts';
import { enteredBy } from '../../../support/fixtures/vendor.ts';
import { mustBe, NOON, rosterFile } from '../../openGate.ts';
import { dayAt } from '../../register/derived/derivedCity.ts';
import { expectDecidingAreAsked, linksOf, mailing, who } from './mailing.ts';

const UPDATE = { kind: 'update', title: 'Faces, too', optOut: 'no', effectiveAt: '2026-03-04T12:00:00.000Z' } as const;

const featureOn = async () => {
  const opened = await mailing();
  await opened.gate.approve();
  return opened;
};

/** The same, and a forced update that took effect two days later. */
const forcedUpdate = async () => {
  const opened = await featureOn();
  await opened.gate.notice(UPDATE);
  await opened.mails();
  return opened;
};

/** The same, but the city heard of the update by letter. Returns also the digest of its words. */
const enteredUpdate = async (over: Partial<Notice> = {}) => {
  const opened = await featureOn();
  const { ports } = opened.gate;
  await createToken(ports, { name: 'desk', scopes: ['notice'], person: 'auditor' });
  const notice = Notice.parse({ feature: 'acme', summary: 'Says what it does in plain words.', ...UPDATE, ...over });
  const entry = { vendor: 'acme', deliveryId: 'letter', actor: 'token:desk', provenance: enteredBy('auditor', NOON) };
  const body = new TextEncoder().encode(JSON.stringify(notice));
  const { received } = await mustBe(intake(ports, { ...entry, body, notice, attachments: [], counted: null }));
  await opened.mails();
  return { ...opened, digest: received.digest };
};

const asking = ({ subject }: Message) => subject === 'Confirm that it is undone. Vendor acme, Faces, too';

test('once the vendor takes back what took effect, each person in office in a body that decides gets an own link, and a new one for a lost phone', async () => {
  const { gate, mails } = await forcedUpdate();
  gate.at(dayAt('06'));
  await gate.withdraw('acme/2');
  await expectDecidingAreAsked(gate, (await mails()).filter(asking));
  await catchUp(gate.ports, 'acme');
  await cutOffLinksOf(gate.ports, { holder: 'mayor', by: null, reissued: true });
  const again = (await mails()).filter(({ text }) => text.includes('Confirm that it is undone'));
  expect([who(again), again.flatMap(linksOf).length]).toEqual([['mayor'], 1]);
});

test('of what was taken back before any approval, all are asked once an approval is untrue by it, once', async () => {
  const { gate, mails, regular } = await mailing();
  const first = await gate.notice();
  await gate.notice(UPDATE);
  gate.at(dayAt('05'));
  await gate.withdraw('acme/2');
  expect((await mails()).filter(asking)).toEqual([]);
  gate.at(dayAt('06'));
  expect((await regular()).filter(asking)).toEqual([]);
  await gate.decide(first);
  await expectDecidingAreAsked(gate, (await regular()).filter(asking));
  gate.at(dayAt('07'));
  expect((await regular()).filter(asking)).toEqual([]);
});

test('the regular run leaves what was withdrawn just now to the mails of that', async () => {
  const { gate, ports, sent } = await forcedUpdate();
  gate.at(dayAt('06'));
  await gate.withdraw('acme/2');
  await catchUp(gate.ports, 'acme');
  const asked = async (at: string) => {
    gate.at(at);
    await writeRegularly(ports);
    return sent.splice(0).filter(asking);
  };
  expect(await asked('2026-03-06T12:10:00.000Z')).toEqual([]);
  await expectDecidingAreAsked(gate, await asked('2026-03-06T12:10:00.001Z'));
});

test('who came into office since is asked, too', async () => {
  const successor = term('mayor', 'mayor', { id: 'board-1', from: '2026-03-07' });
  const { gate, mails, regular } = await mailing({ officials: rosterFile(roster({ mayor: { to: '2026-03-06' } }, successor)) });
  await gate.approve();
  await gate.notice(UPDATE);
  gate.at(dayAt('06'));
  await gate.withdraw('acme/2');
  expect(who((await mails()).filter(asking))).toContain('mayor');
  expect((await regular()).filter(asking)).toEqual([]);
  gate.at(dayAt('07'));
  expect(who((await regular()).filter(asking))).toEqual(['board-1']);
});

test('no one is asked when it is taken back before it takes effect', async () => {
  const { gate, mails } = await forcedUpdate();
  gate.at(dayAt('03'));
  await gate.withdraw('acme/2');
  expect((await mails()).filter(asking)).toEqual([]);
});

test('what was confirmed of words that the city entered counts no more once the vendor signs others: it takes them back, and all are asked', async () => {
  const { gate, mails, regular, digest } = await enteredUpdate();
  gate.at(dayAt('05'));
  expect((await regular()).filter(asking)).toEqual([]);
  const words = { change: 2, revision: 1, digest, comment: digestOf('IT looked') };
  const by = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
  const request = { type: 'confirm-rollback', of: 'rollback', ...words, ...by } as const;
  await mustBe(orderFeature(gate.ports, { key: 'acme', commandId: 'confirm', actor: 'holder:mayor', request }));
  expect((await mails()).some(asking)).toBe(true);
  await gate.notice(UPDATE);
  gate.at(dayAt('06'));
  await gate.withdraw('acme/2');
  await expectDecidingAreAsked(gate, (await mails()).filter(asking));
});

const PROOF = { sha256: 'e'.repeat(64), title: 'A screenshot' };
const SUBJECT = 'Confirm that the city opted out in time. Vendor acme, Faces, too';

/** A feature that is on, and an update that takes effect two days later unless the city opts out; `entered`: which the city heard of. */
const announced = async (entered = false) => {
  const opened = entered ? await enteredUpdate({ optOut: 'yes' }) : { ...(await featureOn()), digest: null };
  const { gate, mails } = opened;
  const digest = opened.digest ?? (await gate.notice({ ...UPDATE, optOut: 'yes' })).digest;
  await mails();
  await createToken(gate.ports, { name: 'console', scopes: ['observe'], person: 'auditor' });
  const record = async (evidence: typeof PROOF | null, note: string) => {
    const said = { revision: 1, digest, note, evidence, caller: { name: 'console', person: 'auditor' } };
    expect(await recordOptOut(gate.ports, { key: 'acme', n: 2, ...said }, null)).toMatchObject({ ok: true });
    return (await mails()).filter(({ subject }) => subject === SUBJECT);
  };
  return { gate, record };
};

test.each([false, true])(
  'a record that is late and shows that it was made in time asks each person in office in a body that decides, by an own link; entered: %s',
  async (entered) => {
    const { gate, record } = await announced(entered);
    gate.at(dayAt('06'));
    expect(await record(null, 'In the console.')).toEqual([]);
    const asked = await record(PROOF, 'In the console; this shows it.');
    await expectDecidingAreAsked(gate, asked);
  },
);
