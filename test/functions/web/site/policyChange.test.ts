import { beforeAll, describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import type { Observing } from '../../../../domain/policy/schema.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { adoptPolicy, policyAdopter, repinAll } from '../../../../functions/reactions/adoption/policies.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import type { FeatureJson } from '../../../../functions/register/views/featureJson.ts';
import { expectNotIn } from '../../../support/texts.ts';
import {
  BOARD,
  type City,
  COUNCIL,
  certificate,
  cityForAll,
  cityForTest,
  MAYOR,
  POLICY,
  ROSTER,
  RULE,
  requiring,
  roll,
  SEATS,
} from './support/city.ts';

const PATH = '/changes/aldergate.policy/1';
const propose = async (city: City, policy: object, file?: Parameters<typeof adoptPolicy>[2]) => {
  expect(await adoptPolicy(city.ports, policy as JsonValue, file)).toMatchObject({ ok: true });
  await catchUp(city.ports, 'aldergate.policy');
};
/** A proposal as officials are asked for it. */
const askedIn = async (city: City, change = 'aldergate.policy/1') => {
  const { digest } = await city.json<{ digest: string }>(`/changes/${change}?format=json`);
  return { change, revision: 1, digest } as Received;
};
const adopt = async (city: City) => {
  const adopter = policyAdopter(city.ports);
  for (const record of await city.ports.store.history('feature/aldergate.policy', {})) await adopter.handle(record);
  await catchUp(city.ports, 'aldergate.policy');
};
const rebind = async (city: City) => {
  await adopt(city);
  expect(await repinAll(city.ports)).toBe(1);
  await catchUp(city.ports, 'acme');
};

test('rules that are older than those in force are not said to come into force', async () => {
  const city = await cityForTest();
  for (const version of ['2', '3']) await propose(city, { ...POLICY, version });
  await city.approve(await askedIn(city, 'aldergate.policy/2'));
  await adopt(city);
  const clerk = await city.toClerk(await askedIn(city));
  await city.says(clerk, 'If it was adopted The rules of today stay in force.');
  await city.omits(clerk, 'new rules are in force');
});

test('what was decided before other rules bound the change counts no more, and no page, form or record says that it does', async () => {
  const city = await cityForTest();
  const change = await city.notify();
  await city.certify(change);
  await propose(city, { ...POLICY, version: '2', rules: [{ ...RULE, notice: 'P7D' }] });
  await city.approve(await askedIn(city));
  await rebind(city);
  await city.says('/changes/acme/1', 'under earlier rules, no longer counts');
  await city.shows('/changes/acme/1?lang=es', '<a href="/rules?lang=es#rules-2">Se aplica la versión 2 de las normas.</a>');
  await city.shows('/rules', 'id="rules-2"');
  await city.says('/features/acme', 'now falls under version 2 of the rules. Earlier decisions are void.');
  const clerk = await city.toClerk(change);
  await city.says(clerk, 'Other rules apply to this change now. This decision no longer counts.');
  expect((await city.certify(change)).status).toBe(422);
  city.passDays(8);
  await city.certify(change, { fileNumber: '26-2', meetingDate: '2026-03-11' });
  expect((await city.certify(change)).status).toBe(409);
  await city.sign(change);
  const { approvals } = await city.json<FeatureJson>('/features/acme?format=json');
  expect(approvals.map(({ holder, fileNumber }) => [holder, fileNumber])).toEqual([
    ['hc', '26-2'],
    ['hm', undefined],
  ]);
});

test('no old link asks for what other rules ask of another body, and the history names who decided', async () => {
  const city = await cityForTest();
  const vote = { instrument: 'ballots', threshold: { yes: 1, of: 'seats' } };
  await propose(city, requiring({ ...COUNCIL, id: 'mayor' }, { ...vote, id: 'council', body: 'board' }));
  await city.approve(await askedIn(city));
  const change = await city.notify();
  const mayor = await city.toMayor(change);
  await city.certify(change);
  await rebind(city);
  await city.hides(mayor, 'name="decision"');
  await city.says('/features/acme', 'A vote of the City Council on change 1 was certified: 3 to 1.');
});

test('a form that was shown under earlier rules decides nothing under others: advice does not become a signature', async () => {
  const city = await cityForTest();
  await propose(city, requiring(COUNCIL, MAYOR, { ...BOARD, instrument: 'signature' }));
  await city.approve(await askedIn(city));
  const change = await city.notify();
  const { revision = '', digest = '', purpose: _, ...votes } = certificate(change);
  const [chair, clerk] = [await city.link('chair', 'board', change), await city.toClerk(change)];
  const agenda = `${clerk}/desk/consent?body=council&change=acme/1`;
  const shown = async (path: string, name = 'rules') =>
    new RegExp(`name="${name}" value="([^"]+)"`).exec(await (await city.get(path)).text())?.[1] ?? '';
  const rules = await shown(chair);
  expect([await shown(clerk), await shown(agenda, 'rules.acme/1')]).toEqual([`${rules}@roster-1`, `${rules}@roster-1`]);
  const advice = { revision, digest, rules, decision: 'approve' };
  await city.says(chair, 'It is shown in public and counts as neither yes nor no.');
  await rebind(city);
  for (const path of [chair, `${chair}/review`]) expect((await city.post(path, advice)).status).toBe(409);
  expect(await city.answered(chair, advice)).toContain('another document, other rules, or another list');
  const own = { 'revision.acme/1': revision, 'digest.acme/1': digest, 'rules.acme/1': rules };
  const sent = { ...votes, body: 'council', change: 'acme/1', ...own };
  expect((await city.post(`${clerk}/desk/consent`, sent)).status).toBe(409);
  expect((await city.certify(change, { rules })).status).toBe(409);
  expect((await city.post(chair, { ...advice, rules: await shown(chair) })).status).toBe(303);
});

test('a meeting that was held in other seats is refused at its day, with what to do', async () => {
  const city = await cityForTest();
  const change = await city.notify();
  const council = { ...ROSTER.bodies.council, seats: [...SEATS, 'north'] };
  const newcomer = {
    ...ROSTER.holders[0],
    id: 'h5',
    email: 'h5@city.example',
    name: 'Council member, North',
    seat: 'north',
    from: '2026-04-01',
  };
  const roster = { ...ROSTER, bodies: { ...ROSTER.bodies, council }, holders: [...ROSTER.holders, newcomer] };
  await propose(city, { ...POLICY, version: '2' }, { roster, salt: new Uint8Array(32) });
  await city.says(PATH, 'who sits in the new seats Before not in these rules New City Council, north: Council member, North,');
  await city.approve(await askedIn(city));
  city.passDays(1);
  await adopt(city);
  const clerk = await city.toClerk(change);
  const held = (day: string) => certificate(change, { meetingDate: day, 'vote.north': 'vacant' });
  expect(await city.answered(clerk, held('2026-03-03'))).toContain(
    '<a href="#f-meetingDate">The seats of this body have changed since that meeting, or a member’s term ended at an hour of that day. It must vote again on another day, or',
  );
  expect((await city.post(clerk, held('2026-03-04'))).status).toBe(303);
});

describe('a change of the rules', () => {
  const city = cityForAll();
  beforeAll(async () => {
    await city.notify();
    const require = [{ ...COUNCIL, threshold: { yes: 'unanimous', of: 'seats', recused: 'excluded' }, quorum: 4 }, MAYOR, BOARD];
    await propose(city, { ...POLICY, version: '2', rules: [{ ...RULE, require, window: 'P60D' }] });
  });
  const asked = (change?: string) => askedIn(city, change);

  test('as data the same lines, in the reader’s language', async () => {
    const { rules } = await city.json<{ rules: Record<string, unknown> }>(`${PATH}?format=json`);
    expect(rules).toMatchObject({ before: { version: '1' }, after: { name: 'Council and mayor', version: '2' } });
    const within = (days: number) => `Without a decision within ${days} days the request lapses and stays off.`;
    const members = (count: number, recused: string) =>
      `At least ${count} members must take part. Members who step aside ${recused}.`;
    expect(rules.changed).toStrictEqual([
      {
        line: 'City Council: how many',
        before: 'More than half of all seats must say yes. Today: 3 of 4.',
        after: 'Unanimous: all seats must say yes. Today: 4 of 4. Members who step aside are not counted.',
      },
      { line: 'City Council: who must take part', before: members(3, 'count too'), after: members(4, 'are not counted') },
      { line: 'Time to decide', before: within(90), after: within(60) },
    ]);
    await city.shows(`${PATH}?format=json&lang=es`, 'Por unanimidad: deben decir que sí todos los escaños.');
    expect(await city.json('/changes/acme/1?format=json')).not.toHaveProperty('rules');
  });

  test('is asked of the officials by that name, with what follows for the rules', async () => {
    const clerk = await city.toClerk(await asked());
    await city.says(
      clerk,
      'What did the City Council decide about the new rules?',
      'This also needs a yes from the mayor. Once all have said yes, the new rules are in force.',
      'The rules of today stay in force.',
    );
    const html = await city.page(clerk);
    expect(html).not.toMatch(/class="impact"|name="audience"|scope="rowgroup"/);
    expect(/<dl class="then">[\s\S]*?<\/dl>/.exec(html)?.[0]).not.toMatch(/\boff\b/);
  });

  test('once adopted is compared with the rules before it', async () => {
    await city.approve(await asked());
    await adopt(city);
    const receipt = await city.text(await city.toMayor(await asked()));
    expect(receipt).toContain('The new rules are in force.');
    expectNotIn(receipt, 'It is on', 'These terms', 'Switch it off');
    await city.says(
      PATH,
      'The city adopted new rules: “Council and mayor”, version 2.',
      'What changes in the rules',
      'Before More than half of all seats must say yes. Today: 3 of 4.',
    );
    const { versions } = await city.json<{ versions: { number: number }[] }>('/rules?format=json');
    expect(versions.map(({ number }) => number)).toEqual([1, 2]);
  });

  test('is neither on nor off, at no vendor, and ends by no day', async () => {
    await city.says('/', '0 on 1 waiting 0 off', 'aldergate.policy approved');
    await city.omits('/?show=on', 'aldergate.policy');
    expect(await city.json('/calendar?format=json')).toMatchObject({ items: [{ change: 'acme/1' }, { change: 'acme/1' }] });
    const feature = await city.text('/features/aldergate.policy');
    expect(feature).toContain('approved All who must approve it have said yes.');
    expectNotIn(feature, 'seen at the vendor', 'The chain of consent', 'on, until');
    await city.omits(PATH, 'The terms');
    await city.omits('/rules', 'They stay in force');
  });

  test('stays in force, as each page says, if the vote on it is corrected and no longer carries', async () => {
    const change = await asked();
    expect((await city.certify(change, { ...roll(1), purpose: 'correct', comment: 'Read again.' })).status).toBe(303);
    const stays = 'The approval of these rules has ended. They stay in force until the city adopts others.';
    const clerk = await city.toClerk(change);
    for (const page of ['/rules', PATH, '/features/aldergate.policy', clerk]) await city.says(page, stays);
    await city.omits(clerk, 'It is off');
    await propose(city, POLICY);
    const next = await asked('aldergate.policy/2');
    expect((await city.certify(next, roll(4))).status).toBe(303);
    expect((await city.sign(next)).status).toBe(303);
    await adopt(city);
    for (const page of ['/rules', PATH]) await city.omits(page, stays);
  });
});

test('rules that wait are named with their change among those that were adopted', async () => {
  const city = await cityForTest();
  await propose(city, { ...POLICY, version: '2' });
  expect(await city.text('/rules')).toMatch(/Proposed, not in force: Council and mayor \(2\), [^.]* aldergate\.policy\/1/);
});

test('rules that wait, or were refused, leave those of today in force, as the receipt of the clerk says', async () => {
  const city = await cityForTest();
  await propose(city, { ...POLICY, version: '2' });
  const asked = await askedIn(city);
  const clerk = await city.toClerk(asked);
  const review = await city.answered(`${clerk}/review`, certificate(asked));
  expect(review).toContain('You are about to certify a vote');
  expect(review).not.toContain('These terms');
  expect((await city.certify(asked)).status).toBe(303);
  await city.says(clerk, 'The rules of today stay in force. This waits for the mayor.');
  expect((await city.certify(asked, { ...roll(1), purpose: 'correct', comment: 'Read again.' })).status).toBe(303);
  await city.says(clerk, 'It is refused. The rules of today stay in force.');
});

test('rules that are approved from a later day on leave those of today in force until then', async () => {
  const city = await cityForTest();
  await propose(city, { ...POLICY, version: '2' });
  const asked = await askedIn(city);
  await city.approve(asked, { from: '2026-06-01' });
  await city.says(await city.toMayor(asked), 'Council and mayor The rules of today stay in force.', 'Terms From June 1, 2026');
});

describe('what a policy states', () => {
  test('who confirms, on a vote and on a second vote, and in which order its rules are tried', async () => {
    const city = await cityForTest();
    const require = [{ ...COUNCIL, confirmedBy: 'council/district-1' }, MAYOR, BOARD];
    const sharing = { ...RULE, id: 'sharing', when: { kind: ['data-sharing'] }, require };
    await propose(city, { ...POLICY, rules: [sharing, { ...RULE, id: 'others', notice: 'P0D' }] });
    const html = await city.page(PATH);
    const headings = [...html.matchAll(/<th scope="rowgroup" colspan="3">(.*?)<\/th>/g)].map(([, heading]) => heading);
    expect(headings).toStrictEqual(['For data sharing', 'For everything else', 'For everything']);
    const { rules } = await city.json<{ rules: { changed: { line: string }[] } }>(`${PATH}?format=json`);
    expect(rules.changed.map(({ line }) => line)).toContain('Rule “sharing”: City Council: who confirms the record');
    await city.says(
      PATH,
      'A revision can be decided at once.',
      'Before it counts, the holder of seat district-1 of the City Council confirms the record.',
      'The first rule that fits a change counts, in this order: sharing, others.',
      'not in these rules',
    );
  });

  const sources: Observing['sources'] = {
    'IT <round>': { kind: 'city', every: 'P7D' },
    portal: { kind: 'vendor', every: 'P1D' },
    auditor: { kind: 'audit', every: 'P1Y' },
  };
  test.each<[string, Observing | undefined, readonly string[]]>([
    ['that nobody checks', undefined, ['No one has to look.']],
    [
      'who looks how often, when others hear of it, and what silence means',
      { sources },
      [
        'IT <round>: the city looks at least once in 7 days.',
        'portal: the vendor reports at least once in 1 day.',
        'auditor: independent auditors look at least once in 1 year.',
        'If something stays on without permission for 1 day, everyone who must say yes gets a mail.',
        'When an approval ends and it stays on, the first mail goes out at once.',
        'If a source says nothing for longer, the city does not know what is on.',
      ],
    ],
    [
      'a grace and no wait',
      { sources, membersAfter: 'P0D', grace: 'P2D' },
      ['everyone who must say yes gets a mail at once.', 'the first mail about it waits 2 days.'],
    ],
  ])('%s', async (_, observe, lines) => {
    const city = await cityForTest({ policy: { ...POLICY, ...(observe !== undefined && { observe }) } });
    const text = await city.text('/rules');
    for (const line of lines) expect(text).toContain(line);
  });
});
