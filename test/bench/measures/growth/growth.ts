import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatVerifierKey } from '../../../../domain/log/verifierKey.ts';
import { openInstallation } from '../../../../infra/local/installation.ts';
import { publishedPorts } from '../../../../infra/local/sequencing.ts';
import { makeFolder } from '../../folder.ts';
import { start } from '../../processes.ts';
import { makeRegister } from '../../register.ts';
import { settingsOf } from '../../settings.ts';
import { figure } from '../../table.ts';
import { type Generator, startGenerator } from '../loaded.ts';
import type { Measured, Scale, Table } from '../result.ts';
import { aldergate, type Ended } from './commands.ts';
import { type Spans, served } from './served.ts';

const SIZES = [10, 100, 1_000, 10_000];
const QUICK_SIZES = [10, 100];

/** The commands that rebuild and check a register are measured up to this size; they take minutes beyond it. */
const CHECKED_MAX = 10_000;

/** Figures of one size, by the name of their line. */
type Figures = ReadonlyMap<string, number>;

const vkeyIn = async (data: string): Promise<string> => {
  const installation = openInstallation(settingsOf(data));
  try {
    return formatVerifierKey((await publishedPorts(installation, () => undefined)).signer.key);
  } finally {
    await installation.close();
  }
};

const spent = (name: string, { wallMs, cpuMs, peakMb }: Ended): readonly (readonly [string, number])[] => [
  [`${name}, s`, wallMs / 1_000],
  [`${name}, s of processor`, cpuMs / 1_000],
  [`${name}, MB at most`, peakMb],
];

/** Measures the commands that rebuild and check what was imported. */
const checks = async (path: string, data: string): Promise<readonly (readonly [string, number])[]> => {
  const rebuilt = await aldergate(data, 'rebuild');
  const checked = await aldergate(data, 'fsck');
  const state = join(path, 'verified.json');
  const verified = await aldergate(data, 'verify', join(data, 'log'), '--key', await vkeyIn(data), '--state', state);
  return [...spent('rebuild', rebuilt), ...spent('fsck', checked), ...spent('verify', verified)];
};

/** Measures a register of so many features: moved by export and import, checked if that is a matter of seconds, then served. */
const measureSize = async (path: string, features: number, generator: Generator, spans: Spans): Promise<readonly Figures[]> => {
  const [made, data, archive] = [join(path, 'made'), join(path, 'data'), join(path, 'archive.ndjson')];
  const { secret, token } = await makeRegister(made, features);
  mkdirSync(data, { mode: 0o700 });
  const exported = await aldergate(made, 'export', archive, '--private');
  const imported = await aldergate(data, 'import', archive, '--private');
  const checked = features > CHECKED_MAX ? [] : await checks(path, data);
  const clock = await start<{ readonly first: number; readonly later: number }, never, never>('servers/clockRun.ts', data);
  await clock.stop();
  const { pages, bulk, ofrep, idle, ...rest } = await served(data, { generator, secret, token }, spans);
  const answers = new Map([
    ['one OFREP answer, p50, ms', ofrep.p50],
    ['one OFREP answer, p99, ms', ofrep.p99],
    ['one OFREP answer beside notices, p99, ms', ofrep.p99Under],
    ['bulk, 304, ms', bulk.unchanged],
    ['bulk, 200 for an agency asked for lately, ms', bulk.again],
    ['bulk, 200 for another agency, ms', bulk.fresh],
    ['clock, one run, ms of processor', clock.ready.later],
    ['clock, first run of a process, ms of processor', clock.ready.first],
    ['idle, answering thread, % of a core', idle.thread],
    ['idle, process, % of a core', idle.whole],
    ['memory when started, MB', rest.startedMb],
    ['memory after all of this, MB', rest.usedMb],
    ['start until it listens, ms', rest.listeningMs],
    ['start until the register is shown, ms', rest.answeredMs],
  ]);
  return [answers, new Map([...spent('import', imported), ...spent('export', exported), ...checked]), pages];
};

const HEADS = ['with so many features', 'command, with so many features', 'page or answer, p50 in ms, with so many features'];

/** Returns a table of a column for each size, and of the growth from 100 to the largest. */
const tableOf = (title: string, sizes: readonly number[], columns: readonly Figures[]): Table => {
  const base = sizes.indexOf(100);
  const growth = base >= 0 && base < sizes.length - 1 ? [`${figure(sizes.at(-1) ?? 0)} to 100`] : [];
  const names = [...(columns[0]?.keys() ?? [])];
  return {
    head: [title, ...sizes.map(figure), ...growth],
    rows: names.map((name) => {
      const row = columns.map((column) => column.get(name) ?? Number.NaN);
      return [name, ...row.map(figure), ...growth.map(() => figure((row.at(-1) ?? Number.NaN) / (row[base] ?? Number.NaN)))];
    }),
  };
};

/** Measures what grows with the number of features, and what does not. */
export const growth = async ({ quick, features }: Scale): Promise<Measured> => {
  const sizes = features ?? (quick ? QUICK_SIZES : SIZES);
  const spans = quick ? { idleMs: 2_000, probedMs: 500 } : { idleMs: 10_000, probedMs: 2_000 };
  const generator = await startGenerator();
  const columns: (readonly Figures[])[] = [];
  try {
    for (const size of sizes) {
      process.stderr.write(`  ${figure(size)} features …\n`);
      columns.push(await measureSize(makeFolder(), size, generator, spans));
    }
  } finally {
    await generator.stop();
  }
  const tables = HEADS.map((title, index) =>
    tableOf(
      title,
      sizes,
      columns.map((column) => column[index] ?? new Map()),
    ),
  );
  return { results: [], tables };
};
