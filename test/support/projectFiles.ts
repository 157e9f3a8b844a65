import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The project's root folder, whatever folder a command was started in. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Every file git tracks or would track (nothing ignored), relative to {@link ROOT}, that is on the disk, in order. */
export const projectFiles = (): readonly string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '' && existsSync(`${ROOT}${path}`))
    .sort();

/** The source folders whose imports have rules. */
export const SOURCE_FOLDERS = ['domain', 'functions', 'infra', 'test'] as const;

/** Every TypeScript file below {@link SOURCE_FOLDERS}: what an import check has to have read. */
export const sourceFiles = (): readonly string[] =>
  projectFiles().filter((path) => path.endsWith('.ts') && SOURCE_FOLDERS.some((folder) => path.startsWith(`${folder}/`)));
