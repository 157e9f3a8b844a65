import { expect, test } from 'vitest';
import type { Task } from '../../../../domain/derived/record.ts';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import type { Scope } from '../../../../functions/web/http/tokens.ts';
import { putTask, task } from '../../register/derived/derivedCity.ts';
import { get, story } from './world.ts';

interface Asking {
  readonly scope?: Scope;
  readonly agencies?: readonly string[];
}

const opened = async (...tasks: readonly Task[]) => {
  const { world, approved } = await story();
  await Promise.all(tasks.map((each) => putTask(world.deps.ports.sideStore, each)));
  const list = async (query = '', { scope = 'state:read', agencies = [] }: Asking = {}) =>
    get(world, `/v1/tasks${query}`, await world.token(scope, agencies));
  return { approved, list };
};

const LATE = task({ key: 'acme.a', vendor: 'acme', kind: 'switch-off', because: 'revoked', urgent: true });
const SOON = task({ key: 'acme.b', vendor: 'acme', by: '2026-03-05T00:00:00.000Z' });
const LATER = task({ key: 'zeta.b', vendor: 'zeta', by: '2026-03-06T00:00:00.000Z' });

test('lists what the city must do: urgent first, then by day, what may be switched on last', async () => {
  const on = task({ key: 'acme', vendor: 'acme', kind: 'switch-on', because: 'approved', by: null, change: 'acme/1' });
  const { approved, list } = await opened(on, LATER, LATE, SOON);
  await approved();
  expect(await list()).toMatchObject({ status: 200, body: { items: [LATE, SOON, LATER, on], next: null } });
});

test('a page at a time, of one vendor, by either scope', async () => {
  const { list } = await opened(LATER, LATE, SOON);
  const first = await list('?vendor=acme&limit=1', { scope: 'observe' });
  expect(first.body).toMatchObject({ items: [LATE] });
  const { next } = first.body as { readonly next: string };
  expect((await list(`?vendor=acme&cursor=${next}`)).body).toMatchObject({ items: [SOON], next: null });
  expect(await list(`?vendor=zeta&cursor=${next}`)).toMatchObject({ status: 400 });
  expect(await list(`?vendor=acme&cursor=${next}`, { agencies: ['police'] })).toMatchObject({ status: 400 });
  expect(await list('?open=false')).toMatchObject({ status: 400, body: { errors: [{ pointer: '/open' }] } });
});

test('what is no longer approved is not to be switched on, whatever the list still says', async () => {
  const { list } = await opened(task({ key: 'acme.b', vendor: 'acme', kind: 'switch-on', because: 'approved', by: null }));
  expect((await list()).body).toMatchObject({ items: [] });
});

test('what may be switched on is listed for those alone for whom it is approved now', async () => {
  const on = task({ key: 'acme', vendor: 'acme', kind: 'switch-on', because: 'approved', by: null });
  for (const [listed, said] of [
    [null, ['police']],
    [['fire', 'police'], ['police']],
    [['fire'], undefined],
  ] as const) {
    const { approved, list } = await opened({ ...on, agencies: listed && [...listed] });
    await approved({}, { ...NO_TERMS, audience: ['police'] });
    expect((await list()).body.items).toMatchObject(said === undefined ? [] : [{ key: 'acme', agencies: said }]);
    expect((await list('', { agencies: ['fire'] })).body.items).toEqual([]);
  }
});

test('a token of some agencies sees what concerns them', async () => {
  const { list } = await opened(
    { ...LATE, agencies: ['fire', 'police'] },
    { ...SOON, agencies: ['fire'] },
    { ...LATER, agencies: null },
  );
  const agencies = ['police', 'transit'];
  expect((await list('', { agencies })).body).toMatchObject({
    items: [{ key: 'acme.a', agencies: ['police'] }, { key: 'zeta.b' }],
  });
});

test('a source that is silent has no key', async () => {
  const none = { key: null, change: null, digest: null };
  const silent = task({ ...none, kind: 'look', vendor: 'acme', source: 'round', because: 'silent' });
  const { list } = await opened(silent);
  expect((await list()).body).toMatchObject({ items: [silent] });
});
