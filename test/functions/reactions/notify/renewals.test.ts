import { expect, test } from 'vitest';
import { askForLinks, renewalsAsked, resolveLink } from '../../../../functions/gate/links.ts';
import { confirmProposal, cutOffLinksOf, setRoster } from '../../../../functions/gate/rosters.ts';
import { NotSent } from '../../../../functions/platform/mail/port.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { roster } from '../../../support/fixtures/city.ts';
import { rosterFile } from '../../openGate.ts';
import { linkKey, linksOf, mailing, who } from './mailing.ts';

/** Two changes wait for the clerk, who holds the links of the first mails. */
const story = async () => {
  const all = await mailing();
  const { gate, mails } = all;
  await gate.notice();
  await gate.notice({ feature: 'acme.lpr' });
  const [old = ''] = (await mails()).filter(({ to }) => to.startsWith('clerk@')).flatMap(linksOf);
  for (const key of ['acme', 'acme.lpr']) await catchUp(gate.ports, key);
  const opens = (token: string) => resolveLink({ ...gate.ports, linkKey }, token);
  const ask = (token = old) => askForLinks({ ...gate.ports, linkKey }, token);
  return { ...all, old, opens, ask };
};

const cutOff = ({ gate }: Awaited<ReturnType<typeof story>>, reissued: boolean) =>
  cutOffLinksOf(gate.ports, { holder: 'clerk', by: null, reissued });

/** Puts a roster in force, which the mayor and the deputy clerk confirm. */
const adopt = async ({ gate }: Awaited<ReturnType<typeof story>>, file: ReturnType<typeof rosterFile>): Promise<void> => {
  const done = await setRoster(gate.ports, file, new Uint8Array(32));
  const sha256 = (done.ok && done.state.proposal?.sha256) || '';
  for (const [holder, body] of [
    ['mayor', 'mayor'],
    ['deputy-clerk', 'clerk'],
  ] as const)
    expect(await confirmProposal(gate.ports, { sha256, holder, body, seat: holder })).toMatchObject({ ok: true });
};

test('by an old link one mail comes, with a link to each thing that waits and to what the old one opened', async () => {
  const known = await story();
  const { gate, renewals, ask, opens, mails } = known;
  await gate.withdraw('acme/1');
  await catchUp(gate.ports, 'acme');
  await cutOff(known, true);
  await mails();
  await ask();
  const sent = await renewals();
  expect(who(sent)).toEqual(['clerk']);
  expect(sent[0]?.subject).toBe('New links, as you asked');
  expect(sent[0]?.text).toContain('certify the vote of the City Council by May 31, 2026');
  expect(await Promise.all(sent.flatMap(linksOf).map(opens))).toMatchObject([
    { holder: 'clerk', key: 'acme.lpr', generation: 2 },
    { holder: 'clerk', key: 'acme', n: 1, generation: 2 },
  ]);
  expect(await renewals()).toEqual([]);
});

test('at most one comes in an hour; who asks within it gets none later either', async () => {
  const { gate, renewals, ask } = await story();
  await ask();
  expect((await renewals()).length).toBe(1);
  gate.at('2026-03-02T12:59:59.000Z');
  await ask();
  expect(await renewals()).toEqual([]);
  gate.at('2026-03-02T13:00:00.000Z');
  expect(await renewals()).toEqual([]);
  await ask();
  await ask();
  expect((await renewals()).length).toBe(1);
});

test('it goes to the address that the roster has now, also by a link that went to another', async () => {
  const known = await story();
  const { ask, opens, old, renewals, mails } = known;
  const file = JSON.stringify(rosterFile()).replace('"clerk@city.example"', '"new@city.example"');
  await adopt(known, JSON.parse(file));
  await mails();
  expect(await opens(old)).toBeUndefined();
  await ask();
  expect((await renewals()).map(({ to }) => to)).toEqual(['new@city.example']);
});

test('who no longer holds the seat gets none, and neither does who follows', async () => {
  const known = await story();
  const { gate, ask, renewals } = known;
  await adopt(known, rosterFile(roster({ clerk: { to: '2026-03-02' } })));
  gate.at('2026-03-04T12:00:00.000Z');
  await ask();
  expect(await renewals()).toEqual([]);
  expect(await renewalsAsked(gate.ports.sideStore)).toEqual([]);
});

test('after links were revoked none is mailed, until new ones were or the address is another', async () => {
  const known = await story();
  const { ask, renewals, mails, gate } = known;
  await ask();
  await cutOff(known, false);
  await mails();
  expect(await renewals()).toEqual([]);
  await ask();
  expect(await renewalsAsked(gate.ports.sideStore)).toEqual([]);
  await cutOff(known, true);
  await mails();
  await ask();
  expect((await renewals()).length).toBe(1);
  await cutOff(known, false);
  const file = JSON.stringify(rosterFile()).replace('"clerk@city.example"', '"new@city.example"');
  await adopt(known, JSON.parse(file));
  await mails();
  gate.at('2026-03-02T14:00:00.000Z');
  await ask();
  expect((await renewals()).map(({ to }) => to)).toEqual(['new@city.example']);
});

test('an address that refuses mail is not tried again, and the next request is', async () => {
  const { refuseIf, renewals, ask } = await story();
  refuseIf(({ to }) => (to.startsWith('clerk@') ? new NotSent('no such mailbox', { unreachable: false }) : undefined));
  await ask();
  expect(await renewals()).toEqual([]);
  refuseIf(() => undefined);
  expect(await renewals()).toEqual([]);
  await ask();
  expect((await renewals()).length).toBe(1);
});
