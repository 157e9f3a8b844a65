import { expect, test } from 'vitest';
import { ROSTER } from '../../functions/web/site/support/city.ts';
import { POLICY } from '../../functions/web/site/support/policies.ts';
import { searchNotice, servedPlace, settle } from './cityProcess.ts';

const certified = (body: string) => ({
  id: body,
  body,
  instrument: 'certification',
  threshold: { yes: 'majority', of: 'seats' },
  quorum: 2,
});
const RULES = { ...POLICY, rules: POLICY.rules.map((rule) => ({ ...rule, require: ['council', 'board'].map(certified) })) };
/** The office of records certifies what the board votes, and the clerk holds that office, too. */
const ONE_CLERK = {
  bodies: {
    ...ROSTER.bodies,
    board: { ...ROSTER.bodies.board, attestedBy: 'records' },
    records: { name: 'Records', seats: ['records'] },
  },
  holders: ROSTER.holders.flatMap((each) => {
    if (each.id === 'hc') return [each, { ...each, body: 'records', seat: 'records' }];
    return each.id === 'b1' ? [each, { ...each, id: 'b2', seat: 'member', email: 'b2@city.example' }] : [each];
  }),
};

test('on a running gate two offices of one person approve nothing: the change stays open, which its page and a mail state', async () => {
  const place = await servedPlace();
  const city = await settle(place, RULES, ONE_CLERK);
  const held = await city.hold(searchNotice('acme'));
  const { change } = held;
  const links = async (): Promise<readonly string[]> => [
    ...new Set((await city.mails()).filter(({ to }) => to.includes('hc@')).flatMap((mail) => mail.links)),
  ];
  await expect.poll(async () => (await links()).length).toBe(2);
  const council = city.certificate(held);
  const board = Object.fromEntries(Object.entries(council).filter(([field]) => !field.startsWith('vote.')));
  for (const link of await links()) {
    const isBoard = (await (await fetch(link)).text()).includes('vote.chair');
    const fields = isBoard ? { ...board, 'vote.chair': 'yes', 'vote.member': 'yes' } : council;
    const answer = await city.submit(link, fields);
    expect(answer.status, await answer.text()).toBe(303);
  }

  expect(await (await city.api('GET', `/v1/changes/${change}`)).json()).toMatchObject({
    status: 'pending',
    requirements: [{ status: 'met' }, { status: 'met' }],
  });
  expect(await city.answer('acme')).toMatchObject({ value: false, variant: 'pending' });
  expect(await (await fetch(`${place.url}/changes/${change}`)).text()).toContain('one person alone acted for all of them');
  const alarmed = async () =>
    (await city.mails()).some(({ to, subject }) => to.includes('hc@') && subject.startsWith('Cannot be decided'));
  await expect.poll(alarmed).toBe(true);
});
