import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROUTES } from '../../../functions/web/routes/table.ts';
import { VENDOR } from '../city.ts';
import { type Server, startServer } from '../processes.ts';
import { makeRegister, PENDING, type Register } from '../register.ts';
import { aldergate, type Ended, evaluation, signedNotices, verified } from '../requests.ts';
import { makeFolder } from '../settings.ts';
import { figure, type Measured, percentile, type Scale, spreadOf, type Table } from '../table.ts';
import { type Generator, startGenerator } from './server.ts';

const SIZES = [100, 1_000, 10_000];
const QUICK_SIZES = [10, 100];
const VENDORS = 4;
const NOTICES = 400;
/** Each address is asked so often, or until the time is over, but at least the least number of times after one that is not counted. */
const TIMES = { least: 3, most: 20, msMax: 200 } as const;

const LEFT_OUT = /^\/(?:[dmn]\/|dev\/|assets|favicon|robots|\.well-known|v1\/gate|log\/(?:tile|notice|document))/;
/** Searches and filters, with a page that a register of a hundred features fills, too, so that pages of the same length are compared. */
const SEARCHES: Readonly<Record<string, readonly string[]>> = {
  '/': ['q=plain words', 'status=pending&limit=20', 'q=no such words'],
  '/v1/features': ['status=pending&limit=20', `prefix=${VENDOR}`],
  '/v1/changes': ['status=pending&limit=20'],
};
const NEEDED: Readonly<Record<string, string>> = {
  '/packet': `change=${PENDING}/1`,
  '/v1/policy/explain': `key=${PENDING}&kind=update`,
};

const PARAMETERS: Readonly<Record<string, string>> = { key: PENDING, id: VENDOR, page: 'it' };

type Figures = readonly (readonly [string, number])[];

const addresses = (): readonly (readonly [string, string])[] =>
  Object.values(ROUTES)
    .flatMap((table) => Object.entries(table))
    .filter(([pattern, methods]) => 'GET' in methods && !LEFT_OUT.test(pattern))
    .flatMap(([pattern]) => {
      const path = pattern.replaceAll(/\{(\w+)\}/g, (_, name) => PARAMETERS[name] ?? '1');
      const plain = [pattern, NEEDED[pattern] === undefined ? path : `${path}?${NEEDED[pattern]}`] as const;
      const searches = SEARCHES[pattern] ?? [];
      return [plain, ...searches.map((each) => [`${pattern}?${each}`, `${path}?${each.replaceAll(' ', '+')}`] as const)];
    });

const median = async (ask: (n: number) => Promise<unknown>): Promise<number> => {
  await ask(0);
  const took: number[] = [];
  const started = performance.now();
  while (took.length < TIMES.least || (took.length < TIMES.most && performance.now() - started < TIMES.msMax)) {
    const asked = performance.now();
    await ask(took.length + 1);
    took.push(performance.now() - asked);
  }
  return spreadOf(took).median;
};

const send = async ({ port }: Server, path: string, init: RequestInit, status = 200): Promise<Headers> => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init });
  const text = await answer.text();
  if (answer.status !== status) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 300)}`);
  return answer.headers;
};

const pages = async (server: Server, token: string): Promise<Figures> => {
  const times: (readonly [string, number])[] = [];
  for (const [name, path] of addresses()) {
    const headers = { authorization: `Bearer ${token}`, ...(!path.startsWith('/v1/') && { accept: 'text/html' }) };
    times.push([name, await median(() => send(server, path, { headers }))]);
  }
  return times;
};

const bulk = async (server: Server, token: string): Promise<Figures> => {
  const path = '/ofrep/v1/evaluate/flags';
  const { headers } = evaluation(token);
  const bodyOf = (agency: string) => JSON.stringify({ context: { targetingKey: 'unit-7', agency } });
  const known = { method: 'POST', headers, body: bodyOf('police') };
  const fresh = await median((n) => send(server, path, { ...known, body: bodyOf(`agency-${n}`) }));
  const etag = (await send(server, path, known)).get('etag') ?? '';
  const unchanged = { ...known, headers: { ...headers, 'if-none-match': etag } };
  return [
    ['bulk, 304, ms', await median(() => send(server, path, unchanged, 304))],
    ['bulk, 200 for an agency asked for lately, ms', await median(() => send(server, path, known))],
    ['bulk, 200 for another agency, ms', fresh],
  ];
};

const oneAnswer = async (server: Server, generator: Generator, { secrets, token }: Register, ms: number): Promise<Figures> => {
  const probe = { request: evaluation(token).bytes, everyMs: 3, atLeastMs: ms };
  const load = { port: server.port, clients: 0, requests: [], status: 202, probe };
  const alone = (await generator.ask(load)).probedMs;
  const requests = signedNotices(secrets, 'growth', NOTICES).map(({ bytes }) => bytes);
  const beside = (await generator.ask({ ...load, clients: 1, requests })).probedMs;
  return [
    ['one OFREP answer, p50, ms', percentile(alone, 0.5)],
    ['one OFREP answer, p99, ms', percentile(alone, 0.99)],
    ['one OFREP answer beside notices, p99, ms', percentile(beside, 0.99)],
  ];
};

const idleShare = async (server: Server, ms: number): Promise<number> => {
  const [before, started] = [await server.usage(), performance.now()];
  await sleep(ms);
  return ((await server.usage()).processUs - before.processUs) / 10 / (performance.now() - started);
};

/** Serves a register as `npm start` does and takes its figures, in the order in which they disturb each other least. */
const served = async (data: string, generator: Generator, register: Register, quick: boolean) => {
  const started = performance.now();
  const server = await startServer('whole.ts', data);
  try {
    const listening = performance.now() - started;
    await send(server, '/', { headers: { accept: 'text/html' } });
    const shown = performance.now() - started;
    await server.settled();
    const memory = (await server.usage()).rssBytes / 1_048_576;
    const idle = await idleShare(server, quick ? 2_000 : 10_000);
    const asked = await pages(server, register.token);
    const inBulk = await bulk(server, register.token);
    const answers: Figures = [
      ...(await oneAnswer(server, generator, register, quick ? 500 : 2_000)),
      ...inBulk,
      ['idle, process, % of a core', idle],
      ['memory when started, MB', memory],
      ['memory after all of this, MB', (await server.usage()).rssBytes / 1_048_576],
      ['start until it listens, ms', listening],
      ['start until the register is shown, ms', shown],
    ];
    return [answers, asked] as const;
  } finally {
    await server.stop();
  }
};

const spent = (name: string, { wallMs, cpuMs, peakMb }: Ended): Figures => [
  [`${name}, s`, wallMs / 1_000],
  [`${name}, s of processor`, cpuMs / 1_000],
  [`${name}, MB at most`, peakMb],
];

const measureSize = async (features: number, generator: Generator, quick: boolean): Promise<readonly Figures[]> => {
  const path = makeFolder();
  const [made, data, archive] = [join(path, 'made'), join(path, 'data'), join(path, 'archive.ndjson')];
  const register = await makeRegister(made, { features, vendors: VENDORS });
  mkdirSync(data, { mode: 0o700 });
  const moved = [
    ...spent('export', await aldergate(made, 'export', archive)),
    ...spent('import', await aldergate(data, 'import', archive)),
    ...spent('rebuild', await aldergate(data, 'rebuild')),
    ...spent('fsck', await aldergate(data, 'fsck')),
    ...spent('verify', await verified(data, join(path, 'verified.json'))),
  ];
  const [answers, asked] = await served(data, generator, register, quick);
  return [answers, moved, asked];
};

const tableOf = (title: string, sizes: readonly number[], columns: readonly Figures[]): Table => ({
  head: [title, ...sizes.map(figure), `${figure(sizes.at(-1) ?? 0)} to ${figure(sizes[0] ?? 0)}`],
  rows: (columns[0] ?? []).map(([name], line) => {
    const row = columns.map((column) => column[line]?.[1] ?? Number.NaN);
    return [name, ...row.map(figure), figure((row.at(-1) ?? Number.NaN) / (row[0] ?? Number.NaN))];
  }),
});

const HEADS = ['with so many features', 'command, with so many features', 'page or answer, p50 in ms, with so many features'];

/** Of pages and answers only those are listed that grow by more, or take longer at the largest size. */
const FLAT = { growth: 1.25, msMax: 5 } as const;

/** Divides the figures of pages and answers, a column for each size, into those to list and the names of all others. */
const divided = (columns: readonly Figures[]) => {
  const at = (column: Figures | undefined, line: number): number => column?.[line]?.[1] ?? Number.NaN;
  const isFlat = (line: number): boolean => {
    const largest = at(columns.at(-1), line);
    return largest / at(columns[0], line) <= FLAT.growth && largest <= FLAT.msMax;
  };
  const flat = (columns[0] ?? []).flatMap(([name], line) => (isFlat(line) ? [name] : []));
  return { listed: columns.map((column) => column.filter(([name]) => !flat.includes(name))), flat };
};

/** Measures what grows with the number of features, and what does not. */
export const growth = async ({ quick }: Scale): Promise<Measured> => {
  const sizes = quick ? QUICK_SIZES : SIZES;
  const generator = await startGenerator();
  const columns: (readonly Figures[])[] = [];
  try {
    for (const size of sizes) {
      process.stderr.write(`  ${figure(size)} features …\n`);
      columns.push(await measureSize(size, generator, quick));
    }
  } finally {
    await generator.stop();
  }
  const [grown, moved, asked] = HEADS.map((_, index) => columns.map((column) => column[index] ?? []));
  const { listed, flat } = divided(asked ?? []);
  const tables = [grown, moved, listed].map((each, index) => tableOf(HEADS[index] ?? '', sizes, each ?? []));
  const others = `${flat.length} more pages and answers take at most ${FLAT.msMax} ms, and at most ${FLAT.growth} times what they take at the smallest size.`;
  return { tables, notes: [others] };
};
