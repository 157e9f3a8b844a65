import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder, whatever folder a command was started in. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The source folders whose imports have rules. */
export const SOURCE_FOLDERS = ['domain', 'functions', 'infra', 'test'] as const;

/** Every file git tracks or would track (nothing ignored) that is on the disk, relative to the root, in order. Needs git. */
export const projectFiles = (root = ROOT): readonly string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .sort();

/** Every TypeScript file below {@link SOURCE_FOLDERS}: what an import check has to have read. */
export const sourceFiles = (root = ROOT): readonly string[] =>
  projectFiles(root).filter((path) => path.endsWith('.ts') && SOURCE_FOLDERS.some((folder) => path.startsWith(`${folder}/`)));

export const textOf = (path: string, root = ROOT): string => readFileSync(join(root, path), 'utf8');
