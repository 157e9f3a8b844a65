import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { SignedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { emptyFrontier } from '../../../domain/log/decide.ts';
import { formatVerifierKey } from '../../../domain/log/note.ts';
import { addCosignatures, cosignatureLine } from '../../../domain/log/witness.ts';
import { growFrontier } from '../../../functions/log/sequencer/entries.ts';
import { signCheckpoint } from '../../../functions/log/sequencer/ports.ts';
import { must } from '../../contract/underTest.ts';
import { witnessKey } from '../../domain/log/support/testLog.ts';
import {
  closed,
  forged,
  inStream,
  LATER,
  publishedStory,
  recordText,
  SEARCH,
  signer,
} from '../../functions/log/verify/recordStory.ts';
import { folderOfFile } from '../../support/folders.ts';
import { printed, refused } from '../local/cityProcess.ts';
import { cli, programEnv } from '../local/process.ts';

const scratch = folderOfFile('verify-file');

const run = (...words: string[]) =>
  cli({ folder: scratch, port: 0, url: '', env: { ...programEnv(), HOME: scratch } }, 'verify', ...words);
const VKEY = formatVerifierKey(signer.key);
const verifyFile = (path: string, ...more: readonly string[]) => run('--file', path, '--key', VKEY, ...more);

const stranger = (count: number) => Array.from({ length: count }, (_, index) => ({ bytes: Buffer.from(`stranger ${index}`) }));

const DAY = '2026-03-06T00:00:00Z';
const write = (name: string, content: string | Uint8Array) => {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
};
const OWN = `feature/${SEARCH}`;

test('one file whose streams are all closed by a later commit: yes or no, by whom, in what words, and how far it reaches', async () => {
  const story = await publishedStory();
  await closed(story);
  const path = write('record.json', await recordText(story.ports, DAY.replace('Z', '.000Z')));
  const then = await verifyFile(path);
  expect(then).toMatchObject({ code: 0, stderr: '' });
  for (const said of [
    'YES: it was approved and on at 2026-03-06T00:00:00.000Z',
    'council: vote of council on 2026-03-05',
    'mayor: signed for mayor by',
    'in these words: A new way to search',
    'feature/acme.search: whole up to version 3; version 4 came after',
  ])
    expect(then.stdout).toContain(said);
  expect(JSON.parse((await verifyFile(path, '--json')).stdout)).toMatchObject({ answer: 'yes', enabled: true });
  const no = await verifyFile(path, '--at', '2026-03-03T00:00:00Z');
  expect(no).toMatchObject(printed('NO: it was off at 2026-03-03', 1));
  const altered = write('altered.json', (await recordText(story.ports, LATER)).replace('26-0001', '26-0002'));
  expect(await verifyFile(altered)).toMatchObject({ stdout: '', ...refused('does not verify') });
  expect((await verifyFile(join(scratch, 'none.json'))).code).toBe(1);
  expect((await verifyFile(path, '--at', '2026-03-06')).code).toBe(2);
  expect((await run('--file', path)).code).toBe(2);
});

test('what is of a file alone, or of a log alone, is wrong usage: it would answer another question', async () => {
  const of = ['--key', VKEY];
  for (const [words, why] of [
    [['http://127.0.0.1:1', ...of, '--at', DAY], '--at belongs to --file'],
    [['http://127.0.0.1:1', ...of, '--log', 'http://127.0.0.1:1'], '--log belongs to --file'],
    [['http://127.0.0.1:1', ...of, '--file', 'record.json'], 'the log is --log http://127.0.0.1:1'],
  ] as const)
    expect(await run(...words), why).toMatchObject({ stdout: '', ...refused(why, 2) });
});

test.each([
  ['{"feature":"acme"}', /not in the format aldergate-record\/v1: \/format is not aldergate-record\/v1; .+ more\n$/],
  ['', /the file is not JSON: it is empty .+\n$/],
])('another file than a record is refused in one line: %j', async (content, said) => {
  const { code, stderr } = await verifyFile(write('other.json', content));
  expect([code, stderr.split('\n').length, stderr]).toEqual([1, 2, expect.stringMatching(said)]);
});

test('a file that a later commit may be missing from tells neither yes nor no; the log itself does', async () => {
  const { ports, folder } = await publishedStory();
  const path = write('open.json', await recordText(ports, DAY.replace('Z', '.000Z')));
  const alone = await verifyFile(path);
  expect(alone).toMatchObject(printed('CANNOT TELL whether it was on', 1));
  expect(alone.stdout).not.toMatch(/\bYES\b|^ON /m);
  for (const stream of ['feature/acme', 'policy', 'roster', 'revocation']) expect(alone.stdout).toContain(stream);
  const json = JSON.parse((await verifyFile(path, '--json')).stdout);
  expect(json).toMatchObject({ verified: true, answer: 'cannot-tell', enabled: false });
  const state = join(scratch, 'asked.json');
  const asked = await verifyFile(path, '--log', folder, '--state', state);
  for (const said of ['YES: it was approved and on', 'the log itself says so']) expect(asked).toMatchObject(printed(said));
});

test('a revocation that was cut off, an instant ahead, an older log and another log are no yes', async () => {
  const { gate, ports, folder, publish } = await publishedStory();
  const older = join(scratch, 'older');
  cpSync(folder, older, { recursive: true });
  const cut = forged(
    await recordText(ports, LATER),
    inStream(OWN, ({ commits }) => ({ commits: commits.slice(0, -1), next: null })),
  );
  const path = write('cut.json', cut);
  const inLog = (where: string, state: string) => ['--log', where, '--state', join(scratch, state)];
  expect(await verifyFile(path)).toMatchObject(printed('CANNOT TELL', 1));
  const cutLog = inLog(folder, 'cut-seen.json');
  expect(await verifyFile(path, ...cutLog)).toMatchObject({ stdout: '', ...refused('the file leaves something out') });
  const at = '2099-01-01T00:00:00.000Z';
  const ahead = write(
    'ahead.json',
    forged(Buffer.from(cut).toString(), (file) => ({ ...file, at })),
  );
  for (const log of [[], cutLog]) expect(await verifyFile(ahead, ...log)).toMatchObject(printed(`${at} lies ahead`, 1));
  await gate.notice();
  await publish();
  const newer = write('newer.json', await recordText(ports, DAY.replace('Z', '.000Z')));
  expect(await verifyFile(newer, ...inLog(older, 'other-seen.json'))).toMatchObject(refused('is older than the file'));
  const another = await publishedStory();
  await another.gate.notice();
  await another.publish();
  expect(await verifyFile(newer, ...inLog(another.folder, 'third.json'))).toMatchObject(refused('is not of this log'));
});

test('a file without the narrower terms of the key above is no yes for others', async () => {
  const { gate, ports, folder, publish } = await publishedStory();
  await gate.approve({ feature: SEARCH });
  await gate.approve({ optOut: 'yes' }, { terms: { ...NO_TERMS, audience: ['Police'] } });
  await publish();
  const text = await recordText(ports, LATER);
  const cut = forged(
    text,
    inStream('feature/acme', ({ commits }) => ({ commits: commits.slice(0, -1), next: null })),
  );
  const ask = (name: string, file: string | Uint8Array) =>
    verifyFile(write(`${name}.json`, file), '--log', folder, '--state', join(scratch, `${name}-seen.json`));
  expect(await ask('narrow', text)).toMatchObject(printed('for Police only'));
  expect(await ask('wide', cut)).toMatchObject({ stdout: '', ...refused('the file leaves something out') });
});

test('the witnesses that are asked for must have cosigned the checkpoint of the file', async () => {
  const { ports } = await publishedStory();
  const path = join(scratch, 'witnessed.json');
  const ask = async () => {
    writeFileSync(path, await recordText(ports, LATER));
    return verifyFile(path, '--witness', formatVerifierKey(witnessKey.key));
  };
  expect(await ask()).toMatchObject(refused('0 of the 1 witnesses cosigned'));
  const bytes = must(await ports.blobs.get('checkpoint'));
  const checkpoint = SignedCheckpoint.open(bytes, { origin: signer.key.name, keys: [signer.key] });
  const line = cosignatureLine(checkpoint, witnessKey.key, 1_770_000_000, witnessKey.sign);
  await ports.blobs.replace('checkpoint', addCosignatures(checkpoint, Buffer.from(line), [witnessKey.key]), bytes);
  expect(await ask()).toMatchObject({ stdout: expect.stringContaining(`cosigned by ${witnessKey.key.name} at`) });
});

test('its checkpoint is compared with those that were verified before: another tree of the same size is a fork', async () => {
  const { ports } = await publishedStory();
  const [path, state] = [join(scratch, 'compared.json'), join(scratch, 'seen.json')];
  writeFileSync(path, await recordText(ports, LATER));
  const ask = () => run('--file', path, '--key', VKEY, '--state', state);
  const own = Buffer.from(must(await ports.blobs.get('checkpoint'))).toString('utf8');
  const { size } = SignedCheckpoint.open(Buffer.from(own), { origin: signer.key.name, keys: [signer.key] });
  const remember = (note: string) => writeFileSync(state, JSON.stringify({ [VKEY]: note }));
  const uncompared = `that checkpoint ${size} has the past that others saw`;
  expect((await ask()).stdout).toContain(`${uncompared} (no checkpoint of this log was verified before)`);
  remember(own);
  const same = await ask();
  expect([same.stderr, same.stdout.includes(uncompared)]).toEqual(['', false]);
  const another = async (entries: number) =>
    Buffer.from(await signCheckpoint(growFrontier(emptyFrontier, stranger(entries)), signer, LATER)).toString('utf8');
  remember(await another(size + 1));
  expect(await ask()).toMatchObject({ stdout: expect.stringContaining(`${uncompared} (verified before: ${size + 1})`) });
  remember(await another(size));
  expect(await ask()).toMatchObject({ stdout: '', ...refused('the log was forked') });
  writeFileSync(state, 'nothing');
  expect(await ask()).toMatchObject(refused('a fork would not be noticed'));
});
