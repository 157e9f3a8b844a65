import { sign } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { beforeAll, expect, test } from 'vitest';
import { formatVerifierKey } from '../../../domain/log/note.ts';
import { POLICY_STREAM } from '../../../domain/policy/decide.ts';
import { readRosters } from '../../../functions/gate/aggregates.ts';
import { evaluateKey } from '../../../functions/gate/heads.ts';
import { renewalsAsked } from '../../../functions/gate/links.ts';
import { privatePart } from '../../../functions/log/privatePart.ts';
import { logSigner } from '../../../functions/log/sequencer/ports.ts';
import { progressIn } from '../../../functions/platform/feed/consume.ts';
import { lockFolder } from '../../../infra/local/databases.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { generateLogKey, movedKeys, openSecrets } from '../../../infra/local/secrets.ts';
import { logOrigin, type Settings } from '../../../infra/local/settings.ts';
import { folderOfFile } from '../../support/folders.ts';
import { printed, refused } from './cityProcess.ts';
import { cliOn as run } from './process.ts';
import { copyFolder, revokedCity } from './revokedCity.ts';

const scratch = folderOfFile('moved');
const at = (name: string) => join(scratch, name);
const [archive, old] = [at('all.ndjson'), at('old')];

let settings: Settings;
let clock: () => string;
let vkey: string;
beforeAll(() => {
  const city = revokedCity();
  ({ settings, now: clock } = city);
  copyFolder(city.older, old);
  vkey = formatVerifierKey(logSigner(openSecrets(join(old, 'keys.json')).logKey, logOrigin(settings)).key);
});

const isOn = async (data: string) => {
  const installation = openInstallation({ ...settings, data }, clock);
  const { enabled } = await evaluateKey(installation.ports, 'northcam.lpr', { agencies: ['police'] });
  await installation.close();
  return enabled;
};
const newKey = (origin: string) => {
  const pem = generateLogKey();
  return { pem, vkey: formatVerifierKey(logSigner(pem, origin).key) };
};
const checkpointIn = (data: string) => readFileSync(join(data, 'log/checkpoint'), 'utf8').split('\n').slice(0, 3);

test('an installation moves with its keys; the old machine never starts again', async () => {
  copyFileSync(join(old, 'log/checkpoint'), at('seen'));
  copyFileSync(join(old, 'keys.json'), at('keys.bak'));
  const running = lockFolder(join(old, 'server.lock'));
  expect(await run(old, 'export', archive, '--move')).toMatchObject(refused('stop the server first'));
  running.release();
  expect(existsSync(archive)).toBe(false);
  expect(await run(old, 'export', '/dev/null', '--move')).toMatchObject({ code: 2 });
  expect(await isOn(old)).toBe(true);

  const moved = await run(old, 'export', archive, '--move');
  for (const said of [`keys, links and addresses to ${archive}.private.ndjson: keep it as safe as`, 'it never starts again'])
    expect(moved).toMatchObject(printed(said));
  expect(existsSync(join(old, 'keys.json'))).toBe(false);
  for (const command of [['status', 'northcam.lpr'], ['doctor'], ['export', at('again.ndjson')]])
    expect(await run(old, ...command), command.join(' ')).toMatchObject(refused('Do not put keys.json back'));
  copyFileSync(at('keys.bak'), join(old, 'keys.json'));
  expect(await run(old, 'status', 'northcam.lpr')).toMatchObject(refused('was moved by `aldergate export --move`'));

  const next = at('next');
  mkdirSync(next);
  const started = lockFolder(join(next, 'server.lock'));
  expect(await run(next, 'import', archive)).toMatchObject(refused('stop the server first'));
  started.release();
  expect(await isOn(next)).toBe(false);
  expect(await run(next, 'import', archive)).toMatchObject(printed('if acts were recorded after this export, it lacks them'));
  expect(checkpointIn(next)).toEqual(checkpointIn(old));
  expect(await isOn(next)).toBe(true);
  expect(await run(next, 'fsck')).toMatchObject({ code: 0 });
  expect(await run(next, 'doctor')).toMatchObject(printed(/^ready: .*No server runs: what none has handled yet waits/));
  expect(await run(at('anywhere'), 'verify', join(next, 'log'), '--key', vkey)).toMatchObject({ code: 0 });
});

test('what waits for the first start after an import is no fault; what was tried, or waits though a server was killed, is one', async () => {
  const [killed, tried] = [at('killed'), at('tried')];
  for (const data of [killed, tried]) copyFolder(at('next'), data);
  writeFileSync(join(killed, 'running'), '');
  expect(await run(killed, 'doctor')).toMatchObject(printed('policy-adoption has not handled version 1 of policy', 1));
  const { ports, close } = openInstallation({ ...settings, data: tried }, clock);
  const trouble = { version: 1, tries: 1, notBeforeMs: 0, error: 'down' };
  await progressIn(ports.sideStore, 'policy-adoption', POLICY_STREAM).putTrouble(trouble);
  await close();
  expect(await run(tried, 'doctor')).toMatchObject(printed('policy-adoption has not handled version 1 of policy', 1));
});

test('a private part without the key of links, as a daily copy has, has everyone mailed new ones; one with that key no one', async () => {
  const asked = async (data: string) => {
    const installation = openInstallation({ ...settings, data }, clock);
    const renewals = await renewalsAsked(installation.ports.sideStore);
    await installation.close();
    return renewals.map(({ target, moved }) => `${target.holder} ${moved}`).sort();
  };
  expect(await asked(at('next'))).toEqual([]);

  const { text, roster } = movedKeys(join(at('next'), 'keys.json'));
  const installation = openInstallation({ ...settings, data: at('next') }, clock);
  const lines: string[] = [];
  for await (const line of privatePart(installation.ports.sideStore, { text, roster })) lines.push(line);
  const { inForce } = await readRosters(installation.ports);
  await installation.close();
  writeFileSync(at('copy.private'), lines.join(''));
  const trust = ['--expect', at('seen'), '--old-key', vkey];
  expect(await run(at('copied'), 'import', archive, '--private', at('copy.private'), ...trust)).toMatchObject({ code: 0 });
  const holders = await asked(at('copied'));
  expect(holders.length).toBeGreaterThan(3);
  expect(holders).toEqual([...new Set(inForce?.roster.holders.map(({ id }) => `${id} true`))].sort());
});

test('without its keys an archive is imported only if a checkpoint that the lost key signed vouches for it', async () => {
  const [lost, begun] = [at('lost.ndjson'), at('begun')];
  copyFileSync(archive, lost);
  const { vkey: other } = newKey(logOrigin(settings));
  for (const trust of [[], ['--expect', at('seen')], ['--old-key', vkey], ['--expect', at('seen'), '--old-key', other]]) {
    expect(await run(begun, 'import', lost, ...trust)).toMatchObject({ code: 1, stdout: '' });
    expect(await isOn(begun)).toBe(false);
  }
  const imported = await run(begun, 'import', lost, '--expect', at('seen'), '--old-key', vkey);
  expect(imported).toMatchObject(printed('a new log begins with them'));
  expect(imported.stdout).not.toContain('it lacks them');
  expect(await isOn(begun)).toBe(true);
  expect(await run(begun, 'fsck')).toMatchObject({ code: 0 });
  expect(await run(at('elsewhere'), 'verify', join(begun, 'log'), '--key', vkey)).toMatchObject({ code: 1 });
  // The new key has signed no commit of the log yet, so its keys could not vouch for an archive.
  const moving = ['export', at('again.ndjson'), '--move'];
  expect(await run(begun, ...moving)).toMatchObject(refused('no import would take this archive'));
  expect([existsSync(at('again.ndjson')), existsSync(join(begun, 'keys.json'))]).toEqual([false, true]);
});

test('an installation moves right after its log has got another key, with its private part encrypted', async () => {
  const [next, after, file] = [at('next'), at('after'), at('rotated.ndjson')];
  const [identity, other] = [await generateX25519Identity(), await generateX25519Identity()];
  writeFileSync(at('identity'), `# created: today\n${identity}\n`);
  writeFileSync(at('other'), `${other}\n`);
  expect(await run(next, 'log', 'rotate-key')).toMatchObject(printed('by the old one, too'));
  expect(await run(next, 'log', 'rotate-key', '--overlap', 'P0D')).toMatchObject(printed('no earlier one counts any more'));
  expect(await run(next, 'export', file)).toMatchObject({ code: 0 });
  expect(await run(next, 'export', file, '--move', '--to', 'age1none')).toMatchObject(refused('--to', 2));
  expect(existsSync(join(next, 'keys.json'))).toBe(true);
  expect(await run(next, 'export', file, '--move', '--to', await identityToRecipient(identity))).toMatchObject(
    printed('only the holder of its identity can read it'),
  );
  expect([existsSync(join(next, 'keys.json')), existsSync(`${file}.private.ndjson`)]).toEqual([false, false]);
  const encrypted = readFileSync(`${file}.private.age`, 'latin1');
  expect(encrypted.startsWith('age-encryption.org/v1')).toBe(true);
  expect(encrypted).not.toContain('PRIVATE KEY');

  const withIdentity = (name: string) => ['import', file, '--identity', at(name), '--expect', at('seen')];
  expect(await run(after, ...withIdentity('identity'), '--old-key', vkey)).toMatchObject(refused('without its keys'));
  expect(await run(after, 'import', file)).toMatchObject(refused('by --identity'));
  expect(await run(after, ...withIdentity('other'))).toMatchObject(refused('cannot be decrypted'));
  expect(await isOn(after)).toBe(false);
  expect(await run(after, ...withIdentity('identity'))).toMatchObject({ code: 0 });
  expect(checkpointIn(after)).toEqual(checkpointIn(next));
  expect(await isOn(after)).toBe(true);
});

test('a log is handed over to a key elsewhere, which signs what the command prints', async () => {
  const begun = at('begun');
  const [origin = ''] = checkpointIn(begun);
  const { pem, vkey: next } = newKey(origin);
  const asked = await run(begun, 'log', 'rotate-key', '--to', next, '--json');
  const { text, until } = JSON.parse(asked.stdout) as { readonly text: string; readonly until: string };
  const signatureOf = (what: string) => sign(null, Buffer.from(what), pem).toString('base64');
  const signed = (what: string) => ['--until', until, '--signature', signatureOf(what)];
  expect(await run(begun, 'log', 'rotate-key', '--to', next, ...signed('something else'))).toMatchObject({ code: 1, stdout: '' });
  expect(await run(begun, 'log', 'rotate-key', '--to', 'nonsense')).toMatchObject(refused('--to: ', 2));
  const { vkey: ofOther } = newKey('elsewhere.example/log');
  expect(await run(begun, 'log', 'rotate-key', '--to', ofOther)).toMatchObject(refused('hands over to a key of the same log'));
  const done = await run(begun, 'log', 'rotate-key', '--to', next, ...signed(text), '--json');
  expect(done.code).toBe(0);
  const { from } = JSON.parse(done.stdout) as { readonly from: string };
  const verified = await run(at('third'), 'verify', join(begun, 'log'), '--key', from);
  expect(verified).toMatchObject(printed(`pin that one: ${next}`));
});
