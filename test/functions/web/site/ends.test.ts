import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { effectOf } from '../../../../domain/feature/effect.ts';
import { prefixesOf } from '../../../../domain/feature/keys.ts';
import { headsWith } from '../../../../functions/gate/heads.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { wordsFor } from '../../../../functions/platform/mail/words.ts';
import { effectParagraphs } from '../../../../functions/reactions/notify/letters.ts';
import { readChange } from '../../../../functions/register/project.ts';
import type { ChangeJson } from '../../../../functions/register/views/changeJson.ts';
import type { FeatureJson } from '../../../../functions/register/views/featureJson.ts';
import { localeOf } from '../../../../functions/web/site/locale.ts';
import { cityForTest } from './support/city.ts';

const KEY = 'acme.lpr.search';
/** Midnight in the city, so that a date is its whole text. */
const day = (n: number) => new Date(Date.UTC(2026, 4, 1 + n, 6)).toISOString();
const link = fc.record({
  endsAt: fc.option(fc.integer({ min: 0, max: 150 })),
  until: fc.option(fc.integer({ min: 0, max: 150 })),
  removed: fc.option(fc.integer({ min: 0, max: 150 })),
});

interface Dates {
  readonly items: readonly { readonly what: string; readonly change: string; readonly at: string }[];
}

test('every place tells one end of an approval, and whose limit it is, in any chain', async () => {
  const limits = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.tuple(link, link, link), async (chain) => {
      const city = await cityForTest();
      const { ports, page } = city;
      const { zone } = ports;
      const sent: Received[] = [];
      const removals = new Map<number, string>();
      for (const [index, feature] of prefixesOf(KEY).entries()) {
        const { endsAt, until } = chain[index] ?? { endsAt: null, until: null };
        const received = await city.notify({ feature, ...(endsAt !== null && { endsAt: day(endsAt) }) });
        const terms: Record<string, string> = until === null ? {} : { until: day(until) };
        await city.approve(received, terms);
        sent.push(received);
      }
      for (const [index, feature] of prefixesOf(KEY).entries()) {
        const { endsAt = null, until = null, removed = null } = chain[index] ?? {};
        if (removed === null) continue;
        const { change } = await city.notify({ feature, kind: 'removal', effectiveAt: day(removed) });
        if (removed < Math.min(endsAt ?? 999, until ?? 999)) removals.set(index, change);
      }
      const own = chain.map(({ endsAt, until, removed }) => Math.min(endsAt ?? 999, until ?? 999, removed ?? 999));
      const first = Math.min(...own);
      const expected = first === 999 ? '2027-03-03T15:00:00.000Z' : day(first);
      // Of equal ends the feature's own is named, then the outermost.
      const at = own[2] === first ? 2 : own.indexOf(first);
      const [limiting, last] = [sent[at], sent[2]] as [Received, Received];
      const json = <T>(path: string) => city.json<T>(`${path}?format=json`);
      const feature = await json<FeatureJson>(`/features/${KEY}`);
      expect(feature).toMatchObject({
        effectiveUntil: expected,
        limitedBy: removals.has(at) ? { change: removals.get(at), by: 'removal' } : { change: limiting.change },
      });
      expect((await json<ChangeJson>(`/changes/${last.change}`)).approved).toMatchObject({
        effectiveUntil: expected,
        limitedBy: feature.limitedBy,
      });
      const { items } = await json<Dates>('/calendar');
      expect(items.filter(({ what, change }) => what === 'expires' && change === last.change).map((each) => each.at)).toEqual([
        expected,
      ]);
      const when = localeOf('en', zone, ports.clock()).until(expected);
      const itsOwn = own[2] === 999 || own[2] === undefined ? undefined : localeOf('en', zone, ports.clock()).until(day(own[2]));
      const receipt = await city.toMayor(last);
      const reading = await readChange(ports, KEY, 1);
      if (reading === undefined) return expect.unreachable();
      const { view, state } = reading;
      const effect = effectOf(view, { at: ports.clock(), zone, heads: await headsWith(ports, KEY, state) });
      const mail = JSON.stringify(effectParagraphs(wordsFor('en'), effect, zone, ''));
      for (const text of [await page(receipt), await page(`/changes/${last.change}`), await page(`/features/${KEY}`), mail]) {
        expect(text).toContain(when);
        if (at !== 2) expect(text).toContain(prefixesOf(KEY)[at]);
        if (at !== 2 && itsOwn !== undefined && itsOwn !== when) expect(text).not.toContain(`until ${itsOwn}`);
      }
      limits.add(`${feature.limitedBy?.by} ${at}`);
    }),
    { numRuns: 8, endOnFailure: true },
  );
  expect(limits.size).toBeGreaterThan(2);
});

test('the packet of a change that no one has decided says what a yes allows as things stand, under what is above it', async () => {
  const city = await cityForTest();
  const above = await city.notify({ endsAt: day(30) });
  await city.approve(above, { audience: 'Police', conditions: 'Kept for 21 days.' });
  const open = await city.notify({ feature: 'acme.lpr' });
  const end = localeOf('en', city.ports.zone, city.now()).until(day(30));
  const limits = [`Until ${end}`, 'Agencies only for Police', 'Conditions Kept for 21 days.'];
  await city.says(`/packet?change=${open.change}`, limits.map((limit) => `${limit} set by acme , above it`).join(' '));
});

test('words that arrive before a removal takes effect go with it, and who decides on them is told', async () => {
  const city = await cityForTest();
  await city.approve(await city.notify());
  const removal = await city.notify({ kind: 'removal', effectiveAt: day(30) });
  const late = await city.notify({ title: 'Another change', effectiveAt: day(1) });
  const { clerk } = await city.linksTo(late);
  const when = localeOf('en', city.ports.zone, city.now()).until(day(30));
  const pass = (until: string) => city.passDays((Date.parse(until) - Date.parse(city.now())) / 86_400_000);
  expect(await city.plain(clerk)).toContain(`${when} set by change 2, in which the vendor takes it away`);
  await city.approve(late);
  pass(day(2));
  for (const path of [clerk, `/changes/${late.change}`])
    expect(await city.plain(path)).toContain('set by change 2, in which the vendor takes it away');
  expect(await city.plain('/features/acme')).toContain(`until ${when}, set by change 2, in which the vendor takes it away`);
  const { approved } = await city.json<ChangeJson>(`/changes/${late.change}?format=json`);
  expect(approved).toMatchObject({ effectiveUntil: day(30), limitedBy: { change: removal.change, by: 'removal' } });
  pass(day(30));
  await city.is('removed');
});

test('a removal says from when on its own page and in the feed, and not that it is over', async () => {
  const city = await cityForTest();
  await city.approve(await city.notify());
  await city.notify({ kind: 'removal', title: 'The end', effectiveAt: '2026-12-01' });
  await city.is('enabled');
  const page = await city.plain('/changes/acme/2');
  expect(page).toContain('The vendor removes the feature from the end of November 30, 2026.');
  expect(page).not.toContain('Ended:');
  const feed = await city.page('/feed.atom');
  expect(feed).toContain('“The end” (acme/2): the vendor takes the feature away from the end of November 30, 2026');
  expect(feed).not.toContain('was removed');
});

test('a receipt for a later day says that words which come before it switch off', async () => {
  const city = await cityForTest();
  await city.approve(await city.notify());
  const next = await city.notify({ title: 'Next', optOut: 'yes' });
  await city.approve(next, { from: '2026-09-01' });
  const receipt = await city.toMayor(next);
  await city.says(receipt, 'Until then change 1 is in force.');
  await city.notify({ title: 'Forced', kind: 'update', optOut: 'no', effectiveAt: '2026-08-01T06:00:00Z' });
  await city.says(receipt, 'But on August 1, 2026 at 12:00 AM change 3 takes effect, and it is not approved for that day.');
});

test('an approval for a day after its own words take effect says from when to when it is off, and never that another is needed', async () => {
  const city = await cityForTest();
  await city.approve(await city.notify());
  const next = await city.notify({ title: 'Next', optOut: 'no', effectiveAt: '2026-04-01T06:00:00Z' });
  await city.approve(next, { from: '2026-09-01' });
  const receipt = await city.toMayor(next);
  const begins = 'It is approved, and begins on September 1, 2026 at 12:00 AM.';
  await city.says(receipt, `${begins} From April 1, 2026 at 12:00 AM until then it is off.`);
  city.passDays(40);
  for (const path of [receipt, '/changes/acme/2']) await city.says(path, `${begins} Until then it is off.`);
  await city.omits('/changes/acme/2', 'once a later change is approved');
});
