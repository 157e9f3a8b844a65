import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROUTES } from '../../../functions/web/routes/table.ts';
import { type Server, startGenerator, startServer, stopAll } from '../processes.ts';
import { ASKED, makeRegister, PENDING, type Register, VENDOR } from '../register.ts';
import { aldergate, bytesOf, signedNotices } from '../requests.ts';
import { makeFolder } from '../settings.ts';
import { figure, type Part, quantile, tableOf } from '../table.ts';

const VENDORS = 4;
const MB = 2 ** 20;
/** Each address is asked so often, after a first time that is not counted. */
const TIMES = 9;
/** Only pages and answers that grow by more, or take longer at the largest size, are listed. */
const FLAT = { growth: 1.25, msMax: 5 } as const;

const LEFT_OUT = /^\/(?:[dmn]\/|dev\/|assets|favicon|robots|\.well-known|v1\/gate|log\/(?:tile|notice|document))/;
const PARAMETERS: Readonly<Record<string, string>> = { key: PENDING, id: VENDOR, page: 'it' };
/** What addresses are asked with: pages that a register of a hundred features fills, too, so that all have one length. */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  '/': ['', '?q=plain words', '?status=pending&limit=20', '?q=no such words'],
  '/v1/features': ['', '?status=pending&limit=20', `?prefix=${VENDOR}`],
  '/v1/changes': ['', '?status=pending&limit=20'],
  '/packet': [`?change=${PENDING}/1`],
  '/v1/policy/explain': [`?key=${PENDING}&kind=update`],
};

type Figures = Readonly<Record<string, number>>;

/** Returns the median time of an answer. */
const median = async (ask: (n: number) => Promise<unknown>) => {
  const took: number[] = [];
  for (let n = 0; n <= TIMES; n += 1) {
    const asked = performance.now();
    await ask(n);
    took.push(performance.now() - asked);
  }
  return quantile(took.slice(1), 0.5);
};

const send = async ({ port }: Server, path: string, init: RequestInit, status = 200) => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init });
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 300)}`);
  return answer.headers;
};

const pages = async (server: Server, { token }: Register): Promise<Figures> => {
  const times: Record<string, number> = {};
  const routes = Object.values(ROUTES).flatMap((table) => Object.entries(table));
  for (const [pattern, methods] of routes) {
    if (!('GET' in methods) || LEFT_OUT.test(pattern)) continue;
    const path = pattern.replaceAll(/\{(\w+)\}/g, (_, name) => PARAMETERS[name] ?? '1');
    const headers = { authorization: `Bearer ${token}`, ...(!path.startsWith('/v1/') && { accept: 'text/html' }) };
    for (const query of QUERIES[pattern] ?? [''])
      times[`${pattern}${query}`] = await median(() => send(server, `${path}${query}`, { headers }));
  }
  return times;
};

const BULK = '/ofrep/v1/evaluate/flags';
const jsonBy = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });
const bodyOf = (agency: string) => JSON.stringify({ context: { targetingKey: 'unit-7', agency } });

const bulk = async (server: Server, { token }: Register): Promise<Figures> => {
  const ask = (agency: string, more: object = {}, status = 200) => {
    const headers = { ...jsonBy(token), ...more };
    return send(server, BULK, { method: 'POST', headers, body: bodyOf(agency) }, status);
  };
  const fresh = await median((n) => ask(`agency-${n}`));
  const unchanged = { 'if-none-match': (await ask('police')).get('etag') ?? '' };
  return {
    'bulk, 304, ms': await median(() => ask('police', unchanged, 304)),
    'bulk, 200 for an agency asked for lately, ms': await median(() => ask('police')),
    'bulk, 200 for another agency, ms': fresh,
  };
};

const oneAnswer = async ({ port }: Server, register: Register, count: number): Promise<Figures> => {
  const [ask, notify] = [await startGenerator(), await startGenerator()];
  const question = bytesOf(`POST ${BULK}/${ASKED}`, jsonBy(register.token), bodyOf('police'));
  const asked = { port, clients: 1, requests: Array.from({ length: count }, () => question), status: 200, pauseMs: 3 };
  const alone = await ask(asked);
  const notices = signedNotices(register, 'growth', 400);
  const [beside] = await Promise.all([ask(asked), notify({ port, clients: 1, requests: notices, status: 202 })]);
  return {
    'one OFREP answer, p50, ms': quantile(alone, 0.5),
    'one OFREP answer, p99, ms': quantile(alone, 0.99),
    'one OFREP answer beside notices, p99, ms': quantile(beside, 0.99),
  };
};

/** Serves a register as `npm start` does and takes its figures, in the order in which they disturb each other least. */
const served = async (data: string, register: Register, quick: boolean) => {
  const started = performance.now();
  const server = await startServer('whole.ts', data);
  const listening = performance.now() - started;
  await send(server, '/', { headers: { accept: 'text/html' } });
  const shown = performance.now() - started;
  const { rssBytes, processUs } = await server.settled();
  const idleMs = quick ? 2_000 : 10_000;
  await sleep(idleMs);
  const idleUs = (await server.usage()).processUs - processUs;
  const asked = await pages(server, register);
  const inBulk = await bulk(server, register);
  const answers: Figures = {
    ...(await oneAnswer(server, register, quick ? 150 : 600)),
    ...inBulk,
    'idle, process, % of a core': idleUs / 10 / idleMs,
    'memory when started, MB': rssBytes / MB,
    'memory after all of this, MB': (await server.usage()).rssBytes / MB,
    'start until it listens, ms': listening,
    'start until the register is shown, ms': shown,
  };
  await stopAll();
  return [answers, asked] as const;
};

/** Moves, rebuilds and checks a register by the commands of `aldergate`, then serves it. */
const measureSize = async (features: number, quick: boolean): Promise<readonly Figures[]> => {
  const path = makeFolder();
  const [made, data, archive] = [join(path, 'made'), join(path, 'data'), join(path, 'archive.ndjson')];
  const register = await makeRegister(made, features, VENDORS);
  mkdirSync(data, { mode: 0o700 });
  const ended = {
    export: await aldergate(made, 'export', archive),
    import: await aldergate(data, 'import', archive),
    rebuild: await aldergate(data, 'rebuild'),
    fsck: await aldergate(data, 'fsck'),
    verify: await aldergate(made, 'verify', 'log', '--key', register.vkey, '--state', join(path, 'verified.json')),
  };
  const figures = Object.entries(ended).flatMap(([name, { wallMs, cpuMs, peakMb }]) => [
    [`${name}, s`, wallMs / 1_000],
    [`${name}, s of processor`, cpuMs / 1_000],
    [`${name}, MB at most`, peakMb],
  ]);
  const [answers, asked] = await served(data, register, quick);
  return [answers, Object.fromEntries(figures), asked];
};

/** Measures what grows with the number of features, and what does not. */
export const growth: Part = async (quick) => {
  const sizes = quick ? [10, 100] : [100, 1_000, 10_000];
  const measured: (readonly Figures[])[] = [];
  for (const size of sizes) measured.push(await measureSize(size, quick));
  const [answers = [], moved = [], asked = []] = [0, 1, 2].map((part) => {
    const columns = measured.map((each) => each[part] ?? {});
    return Object.keys(columns[0] ?? {}).map((name) => [name, ...columns.map((column) => column[name] ?? Number.NaN)] as const);
  });
  const grown = (figures: readonly number[]) => (figures.at(-1) ?? Number.NaN) / (figures[0] ?? Number.NaN);
  const table = (title: string, rows: typeof answers) =>
    tableOf(
      [title, ...sizes.map(figure), `${figure(sizes.at(-1) ?? 0)} to ${figure(sizes[0] ?? 0)}`],
      rows.map(([name, ...figures]) => [name, ...figures.map(figure), figure(grown(figures))]),
    );
  const listed = asked.filter(([, ...figures]) => grown(figures) > FLAT.growth || (figures.at(-1) ?? 0) > FLAT.msMax);
  const flat = asked.length - listed.length;
  return [
    table('with so many features', answers),
    table('command, with so many features', moved),
    table('page or answer, p50 in ms, with so many features', listed),
    `${flat} more pages and answers take at most ${FLAT.msMax} ms, and at most ${FLAT.growth} times what they take at the smallest size.`,
  ];
};
