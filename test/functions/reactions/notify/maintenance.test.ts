import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { IMPACTS } from '../../../../domain/policy/schema.ts';
import { orderFeature } from '../../../../functions/gate/feature.ts';
import { resolveLink } from '../../../../functions/gate/links.ts';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { rosterFile } from '../../openGate.ts';
import { linkKey, linksOf, MEMBERS, mailing } from './mailing.ts';

const UNCHANGED = Object.fromEntries(IMPACTS.map((impact) => [impact, 'unchanged']));
const TERMS = { ...NO_TERMS, maintenance: true };
const MONDAY = '2026-03-09T09:00:00.000Z';

/** A feature approved on terms that allow maintenance; two days later a signed update of it that changes nothing. */
const maintained = async (officials = rosterFile()) => {
  const opened = await mailing({ officials });
  const { gate, mails } = opened;
  const { digest } = await gate.notice();
  await gate.certify('acme/1', digest, { terms: TERMS });
  await gate.sign('acme/1', digest, { terms: TERMS });
  gate.at('2026-03-04T12:00:00.000Z');
  await gate.notice({ kind: 'update', title: 'A small fix', optOut: 'no', impact: UNCHANGED });
  await mails();
  await createToken(gate.ports, { name: 'it', scopes: ['notice'], agencies: [], person: null });
  const contest = () =>
    orderFeature(gate.ports, {
      key: 'acme',
      commandId: 'contest',
      actor: 'token:it',
      request: { type: 'contest', change: 2, by: { token: 'it' }, reason: null },
    });
  return { ...opened, contest };
};

test('the weekly mail lists what came as maintenance, with a link to object for those who had to approve', async () => {
  const { gate, regular } = await maintained();
  gate.at(MONDAY);
  const mails = await regular();
  expect(mails.every(({ text }) => text.includes('One signed update came as a small fix last week.'))).toBe(true);
  for (const person of ['clerk', 'mayor']) {
    const mail = mails.find(({ to }) => to.startsWith(`${person}@`));
    expect(mail?.text).toContain('Read “A small fix” (acme/2), or object to it, on this page:');
    const [link = '', ...more] = mail === undefined ? [] : linksOf(mail);
    expect(more).toEqual([]);
    expect(await resolveLink({ ...gate, linkKey }, link)).toMatchObject({ holder: person, key: 'acme', n: 2, revision: 1 });
  }
  const member = mails.find(({ to }) => to.startsWith(`${MEMBERS[0]}@`));
  expect(member?.text).toContain('- “A small fix” (acme/2)');
  expect(member && linksOf(member)).toEqual([]);
  gate.at('2026-03-16T09:00:00.000Z');
  expect((await regular()).some(({ text }) => text.includes('small fix last week'))).toBe(false);
});

test('after an objection the weekly mail lists the update no more', async () => {
  const { gate, regular, contest } = await maintained();
  expect((await contest()).ok).toBe(true);
  gate.at(MONDAY);
  expect((await regular()).some(({ text }) => text.includes('small fix last week'))).toBe(false);
});

test('a person whose links were cut off gets none by the weekly mail', async () => {
  const { gate, regular } = await maintained();
  gate.at('2026-03-05T12:00:00.000Z');
  await cutOffLinksOf(gate.ports, { holder: 'mayor', by: null, reissued: false });
  gate.at(MONDAY);
  const mail = (await regular()).find(({ to }) => to.startsWith('mayor@'));
  expect(mail?.text).toContain('- “A small fix” (acme/2)');
  expect(mail && linksOf(mail)).toEqual([]);
});

test('in Spanish, too', async () => {
  const { gate, regular } = await maintained(rosterFile(undefined, { mayor: 'es' }));
  gate.at(MONDAY);
  const weekly = (await regular()).find(({ to }) => to.startsWith('mayor@'));
  expect(weekly?.text).toContain('Lea «A small fix» (acme/2), u opóngase, en esta página:');
});
