import { expect, test } from 'vitest';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { adoptPolicy, policyAdopter, repinAll } from '../../../../functions/reactions/adoption/policies.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import {
  type City,
  certificate,
  cityForTest,
  decision,
  holdersWith,
  PEOPLE,
  POLICY,
  ROSTER,
  RULE,
  roll,
} from './support/city.ts';

const adopt = async (city: City) => {
  const adopter = policyAdopter(city.ports);
  for (const record of await city.ports.store.history('feature/aldergate.policy', {})) await adopter.handle(record);
  await catchUp(city.ports, 'aldergate.policy');
};
const adoptNext = async (city: City, policy: object) => {
  expect(await adoptPolicy(city.ports, policy as JsonValue)).toMatchObject({ ok: true });
  await catchUp(city.ports, 'aldergate.policy');
  const change = 'aldergate.policy/1';
  const { digest } = await city.json<{ digest: string }>(`/changes/${change}?format=json`);
  await city.approve({ change, revision: 1, digest } as Received);
  await adopt(city);
  expect(await repinAll(city.ports)).toBe(2);
};

// A form is recorded only for what its page showed: if something else stands by then, nothing is recorded.

type Fields = Readonly<Record<string, string | readonly string[]>>;

const fieldOf = async (city: City, path: string, name: string) =>
  new RegExp(`name="${name}" value="([^"]+)"`).exec(await city.page(path))?.[1] ?? '';
const sent = async (city: City, path: string, fields: Fields) => {
  const answer = await city.post(path, fields);
  const { type = '' } = answer.ok || answer.status === 303 ? {} : ((await answer.json()) as { type?: string });
  return [answer.status, type.replace('urn:aldergate:problem:', '')].join(' ').trim();
};

test('a second vote is on the refusal that the page showed, and not on a later one', async () => {
  const city = await cityForTest();
  const change = await city.notify();
  const { clerk, mayor } = await city.linksTo(change);
  await city.certify(change);
  await city.refuse(change);
  const second = async () =>
    certificate(change, { ...roll(4), purpose: 'override', refusal: await fieldOf(city, clerk, 'refusal') });
  const first = await second();
  city.passDays(0.01);
  expect(await sent(city, `${mayor}/take-back`, { reason: 'A slip.' })).toBe('303');
  expect(await sent(city, clerk, first)).toBe('409 not-vetoed');
  city.passDays(0.01);
  await city.refuse(change);
  for (const path of [clerk, `${clerk}/review`]) expect(await sent(city, path, first)).toBe('409 stale');
  await city.is('vetoed');
  const now = await second();
  expect(now['refusal']).not.toBe(first['refusal']);
  expect([await sent(city, clerk, now), await sent(city, clerk, now)]).toEqual(['303', '303']);
  await city.says(clerk, 'waits for');
});

test('a correction is of the record that the page showed, and not of another clerk’s correction of it', async () => {
  const city = await cityForTest();
  const change = await city.notify();
  const clerk = await city.toClerk(change);
  await city.certify(change);
  const correction = async (comment: string) =>
    certificate(change, { ...roll(4), purpose: 'correct', comment, certificate: await fieldOf(city, clerk, 'certificate') });
  const [one, other] = [await correction('Read again.'), await correction('Read once more.')];
  expect(await sent(city, clerk, one)).toBe('303');
  for (const path of [clerk, `${clerk}/review`]) expect(await sent(city, path, other)).toBe('409 stale');
  expect(await sent(city, clerk, await correction('Read once more.'))).toBe('303');
  // What was recorded is not recorded again.
  const before = city.writes.commits;
  expect([await sent(city, clerk, one), city.writes.commits]).toEqual(['303', before]);
});

test('a roll call is of the seats as the page showed them: “all present” says yes for no one who was not on it', async () => {
  const city = await cityForTest({ roster: { ...ROSTER, holders: ROSTER.holders.filter(({ id }) => id !== 'h4') } });
  const change = await city.notify();
  const clerk = await city.toClerk(change);
  const { 'vote.at-large': _, ...called } = certificate(change, { allPresent: 'yes' });
  const agenda = `${clerk}/desk/consent`;
  const rules = await fieldOf(city, clerk, 'rules');
  expect(rules).toBe('1/all@roster-1');
  expect(await fieldOf(city, `${agenda}?body=council&change=acme/1`, 'rules.acme/1')).toBe(rules);
  await city.replaceHolders(holdersWith('h4', { from: '2026-03-01' }), 'mayor', 'h1');
  for (const path of [clerk, `${clerk}/review`]) expect(await sent(city, path, { ...called, rules })).toBe('409 stale');
  const { revision = '', digest = '', purpose: _purpose, ...votes } = called;
  const own = { 'revision.acme/1': revision, 'digest.acme/1': digest, 'rules.acme/1': rules };
  expect(await sent(city, agenda, { ...votes, body: 'council', change: 'acme/1', ...own })).toBe('409 stale');
  await city.is('pending');
  expect(await sent(city, clerk, { ...called, rules: await fieldOf(city, clerk, 'rules') })).toBe('303');
});

const ASKING = { ...RULE, id: 'asking', when: { key: ['acme.**'] }, documents: ['impact-report'] };
const WITH_DOCUMENTS = { ...POLICY, rules: [ASKING, RULE] };

test('advice is on the documents that the page showed', async () => {
  const city = await cityForTest({ policy: WITH_DOCUMENTS });
  const change = await city.notify();
  await city.attach('acme', Buffer.from('A report.'));
  const chair = await city.link('chair', 'board', change);
  const advice = async () => decision(change, { decision: 'refuse', documents: await fieldOf(city, chair, 'documents') });
  const first = await advice();
  await city.attach('acme', Buffer.from('Another report.'));
  for (const path of [chair, `${chair}/review`]) expect(await sent(city, path, first)).toBe('409 stale');
  const now = await advice();
  expect(await sent(city, chair, now)).toBe('303');
  await city.attach('acme', Buffer.from('A third report.'));
  // It was recorded when its documents stood.
  expect(await sent(city, chair, now)).toBe('303');
});

test('what is signed together is under the rules that the page showed for each', async () => {
  const city = await cityForTest();
  const changes = [await city.notify(), await city.notify({ feature: 'acme.lpr', title: 'Plate reader' })] as const;
  for (const change of changes) await city.certify(change);
  const mayor = await city.toMayor(changes[0]);
  const boxes = async () =>
    [...(await city.page(`${mayor}/inbox`)).matchAll(/form="together" name="change" value="([^"]+)"/g)].map(
      ([, box = '']) => box,
    );
  const together = (change: readonly string[], path = 'together') =>
    sent(city, `${mayor}/${path}`, { change, decision: 'approve' });
  const shown = await boxes();
  await adoptNext(city, { ...POLICY, version: '2', rules: [{ ...RULE, term: 'P5Y' }] });
  for (const key of ['acme', 'acme.lpr']) await catchUp(city.ports, key);
  for (const change of changes) await city.certify(change);
  for (const path of ['together', 'together/review']) expect(await together(shown, path)).toBe('409 stale');
  await city.is('pending');
  // The rules alone are other than before.
  expect(shown.map((box) => box.replace(/;1\//, ';2/'))).toEqual(await boxes());
  expect(await together(await boxes())).toBe('200');
  await city.is('enabled');
});

test('a change of the rules is decided beside the rules that the page compared it with', async () => {
  const city = await cityForTest();
  const change = await city.notify();
  const proposed = { ...POLICY, version: '3', rules: [{ ...RULE, term: 'P5Y' }] };
  await adoptPolicy(city.ports, { ...POLICY, version: '2' });
  await adoptPolicy(city.ports, proposed);
  await catchUp(city.ports, 'aldergate.policy');
  const asked = async (n: number) => {
    const { digest } = await city.json<{ digest: string }>(`/changes/aldergate.policy/${n}?format=json`);
    return { ...change, change: `aldergate.policy/${n}`, digest };
  };
  const [two, three] = [await asked(1), await asked(2)];
  const clerk = await city.toClerk(three);
  const rules = await fieldOf(city, clerk, 'rules');
  expect(rules).toBe('1/all@roster-1@policy-1');
  await city.approve(two);
  await adopt(city);
  for (const path of [clerk, `${clerk}/review`]) expect(await sent(city, path, certificate(three, { rules }))).toBe('409 stale');
  expect(await sent(city, clerk, certificate(three, { rules: await fieldOf(city, clerk, 'rules') }))).toBe('303');
});

test('a roster is confirmed as what differs from the one that the page compared it with', async () => {
  const city = await cityForTest();
  const next = holdersWith('h4', { name: 'Another member, At Large' });
  const sha256 = await city.putForward(next);
  const link = await city.linkTo({ purpose: 'confirm-roster', ...PEOPLE.mayor, sha256 });
  const shown = { decision: 'confirm', roster: await fieldOf(city, link, 'roster') };
  expect(shown.roster).toBe('1');
  await city.replaceHolders(holdersWith('h4', { name: 'A third member, At Large' }), 'mayor', 'h1');
  expect(await city.putForward(next)).toBe(sha256);
  expect(await sent(city, link, shown)).toBe('409 stale');
  await city.omits(link, 'You have confirmed this');
  expect(await sent(city, link, { ...shown, roster: await fieldOf(city, link, 'roster') })).toBe('303');
});
