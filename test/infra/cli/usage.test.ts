import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { allPages, clientThrough } from '../../../infra/cli/apiClient.ts';
import { commands } from '../../../infra/cli/commands.ts';
import { openTools } from '../../../infra/cli/tools.ts';
import { type Command, progressOn, runCommand, type Tools, timed, WrongUsage, wordsOf } from '../../../infra/cli/usage.ts';
import { freePort } from '../../../infra/demo/city.ts';
import { ROSTER } from '../../functions/web/site/support/city.ts';
import { answering } from '../../support/listening.ts';
import { ROOT, textOf } from '../../support/projectFiles.ts';
import { placeOfFile, printed, refused, writeIn } from '../local/cityProcess.ts';
import { cli } from '../local/process.ts';

const CLI = join(ROOT, 'infra/cli/main.ts');
const place = await placeOfFile();

test('an unknown command gives one line, or the commands that begin alike', async () => {
  expect(await cli(place, 'nope')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'aldergate: there is no command nope\nSee aldergate --help.\n',
  });
  const near = await cli(place, 'token', 'nope');
  expect(near).toMatchObject(refused('aldergate token revoke ID', 2));
  expect(near.stderr).not.toContain('aldergate status');
  const group = await cli(place, 'token', '--help');
  expect(group).toMatchObject(printed('aldergate token list'));
  expect(group.stdout).not.toContain('aldergate status');
});

test('help is there as other programs have it', async () => {
  const own = await cli(place, 'doctor', '--help');
  expect(own).toMatchObject(printed('aldergate doctor'));
  for (const words of [
    ['help', 'doctor'],
    ['doctor', '-h'],
    ['--json', 'help', 'doctor'],
  ])
    expect(await cli(place, ...words), words.join(' ')).toEqual(own);
  expect(await cli(place, '-h')).toEqual(await cli(place, 'help'));
});

test('no command is wrong usage, which a script whose variable is empty must notice', async () => {
  expect(await cli(place)).toEqual({ stdout: '', ...refused('aldergate status KEY', 2) });
});

test('in a folder without an installation a command answers of none and makes none, such as where the settings are not', async () => {
  const reading = ['status acme', 'changes', 'vendor list', 'token list', 'fsck', 'rebuild', 'subscriptions', 'doctor'];
  for (const words of [...reading, 'vendor add acme --name Acme', 'token create --name it --scope observe'])
    expect(await cli(place, ...words.split(' ')), words).toMatchObject(refused('there is no installation in'));
  expect(existsSync(place.env['ALDERGATE_DATA'] ?? '')).toBe(false);
});

test('the first command names the place of the keys, and the next ones do not', async () => {
  const first = await cli(place, 'roster', 'set', writeIn(place, 'roster.json', ROSTER));
  expect(first).toMatchObject(refused('keys.json: back them up', 0));
  expect((await cli(place, 'status', 'acme')).stderr).toBe('');
});

test('a refusal names the options at fault, and an empty list says that it is empty', async () => {
  const archive = join(place.folder, 'none.ndjson');
  writeFileSync(archive, '');
  const trusted = ['--expect', archive, '--old-key', 'no key'];
  expect(await cli(place, 'import', archive, ...trusted)).toMatchObject(refused('aldergate: --old-key: ', 2));
  expect((await cli(place, 'vendor', 'list')).stdout).toBe('no vendor yet: aldergate vendor add ID --name N\n');
});

test('options may stand before the command', async () => {
  const { code, stdout } = await cli(place, '--json', 'vendor', 'list');
  expect([code, JSON.parse(stdout)]).toEqual([0, { items: [], next: null }]);
});

test('--version prints the version alone', async () => {
  const { version } = JSON.parse(textOf('package.json')) as { version: string };
  for (const words of [['--version'], ['--version', '--json'], ['--json', '--version']])
    expect(await cli(place, ...words), words.join(' ')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

const unopened = () => expect.fail('nothing is opened for what is refused');
const runWith = (command: Command, ...options: readonly string[]) => runCommand(command, options, unopened);

test('an option without a value is wrong usage in every command: a variable that is not set asks nothing else', async () => {
  for (const command of commands)
    for (const name of Object.entries(command.takes ?? {}).flatMap(([option, type]) => (type === 'string' ? [option] : [])))
      for (const value of ['', ' \t'])
        await expect(runWith(command, `--${name}`, value), `${command.usage}: ${name}`).rejects.toThrow(
          new WrongUsage(`--${name} is empty`),
        );
});

const [local, close] = [unopened, async () => undefined];
const unused = { apiClient: local, local, profilesFolder: local, progress: local, close };
const runWithTools = (command: Command, ...options: readonly string[]) => runCommand(command, options, () => unused);
const called = (words: string) => commands.find((command) => wordsOf(command).join(' ') === words) ?? expect.fail(words);

test('nothing is opened for a command whose arguments are not all there', async () => {
  await expect(runWithTools(called('vendor add'), '--name', 'Acme')).rejects.toThrow(new WrongUsage('ID is missing'));
});

test('a change is open until the first of those whose turn it is must answer, as on its page', async () => {
  const asked = (status: string, deadlineAt: string | null) => ({ status, deadlineAt });
  const requirements = [asked('waiting', '2027-01-01'), asked('open', '2027-03-10'), asked('met', '2027-02-01')];
  const change = { change: 'acme/1', status: 'pending', notice: { title: 'T' }, closesAt: '2027-03-23', requirements };
  const items = [change, { ...change, status: 'refused', closesAt: null }];
  const apiClient = () => ({ call: async () => ({ items, next: null }) }) as never;
  expect((await called('changes').run([], {}, { ...unused, apiClient }))?.text).toBe(
    'acme/1  pending, open until 2027-03-10  T\nacme/1  refused  T',
  );
});

test('another installation is named only where it can carry out the command; every other command refuses', async () => {
  const here = commands.filter((command) => command.takes?.['token'] === undefined);
  expect(here.map((command) => wordsOf(command).join(' ')).join(', ')).toBe(
    'init, export, import, rebuild, backup, restore, replay, verify, fsck, log rotate-key, keys rotate-commit, witness, send, ' +
      'subscribe, subscriptions, unsubscribe',
  );
  for (const command of here)
    for (const name of ['url', 'token'].filter((each) => command.takes?.[each] === undefined))
      await expect(runWith(command, `--${name}`, 'https://gate.city.gov'), command.usage).rejects.toThrow(
        new RegExp(`local data folder only.*leave --${name} out`),
      );
  for (const command of commands.filter((each) => !here.includes(each)))
    await expect(runWith(command, '--token', 'ald_x'), command.usage).rejects.toThrow(new WrongUsage('--token needs --url'));
});

test('what one field got wrong is said once, with its name', async () => {
  const wrong = await cli(place, 'vendor', 'add', 'Bad Id', '--name', 'Acme');
  const stderr = 'aldergate: ID must be 1 to 40 characters of a-z, 0-9 and hyphens\nSee aldergate vendor add --help.\n';
  expect(wrong).toEqual({ code: 2, stdout: '', stderr });
  const future = await cli(place, 'status', 'acme', '--at', '2999-01-01');
  expect(future.stderr.match(/is in the future/g)).toHaveLength(1);
});

test.each<[string, string]>([
  ['status Not.A.Key', 'KEY is not 1 to 5 segments'],
  ['token create --name x --scope everything', '--scope is none of'],
  ['policy explain acme --impact none', '--impact is none of'],
  ['vendor add aldergate --name x', 'ID is kept'],
  [
    'vendor add acme --name x --public-key none --contact none',
    '--public-key must be whpk_ and the base64 of 32 bytes\n  --contact is',
  ],
  ['vendor form acme --valid P9Y', '--valid is not'],
  ['vendor contact acme none@', 'EMAIL is not a mail address'],
  ['notice file --channel mail --heard-at now', '--heard-at is not'],
  ['document add acme/1 A file', 'KIND must be'],
  ['token list --limit 3', "Unknown option '--limit'\n"],
])('what was typed wrongly ends with exit code 2, under the name that it has there: %s', async (words, why) => {
  writeFileSync(join(place.folder, 'file'), JSON.stringify({ feature: 'acme', kind: 'update', title: 'T', summary: 'S' }));
  await cli(place, 'vendor', 'add', 'acme', '--name', 'Acme');
  expect(await cli(place, ...words.split(' '))).toMatchObject(refused(`aldergate: ${why}`, 2));
});

test.each([
  ['notice file --channel mail --heard-at now', 'notice/title: is missing'],
  ['document add acme/1 report empty', '/content is empty'],
  ['roster set file', 'bodies: is missing'],
])('what a file has wrong ends with exit code 1: %s', async (words, why) => {
  writeFileSync(join(place.folder, 'file'), '{"feature":"acme"}');
  writeFileSync(join(place.folder, 'empty'), '');
  expect(await cli(place, ...words.split(' '))).toMatchObject(refused(why));
});

test('a gate that cannot be reached is named with the reason', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const asked = await cli(place, '--url', url, '--token', 'ald_x', 'status', 'acme');
  expect(asked).toMatchObject(refused(`${url} cannot be reached: nothing listens at ${url.slice(7)}\n`));
});

test.each(['two\nlines', 'é€', 'a b'])(
  'a token that no header can carry is wrong usage, and is not repeated: %j',
  async (token) => {
    const asked = await cli(place, 'status', 'acme', '--url', 'http://127.0.0.1:1', '--token', token);
    expect(asked).toMatchObject({
      code: 2,
      stderr: 'aldergate: --token has a character that no token has\nSee aldergate status --help.\n',
    });
  },
);

test('what replaces keys, ends a folder or fills one works beside no other command', async () => {
  const archive = join(place.folder, 'archive');
  expect(await cli(place, 'export', archive)).toMatchObject({ code: 0 });
  const asked: boolean[] = [];
  const named = [`export ${archive} --move`, `export ${archive}`, `import ${archive}`];
  for (const words of ['keys rotate-commit', 'log rotate-key', ...named, 'rebuild']) {
    const command = commands.find((each) => `${words} `.startsWith(`${wordsOf(each).join(' ')} `)) ?? expect.fail(words);
    const stop = new Error(words);
    const stopping: Tools['local'] = ({ alone = false } = {}) => {
      asked.push(alone);
      throw stop;
    };
    const argv = words.split(' ').slice(wordsOf(command).length);
    await expect(runCommand(command, argv, () => ({ ...unused, local: stopping }))).rejects.toBe(stop);
  }
  expect(asked).toEqual([true, true, true, false, true, false]);
});

test('the signature of a key elsewhere, without that key, rotates nothing', async () => {
  for (const name of ['until', 'signature'])
    await expect(runWithTools(called('log rotate-key'), `--${name}`, '2027-01-01')).rejects.toThrow(
      new WrongUsage('--until and --signature are of a key elsewhere: --to is missing'),
    );
});

test.runIf(existsSync('/dev/full'))(
  'a result that cannot be written fails, for a token is shown this once; an ended reader is no fault',
  async () => {
    const run = async (stdout: number | 'pipe') => {
      const words = [CLI, 'token', 'create', '--name', 'it', '--scope', 'state:read'];
      const child = spawn(process.execPath, words, { cwd: place.folder, env: place.env, stdio: ['ignore', stdout, 'pipe'] });
      child.stdout?.destroy();
      const [complaint, [code]] = await Promise.all([text(child.stderr ?? expect.fail()), once(child, 'exit')]);
      return { complaint, code };
    };
    const full = openSync('/dev/full', 'w');
    expect(await run(full)).toEqual({
      code: 1,
      complaint: expect.stringMatching(/^aldergate: the command has run, but .*: no space left on device\n$/),
    });
    expect(await run('pipe')).toEqual({ code: 0, complaint: '' });
  },
);

test('a yes for another key is none, nor is one at another address', async () => {
  const answer = JSON.parse((await cli(place, 'status', 'acme', '--json')).stdout) as Readonly<Record<string, unknown>>;
  const url = await answering((request, response) => {
    if (request.url === '/v1/features/acme.moved') response.writeHead(302, { location: `${url}/v1/features/acme` });
    else response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...answer, enabled: true, status: 'enabled' }));
  });
  const asked = (key: string) => cli(place, 'status', key, '--url', url, '--token', 'ald_x');
  expect(await asked('acme')).toMatchObject(printed('acme: ON'));
  expect(await asked('acme.other')).toMatchObject(refused('the gate was asked for acme.other and answered for acme'));
  expect(await asked('acme.moved')).toMatchObject(refused('unexpected redirect'));
});

test('text of another gate cannot control the terminal', async () => {
  const url = await answering((_, response) => {
    response.writeHead(409, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ title: 'no', detail: 'red \u001b[31m, cleared \u001b[2J\u009b2J\r\u0007' }));
  });
  expect(await cli(place, 'status', 'acme', '--url', url, '--token', 'ald_x')).toEqual({
    code: 1,
    stdout: '',
    stderr: 'aldergate: red \uFFFD[31m, cleared \uFFFD[2J\uFFFD2J\uFFFD\uFFFD\n',
  });
  const typed = await answering((_, response) => {
    response.writeHead(400, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ title: 'no', errors: [{ pointer: '/key', detail: 'is \u001b[2J' }] }));
  });
  const stderr = expect.stringContaining('KEY is \uFFFD[2J');
  expect(await cli(place, 'status', 'acme', '--url', typed, '--token', 'ald_x')).toMatchObject({ code: 2, stderr });
});

const SEND = ['send', import.meta.filename, '--vendor', 'acme', '--secret', 'whsec_AAAA'];
const NO_GATE = 'the answer, 502, is not JSON: is this the address of a gate?';
const OTHER = 'gave another answer than expected: is the gate of another version?';

test.each<[string, readonly string[], number, string, string]>([
  ['status', ['status', 'acme', '--token', 'ald_x'], 502, '<h1>Bad gateway</h1>', NO_GATE],
  ['send', SEND, 502, '<h1>Bad gateway</h1>', NO_GATE],
  ['status', ['status', 'acme', '--token', 'ald_x'], 200, '{"key":"acme"}', `GET /v1/features/{key} ${OTHER}`],
  ['send', SEND, 200, '{"ok":true}', `POST /v1/notices ${OTHER}`],
  ['doctor', ['doctor'], 502, '{"message":"Bad gateway"}', 'gave no readiness: the answer, 502, is not one of a gate'],
  ['doctor', ['doctor'], 503, '{"status":"not-ready","problems":[]}', 'gave no readiness: the answer, 503, is not one of a gate'],
  ['doctor', ['doctor'], 302, '', 'gave no readiness: unexpected redirect'],
])('%s, where no gate answers, is one line', async (_, words, status, body, why) => {
  const url = await answering((__, response) => void response.writeHead(status, { location: '/healthz' }).end(body));
  const { code, stdout, stderr } = await cli(place, ...words, '--url', url);
  expect([code, stdout, stderr.replace(`${url} `, '')]).toEqual([1, '', `aldergate: ${why}\n`]);
});

test.each([
  ['ftp://hooks.example', 'is not an http or https address'],
  ['https://user@hooks.example', 'a user name in an address is not sent'],
])('nothing is sent to %s, so it cannot subscribe', async (url, why) => {
  expect(await cli(place, 'subscribe', url)).toMatchObject(refused(why, 2));
});

const written = (isTTY: boolean, term = 'xterm') => {
  vi.stubEnv('TERM', term);
  const now = vi.spyOn(performance, 'now').mockReturnValue(500);
  let text = '';
  const write = (chunk: string) => {
    text += chunk;
    return true;
  };
  const stderr = { isTTY, write } as unknown as NodeJS.WriteStream;
  const shown = progressOn(stderr, 'import');
  now.mockReturnValue(1_400);
  shown.tick(1, 4);
  now.mockReturnValue(1_600);
  shown.tick(3, 4);
  shown.end();
  return text;
};

test('a terminal sees after a second how far a command is, and at its end nothing of it; a program, or a dumb terminal, sees none of it', () => {
  expect(written(true)).toBe('\rimport: 3 of 4 (75 %)\u001b[K\r\u001b[K');
  expect([written(false), written(true, 'dumb')]).toEqual(['', '']);
});

test.each([true, false])('what shows how far a command is goes before it prints, or fails: %s', async (fails) => {
  const seen: string[] = [];
  const shown = { tick: () => seen.push('tick'), end: () => seen.push('end') };
  const run: Command['run'] = async (_args, _options, { progress }) => {
    progress('wait').tick(1);
    return fails ? expect.fail('failed') : { json: null, text: '' };
  };
  const opened = { ...unused, progress: () => shown, close: async () => void seen.push('close') };
  await runCommand({ usage: 'wait', does: '', run }, [], () => opened).catch(() => 1);
  expect(seen).toEqual(['tick', 'end', 'close']);
});

test('a command that asks the gate shows its seconds until it ends', async () => {
  const ticked = Promise.withResolvers<number>();
  const end = vi.fn();
  const run: Command['run'] = async (_args, _options, { apiClient }) => {
    apiClient();
    return { json: await ticked.promise, text: '' };
  };
  const progress = vi.fn(() => ({ tick: ticked.resolve, end }));
  const opened = { ...unused, progress, apiClient: () => clientOf().client };
  expect(await runCommand({ usage: 'link reissue', does: '', run }, [], () => opened)).toBe(0);
  expect([progress.mock.calls, end.mock.calls.length]).toEqual([[['link reissue, seconds']], 1]);
});

test('an import shows how much it has read of its two readings, a rotation the rows that it has done, other work its seconds', async () => {
  const archive = join(place.folder, 'far');
  expect(await cli(place, 'export', archive)).toMatchObject({ code: 0 });
  const shownBy = async (words: string, ...args: readonly string[]) => {
    const tools = openTools({}, { ...place.env, ALDERGATE_DATA: join(place.folder, 'imported') });
    const tick = vi.fn();
    const { json } = await called(words).run(args, {}, { ...tools, progress: () => ({ tick, end: () => undefined }) });
    await tools.close();
    return { json, last: tick.mock.lastCall };
  };
  const read = 2 * statSync(archive).size;
  expect((await shownBy('import', archive)).last).toEqual([read, read]);
  const { json, last } = await shownBy('keys rotate-commit');
  const { commits, records } = json as Readonly<Record<string, number>>;
  expect(last).toEqual([(commits ?? 0) + (records ?? 0)]);
  const { promise, resolve } = Promise.withResolvers<number>();
  expect(await timed({ tick: resolve, end: () => undefined }, () => promise)).toBeGreaterThan(0);
});

const clientOf = (...answers: readonly unknown[]) => {
  const asked: [path: string, init: RequestInit][] = [];
  const client = clientThrough(async (path, init) => {
    asked.push([path, init]);
    return answers[asked.length - 1];
  });
  return { client, asked };
};
const TOKEN = { name: 'n', scopes: ['observe'], agencies: [], person: null, source: null, revoked: false, readable: true };

test('parameters stand in the path as one segment each, and only what is given in the query', async () => {
  const { client, asked } = clientOf({ items: [], next: null });
  await client.call('GET', '/v1/features/{key}/history', { params: { key: 'a/b?c' }, query: { limit: '5', cursor: undefined } });
  expect(asked).toStrictEqual([
    ['/v1/features/a%2Fb%3Fc/history?limit=5', { method: 'GET', headers: { accept: 'application/json' } }],
  ]);
});

test('a list is read to its end', async () => {
  const { client, asked } = clientOf(
    { items: [{ ...TOKEN, id: 'a' }], next: 'b c' },
    { items: [{ ...TOKEN, id: 'b' }], next: null },
  );
  const items = await allPages((query) => client.call('GET', '/v1/tokens', { query }));
  expect(items.map(({ id }) => id)).toStrictEqual(['a', 'b']);
  expect(asked.map(([path]) => path)).toStrictEqual(['/v1/tokens?limit=1000', '/v1/tokens?limit=1000&cursor=b+c']);
});

const MAIN = `
import { text } from 'node:stream/consumers';
const { argv, pid, version } = process;
const [how] = argv.slice(2);
if (how === 'wait') {
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => undefined, 1000);
  console.log('waiting');
} else if (how === 'die') process.kill(pid, 'SIGKILL');
else {
  console.log(JSON.stringify({ version, arguments: argv.slice(2), input: await text(process.stdin) }));
  process.exitCode = 3;
}
`;
const OLD =
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } }); Object.defineProperty(process, 'version', { value: 'v20.20.2' });";

/** Inside the project, so that its packages are found, but not in node_modules, where Node takes no TypeScript. */
const OUTPUT = join(ROOT, 'test/infra/cli/output');

const bundled = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);

describe('the launcher of the command line', () => {
  let inside = '';
  let outside = '';

  const place = (folder: string) => {
    cpSync(join(ROOT, 'infra/cli/aldergate.js'), join(folder, 'aldergate.js'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'main.ts'), MAIN);
    writeFileSync(join(folder, 'old.js'), OLD);
    return folder;
  };

  beforeAll(() => {
    mkdirSync(OUTPUT, { recursive: true });
    inside = place(mkdtempSync(join(OUTPUT, 'launcher-')));
    outside = place(mkdtempSync(join(tmpdir(), 'aldergate-launcher-')));
  });
  afterAll(() => {
    for (const folder of [inside, outside]) rmSync(folder, { recursive: true, force: true });
  });

  const start = (folder: string, isOld: boolean, ...words: string[]): ChildProcess =>
    spawn(process.execPath, [...(isOld ? ['--import', join(folder, 'old.js')] : []), join(folder, 'aldergate.js'), ...words]);

  const run = async (child: ChildProcess, input = '') => {
    const { stdin, stdout, stderr } = child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('a child without pipes');
    stdin.on('error', () => undefined);
    stdin.end(input);
    const [out, complaint, [code]] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')]);
    return { out, complaint, code };
  };

  const settings = (
    [
      ['a new Node', false],
      ['an old Node', true],
    ] as const
  ).slice(0, bundled ? 2 : 1);

  test.each(settings)('on %s passes arguments, input and the exit code, and adds no warning', async (_, isOld) => {
    const { out, complaint, code } = await run(start(inside, isOld, 'status', 'two words', '--json'), 'typed');
    const version = expect.stringMatching(/^v2[4-9]/);
    expect(JSON.parse(out)).toMatchObject({ arguments: ['status', 'two words', '--json'], input: 'typed', version });
    expect([complaint, code]).toEqual(['', 3]);
  });

  test.each(settings)('on %s passes a signal on and waits for the end', async (_, isOld) => {
    const child = start(inside, isOld, 'wait');
    await once(child.stdout ?? expect.fail(), 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([7, null]);
  });

  test.runIf(bundled)('a main program that was killed is a failure', async () => {
    expect((await run(start(inside, true, 'die'))).code).toBe(137);
  });

  test('on an old Node with no other beside it, one line explains what to do', async () => {
    const complaint = 'aldergate: needs Node 24 or later (this is v20.20.2); get it from https://nodejs.org/en/download\n';
    expect(await run(start(outside, true, 'status'))).toEqual({ out: '', complaint, code: 1 });
  });
});
