import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/projectFiles.ts';
import { filledFolder } from '../support/sharedFolder.ts';

const GO = 'go';
const GOPATH = '/usr/share/gocode';

/** Why the judge cannot be built here, and how that is changed; undefined where it can. */
export const goMissing = (): string | undefined => {
  const hasGo = spawnSync(GO, ['version']).status === 0;
  const hasTlog = existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog/tlog.go'));
  return hasGo && hasTlog ? undefined : 'Go is missing: apt-get install -y golang-go golang-golang-x-mod-dev';
};

/**
 * Returns the judge, built once a run, offline, from the packages that Debian installs. Throws with the compiler's words. `fast`:
 * optimised, which takes half as long again where Go's own library is not compiled yet.
 */
export const builtJudge = (fast = false): string =>
  join(
    filledFolder('judge', (folder) => build(folder, fast)),
    'judge',
  );

const build = (folder: string, fast: boolean): void => {
  const flags = fast ? [] : ['-gcflags=all=-N -l'];
  const built = spawnSync(GO, ['build', ...flags, '-o', join(folder, 'judge'), '.'], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: {
      GOCACHE: join(ROOT, 'node_modules/.cache/aldergate/go'),
      ...process.env,
      GO111MODULE: 'off',
      GOPATH,
      GOPROXY: 'off',
      GOFLAGS: '',
      GOTOOLCHAIN: 'local',
    },
  });
  if (built.status !== 0) throw new Error(`go build: ${built.stderr || built.error?.message}`);
};

/** What the judge counted; see `Counts` in main.go. */
interface JudgeCounts {
  readonly size: number;
  readonly checkpoints: number;
  readonly cosignatures: number;
  readonly entries: number;
  readonly bundles: number;
  readonly tiles: number;
  readonly inclusions: number;
  readonly consistencies: number;
  readonly receipts: number;
  readonly requests: number;
  /** With `-commits` only. */
  readonly commits?: number;
}

/** Runs the judge: what it counted, or why it refuses. */
export const runJudge = (judge: string, args: readonly string[]): JudgeCounts | string => {
  const { status, stdout, stderr, error } = spawnSync(judge, args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  return status === 0 ? JSON.parse(stdout) : stderr.trim();
};
