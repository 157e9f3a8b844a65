import { expect, test } from 'vitest';
import { resolveLink } from '../../../../functions/gate/links.ts';
import { resetPasskeysOf } from '../../../../functions/gate/rosters.ts';
import { linkKey, linksOf, mailing, who } from './mailing.ts';

test('a reset takes its person one mail, with a link to a new passkey and to nothing else', async () => {
  const { gate, mails } = await mailing();
  expect(await resetPasskeysOf(gate.ports, { holder: 'mayor', by: null })).toMatchObject({ ok: true, resets: 1 });
  const sent = await mails();
  expect(who(sent)).toEqual(['mayor']);
  expect(sent[0]?.subject).toBe('Your passkeys were reset');
  const [token = ''] = sent.flatMap(linksOf);
  expect(await resolveLink({ ...gate, linkKey }, token)).toMatchObject({
    purpose: 'passkeys',
    holder: 'mayor',
    resets: 1,
  });
});

test('the same reset again mails nothing; another one another link', async () => {
  const { gate, mails } = await mailing();
  await resetPasskeysOf(gate.ports, { holder: 'mayor', by: null, seen: 0 });
  const first = (await mails()).flatMap(linksOf);
  await resetPasskeysOf(gate.ports, { holder: 'mayor', by: null, seen: 0 });
  expect(await mails()).toEqual([]);
  await resetPasskeysOf(gate.ports, { holder: 'mayor', by: null });
  const second = (await mails()).flatMap(linksOf);
  expect([first.length, second.length]).toEqual([1, 1]);
  expect(second).not.toEqual(first);
});
