import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeVendorForm } from '../../../functions/gate/vendors.ts';
import { healthOf, readableCheck } from '../../../functions/platform/health.ts';
import { MemoryIndex } from '../../../functions/register/memoryIndex.ts';
import { catchUp } from '../../../functions/register/project.ts';
import { apiApp } from '../../../functions/web/api/app.ts';
import { createToken, credentials } from '../../../functions/web/http/tokens.ts';
import { passkeyApp } from '../../../functions/web/passkeys/app.ts';
import { appOf, ROUTES } from '../../../functions/web/routes/table.ts';
import { siteApp } from '../../../functions/web/site/app.ts';
import { remac } from '../../support/macs.ts';
import { IS_PROOF } from '../../support/proof.ts';
import { type City, decision, ORIGIN, openCity, roll } from './site/support/city.ts';

interface Ask {
  readonly method: string;
  readonly path: string;
  readonly type?: string;
  readonly body?: string;
}

const FORMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/d/{token}/revoke': { reason: 'No.' },
  '/d/{token}/contest': { reason: 'No.' },
  '/d/{token}/desk/agenda': { body: 'council', change: 'acme.lpr/1' },
  '/d/{token}/desk/links': { holder: 'hm' },
  '/n/{token}': {
    feature: 'acme.other',
    kind: 'new-feature',
    title: 'Other',
    summary: 'Other.',
    nonce: '00000000-0000-4000-8000-000000000009',
  },
};
const BODIES: Readonly<Record<string, unknown>> = {
  '/ofrep/v1/evaluate/flags/{key+}': { context: {} },
  '/ofrep/v1/evaluate/flags': { context: { keys: ['acme', 'acme.lpr', 'zzz'] } },
  '/v1/observations': { vendor: 'acme', source: 'console', observedAt: '2026-03-03T00:00:00Z', features: { acme: true } },
  '/v1/intake': {
    notice: { feature: 'acme.told', kind: 'new-feature', title: 'Told', summary: 'Told.' },
    channel: 'telephone',
    heardAt: '2026-03-01',
  },
  '/v1/tokens': { name: 'more', scopes: ['state:read'] },
  '/v1/vendors': { id: 'other', name: 'Other' },
};
const QUERIES = ['', '?format=json', '?at=2026-03-03'];

let city: City;
let asks: readonly Ask[];
let database: DatabaseSync;
let ask: (asked: Ask) => Promise<Response>;
/** Opens the apps again, which remember some of what they read. */
let open: () => void;

beforeAll(async () => {
  city = await openCity();
  const { ports, deps } = city;
  const held = await city.notify();
  const { clerk, mayor } = await city.linksTo(held);
  await city.approve(held);
  const waiting = await city.notify({ feature: 'acme.lpr' });
  const { token } = await createToken(ports, { name: 'it', scopes: ['admin', 'notice', 'observe', 'state:read'], person: null });
  const form = await makeVendorForm(ports, 'acme', 'P30D');
  const health = healthOf([readableCheck(ports)], ports.clock, () => undefined);
  const mailer = { send: async () => {}, close: async () => {} };
  open = () => {
    const logger = () => undefined;
    const quiet = { ...deps, logger, ports: { ...ports, register: new MemoryIndex(ports, logger) } };
    const authenticate = credentials(ports);
    const apps = {
      site: siteApp(quiet),
      passkeys: passkeyApp({ ...quiet, mailer }),
      api: apiApp({ ...quiet, rosterSalt: new Uint8Array(32), leaseSeconds: 30, health, authenticate }),
    };
    ask = async ({ method, path, type, body }) => {
      const app = appOf(path.split('?', 1)[0] ?? '') as keyof typeof apps;
      const headers = {
        accept: app === 'api' ? 'application/json' : 'text/html',
        origin: ORIGIN,
        authorization: `Bearer ${token}`,
        ...(type !== undefined && { 'content-type': type }),
      };
      return apps[app].request(`${ORIGIN}${path}`, { method, headers, ...(body !== undefined && { body }) });
    };
  };
  open();
  const observed = { method: 'POST', path: '/v1/observations', type: 'application/json' };
  expect((await ask({ ...observed, body: JSON.stringify(BODIES['/v1/observations']) })).status).toBe(200);

  const links = [clerk, mayor, await city.toClerk(waiting), await city.link('h1', 'council', waiting)];
  const tokens = (path: string) => (path.startsWith('/n/') ? [form?.token ?? ''] : links.map((link) => link.slice('/d/'.length)));
  const filled = (path: string) => {
    const rest = path
      .replace('{n}', '1')
      .replace('{version}', '1')
      .replace('{id}', path.startsWith('/v1/holders') ? 'hm' : 'acme');
    const keys = /\{key\+?\}/.test(rest) ? ['acme', 'acme.lpr'].map((key) => rest.replace(/\{key\+?\}/, key)) : [rest];
    return keys.flatMap((each) => (each.includes('{token}') ? tokens(each).map((one) => each.replace('{token}', one)) : [each]));
  };
  const asksOf = (app: 'site' | 'passkeys' | 'api', method: string, path: string): readonly Ask[] => {
    if (path.includes('{file}') || path === '/v1/notices' || path.endsWith('/withdraw')) return [];
    const paths = filled(path);
    if (method === 'GET')
      return app === 'site' && !path.includes('{token}')
        ? paths.flatMap((each) => QUERIES.map((query) => ({ method, path: `${each}${query}` })))
        : paths.map((each) => ({ method, path: each }));
    if (app === 'api') {
      const body = BODIES[path];
      return body === undefined
        ? []
        : paths.map((each) => ({ method, path: each, type: 'application/json', body: JSON.stringify(body) }));
    }
    const fields = FORMS[path] ?? { ...decision(waiting), ...roll(3), lang: 'en' };
    const body = new URLSearchParams(fields).toString();
    return paths.map((each) => ({ method, path: each, type: 'application/x-www-form-urlencoded', body }));
  };
  asks = (['site', 'passkeys', 'api'] as const).flatMap((app) =>
    Object.entries(ROUTES[app]).flatMap(([path, methods]) => Object.keys(methods).flatMap((method) => asksOf(app, method, path))),
  );
  database = new DatabaseSync(city.path);
});
afterAll(async () => {
  database.close();
  await city.close();
});

const rowsOf = (pattern: string) =>
  database.prepare('SELECT stream, version, bytes, state FROM commits WHERE stream GLOB ? ORDER BY stream, version').all(pattern);

type Row = ReturnType<typeof rowsOf>[number];

const write = ({ stream, version }: Row, bytes: unknown, state: unknown) =>
  void database
    .prepare('UPDATE commits SET bytes = ?, state = ? WHERE stream = ? AND version = ?')
    .run(bytes as Uint8Array, String(state), stream ?? '', version ?? 0);
const macAnew = ({ stream, version }: Row) => remac(database, String(stream), Number(version));

/** The damages of a row: who wrote it had not the key, or had it and wrote what no code of the gate can read. */
const DAMAGES = {
  'altered bytes': (row: Row) => write(row, Buffer.from('{}'), row.state),
  'a state of another shape': (row: Row) => {
    write(row, row.bytes, '{"no":1}');
    macAnew(row);
  },
} as const;

const repair = (row: Row) => {
  write(row, row.bytes, row.state);
  macAnew(row);
};
/** Goes on as a process does that has just started. */
const goOn = async () => {
  await nextTurn();
  open();
};
const newestOf = (stream: string) => rowsOf(stream).at(-1) ?? expect.fail('no row');

test('a feature that cannot be read is off, and so is what lies beneath it', async () => {
  const row = newestOf('feature/acme');
  const flag = async (key: string) => {
    const answer = await ask({ method: 'POST', path: `/ofrep/v1/evaluate/flags/${key}`, type: 'application/json', body: '{}' });
    expect(answer.status).toBe(200);
    return answer.json();
  };
  expect(await flag('acme')).toMatchObject({ value: true });
  for (const damage of Object.values(DAMAGES)) {
    damage(row);
    await goOn();
    expect(await flag('acme')).toMatchObject({ value: false });
    expect(await flag('acme.lpr')).toMatchObject({ value: false });
    repair(row);
  }
  await goOn();
  expect(await flag('acme')).toMatchObject({ value: true });
});

test('a feature whose record cannot be read is off in the register and does not wait; a list says that it lacks its changes', async () => {
  const register = async (query = '') => (await ask({ method: 'GET', path: `/${query}` })).text();
  const numbers = async () =>
    (await register())
      .replaceAll(/<[^>]+>/g, ' ')
      .match(/\d+\s+(?:on|waiting|off)\b/g)
      ?.slice(0, 3)
      .map((each) => each.replace(/\s+/, ' ')) ?? [];
  const listed = async () => (await ask({ method: 'GET', path: '/v1/changes' })).json();
  expect(await numbers()).toEqual(['1 on', '1 waiting', '0 off']);
  expect(await listed()).not.toHaveProperty('fault');
  expect(await register()).toContain('<small>Waiting for');
  const row = newestOf('feature/acme.lpr');
  DAMAGES['altered bytes'](row);
  await goOn();
  await catchUp(city.ports, 'acme.lpr');
  expect(await numbers()).toEqual(['1 on', '0 waiting', '1 off']);
  expect(await listed()).toMatchObject({ items: [{ change: 'acme/1' }], fault: true });
  expect(await register()).toContain('Its record cannot be used now, so it is off.');
  expect(await register()).not.toContain('<small>Waiting for');
  expect(await register('?lang=es')).toContain('Sus datos no se pueden usar ahora, así que está apagado.');
  repair(row);
  await goOn();
  await catchUp(city.ports, 'acme.lpr');
  expect(await numbers()).toEqual(['1 on', '1 waiting', '0 off']);
});

const WORDS = /urn:aldergate:problem:unreadable-record|A record cannot be used now|Un dato guardado no se puede usar ahora/;

// The walk sends forms, too, so what is decided differs afterwards.
test.each(
  // Who reads a stream finds either damage in the same place, so the second is looked at where most is read. Of the other streams each
  // takes another third of the requests.
  (
    [
      ['altered bytes', 'feature/*'],
      ['a state of another shape', 'feature/*'],
      ['altered bytes', 'vendor/*'],
      ['altered bytes', 'policy'],
      ['altered bytes', 'roster'],
      ['altered bytes', 'settings'],
      ['altered bytes', 'observation/*'],
      ['altered bytes', 'receipt/*'],
      ['altered bytes', 'access/*'],
    ] as const
  ).map(([damage, stream], index) => ({ damage, stream, part: stream === 'feature/*' || IS_PROOF ? undefined : index % 3 })),
)('$damage in $stream: no page and no route answers other than with a clear word', async ({ stream, damage, part }) => {
  const rows = rowsOf(stream);
  const newest = rows.filter((row, index) => rows[index + 1]?.stream !== row.stream);
  expect(newest).not.toHaveLength(0);
  for (const row of newest) DAMAGES[damage](row);
  await goOn();
  const wrong: string[] = [];
  for (const [index, asked] of asks.entries()) {
    if (part !== undefined && index % 3 !== part) continue;
    const answer = await ask(asked);
    if (answer.status < 500) continue;
    const body = await answer.text();
    if (answer.status === 503 && (WORDS.test(body) || asked.path === '/readyz')) continue;
    wrong.push(`${asked.method} ${asked.path}: ${answer.status} ${body.slice(0, 100)}`);
  }
  for (const row of newest) repair(row);
  await nextTurn();
  expect(wrong).toStrictEqual([]);
});
