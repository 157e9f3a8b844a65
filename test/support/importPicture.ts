import { dirname, join, normalize } from 'node:path';
import { sourceFiles, textOf } from './projectFiles.ts';

/** The rooms of the product, floor by floor from the top. A floor imports from floors below it; rooms of one floor do not import each other. */
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
export interface Arrow {
  readonly from: Room;
  readonly to: Room;
  readonly files: number;
}

/** Counts the imports between rooms, in the order of the floors. */
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

/** The floor of a room, counted from the top. */
export const floorOf = (room: Room): number => FLOORS.findIndex((rooms) => (rooms as readonly Room[]).includes(room));

const idOf = (room: Room): string => room.replace('/', '_');

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
