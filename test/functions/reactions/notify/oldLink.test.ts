import { expect, test } from 'vitest';
import { changeId } from '../../../../domain/feature/keys.ts';
import { orderFeature } from '../../../../functions/gate/feature.ts';
import { cutOffLinksOf } from '../../../../functions/gate/rosters.ts';
import { mailing, who, withLink } from './mailing.ts';

const HEAR = ['mayor', 'clerk', 'deputy-clerk', 'it'];

const approved = async () => {
  const { gate, mails } = await mailing({ itMail: 'it@city.example' });
  const { digest } = await gate.notice();
  await gate.certify('acme/1', digest);
  await gate.sign('acme/1', digest);
  await mails();
  return { gate, mails };
};

const revoke = (gate: Awaited<ReturnType<typeof approved>>['gate'], byOldLink: boolean) =>
  orderFeature(gate.ports, {
    key: 'acme',
    commandId: `revoked/${changeId('acme', 1)}`,
    actor: 'holder:mayor',
    request: {
      type: 'revoke',
      change: 1,
      requirement: 'mayor',
      holder: 'mayor',
      reason: null,
      fileNumber: null,
      ...(byOldLink && { byReplacedLink: true }),
    },
  });

test('the person, the clerks and IT hear that links were ended by the operator; none of it has a link', async () => {
  const { gate, mails } = await approved();
  expect(await cutOffLinksOf(gate.ports, { holder: 'mayor', by: null, reissued: false })).toMatchObject({ ok: true });
  const sent = await mails();
  expect(who(sent)).toEqual(HEAR);
  expect(sent.filter(withLink)).toEqual([]);
  const [own, clerk] = sent;
  expect(own?.text).toContain('All your links to Aldergate were replaced on');
  expect(own?.text).toContain('the old ones can still switch off what your office approved.');
  expect(clerk?.text).toContain('All links of');
  expect(await mails()).toEqual([]);
});

test('they hear that a link that was cut off switched something off, and of no other', async () => {
  const { gate, mails } = await approved();
  expect(await revoke(gate, true)).toMatchObject({ ok: true });
  const heard = (await mails()).filter(({ subject }) => subject === 'An old link switched something off');
  expect(who(heard)).toEqual(HEAR);
  for (const { text } of heard) expect(text).toContain('to switch off acme/1');
});

test('an ordinary revocation brings no such mail', async () => {
  const { gate, mails } = await approved();
  expect(await revoke(gate, false)).toMatchObject({ ok: true });
  expect((await mails()).filter(({ subject }) => subject === 'An old link switched something off')).toEqual([]);
});
