import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { emptyFrontier } from '../../../domain/log/frontier.ts';
import { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import { formatVerifierKey } from '../../../domain/log/verifierKey.ts';
import { addCosignatures, cosignatureLine } from '../../../domain/log/witness.ts';
import { signCheckpoint } from '../../../functions/log/sequencer/signer.ts';
import { grown } from '../../../functions/log/sequencer/staging.ts';
import { must } from '../../contract/store/underTest.ts';
import { witnessKey } from '../../domain/log/support/keys.ts';
import { LATER, publishedStory, recordText, signer } from '../../functions/log/verify/recordStory.ts';
import { cli, type Ended, programEnv } from '../local/process.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aldergate-verify-file-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const run = (...words: string[]): Promise<Ended> =>
  cli({ folder: scratch, port: 0, url: '', env: { ...programEnv(), HOME: scratch } }, 'verify', ...words);
const VKEY = formatVerifierKey(signer.key);

/** Entries of a log that is not the city's. */
const stranger = (count: number) => Array.from({ length: count }, (_, index) => ({ bytes: Buffer.from(`stranger ${index}`) }));

test('one file and a key: yes or no, by whom, in what words, and how far the file reaches', async () => {
  const { ports } = await publishedStory();
  const path = join(scratch, 'record.json');
  writeFileSync(path, await recordText(ports, LATER));
  const then = await run('--file', path, '--key', VKEY, '--at', '2026-03-06T00:00:00Z');
  expect(then).toMatchObject({ code: 0, stderr: '' });
  expect(then.stdout).toContain('YES: it was approved and on at 2026-03-06T00:00:00.000Z');
  expect(then.stdout).toContain('council: vote of council on 2026-03-05');
  expect(then.stdout).toContain('mayor: signed for mayor by');
  expect(then.stdout).toContain('in these words: A new way to search');
  expect(then.stdout).toContain('feature/acme.search: whole up to version 3; version 4 came after');
  const now = await run('--file', path, '--key', VKEY, '--json');
  expect(JSON.parse(now.stdout)).toMatchObject({ verified: true, enabled: false, status: 'revoked', complete: false });
  const altered = join(scratch, 'altered.json');
  writeFileSync(altered, (await recordText(ports, LATER)).replace('26-0001', '26-0002'));
  expect(await run('--file', altered, '--key', VKEY)).toMatchObject({ code: 1, stdout: '' });
  expect((await run('--file', altered, '--key', VKEY)).stderr).toContain('does not verify');
  expect((await run('--file', join(scratch, 'none.json'), '--key', VKEY)).code).toBe(1);
  expect((await run('--file', path, '--key', VKEY, '--at', '2026-03-06')).code).toBe(2);
  expect((await run('--file', path)).code).toBe(2);
});

test('the witnesses that are asked for must have cosigned the checkpoint of the file', async () => {
  const { ports } = await publishedStory();
  const path = join(scratch, 'witnessed.json');
  const ask = async () => {
    writeFileSync(path, await recordText(ports, LATER));
    return run('--file', path, '--key', VKEY, '--witness', formatVerifierKey(witnessKey.key));
  };
  expect(await ask()).toMatchObject({ code: 1, stderr: expect.stringContaining('0 of the 1 witnesses cosigned') });
  const bytes = must(await ports.blobs.get('checkpoint'));
  const checkpoint = SignedCheckpoint.open(bytes, { origin: signer.key.name, keys: [signer.key] });
  const line = cosignatureLine(checkpoint, witnessKey.key, 1_770_000_000, witnessKey.sign);
  await ports.blobs.replace('checkpoint', addCosignatures(checkpoint, Buffer.from(line), [witnessKey.key]), bytes);
  expect(await ask()).toMatchObject({ code: 0, stdout: expect.stringContaining(`cosigned by ${witnessKey.key.name} at`) });
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
  expect([same.code, same.stdout.includes(uncompared)]).toEqual([0, false]);
  const another = async (entries: number) =>
    Buffer.from(await signCheckpoint(grown(emptyFrontier, stranger(entries)), signer, LATER)).toString('utf8');
  remember(await another(size + 1));
  expect(await ask()).toMatchObject({ code: 0, stdout: expect.stringContaining(`${uncompared} (verified before: ${size + 1})`) });
  remember(await another(size));
  const forked = await ask();
  expect(forked).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('the log was forked') });
  writeFileSync(state, 'nothing');
  expect(await ask()).toMatchObject({ code: 1, stderr: expect.stringContaining('a fork would not be noticed') });
});
