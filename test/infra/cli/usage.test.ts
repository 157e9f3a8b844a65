import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../../infra/demo/city.ts';
import { answering } from '../../support/listening.ts';
import { textOf } from '../../support/projectFiles.ts';
import { cli, makePlace, type Place } from '../local/process.ts';

let place: Place;

beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

test('an unknown command gives one line, or the commands that begin alike', async () => {
  expect(await cli(place, 'nope')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'aldergate: there is no command nope\nSee aldergate --help.\n',
  });
  const near = await cli(place, 'token', 'nope');
  expect(near).toMatchObject({ code: 2, stderr: expect.stringContaining('aldergate token revoke ID') });
  expect(near.stderr).not.toContain('aldergate status');
  const group = await cli(place, 'token', '--help');
  expect(group).toMatchObject({ code: 0, stdout: expect.stringContaining('aldergate token list') });
  expect(group.stdout).not.toContain('aldergate status');
});

test('the first command names the place of the keys, and the next ones do not', async () => {
  expect((await cli(place, 'status', 'acme')).stderr).toContain('keys.json: back them up');
  expect((await cli(place, 'status', 'acme')).stderr).toBe('');
});

test('options may stand before the command', async () => {
  const { code, stdout } = await cli(place, '--json', 'vendor', 'list');
  expect([code, JSON.parse(stdout)]).toEqual([0, { items: [], next: null }]);
});

test('--version prints the version alone', async () => {
  const { version } = JSON.parse(textOf('package.json')) as { version: string };
  expect(await cli(place, '--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('what one field got wrong is said once, with its name', async () => {
  const wrong = await cli(place, 'vendor', 'add', 'Bad Id', '--name', 'Acme');
  expect(wrong).toMatchObject({ code: 1, stderr: 'aldergate: id: must be 1 to 40 characters of a-z, 0-9 and hyphens\n' });
  const future = await cli(place, 'status', 'acme', '--at', '2999-01-01');
  expect(future.stderr.match(/is in the future/g)).toHaveLength(1);
});

test('a gate that cannot be reached is named with the reason', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const { code, stderr } = await cli(place, '--url', url, '--token', 'ald_x', 'status', 'acme');
  expect([code, stderr]).toEqual([1, expect.stringContaining(`${url} cannot be reached: connect ECONNREFUSED`)]);
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
});

test.each([
  ['status', ['status', 'acme', '--token', 'ald_x']],
  ['send', ['send', import.meta.filename, '--vendor', 'acme', '--secret', 'whsec_AAAA']],
])('%s: an address at which no gate answers is one line', async (_, words) => {
  const url = await answering((__, response) => void response.writeHead(502).end('<h1>Bad gateway</h1>'));
  expect(await cli(place, ...words, '--url', url)).toEqual({
    code: 1,
    stdout: '',
    stderr: 'aldergate: the answer, 502, is not JSON: is this the address of a gate?\n',
  });
});
