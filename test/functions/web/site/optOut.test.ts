import { describe, expect, test } from 'vitest';
import { recordOptOut } from '../../../../functions/gate/feature.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { expectIn } from '../../../support/texts.ts';
import { keyRecord, putKeyRecord, task } from '../../register/derived/derivedCity.ts';
import { cityForEach, PEOPLE } from './support/city.ts';

const PROOF = { sha256: 'ab'.repeat(32), title: 'Screen of the <settings>' };
const CONFIRM = { decision: 'confirm', of: 'opt-out', reason: 'I saw the screenshot.' };
/** What the vendor switches on by a day unless the city opts out. */
const AI = { kind: 'update', optOut: 'yes', withoutAction: 'on' } as const;

const city = cityForEach();

type Sent = Awaited<ReturnType<typeof city.notify>>;
const record = async ({ change, revision, digest }: Sent, evidence: typeof PROOF | null = null) => {
  const [key = '', n = ''] = change.split('/');
  const said = { revision, digest, note: 'In the console, under Features.', evidence, caller: { name: 'it', person: 'hm' } };
  expect(await recordOptOut(city.ports, { key, n: Number(n), ...said }, null)).toMatchObject({ ok: true });
  await catchUp(city.ports, key);
};
/** What the calendar says of the vendor's days, by change. */
const standings = async (): Promise<Readonly<Record<string, string | null>>> => {
  const { items } = await city.json<{ items: readonly { what: string; change: string; optedOut?: string }[] }>(
    '/calendar?format=json',
  );
  const days = items.filter(({ what }) => what === 'effective');
  return Object.fromEntries(days.map(({ change, optedOut = null }) => [change, optedOut]));
};

describe('of an update of what is on', () => {
  const update = async (): Promise<Sent> => {
    await city.approve(await city.notify({ title: 'Licence-plate readers' }));
    return city.notify({ ...AI, title: 'Faces, too', effectiveAt: '2026-03-10T07:00:00Z' });
  };
  const linkTo = (person: keyof typeof PEOPLE) =>
    city.linkTo({ purpose: 'confirm-rollback', ...PEOPLE[person], key: 'acme', n: 2, revision: 1 });

  test('the day on which it goes off is foretold on its pages, until the opt-out is on record, which the change’s page shows', async () => {
    const sent = await update();
    await city.shows('/features/acme', 'set by change 2, which takes effect then');
    await city.shows('/changes/acme/2', 'The vendor switches it on.');
    await record(sent);
    await city.hides('/features/acme', 'which takes effect then');
    await city.shows(
      '/changes/acme/2',
      'that the city opted out at the vendor.',
      'The city’s opt-out counts.',
      'In the console, under Features.',
    );
    city.passDays(14);
    await city.is('enabled');
  });

  test('a late record waits for two persons of two bodies, who see what they confirm', async () => {
    const sent = await update();
    city.passDays(14);
    await record(sent, PROOF);
    await city.is('outdated');
    await city.hides('/features/acme', 'cannot hold the change back');
    await city.shows(
      '/changes/acme/2',
      'Screen of the &lt;settings&gt;',
      'City IT says that it opted out of this change in time, but wrote it down too late.',
    );
    const [clerk, mayor] = [await linkTo('clerk'), await linkTo('mayor')];
    const asked = await city.page(clerk);
    const question = 'Did the city opt out of this change in time?';
    expectIn(asked, question, '<input type="hidden" name="of" value="opt-out">');
    expect((await city.post(clerk, { ...CONFIRM, of: 'rollback' })).status).toBe(409);
    for (const _ of ['once', 'twice']) expect((await city.post(clerk, CONFIRM)).status).toBe(303);
    await city.is('outdated');
    await city.shows(clerk, 'You have confirmed this.');
    expect(await city.plain('/changes/acme/2')).toMatch(
      /Confirmed by The City Clerk \(City Clerk\) on March 17, 2026 at .* Reason: I saw the screenshot\./,
    );
    await city.shows(`${mayor}/inbox`, question);
    expect((await city.post(mayor, CONFIRM)).status).toBe(303);
    await city.is('enabled');
    await city.shows(mayor, 'Two people have confirmed that the city opted out of this change in time.');
    await city.hides('/changes/acme/2', 'The feature is off.');
    await city.hides(`${mayor}/inbox`, question);
  });
});

describe('of changes in time, late, late with proof, and never', () => {
  const DAY = '2026-03-20T06:00:00.000Z';
  const open = async () => {
    const said = { optOutBy: '2026-03-20T06:00:00Z', withoutAction: 'on' } as const;
    const sent: Sent[] = [];
    for (const key of ['in-time', 'late', 'proven', 'never'])
      sent.push(await city.notify({ feature: `acme.${key}`, title: `About acme.${key}`, ...said }));
    const [inTime, late, proven] = sent as [Sent, Sent, Sent];
    await record(inTime);
    city.passDays(20);
    await record(late);
    await record(proven, PROOF);
  };
  const textOf = async (path: string, from: string) =>
    ((await city.page(path)).split(from)[1] ?? '')
      .replaceAll(/<[^>]+>|\s+/g, ' ')
      .replaceAll(/ +/g, ' ')
      .replaceAll(' .', '.');

  test('it stands beside the vendor’s day in the calendar', async () => {
    await open();
    const expected = { 'in-time/1': 'counts', 'late/1': 'late', 'proven/1': 'claimed', 'never/1': null };
    expect(await standings()).toStrictEqual(
      Object.fromEntries(Object.entries(expected).map(([change, standing]) => [`acme.${change}`, standing])),
    );
    const table = await textOf('/calendar', '<table class="dates">');
    for (const [key, said] of [
      ['in-time', 'The city’s opt-out counts.'],
      ['proven', 'once two people confirm it.'],
      ['late', 'too late.'],
      ['never', 'It turns nothing on'],
    ])
      expect(table).toContain(`${said} About acme.${key}`);
    await city.shows('/calendar?format=csv', '"counts"');
    await city.shows('/calendar.ics', 'DESCRIPTION:acme.in-time/1\\nThe city’s opt-out counts.');
  });

  test('it stands on the page of its feature, beside what is to do', async () => {
    await open();
    const page = (key: string, query = '') => textOf(`/features/${key}?${query}`, '>What the city has to do<');
    expect(await page('acme.in-time')).toContain('acme.in-time/1 The city’s opt-out counts.');
    expect(await page('acme.late')).toContain('acme.late/1 The city’s opt-out came too late.');
    expect(await page('acme.proven')).toContain('acme.proven/1 The city’s opt-out counts once two people confirm it.');
    expect(await page('acme.never')).toBe('');
    const never = { key: 'acme.never', vendor: 'acme' };
    const tasks = [
      task({ ...never, change: 'acme.never/1', by: DAY, how: 'In <Settings>', urgent: true }),
      task({ ...never, change: null, kind: 'switch-off', because: 'seen-on-for-others', agencies: ['Police'], below: 2 }),
      task({ ...never, change: null, kind: 'switch-off', because: 'for-fewer', except: ['Fire', 'Parks'] }),
    ];
    await putKeyRecord(city.ports.sideStore, keyRecord({ key: 'acme.never', tasks }));
    const told = await page('acme.never');
    expectIn(
      told,
      'acme.never/1',
      'It was due by March 19, 2026, 4 days ago.',
      'In &lt;Settings&gt;',
      'Police',
      '2 entries beneath it',
      'Switch it off for all but Fire and Parks.',
    );
    expect(await page('acme.never', 'at=2026-03-04')).toBe('');
  });
});

test('what may be switched on stands on the page of its feature only as far as it is approved now', async () => {
  const tasks = [task({ key: 'acme', vendor: 'acme', kind: 'switch-on', because: 'approved', by: null, agencies: null })];
  await putKeyRecord(city.ports.sideStore, keyRecord({ key: 'acme', tasks }));
  const change = await city.notify();
  const told = async () => (await city.plain('/features/acme')).split('What the city has to do')[1];
  expect(await told()).toBeUndefined();
  await city.approve(change, { audience: 'Police' });
  expect(await told()).toMatch(/^\s*It may be switched on at the vendor .*Police only\./);
  await city.post(`${await city.toMayor(change)}/revoke`, { reason: 'No more.' });
  expect(await told()).toBeUndefined();
});

test('in the calendar stands the vendor’s day of a change that lapsed, with its opt-out, unless the vendor withdrew it', async () => {
  const said = { ...AI, feature: 'acme', effectiveAt: '2026-09-01T06:00:00Z' };
  await record(await city.notify(said));
  await city.notify({ ...said, kind: 'contract', title: 'A contract' });
  await city.withdraw(await city.notify({ ...said, title: 'Another' }));
  expect(await standings()).toEqual({ 'acme/1': 'counts', 'acme/2': null });
  city.passDays(100);
  expect(await standings()).toEqual({ 'acme/1': 'counts' });
});

test('in the calendar neither begins nor ends what was opted out of while later words are in force', async () => {
  const dates = async () => {
    const { items } = await city.json<{ items: readonly { what: string; change: string }[] }>('/calendar?format=json');
    return items.filter(({ change }) => change === 'acme/2').map(({ what }) => what);
  };
  await city.approve(await city.notify());
  const told = await city.notify({ ...AI, title: 'Faces, too', effectiveAt: '2026-09-01T06:00:00Z' });
  await city.approve(told, { until: '2026-12-31' });
  await city.approve(await city.notify({ ...AI, title: 'Hats, too', optOut: 'no', effectiveAt: '2026-03-01T06:00:00Z' }));
  expect(await dates()).toEqual(['begins', 'effective', 'expires']);
  await record(told);
  expect(await dates()).toEqual(['effective']);
  city.passDays(200);
  await city.is('enabled');
});

test('the page names the day that counts: the earlier of the vendor’s last day and the effect', async () => {
  const [first, second] = ['2026-06-01', '2026-06-15'];
  for (const [over, day] of [
    [{ title: 'Late', effectiveAt: first, optOutBy: second }, 'the end of May 31, 2026'],
    [{ title: 'Early', effectiveAt: second, optOutBy: first }, 'the end of May 31, 2026'],
    [{ title: 'A contract', kind: 'contract', effectiveAt: first, optOutBy: second }, 'June 14'],
  ] as const) {
    const { change } = await city.notify({ ...AI, ...over });
    const [, shown] = /The city can say no until<\/dt><dd>([^<]*)/.exec(await city.page(`/changes/${change}`)) ?? [];
    expect(shown, over.title).toContain(day);
  }
});

test.each([
  [1, 'counts', 'The city’s opt-out counts.'],
  [14, 'late', 'The city’s opt-out came too late.'],
])(
  'of words that run whatever the city does, recorded after %i days, every page says that it %s',
  async (days, standing, said) => {
    const sent = await city.notify({ kind: 'update', optOut: 'unknown', optOutBy: '2026-03-10', effectiveAt: '2026-05-01' });
    city.passDays(days);
    await record(sent, PROOF);
    for (const path of ['/changes/acme/1', '/features/acme', '/calendar']) await city.shows(path, said);
    expect(await city.json('/changes/acme/1?format=json')).toMatchObject({ optOut: { standing } });
  },
);

test('before an approval the pages foretell the day on which later words make it untrue', async () => {
  const open = await city.notify();
  await city.notify({ kind: 'update', optOut: 'no', effectiveAt: '2026-05-01' });
  await city.certify(open);
  for (const path of [await city.toMayor(open), '/changes/acme/1'])
    await city.shows(path, 'set by change 2, which takes effect then');
});

test('who decides, also at a meeting, reads on which day the vendor acts and whether the city can say no', async () => {
  const { clerk } = await city.linksTo(await city.notify({ optOut: 'no', effectiveAt: '2026-05-01' }));
  for (const path of [clerk, '/changes/acme/1/packet', '/changes/acme/1'])
    await city.says(path, 'May 1, 2026 at', 'No, the vendor cannot hold it back.');
});
