import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import { ROOT, SOURCE_FOLDERS, sourceFiles, textOf } from './projectFiles.ts';

/** What a run over the imports found. */
export interface ImportReport {
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
  const isRead = (path: string): boolean => {
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
