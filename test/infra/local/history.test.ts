import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { claimedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { verifierKey } from '../../../domain/log/note.ts';
import { bundlePath, bundlesOf, decodeBundle, encodeBundle } from '../../../domain/log/tile.ts';
import { TLOG_SIZE_MEDIA_TYPE } from '../../../domain/log/witness.ts';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { describeForOperator } from '../../../infra/local/errors.ts';
import { type Installation, openInstallation } from '../../../infra/local/installation.ts';
import { RestoredMark } from '../../../infra/local/restored.ts';
import { checkHistory, publishedPorts, runSequencer } from '../../../infra/local/sequencing.ts';
import { answering } from '../../support/listening.ts';
import { printed, refused } from './cityProcess.ts';
import { cli, cliOn, programEnv } from './process.ts';
import { changeDatabase, copiesOfRevokedCity, copyFolder, unheard, witnessOf } from './revokedCity.ts';

const DATABASES = ['aldergate.db', 'side.db', 'consumers.db'];
const { older, newer, settings, scratch, folder, file, serve, beside } = copiesOfRevokedCity();

const publish = (more: Parameters<typeof beside>[1] = {}) =>
  beside(async (installation) => sequence(await publishedPorts(installation)), more);

const sizeOf = (data: string) => claimedCheckpoint(readFileSync(join(data, 'log/checkpoint'))).size;

/** Witnesses that have seen so many entries of another log; `away`: how often they do not answer when they are asked first. */
const witnessesAt = async (size: number, away = 0, key = verifierKey('witness.example', 4, new Uint8Array(32).fill(7))) => {
  let asked = 0;
  const url = await answering((_request, response) => {
    asked += 1;
    if (asked <= away) return void response.writeHead(503).end();
    response.writeHead(409, { 'content-type': TLOG_SIZE_MEDIA_TYPE }).end(`${size}\n`);
  });
  const witnesses = [{ url, key }];
  return { witnesses: { witnesses, quorum: 0 } };
};

describe('databases put back to before a revocation', () => {
  test('beside the newer log: what was revoked is off, what the log does not contradict stays as it is, and it is said', async () => {
    copyFolder(newer, folder());
    for (const name of DATABASES) for (const end of ['', '-wal', '-shm']) rmSync(file(`${name}${end}`), { force: true });
    for (const name of DATABASES) for (const end of ['', '-wal']) cpSync(join(older, `${name}${end}`), file(`${name}${end}`));
    const { problems, isOn } = await serve();
    expect([await isOn('northcam'), await isOn('northcam.lpr')]).toEqual([true, false]);
    expect((await problems()).codes).toContain('log-conflict');
    expect((await cliOn(folder(), 'status', 'northcam.lpr', '--agency', 'police')).code).toBe(1);
  });

  test('a revocation that was overwritten in the newer log, under its checkpoint: the gate does not start', async () => {
    copyFolder(older, folder());
    cpSync(join(newer, 'log'), file('log'), { recursive: true });
    const [bundle] = bundlesOf(sizeOf(newer));
    const path = file(`log/${bundlePath(bundle ?? expect.fail('an empty log'))}`);
    const entries = decodeBundle(readFileSync(path), sizeOf(newer));
    writeFileSync(path, encodeBundle([...entries.slice(0, sizeOf(older)), ...entries.slice(0, entries.length - sizeOf(older))]));
    await expect(serve()).rejects.toThrow('The public log holds what this store does not');
  });

  test('with an older copy of the log, until the newer one lies there again: what was revoked is off, before the next start', async () => {
    copyFolder(older, folder());
    const { isOn } = await serve();
    expect([await isOn('northcam'), await isOn('northcam.lpr')]).toEqual([true, true]);
    cpSync(join(newer, 'log'), file('log'), { recursive: true });
    await expect.poll(() => isOn('northcam.lpr')).toBe(false);
    expect(await isOn('northcam')).toBe(true);
  });

  test('with an older copy of the log no gate starts where a newer checkpoint is expected, no command answers, and doctor says why', async () => {
    copyFolder(older, folder());
    const expectCheckpoint = new Uint8Array(readFileSync(join(newer, 'log/checkpoint')));
    await expect(serve({ expectCheckpoint })).rejects.toThrow('does not continue ALDERGATE_EXPECT_CHECKPOINT');
    const expecting = (data: string, ...args: readonly string[]) => {
      const env = { ...programEnv(), ALDERGATE_DATA: folder(), ALDERGATE_EXPECT_CHECKPOINT: join(data, 'log/checkpoint') };
      return cli({ folder: scratch, port: 0, url: '', env }, ...args);
    };
    expect(await expecting(older, 'status', 'northcam')).toMatchObject(printed('ON'));
    const refusal = { stdout: '', ...refused(/^aldergate: the log does not continue .+\n$/) };
    expect(await expecting(newer, 'status', 'northcam')).toMatchObject(refusal);
    expect(await expecting(newer, 'token', 'create', '--name', 'it', '--scope', 'state:read')).toMatchObject(refusal);
    expect(await expecting(newer, 'doctor')).toMatchObject(printed(/^log-conflict, since/, 1));
  });

  test('with an older copy of the log the gate does not start where a witness has seen more', async () => {
    copyFolder(older, folder());
    await expect(serve(await witnessesAt(100_000))).rejects.toThrow('a witness has seen 100000 entries');
  });

  test('nothing is on from when a witness that was away at the start says that it has seen more, where there is no folder for the log', async () => {
    copyFolder(older, folder());
    const { key } = await witnessOf(older);
    rmSync(file('log'), { recursive: true });
    writeFileSync(file('log'), '');
    // Away at the start and when it is asked next.
    const { isOn, problems, installation } = await serve(await witnessesAt(100_000, 2, key));
    await expect.poll(() => isOn(), { timeout: 7_000 }).toBe(false);
    await expect.poll(async () => (await problems()).codes).toContain('restored');
    rmSync(file('restored'));
    expect(await installation.restored.limits(installation.everything, installation.ports.isReleased)).toHaveLength(1);
  });

  test('a witness that was away at the start is asked again where the copy has its cosignature', async () => {
    copyFolder(older, folder());
    const { key, line } = await witnessOf(older);
    appendFileSync(file('log/checkpoint'), line);
    const hears = vi.fn();
    await beside(
      async (installation) => {
        const { sweep, stop } = runSequencer(installation, () => undefined, { ...unheard, older: hears });
        await expect.poll(() => sweep().then(() => hears.mock.calls.length)).toBe(1);
        await stop();
      },
      await witnessesAt(100_000, 1, key),
    );
  });

  test('a checkpoint that one witness has cosigned while another was away, so that it was not published, is of this log', async () => {
    copyFolder(newer, folder());
    cpSync(join(older, 'log/checkpoint'), file('log/checkpoint'));
    const size = sizeOf(newer);
    await expect(serve(await witnessesAt(size + 1))).rejects.toThrow(
      `a witness has seen ${size + 1} entries of this log, which has ${size}`,
    );
    await beside(checkHistory, await witnessOf(newer));
  });

  test('put back, a witness that was behind and cosigns for the quorum does not show that nothing newer is missing', async () => {
    copyFolder(newer, folder());
    cpSync(join(older, 'log/checkpoint'), file('log/checkpoint'));
    new RestoredMark(folder()).make(claimedCheckpoint(readFileSync(join(newer, 'log/checkpoint'))));
    const url = await answering((_request, response) => void setTimeout(() => response.writeHead(503).end(), 300));
    const away = { url, key: verifierKey('away.example', 4, new Uint8Array(32).fill(8)) };
    const witnesses = [...(await witnessOf(older)).witnesses.witnesses, away];
    const policy = { witnesses: { witnesses, quorum: 1 } };
    await publish(policy);
    await beside(checkHistory, policy);
    await publish(policy);
    await beside(checkHistory, policy);
    expect(existsSync(file('restored'))).toBe(true);
  });

  test('without any log, whose name and size a witness knows, the gate does not start', async () => {
    copyFolder(older, folder());
    rmSync(file('log'), { recursive: true });
    changeDatabase(file('aldergate.db'), "DELETE FROM commits WHERE stream = 'log'");
    await expect(serve()).rejects.toThrow('decisions of officials and no log');
    expect((await cliOn(folder(), 'status', 'northcam')).stderr).toContain('decisions of officials and no log');
  });

  test('an older copy of the log to which commands have added until it is the longer one: the gate does not start', async () => {
    copyFolder(older, folder());
    await beside(async (installation) => {
      for (let count = 0; count < 9; count += 1) {
        await addVendor(installation.ports, `vendor-${count}`, 'A vendor');
        await sequence(await publishedPorts(installation));
      }
    });
    await expect(serve(await witnessOf(newer))).rejects.toThrow('entries of this log, which has others');
  });
});

test('a witness that has answered what it has seen is not asked that again while another is away', async () => {
  copyFolder(newer, folder());
  const asked: string[] = [];
  const witness = async (name: string, status: number) => {
    const url = await answering((_request, response) => {
      asked.push(name);
      response.writeHead(status, { 'content-type': TLOG_SIZE_MEDIA_TYPE }).end('0\n');
    });
    return { url, key: verifierKey(name, 4, new Uint8Array(32).fill(7)) };
  };
  const witnesses = { witnesses: [await witness('heard', 409), await witness('away', 503)], quorum: 0 };
  const look = async (installation: Installation) => {
    const { sweep, stop } = runSequencer(installation, () => undefined, { ...unheard, older: () => expect.fail() });
    await sweep();
    await expect.poll(() => asked).toHaveLength(7);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 11_000);
    onTestFinished(() => void vi.restoreAllMocks());
    await expect.poll(() => sweep().then(() => asked)).toHaveLength(8);
    await stop();
  };
  await beside(look, { witnesses });
  expect(asked.slice(7)).toEqual(['away']);
});

test('what a command publishes waits for the quorum of witnesses, too', async () => {
  copyFolder(newer, folder());
  const checkpoint = () => readFileSync(file('log/checkpoint'), 'utf8');
  const publishBy = async (quorum: number) => publish({ witnesses: { ...(await witnessesAt(0)).witnesses, quorum } });
  await publishBy(0);
  const before = checkpoint();
  await beside(({ ports }) => addVendor(ports, 'acme', 'Acme'));
  await publishBy(1);
  expect(checkpoint()).toBe(before);
  await publishBy(0);
  expect(claimedCheckpoint(Buffer.from(checkpoint())).size).toBe(claimedCheckpoint(Buffer.from(before)).size + 1);
});

describe('files that are gone, swapped or broken', () => {
  test('without keys.json the gate does not start, and makes none', async () => {
    copyFolder(newer, folder());
    rmSync(file('keys.json'));
    await expect(serve()).rejects.toThrow('keys.json is missing');
    expect(await cliOn(folder(), 'doctor')).toMatchObject(printed('other-keys', 1));
  });

  test('without log/ fsck and doctor say so', async () => {
    copyFolder(newer, folder());
    rmSync(file('log'), { recursive: true });
    for (const words of ['fsck', 'doctor']) expect(await cliOn(folder(), words)).toMatchObject(printed(/no checkpoint/i, 1));
  });

  test('without aldergate.db it does not start, makes no empty one, and names the file', async () => {
    copyFolder(newer, folder());
    for (const end of ['', '-wal', '-shm']) rmSync(file(`aldergate.db${end}`), { force: true });
    await expect(serve()).rejects.toThrow('aldergate.db is missing, and the public log beside it was made from it');
    const named = printed(/^store-unreadable, since .+\n .+aldergate\.db is missing/, 1);
    expect(await cliOn(folder(), 'doctor')).toMatchObject(named);
    expect((await cliOn(folder(), 'status', 'northcam')).stderr).toContain('aldergate.db is missing');
    expect(existsSync(file('aldergate.db'))).toBe(false);
  });

  test('with the keys of another installation it does not start, and signs nothing', async () => {
    copyFolder(newer, folder());
    const other = join(scratch, 'other');
    await openInstallation({ ...settings, data: other }).close();
    cpSync(join(other, 'keys.json'), file('keys.json'));
    const checkpoint = readFileSync(file('log/checkpoint'), 'utf8');
    await expect(serve()).rejects.toThrow('keys.json holds other keys');
    expect(readFileSync(file('log/checkpoint'), 'utf8')).toBe(checkpoint);
  });

  test('a row that cannot be read is one line of each command that needs it, with what to do', async () => {
    copyFolder(newer, folder());
    changeDatabase(file('aldergate.db'), "UPDATE commits SET mac = zeroblob(32) WHERE stream = 'policy'");
    const stderr =
      'aldergate: policy@1 was not written by this gate: its MAC does not fit. `aldergate doctor` states what to do\n';
    for (const words of ['status northcam', 'policy show'])
      expect(await cliOn(folder(), ...words.split(' '))).toEqual({ code: 1, stdout: '', stderr });
  });

  test('an address that the machine does not have is named with its settings', async () => {
    copyFolder(newer, folder());
    await expect(serve({ host: '192.0.2.1' })).rejects.toThrow(
      /^cannot listen on HOST 192\.0\.2\.1 and PORT \d+: .+ set HOST and PORT to others$/,
    );
  });

  const NO_FILES = {
    pipe: (path: string) => execFileSync('mkfifo', [path]),
    'link to what never ends': (path: string) => symlinkSync('/dev/zero', path),
  };
  test.each(['pipe', 'link to what never ends'] as const)('a %s keeps nothing waiting', async (what) => {
    const replace = (name: string) => {
      rmSync(file(name), { force: true });
      NO_FILES[what](file(name));
    };
    for (const name of ['keys.json', 'aldergate.db', 'side.db-wal']) {
      copyFolder(newer, folder());
      replace(name);
      await expect(serve(), name).rejects.toThrow(`${name} is not a file`);
      rmSync(folder(), { recursive: true });
    }
    copyFolder(newer, folder());
    replace('running');
    expect(await cliOn(folder(), 'status', 'northcam')).toMatchObject(printed('ON'));
    for (const name of ['reserve', 'restored', 'log/checkpoint', 'log/judged']) replace(name);
    const { isOn } = await serve();
    expect(await isOn()).toBe(false);
    rmSync(file('restored'));
    await expect.poll(() => isOn()).toBe(true);
  });

  test('of the log only files are public, whose bytes are those that the address names; no other file is written beside the databases', async () => {
    copyFolder(newer, folder());
    const [altered = '', linked = ''] = readdirSync(file('log/notice'));
    appendFileSync(file(`log/notice/${altered}`), ' ');
    rmSync(file(`log/notice/${linked}`));
    symlinkSync(file('keys.json'), file(`log/notice/${linked}`));
    symlinkSync(file('keys.json'), file('log/tile/0/001'));
    const other = `${folder()}-other`;
    const draft = file(`.probe.${process.pid}.new`);
    writeFileSync(other, 'mine');
    for (const path of [draft, file(`running.${process.pid}.new`)]) symlinkSync(other, path);
    const { url, problems } = await serve();
    for (const path of [`notice/${altered}`, `notice/${linked}`, 'tile/0/001'])
      expect((await fetch(`${url}/log/${path}`)).status, path).toBe(404);
    await problems();
    NO_FILES.pipe(draft);
    await problems();
    expect(readFileSync(other, 'utf8')).toBe('mine');
  });

  test.each([
    ['keys.json', 'keys.json cannot be used'],
    ['aldergate.db', 'aldergate.db'],
    ['side.db', 'side.db'],
    ['log/checkpoint', 'log/checkpoint cannot be read'],
  ])('a %s that is garbage is named', async (name, named) => {
    copyFolder(newer, folder());
    for (const end of ['-wal', '-shm']) rmSync(file(`${name}${end}`), { force: true });
    writeFileSync(file(name), 'garbage that is no such file, whatever it was before\n'.repeat(100));
    const error = await serve().catch((thrown: unknown) => thrown);
    expect(describeForOperator(error)).toContain(named);
  });
});
