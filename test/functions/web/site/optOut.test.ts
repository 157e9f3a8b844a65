import { beforeEach, expect, test } from 'vitest';
import { recordOptOut } from '../../../../functions/gate/feature.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { cityForEach, openCity, PEOPLE } from './support/city.ts';

const PROOF = { sha256: 'e'.repeat(64), title: 'A screenshot of March 8' };
const CONFIRM = { decision: 'confirm', of: 'opt-out', reason: 'I saw the screenshot.' };

/** A feature that is on, and an update that takes effect a week later unless the city opts out. */
let digest: string;
const city = cityForEach();
beforeEach(async () => {
  const first = await city.notify({ title: 'Licence-plate readers' });
  await city.approve(first);
  const update = {
    kind: 'update',
    title: 'Faces, too',
    optOut: 'yes',
    withoutAction: 'on',
    effectiveAt: '2026-03-10T07:00:00Z',
  } as const;
  ({ digest } = await city.notify(update));
});

const linkTo = (person: keyof typeof PEOPLE): Promise<string> =>
  city.linkTo({ purpose: 'confirm-rollback', ...PEOPLE[person], key: 'acme', n: 2, revision: 1 });
const record = async (evidence: typeof PROOF | null = null): Promise<void> => {
  const caller = { name: 'console', person: 'm1' };
  const said = { revision: 1, digest, note: 'In the console, under Features.', evidence, caller };
  expect(await recordOptOut(city.ports, { key: 'acme', n: 2, ...said }, null)).toMatchObject({ ok: true });
  await catchUp(city.ports, 'acme');
};

test('the day on which it goes off is foretold on its pages, until the opt-out is on record, which the change’s page shows', async () => {
  expect(await city.page('/features/acme')).toContain('when change 2 takes effect and no one has approved it');
  expect(await city.page('/changes/acme/2')).toContain('The vendor switches it on.');
  await record();
  expect(await city.page('/features/acme')).not.toContain('takes effect and no one');
  const shown = await city.page('/changes/acme/2');
  expect(shown).toContain('that the city opted out at the vendor.');
  expect(shown).toContain('It counts: what was approved before stays on.');
  expect(shown).toContain('In the console, under Features.');
  city.passDays(14);
  expect(await city.status()).toBe('enabled');
});

test('a late record waits for two persons of two bodies, who see what they confirm', async () => {
  city.passDays(14);
  await record(PROOF);
  expect(await city.status()).toBe('outdated');
  const shown = await city.page('/changes/acme/2');
  expect(shown).toContain('A screenshot of March 8');
  expect(shown).toContain('City IT says that it opted out of this change in time, but wrote it down too late.');
  const clerk = await linkTo('clerk');
  const asked = await city.page(clerk);
  expect(asked).toContain('Did the city opt out of this change in time?');
  expect(asked).toContain('I confirm that the city opted out in time');
  expect(asked).toContain('<input type="hidden" name="of" value="opt-out">');
  expect((await city.post(clerk, { ...CONFIRM, of: 'rollback' })).status).toBe(409);
  expect((await city.post(clerk, CONFIRM)).status).toBe(303);
  expect((await city.post(clerk, CONFIRM)).status).toBe(303);
  expect(await city.status()).toBe('outdated');
  expect(await city.page(clerk)).toContain('You have confirmed this.');
  expect(await city.page('/changes/acme/2')).toContain('I saw the screenshot.');
  const mayor = await linkTo('mayor');
  expect(await city.page(`${mayor}/inbox`)).toContain('Did the city opt out of this change in time?');
  expect((await city.post(mayor, CONFIRM)).status).toBe(303);
  expect(await city.status()).toBe('enabled');
  expect(await city.page(mayor)).toContain('Two people have confirmed that the city opted out of this change in time.');
  expect(await city.page('/changes/acme/2')).not.toContain('The feature is off.');
  expect(await city.page(`${mayor}/inbox`)).not.toContain('Did the city opt out');
});

test('in the calendar stands the vendor’s day of a change that lapsed, with its opt-out, unless the vendor withdrew it', async () => {
  const feature = 'acme.lapsed';
  const said = { feature, kind: 'update', optOut: 'yes', withoutAction: 'on', effectiveAt: '2026-09-01T06:00:00Z' } as const;
  const sent = await city.notify(said);
  const report = {
    revision: 1,
    digest: sent.digest,
    note: 'By mail.',
    evidence: null,
    caller: { name: 'console', person: 'm1' },
  };
  expect(await recordOptOut(city.ports, { key: feature, n: 1, ...report }, null)).toMatchObject({ ok: true });
  await city.notify({ ...said, kind: 'contract', title: 'A contract' });
  await city.withdraw(await city.notify({ ...said, title: 'Another' }));
  const shown = async () => {
    const { items } = (await (await city.get('/calendar?format=json')).json()) as {
      items: { at: string; what: string; change: string; optedOut?: string }[];
    };
    return items.flatMap(({ what, change, optedOut = '' }) =>
      what === 'effective' && change.startsWith(feature) ? [`${change} ${optedOut}`] : [],
    );
  };
  expect(await shown()).toEqual([`${feature}/1 counts`, `${feature}/2 `]);
  city.passDays(100);
  expect(await shown()).toEqual([`${feature}/1 counts`]);
});

test('the page names the day that counts: the earlier of the vendor’s last day and the effect', async () => {
  const shown = async (over: object): Promise<string | undefined> => {
    const notice = { feature: 'acme.day', kind: 'update', optOut: 'yes', withoutAction: 'on', ...over } as const;
    const { change } = await city.notify(notice);
    return /The city can say no until<\/dt><dd>([^<]*)/.exec(await city.page(`/changes/${change}`))?.[1];
  };
  const [first, second] = ['2026-06-01', '2026-06-15'];
  expect(await shown({ title: 'Late', effectiveAt: first, optOutBy: second })).toContain('June 1, 2026');
  expect(await shown({ title: 'Early', effectiveAt: second, optOutBy: first })).toContain('June 1, 2026');
  expect(await shown({ title: 'A contract', kind: 'contract', effectiveAt: first, optOutBy: second })).toContain('June 15');
});

test('a late record that shows nothing waits for no one', async () => {
  city.passDays(14);
  await record();
  expect(await city.page('/changes/acme/2')).toContain('It came too late, so it does not count.');
  expect((await city.post(await linkTo('clerk'), CONFIRM)).status).toBe(409);
});

test('of words that run whatever the city does, every page says whether it was recorded in time or too late', async () => {
  const said = { kind: 'update', optOut: 'unknown', optOutBy: '2026-03-10', effectiveAt: '2026-05-01' } as const;
  for (const [feature, days, standing, change, calendar] of [
    ['acme.early', 1, 'counts', 'It was written down in time.', 'The city opted out.'],
    ['acme.tardy', 14, 'late', 'It was written down too late.', 'An opt-out was recorded, too late.'],
  ] as const) {
    const other = await openCity();
    const sent = await other.notify({ feature, ...said });
    other.passDays(days);
    const evidence = { sha256: 'e'.repeat(64), title: 'A screenshot' };
    const report = { revision: 1, digest: sent.digest, note: 'By mail.', evidence, caller: { name: 'console', person: 'm1' } };
    expect(await recordOptOut(other.ports, { key: feature, n: 1, ...report }, null)).toMatchObject({ ok: true });
    await catchUp(other.ports, feature);
    expect(await other.page(`/changes/${feature}/1`)).toContain(change);
    const late = 'That was too late to hold this back.';
    expect((await other.page(`/features/${feature}`)).includes(late)).toBe(standing === 'late');
    expect(await other.page('/calendar')).toContain(calendar);
    expect(await (await other.get(`/changes/${feature}/1?format=json`)).json()).toMatchObject({ optOut: { standing } });
    await other.close();
  }
});

test('before an approval the pages foretell the day on which later words make it untrue', async () => {
  const other = await openCity();
  const open = await other.notify({ feature: 'acme.lpr' });
  await other.notify({ feature: 'acme.lpr', kind: 'update', optOut: 'no', effectiveAt: '2026-05-01' });
  await other.certify(open);
  const receipt = await other.link('mayor', 'mayor', open);
  expect(await other.page(receipt)).toContain('set by change 2, which takes effect then');
  expect(await other.page('/changes/acme.lpr/1')).toContain('set by change 2, which takes effect then');
  await other.close();
});
