import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Example } from '../../../../functions/web/docs/description.ts';
import { askExamples, noticeExamples, observationExample } from '../../../../functions/web/docs/examples.ts';

import { folderOfTest } from '../../../support/folders.ts';
import { ROOT } from '../../../support/projectFiles.ts';
import { listening } from '../api/ofrep/story.ts';
import { approve, notified, openWorld, secretVendor } from '../api/world.ts';

const run = promisify(execFile);
const PROGRAMS = { bash: ['bash', 'sh'], js: [process.execPath, 'mjs'], python: ['python3', 'py'] } as const;
/** Its packages come from an index of their own, so it is compiled here and not run. */
const COMPILED_ONLY = 'ask-openfeature-python';
const PATH = [join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
const NOTICE = { feature: 'northcam.lpr.x', kind: 'new-feature', title: 'A title', summary: 'A summary.' };

/** The package as it is installed: its client compiled. */
let installed = '';
beforeAll(async () => {
  installed = mkdtempSync(join(tmpdir(), 'aldergate-installed-'));
  copyFileSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  const compiled = join(installed, 'dist', 'client');
  await run('tsc', ['-p', join(ROOT, 'infra', 'client'), '--outDir', compiled], { env: { ...process.env, PATH } });
});
afterAll(() => rmSync(installed, { recursive: true, force: true }));

const folderFor = (): string => {
  const folder = folderOfTest('example');
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['@openfeature', 'standardwebhooks'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  symlinkSync(installed, join(folder, 'node_modules', 'aldergate'));
  writeFileSync(join(folder, 'notice.json'), JSON.stringify(NOTICE));
  return folder;
};

const printed = async ({ lang, code }: Example, env: Record<string, string>): Promise<string> => {
  const [program, ending] = PROGRAMS[lang];
  const folder = folderFor();
  writeFileSync(join(folder, `example.${ending}`), code);
  const { stdout } = await run(program, [`example.${ending}`], { cwd: folder, env: { ...process.env, ...env, PATH } });
  return stdout.trim();
};

const hasPython = await run('python3', ['--version']).then(
  () => true,
  () => false,
);
/** What can be run here; where Python is missing its programs are left out, and the count says so. */
const runnable = (examples: readonly Example[]) =>
  examples.filter(({ id, lang }) => id !== COMPILED_ONLY && (lang !== 'python' || hasPython));

const gate = async () => {
  const world = await openWorld();
  world.at(new Date().toISOString());
  const northcam = await secretVendor(world, 'northcam');
  const token = await world.token('state:read');
  const observer = await world.token('observe');
  const url = await listening(world);
  return { world, northcam, token, observer, url };
};

describe.each(runnable(askExamples('')).map(({ id }) => id))('%s', (id) => {
  const example = (url: string): Example => askExamples(url).find((each) => each.id === id)!;

  test('prints on for what is approved, and off for the rest', async () => {
    const { world, northcam, token, url } = await gate();
    expect(await printed(example(url), { TOKEN: token })).toBe('off');
    for (const feature of ['northcam', 'northcam.lpr']) {
      const { body } = await notified(world, northcam, { feature });
      await approve(world, feature, 1, body.digest);
    }
    expect(await printed(example(url), { TOKEN: token })).toBe('on');
    expect(await printed(example(url), { TOKEN: 'ald_unknown' })).toBe('off');
  });

  test('prints off when the gate is away', async () => {
    expect(await printed(example('http://127.0.0.1:1'), { TOKEN: 'ald_x' })).toBe('off');
  });
});

test.each(runnable(noticeExamples('')).map(({ id }) => id))('%s: the gate takes what it signs', async (id) => {
  const { northcam, url } = await gate();
  const out = await printed(noticeExamples(url).find((each) => each.id === id)!, { SECRET: northcam.secret });
  expect(out).toContain('"change":"northcam.lpr.x/1"');
});

test('what was seen is taken, and answered with what should not be', async () => {
  const { observer, url } = await gate();
  const out = await printed(observationExample(url), { TOKEN: observer });
  expect(JSON.parse(out)).toMatchObject({
    drift: [{ key: 'northcam.lpr', kind: 'never-announced', seen: { on: true } }],
    closed: [],
  });
});

test('the Python of OpenFeature is Python, where there is one to say so', async () => {
  const { code } = askExamples('https://gate.example').find(({ id }) => id === COMPILED_ONLY)!;
  if (hasPython) await run('python3', ['-c', 'import ast, sys; ast.parse(sys.argv[1])', code]);
  expect(code).toContain('get_boolean_value("northcam.lpr", False, police)');
});
