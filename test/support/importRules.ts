import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import { ROOT, SOURCE_FOLDERS, sourceFiles, textOf } from './projectFiles.ts';

/** What a run over the imports found. */
interface ImportReport {
  /** How many of the project's own files were read. */
  readonly read: number;
  /** Files git knows that were not read, or read without seeing their imports: with one of these, no violations means nothing. */
  readonly unread: readonly string[];
  /** One line a broken rule: `rule: from → to`. */
  readonly violations: readonly string[];
}

const IMPORTS = /^(?:import|export|\})[^\n]* from '|^import '/m;

const options = (root: string): ICruiseOptions => {
  const { options: settings, ...ruleSet } = JSON.parse(textOf('.dependency-cruiser.json'));
  return { ...settings, ruleSet, validate: true, baseDir: root };
};

/**
 * Reads every import below the source folders and judges it by `.dependency-cruiser.json`.
 * A parser that does not fit makes dependency-cruiser read nothing and report success, so what it read is compared with git's files.
 */
export const checkImports = async (root = ROOT): Promise<ImportReport> => {
  const wanted = sourceFiles(root);
  const { output } = await cruise(
    SOURCE_FOLDERS.filter((folder) => existsSync(join(root, folder))),
    options(root),
  );
  const { modules, summary } = output as ICruiseResult;
  const importsSeen = new Map(modules.map(({ source, dependencies }) => [source, dependencies.length]));
  const isRead = (path: string) => {
    const seen = importsSeen.get(path);
    return seen !== undefined && (seen > 0 || !IMPORTS.test(textOf(path, root)));
  };
  const unread = wanted.filter((path) => !isRead(path));
  return {
    read: wanted.length - unread.length,
    unread,
    violations: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`),
  };
};

/**
 * The rooms of the product, floor by floor from the top. A floor imports from floors below it; rooms of one floor do not import
 * each other.
 */
export const FLOORS = [
  ['infra'],
  ['functions/handlers'],
  ['functions/web'],
  ['functions/log', 'functions/reactions'],
  ['functions/register'],
  ['functions/gate'],
  ['functions/platform'],
  ['domain'],
] as const;

type Room = (typeof FLOORS)[number][number];

const ROOMS: readonly Room[] = FLOORS.flat();
const IMPORT = /(?:from|import\() ?'(\.{1,2}\/[^']+)'/g;

const roomOf = (path: string): Room | undefined => ROOMS.find((room) => path.startsWith(`${room}/`));

/** An arrow of the picture: how many files of one room import from another. */
interface Arrow {
  readonly from: Room;
  readonly to: Room;
  readonly files: number;
}

export const arrows = (): readonly Arrow[] => {
  const counts = new Map<string, number>();
  for (const path of sourceFiles()) {
    const from = roomOf(path);
    if (from === undefined) continue;
    const targets = [...textOf(path).matchAll(IMPORT)].map(([, target = '']) => roomOf(normalize(join(dirname(path), target))));
    for (const to of new Set(targets))
      if (to !== undefined && to !== from) counts.set(`${from} ${to}`, (counts.get(`${from} ${to}`) ?? 0) + 1);
  }
  return ROOMS.flatMap((from) => ROOMS.map((to) => ({ from, to, files: counts.get(`${from} ${to}`) ?? 0 }))).filter(
    ({ files }) => files > 0,
  );
};

export const floorOf = (room: Room): number => FLOORS.findIndex((rooms) => (rooms as readonly Room[]).includes(room));

const idOf = (room: Room) => room.replace('/', '_');

/**
 * Draws the rooms and their imports as a Mermaid flowchart. Arrows have no numbers, so that the picture changes when a room begins or
 * stops to import from another, and not with each import.
 */
export const picture = (): string => {
  const floors = FLOORS.map((rooms, index) =>
    [
      `  subgraph floor${FLOORS.length - index} [" "]`,
      '    direction LR',
      ...rooms.map((room) => `    ${idOf(room)}["${room}"]`),
      '  end',
    ].join('\n'),
  );
  const lines = arrows().map(({ from, to }) => `  ${idOf(from)} --> ${idOf(to)}`);
  return ['```mermaid', 'flowchart TD', ...floors, ...lines, '```'].join('\n');
};
