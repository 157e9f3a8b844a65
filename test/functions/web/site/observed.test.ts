import { expect, test } from 'vitest';
import { observedOf } from '../../../../domain/derived/sources.ts';
import { readSources } from '../../../../functions/register/derived/records.ts';
import type { FeatureJson } from '../../../../functions/register/views/featureJson.ts';
import { lookingOf } from '../../../../functions/register/views/observedJson.ts';
import { plainText } from '../../../../functions/web/site/html.ts';
import { localeOf } from '../../../../functions/web/site/locale.ts';
import { lookingNote } from '../../../../functions/web/site/parts/seen.ts';
import { report } from '../../../domain/derived/known.ts';
import { sourceRecord } from '../../register/derived/derivedCity.ts';
import { noon, putKnown } from './support/cases.ts';
import { cityForEach } from './support/city.ts';
import { textOf } from './support/readers.ts';

const ZONE = 'America/Denver';
const NOW = noon('2026-03-10');
const on = { on: true, agencies: null, version: null };
const off = { on: false, agencies: null, version: null };

const city = cityForEach();
const observed = async () => (await city.json<FeatureJson>('/features/acme?format=json')).observed;

/** A report seven days ago or less. */
const seen = (source: string, day: number, what: typeof on, over: Parameters<typeof report>[0] = {}) =>
  report({ source, observedAt: noon(`2026-03-0${day}`), seen: what, sequence: day, ...over });
const observedIn = (...reports: Parameters<typeof observedOf>[0]) => observedOf(reports, [], NOW, ZONE);

test('what is known of a key is what its newest report says', () => {
  const reports = [seen('a', 1, on), seen('b', 8, off, { sequence: 11 }), seen('c', 8, on, { sequence: 10 })];
  expect(observedIn(...reports)).toStrictEqual({ state: 'off', at: noon('2026-03-08'), source: 'b', kind: 'city' });
  expect(observedIn(...reports.slice(0, 1)).state).toBe('on');
  expect(observedIn()).toStrictEqual({ state: 'never', at: null, source: null, kind: null });
});

test('a vendor’s off says nothing where another source looked, its on does', () => {
  const vendors = (what: typeof on) => seen('v', 8, what, { kind: 'vendor' });
  expect(observedIn(seen('a', 1, on), vendors(off))).toMatchObject({ state: 'on', source: 'a', kind: 'city' });
  expect(observedIn(seen('a', 1, off), vendors(on)).state).toBe('on');
  expect(observedIn(vendors(off))).toMatchObject({ state: 'off', source: 'v', kind: 'vendor' });
});

test('who must look and does not is silent, the longest first; who never looked before all', () => {
  const every = (duration: string) => ({ kind: 'city' as const, every: duration });
  const policy = { observe: { sources: { a: every('P7D'), b: every('P1D'), c: every('P30D'), d: every('P1D') } } };
  const looked = (source: string, day: string, silentFrom: string | null, over: Parameters<typeof sourceRecord>[0] = {}) =>
    sourceRecord({ vendor: 'acme', source, every: 'P7D', lookedAt: noon(day), silentFrom, ...over });
  const records = [
    looked('a', '2026-03-01', noon('2026-03-08')),
    looked('a', '2026-03-09', noon('2026-03-16'), { vendor: 'other' }),
    looked('b', '2026-02-01', NOW, { every: 'P1D' }),
    looked('x', '2025-02-01', null, { every: null }),
    sourceRecord({ vendor: 'acme', source: 'd', attested: true, every: null, silentFrom: null }),
  ];
  const { isNamed, silent } = lookingOf(policy, records, NOW);
  expect([isNamed, ...silent.map(({ source, vendor, since }) => [source, vendor, since])]).toStrictEqual([
    true,
    ['c', null, null],
    ['d', null, null],
    ['b', 'acme', noon('2026-02-01')],
    ['a', 'acme', noon('2026-03-01')],
  ]);
  expect(lookingOf(undefined, records.slice(3), NOW)).toStrictEqual({ isNamed: false, silent: [] });
  // Who looked before the policy named it did look, also while the fold does not know that policy yet.
  const before = looked('a', '2026-03-09', null, { every: null });
  expect(lookingOf({ observe: { sources: { a: every('P7D') } } }, [before], NOW)).toStrictEqual({ isNamed: true, silent: [] });
});

test('a feature and a vendor that nobody looked at are unknown, not off', async () => {
  await city.notify();
  expect(await observed()).toStrictEqual({ state: 'never', at: null, source: null, kind: null });
  for (const path of ['/features/acme', '/vendors/acme']) await city.shows(path, 'It has not been checked yet');
});

test('where another version of the code wrote who looked, no page says that nobody did, or that nothing is on', async () => {
  await city.notify();
  await city.ports.sideStore.put('derived-source', 'acme/it', { derivedVersion: 0 });
  expect(await observed()).toBeUndefined();
  for (const path of ['/features/acme', '/vendors/acme', '/on-without-permission'])
    await city.hides(path, 'It has not been checked yet', 'Nothing is known to be on');
  await city.ports.sideStore.put('derived-mark', 'log', { position: { derivedVersion: 0 } });
  for (const path of ['/', '/vendors/acme', '/on-without-permission', '/calendar', '/numbers']) {
    expect(await city.json(`${path}?format=json`)).toHaveProperty('fault', true);
    expect((await city.get(`${path}?format=csv`)).headers.get('aldergate-fault')).toBe('true');
  }
});

test('a feature shows what each saw last, when and for whom, beside what is approved', async () => {
  await city.approve(await city.notify());
  const evidence = { title: 'Screenshot', sha256: 'ab'.repeat(32) };
  const police = { on: true, agencies: ['Police'], version: '2026.3' };
  const reports = [
    { source: 'yearly audit', kind: 'audit', observedAt: noon('2026-02-01'), seen: off },
    { person: 'hc', seen: police, note: 'seen in the settings', evidence },
    { source: 'portal', attested: true, kind: 'vendor', observedAt: noon('2026-01-01'), seen: on },
  ] as const;
  await putKnown(city, [{ key: 'acme', reports }]);
  expect(await observed()).toStrictEqual({ state: 'on', at: '2026-03-03T14:00:00.000Z', source: 'nightly check', kind: 'city' });
  const html = await city.page('/features/acme');
  const page = textOf(html);
  expect(page).toContain('seen on nightly check saw it last on March 3, 2026 at 7:00 AM . (for the city)');
  const rows = [...html.matchAll(/<tr><th scope="row">([\s\S]*?)<\/tr>/g)].map(([, row = '']) => textOf(row).trim());
  expect(rows).toStrictEqual([
    `nightly check (for the city, The City Clerk ) March 3, 2026 at 7:00 AM on for Police , version 2026.3 seen in the settings Screenshot SHA-256 ${evidence.sha256}`,
    'yearly audit (as an audit) February 1, 2026 at 12:00 PM off',
    'portal (signed by the vendor) January 1, 2026 at 12:00 PM on',
  ]);
  expect(page.indexOf('What is approved')).toBeLessThan(page.indexOf('What was seen at the vendor'));
  expect(html).not.toContain('class="note bad"');
  const past = '/features/acme?at=2026-03-03T15:00:00Z';
  expect(await city.json(`${past}&format=json`)).not.toHaveProperty('observed');
  await city.hides(past, 'What was seen at the vendor');
});

test('what a silent source saw is unknown, on the page of the feature and of the vendor', async () => {
  await city.notify();
  const looked = { source: 'nightly check', every: 'P1D', lookedAt: noon('2026-03-01'), silentFrom: noon('2026-03-02') };
  const known = [{ key: 'acme', reports: [{ observedAt: noon('2026-03-01'), seen: off }] }];
  const portal = { source: 'portal', lookedAt: noon('2026-02-01'), kind: 'vendor', attested: true } as const;
  await putKnown(city, known, [looked, { ...portal, every: null, silentFrom: null }]);
  expect(await observed()).toStrictEqual({ state: 'unknown', at: noon('2026-03-01'), source: 'nightly check', kind: 'city' });
  expect(await city.text('/features/acme')).toMatch(
    /unknown nightly check saw it last on March 1, 2026 at 12:00 PM \. \(for the city\) That is too long ago/,
  );
  const vendor = await city.text('/vendors/acme');
  expect(vendor).toMatch(/nightly check looked last on March 1, 2026[^(]*\(for the city\) It must look at least once in 1 day/);
  expect(vendor).toMatch(/portal looked last on February 1, 2026[^(]*\(signed by the vendor\)/);
  await putKnown(city, known, [{ ...looked, lookedAt: noon('2026-03-02'), silentFrom: noon('2026-03-03') }]);
  await city.omits('/vendors/acme', 'It must look');
});

test('what a vendor signs under the names of the city’s sources is told apart, and takes no row from what others saw', async () => {
  await city.notify();
  const signed = Array.from({ length: 12 }, (_, n) => ({
    source: n === 0 ? 'nightly check' : `portal ${n}`,
    attested: true,
    kind: 'vendor' as const,
    observedAt: noon(`2026-03-${String(20 - n).padStart(2, '0')}`),
    seen: off,
  }));
  await putKnown(city, [{ key: 'acme', reports: [{ observedAt: noon('2026-03-01'), seen: on }, ...signed] }]);
  await city.says(
    '/features/acme',
    'seen on nightly check saw it last on March 1, 2026 at 12:00 PM . (for the city)',
    'nightly check (for the city) March 1, 2026',
  );
});

test('the times without permission stay on the page of the feature, with a line of days that has a text', async () => {
  await city.notify();
  const over = (from: string, to: string) => ({ since: noon(from), until: noon(to), closedAt: noon(to) });
  const past = [over('2026-01-01', '2026-01-03'), over('2026-01-10', '2026-01-10'), over('2026-01-20', '2026-01-21')];
  await putKnown(city, [{ key: 'acme', cases: past, reports: [{ seen: off }] }]);
  const html = await city.page('/features/acme');
  expect(html).not.toContain('class="note bad"');
  expect(textOf(html)).toContain('Its days without permission 6 days in all.');
  expect(/<title id="days">([\s\S]*?)<\/title>/.exec(html)?.[1]).toBe(
    'A line of days from January 1, 2026 to March 3, 2026. On without permission: from January 1, 2026 to January 3, 2026, on January 10, 2026, from January 20, 2026 to January 21, 2026.',
  );
  // Sixty-two days in 320 units.
  const rects = [...html.matchAll(/<rect class="no" x="([\d.]+)" width="([\d.]+)"/g)];
  expect(rects.map(([, x, width]) => `${x} ${width}`)).toStrictEqual(['0.00 15.48', '46.45 5.16', '98.06 10.32']);
  expect(html.match(/<li class="card">/g)).toHaveLength(3);
  expect(html).not.toContain('/on-without-permission?key=');
  await putKnown(city, [{ key: 'acme', cases: [...past, { since: noon('2026-02-20') }], reports: [{ seen: on }] }]);
  const page = await city.page('/features/acme');
  for (const text of ['It is on without permission, since February 20, 2026 : 12 days.', '18 days in all.'])
    expect(textOf(page)).toContain(text);
  expect(page).toContain('<span class="chip no">');
  expect(page.match(/<li class="card">/g)).toHaveLength(3);
  expect(page).toContain('<a href="/on-without-permission?key=acme">All of its days without permission</a>');
  expect(page.indexOf('on without permission</span>')).toBeLessThan(page.indexOf('>over</span>'));
});

test('of a source that never looked the pages say since when it is due', async () => {
  const record = { source: 'it', every: 'P7D', lookedAt: null, expectedFrom: noon('2026-02-20'), silentFrom: noon('2026-02-27') };
  await putKnown(city, [], [record, { ...record, vendor: 'other', expectedFrom: noon('2026-02-24') }]);
  await city.says('/vendors/acme', 'The rules have named it since February 20, 2026');
  const policy = { observe: { sources: { it: { kind: 'city' as const, every: 'P7D' } } } };
  const looking = lookingOf(policy, (await readSources(city.ports.sideStore)) ?? [], NOW);
  expect(looking.silent).toStrictEqual([{ source: 'it', vendor: null, since: noon('2026-02-20'), every: 'P7D' }]);
  expect(plainText(lookingNote(localeOf('en', ZONE, NOW), looking, new Map()))).toContain(
    'have named it since February 20, 2026',
  );
});
