import { expect, test } from 'vitest';
import { presentChange } from '../../../domain/feature/present.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { LINES_MAX, linesAt, titleOfChange } from '../../../functions/register/documents.ts';
import { featureAt, listChanges, listFeatures, listPast, newestChanges } from '../../../functions/register/lists.ts';
import { project, readChange, readFeature } from '../../../functions/register/project.ts';
import { must } from '../../contract/underTest.ts';
import { walked } from '../../support/walked.ts';
import { failing, type Gate, NOON, openGate } from '../openGate.ts';

const KEYS = ['acme', 'acme-two', 'acme.lpr', 'acme.lpr.search', 'other'];

const city = async () => {
  const gate = await openGate();
  for (const feature of KEYS) {
    const change = await gate.notice({ feature });
    if (feature === 'acme' || feature === 'acme.lpr.search') await gate.decide(change);
    await project(gate.ports, `feature/${feature}`);
  }
  return gate;
};

const keys = async ({ ports }: Gate, query: object) =>
  (await listFeatures(ports, { limit: 100, now: NOON, ...query }))?.items.map(({ key }) => key);

test('features come by key, beneath a prefix, with what holds', async () => {
  const gate = await city();
  for (const [query, found] of [
    [{}, KEYS],
    [{ prefix: 'acme' }, ['acme', 'acme.lpr', 'acme.lpr.search']],
    [{ prefix: 'acme.lpr' }, ['acme.lpr', 'acme.lpr.search']],
    [{ prefix: 'acme.' }, ['acme.lpr', 'acme.lpr.search']],
    [{ status: 'enabled' }, ['acme']],
    [{ status: 'blocked' }, ['acme.lpr.search']],
    [{ status: 'pending', prefix: 'acme' }, ['acme.lpr']],
    [{ status: 'expired', now: '2027-06-01T00:00:00.000Z' }, ['acme', 'acme.lpr.search']],
  ] as const)
    expect(await keys(gate, query), JSON.stringify(query)).toEqual(found);
});

test('a change has the title of its newest notice, one that has left the lines that of its feature', async () => {
  const gate = await city();
  await gate.notice({ feature: 'acme', title: 'The next' });
  const feature = must(await readFeature(gate.ports, 'acme'));
  expect([1, 2, 3].map((n) => titleOfChange(feature, n))).toEqual([feature.title, 'The next', feature.title]);
});

test.each(['', '!!', 'YWNtZQ==', '////'])('%j is no cursor', async (cursor) => {
  const gate = await city();
  expect(await listFeatures(gate.ports, { limit: 1, now: NOON, cursor })).toBeUndefined();
  expect(await listChanges(gate.ports, { limit: 1, now: NOON, cursor })).toBeUndefined();
});

const ids = async ({ ports }: Gate, query: object) =>
  (await listChanges(ports, { limit: 100, now: NOON, ...query }))?.items.map(({ view }) => `${view.key}/${view.number}`);

test('changes come by feature and number, filtered by what holds now', async () => {
  const gate = await city();
  for (let n = 2; n <= 12; n += 1) await gate.notice({ feature: 'acme.lpr', title: `Number ${n}` });
  await gate.withdraw('acme.lpr/2');
  await project(gate.ports, 'feature/acme.lpr');
  const ofLpr = Array.from({ length: 12 }, (_, index) => `acme.lpr/${index + 1}`);
  const all = ['acme/1', 'acme-two/1', ...ofLpr, 'acme.lpr.search/1', 'other/1'];
  const now = '2026-07-01T00:00:00.000Z';
  for (const [query, found] of [
    [{}, all],
    [{ key: 'acme.lpr' }, ofLpr],
    [{ key: 'acme.lpr', status: 'pending' }, ofLpr.filter((id) => id !== 'acme.lpr/2')],
    [{ status: 'withdrawn' }, ['acme.lpr/2']],
    [{ status: 'approved' }, ['acme/1', 'acme.lpr.search/1']],
    [{ status: 'pending', now }, []],
  ] as const)
    expect(await ids(gate, query), JSON.stringify(query)).toEqual(found);
  expect(await ids(gate, { status: 'lapsed', now })).toHaveLength(13);
  const at = (limit: number, cursor: string) => ({ limit, now: NOON, cursor: cursor || undefined });
  const paged = await walked(async (cursor) => (await listChanges(gate.ports, at(4, cursor))) ?? expect.fail());
  expect(paged.flat().map(({ view }) => `${view.key}/${view.number}`)).toEqual(all);
  for (const limit of [1, 2, 5]) {
    const pages = await walked(async (cursor) => (await listFeatures(gate.ports, at(limit, cursor))) ?? expect.fail());
    expect(pages.slice(0, -1).every(({ length }) => length === limit)).toBe(true);
    expect(pages.flat().map(({ key }) => key)).toEqual(KEYS);
  }
});

test('a line of the register that cannot be read is folded again, one that has no commits is left out', async () => {
  const gate = await city();
  await gate.sideStore.put('register', 'other', { title: 'forged' });
  await gate.sideStore.put('register', 'acme.ghost', { title: 'forged' });
  expect(await keys(gate, {})).toEqual(KEYS);
  expect(await ids(gate, { key: 'other' })).toEqual(['other/1']);
});

test('of a long history the newest keep their lines, and a page and the newest changes read what they show; what is open is among the newest, however old', async () => {
  const gate = await openGate({ honest: false });
  await gate.notice();
  const { change } = await gate.notice();
  const changes = 110;
  for (let n = 3; n <= changes; n += 1) await gate.withdraw((await gate.notice()).change);
  await project(gate.ports, 'feature/acme');
  const read = new Set<string>();
  const counted: typeof gate.sideStore = {
    ...gate.sideStore,
    get: async (kind, id) => {
      if (kind === 'change') read.add(id);
      return gate.sideStore.get(kind, id);
    },
    list: async (kind, ...rest) => {
      const found = await gate.sideStore.list(kind, ...rest);
      if (kind === 'change') for (const { id } of found) read.add(id);
      return found;
    },
  };
  const ports = { ...gate.ports, sideStore: counted };
  const { lines } = await featureOf(gate);
  expect([lines.length, lines[0]?.n, lines.at(-1)?.n]).toEqual([LINES_MAX, 11, 110]);
  const newest = await newestChanges(ports, 'acme', { limit: 5, now: NOON });
  expect(newest.map(({ view }) => view.number)).toEqual([110, 109, 108, 107, 106, 2, 1]);
  expect(change).toBe('acme/2');
  expect(read.size).toBe(7);
  const cursor = Buffer.from('acme/0000100').toString('base64url');
  const page = await listChanges(ports, { key: 'acme', limit: 100, now: NOON, cursor });
  expect(page?.items.map(({ view }) => view.number)).toEqual([101, 102, 103, 104, 105, 106, 107, 108, 109, 110]);
  expect(read.size).toBe(12);
  const lapsed = { limit: 100, now: '2026-07-01T00:00:00.000Z', status: 'lapsed' } as const;
  expect(await ids(gate, lapsed)).toEqual(['acme/1', 'acme/2']);
  await gate.withdraw((await gate.notice({ feature: 'other' })).change);
  await project(gate.ports, 'feature/other');
  read.clear();
  expect(await ids({ ...gate, ports }, { ...lapsed, key: 'other' })).toEqual([]);
  expect(read.size).toBe(0);
});

const LATER = '2026-03-09T12:00:00.000Z';

/** Documents of so many features, of which one has commits. */
const known = async (gate: Gate, count: number) => {
  await gate.notice({ feature: 'acme.f0000' });
  await project(gate.ports, 'feature/acme.f0000');
  const document = (await gate.sideStore.get('register', 'acme.f0000')) as object;
  for (let n = 1; n < count; n += 1) {
    const key = `acme.f${String(n).padStart(4, '0')}`;
    await gate.sideStore.put('register', key, { ...document, key });
  }
};

test('what was not there by then costs no more than a page: the page is short, and continues', async () => {
  const gate = await openGate();
  await known(gate, 21);
  const pages = await walked(
    async (cursor) => (await listPast(gate.ports, { at: NOON, limit: 10, cursor: cursor || undefined })) ?? expect.fail(),
  );
  expect(pages.map((page) => page.map(({ key }) => key))).toEqual([['acme.f0000'], [], []]);
  expect(await listPast(gate.ports, { at: NOON, limit: 1, cursor: '!' })).toBeUndefined();
});

test('what has not moved since is read without its history, what came later without anything', async () => {
  const reads: string[] = [];
  const gate = await openGate({
    storeOf: (store) =>
      failing(store, (method, [stream]) => {
        if (method === 'history') reads.push(String(stream));
        return undefined;
      }),
  });
  await gate.notice({ feature: 'acme.still' });
  await gate.notice({ feature: 'acme.moved' });
  gate.at(LATER);
  await gate.notice({ feature: 'acme.moved', revises: 1, title: 'Another name' });
  await gate.notice({ feature: 'acme.new' });
  for (const key of ['acme.still', 'acme.moved', 'acme.new']) await project(gate.ports, `feature/${key}`);
  reads.length = 0;
  const page = await listPast(gate.ports, { at: NOON, limit: 10 });
  expect(page?.items.map(({ key, title }) => [key, title])).toEqual([
    ['acme.moved', 'A new way to search'],
    ['acme.still', 'A new way to search'],
  ]);
  expect([...new Set(reads)]).toEqual(['feature/acme.moved']);
});

test('a revocation that was recorded beside the feature counts in a past list from then on', async () => {
  const gate = await openGate();
  await gate.approve();
  gate.at(LATER);
  expect(await gate.revokeBeside('acme/1')).toMatchObject({ ok: true });
  await project(gate.ports, 'feature/acme');
  const onAt = async (at: string) =>
    (await listPast(gate.ports, { at, limit: 10 }))?.items.map(({ evaluation }) => evaluation.enabled);
  expect(await onAt('2026-03-09T11:59:59.999Z')).toEqual([true]);
  expect(await onAt(LATER)).toEqual([false]);
});

test('a change is as it was known: its later wording, its approval and its end are not in it', async () => {
  const gate = await openGate();
  const change = await gate.notice();
  gate.at(LATER);
  await gate.decide(change);
  const then = await featureAt(gate.ports, 'acme', NOON);
  expect(then).toMatchObject({ version: 1, changes: [{ number: 1, status: 'pending', acts: [], approved: null }] });
  expect(await featureAt(gate.ports, 'acme', LATER)).toMatchObject({ changes: [{ status: 'approved' }] });
  expect(await featureAt(gate.ports, 'acme', '2026-03-01T00:00:00.000Z')).toBeUndefined();
  // Time alone ends the window; a past answer knows that, too.
  expect(await featureAt(gate.ports, 'acme', '2026-03-08T12:00:00.000Z')).toMatchObject({ changes: [{ status: 'pending' }] });
});

const featureOf = async ({ ports }: Gate) => must(await readFeature(ports, 'acme'));

test('a line follows its change', async () => {
  const gate = await openGate();
  const first = await gate.notice({ effectiveAt: '2026-05-01T00:00:00Z' });
  await gate.notice({ title: 'Another' });
  expect((await featureOf(gate)).lines).toEqual([
    {
      n: 1,
      title: 'A new way to search',
      summary: 'Says what it does in plain words.',
      kind: 'new-feature',
      status: 'pending',
      since: NOON,
      at: NOON,
      wordings: 1,
      scheme: 'v1a',
      channel: 'webhook',
      effectiveAt: '2026-05-01T00:00:00.000Z',
      approved: null,
      contested: null,
      wrong: null,
      ended: null,
    },
    expect.objectContaining({ n: 2, title: 'Another' }),
  ]);
  await gate.decide(first);
  expect((await featureOf(gate)).lines[0]).toMatchObject({ status: 'approved', approved: NOON });
});

test('what stands and what waits is removed from the instant a removal takes effect, in lists as by itself, before anything records it', async () => {
  const gate = await openGate();
  await gate.approve();
  await gate.approve({}, { terms: { ...NO_TERMS, from: '2026-06-01T00:00:00.000Z' } });
  const at = '2026-04-01T00:00:00.000Z';
  await gate.notice({ kind: 'removal', effectiveAt: at });
  const { lines, state } = await featureOf(gate);
  const said = ({ status, ended }: { readonly status: string; readonly ended: unknown }) => `${status} ${ended}`;
  const views = await Promise.all([1, 2, 3].map(async (n) => must(await readChange(gate.ports, 'acme', n)).view));
  for (const [now, standing] of [
    ['2026-03-31T23:59:59.999Z', 'approved null'],
    [at, `removed ${at}`],
    ['2028-01-01T00:00:00.000Z', `removed ${at}`],
  ] as const) {
    const expected = [standing, standing, expect.stringMatching(/^removed/)];
    expect(linesAt(lines, state, now).map(said)).toEqual(expected);
    const shown = views.map((view) => presentChange({ view, state }, now));
    expect(shown.map(({ status, ended }) => said({ status, ended: ended?.at ?? null }))).toEqual(expected);
  }
});
