import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { rotateVendor } from '../../../../functions/gate/vendors.ts';
import type { Example } from '../../../../functions/web/docs/description.ts';
import { askExamples, noticeExamples, observationExample } from '../../../../functions/web/docs/examples.ts';
import { folderOfFile, folderOfTest } from '../../../support/folders.ts';
import { answering } from '../../../support/listening.ts';
import { ROOT, textOf } from '../../../support/projectFiles.ts';
import { listening } from '../api/ofrep/story.ts';
import { notified, openWorld, secretVendor } from '../api/world.ts';

const run = promisify(execFile);
const PROGRAMS = { bash: ['bash', 'sh'], js: [process.execPath, 'mjs'], python: ['python3', 'py'] } as const;
/** Its packages come from an index of their own, so it is compiled here and not run. */
const COMPILED_ONLY = 'ask-openfeature-python';
const PATH = [join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
const NOTICE = { feature: 'northcam.lpr.x', kind: 'new-feature', title: 'A title', summary: 'A summary.' };

/** The package as it is published and installed. */
const installed = folderOfFile('installed');
beforeAll(async () => {
  await run('npm', ['pack', '--pack-destination', installed, '--loglevel', 'error'], { cwd: join(ROOT, 'infra/client') });
  const tarball = readdirSync(installed).find((name) => name.endsWith('.tgz')) ?? '';
  await run('tar', ['-xzf', join(installed, tarball), '-C', installed, '--strip-components=1']);
});

const folderFor = () => {
  const folder = folderOfTest('example');
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['@openfeature', 'standardwebhooks'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  symlinkSync(installed, join(folder, 'node_modules', 'aldergate'));
  writeFileSync(join(folder, 'notice.json'), JSON.stringify(NOTICE));
  return folder;
};

/** Programs that run others in turn, each with a token of its own: what those import is loaded once. */
const IN_TURN = {
  bash: ([file, token]: Case) => `TOKEN=${token} bash ${file}`,
  js: ([file, token]: Case) => `process.env.TOKEN = '${token}'; await import('./${file}');`,
  python: ([file, token]: Case) => `import os, runpy; os.environ["TOKEN"] = "${token}"; runpy.run_path("${file}")`,
};
type Case = readonly [file: string, token: string];

/** What examples of one language print, one after the other. */
const printedByEach = async (
  examples: readonly (readonly [example: Example, token: string])[],
  env: Record<string, string> = {},
): Promise<readonly string[]> => {
  const { lang } = examples[0]?.[0] ?? expect.fail();
  const [program, ending] = PROGRAMS[lang];
  const folder = folderFor();
  const lines = examples.map(([{ code }, token], n) => {
    writeFileSync(join(folder, `example${n}.${ending}`), code);
    return IN_TURN[lang]([`example${n}.${ending}`, token]);
  });
  writeFileSync(join(folder, `all.${ending}`), lines.join('\n'));
  const { stdout } = await run(program, [`all.${ending}`], { cwd: folder, env: { ...process.env, ...env, PATH } });
  return stdout.trim().split('\n');
};

const printed = async (example: Example, token = '', env: Record<string, string> = {}) =>
  (await printedByEach([[example, token]], env)).join('\n');

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

/** The line for a shell in docs/fail-closed-clients.md. */
const documented = (url: string): Example => {
  const [, code = ''] = /## Without a library\n\n```bash\n([\s\S]*?)\n```/.exec(textOf('docs/fail-closed-clients.md')) ?? [];
  return { id: 'documented', name: 'curl', lang: 'bash', code: code.replace('https://gate.city.example', url) };
};

const asking = (url: string): readonly Example[] => [...askExamples(url), documented(url)];
const askingBy = (id: string) => (url: string) => asking(url).find((each) => each.id === id) ?? expect.fail();

/** Says yes to every question, without a token. */
const sayingYes: RequestListener = ({ url = '' }, response) => {
  const flag = { key: url.split('/').at(-1), value: true, reason: 'STATIC', variant: 'enabled', metadata: {} };
  response.setHeader('content-type', 'application/json');
  response.end(url.startsWith('/v1/gate/') ? 'yes\n' : JSON.stringify(flag));
};

/** What stands where the gate should be, and would say yes to who believes it. `there`: where everything is answered with yes. */
const IMPOSTORS: Readonly<Record<string, (there: string) => RequestListener>> = {
  'half an answer': () => (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '400' });
    response.write('{"key":"northcam.lpr","value":true,', () => response.destroy());
  },
  'a page for everything': () => (_, response) => response.end('<p>Sign in</p>'),
  'nothing new': () => (_, response) => response.writeHead(304).end(),
  ...Object.fromEntries(
    [302, 307].map((status) => [
      `a ${status} to where everything is yes`,
      (there: string): RequestListener =>
        (request, response) =>
          response.writeHead(status, { location: `${there}${request.url}` }).end(),
    ]),
  ),
};

test.each(runnable(asking('')).map(({ id }) => id))(
  '%s prints on for what is approved; off for the rest, for a token that is none, when the gate is away, and for what stands in its place',
  async (id) => {
    const example = askingBy(id);
    const [approving, other] = [await gate(), await gate()];
    for (const feature of ['northcam', 'northcam.lpr']) {
      const { body } = await notified(approving.world, approving.northcam, { feature });
      await approving.world.gate.decide(body);
    }
    const there = await answering(sayingYes);
    const impostors = await Promise.all(Object.values(IMPOSTORS).map((impostor) => answering(impostor(there))));
    const off = [
      [example(other.url), other.token],
      [example(approving.url), 'ald_unknown'],
      [example('http://127.0.0.1:1'), 'ald_x'],
      ...impostors.map((url) => [example(url), approving.token] as const),
    ] as const;
    const seen = await printedByEach([[example(approving.url), approving.token], ...off]);
    expect(seen).toEqual(['on', ...off.map(() => 'off')]);
  },
);

const OWN_KEY = 'notice-own-key';

test.each(
  runnable(noticeExamples(''))
    .map(({ id }) => id)
    .filter((id) => id !== OWN_KEY),
)('%s: the gate takes what it signs, and what it refuses is printed', async (id) => {
  const { northcam, url } = await gate();
  const example = noticeExamples(url).find((each) => each.id === id) ?? expect.fail();
  expect(await printed(example, '', { SECRET: northcam.secret })).toContain('"change":"northcam.lpr.x/1"');
  expect(await printed(example, '', { SECRET: `whsec_${'A'.repeat(43)}=` })).toContain('no key of northcam');
});

test('the gate takes what a key signs that the vendor made itself', async () => {
  const { world, url } = await gate();
  const { code, install = '' } = noticeExamples(url).find(({ id }) => id === OWN_KEY) ?? expect.fail();
  const cwd = folderFor();
  const made = await run('bash', ['-c', install], { cwd });
  expect(await rotateVendor(world.deps.ports, 'northcam', made.stdout.trim())).toMatchObject({ ok: true });
  const { stdout } = await run('bash', ['-c', code], { cwd });
  expect(stdout).toContain('"change":"northcam.lpr.x/1"');
});

test('what was seen is taken, and answered with what should not be', async () => {
  const { observer, url } = await gate();
  const out = await printed(observationExample(url), observer);
  expect(JSON.parse(out)).toMatchObject({
    drift: [{ key: 'northcam.lpr', kind: 'never-announced', seen: { on: true } }],
    closed: [],
  });
});

test('the Python of OpenFeature is Python, where there is one to say so', async () => {
  const { code } = askExamples('https://gate.example').find(({ id }) => id === COMPILED_ONLY)!;
  expect(code).toContain('max_redirects = 0');
  if (hasPython) await run('python3', ['-c', 'import ast, sys; ast.parse(sys.argv[1])', code]);
  expect(code).toContain('get_boolean_value("northcam.lpr", False, police)');
});

const HOLDS = `
import { heldGate } from 'aldergate/client';
const { GATE: url, TOKEN: token } = process.env;
const held = heldGate({ url, token, keys: ['northcam', 'northcam.lpr'], timeoutMs: 60_000 });
await held.refresh();
const holds = [held.isOn('northcam'), held.isOn('northcam.lpr')];
held.close();
console.log(...holds, held.isOn('northcam'));
`;

test('the package has a client that holds what a real gate answers', async () => {
  const { world, northcam, token, url } = await gate();
  const { body } = await notified(world, northcam, { feature: 'northcam' });
  await world.gate.decide(body);
  const example: Example = { id: 'held', name: 'Held', lang: 'js', code: HOLDS };
  expect(await printed(example, token, { GATE: url })).toBe('true false false');
});

const TYPED = `
import { failClosedGate, type GateAnswer, type HeldGate, heldGate } from 'aldergate/client';
const answer: GateAnswer = await failClosedGate({ url: 'https://gate.example', token: 'ald_x' }).ask('acme', { agency: 'police' });
export const enabled: boolean = answer.enabled;
export const held: HeldGate = heldGate({ url: 'https://gate.example', token: 'ald_x', keys: ['acme'], onChange: () => undefined });
`;

test('the package is of this version and brings no other package', () => {
  const { version, dependencies, optionalDependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect([version, dependencies, optionalDependencies]).toEqual([
    JSON.parse(textOf('package.json')).version,
    undefined,
    undefined,
  ]);
});

test('the clients of the package are typed', async () => {
  const folder = folderFor();
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(folder, 'typed.ts'), TYPED);
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2024,dom', '--types', ''];
  await run(join(ROOT, 'node_modules', '.bin', 'tsc'), [...options, 'typed.ts'], { cwd: folder });
});
