import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import { AgeError, decryptedBy, encryptedTo, isAgeFile } from '../../../functions/log/privatePart.ts';
import { folderOfFile } from '../../support/folders.ts';

const folder = folderOfFile('age');
const LINES = 4_000;
/** Several parts of the format's 64 KiB. */
async function* text(): AsyncGenerator<string> {
  for (let line = 0; line < LINES; line += 1) yield `${line}: zwölf Boxkämpfer, doce boxeadores\n`;
}
const whole = async (parts: AsyncIterable<Uint8Array>): Promise<Buffer> => Buffer.concat(await Readable.from(parts).toArray());
const plain = async () => (await Readable.from(text()).toArray()).join('');
async function* bytesOf(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

const keyPair = async () => {
  const identity = await generateX25519Identity();
  return { identity: `# created: today\n# public key: …\n\n${identity}\n`, recipient: await identityToRecipient(identity) };
};

describe('a file of age', () => {
  test('is read by the identity of its recipient, and by no other', async () => {
    const [own, other] = [await keyPair(), await keyPair()];
    const encrypted = await whole(await encryptedTo(own.recipient, text()));
    expect(isAgeFile(encrypted)).toBe(true);
    expect(encrypted.includes('Boxk')).toBe(false);
    expect((await whole(await decryptedBy(own.identity, bytesOf(encrypted)))).toString()).toBe(await plain());
    const both = `${other.identity}${own.identity}`;
    expect((await whole(await decryptedBy(both, bytesOf(encrypted)))).toString()).toBe(await plain());
    await expect(decryptedBy(other.identity, bytesOf(encrypted))).rejects.toThrow(AgeError);
  });

  test('that was cut off, at the end of a part or within one, or changed is refused while it is read', async () => {
    const { identity, recipient } = await keyPair();
    const encrypted = await whole(await encryptedTo(recipient, text()));
    const body = encrypted.length - 64 * 1_024;
    const changed = Buffer.from(encrypted);
    changed[body] = (changed[body] ?? 0) ^ 1;
    for (const bad of [encrypted.subarray(0, -1), encrypted.subarray(0, body), changed])
      await expect(decryptedBy(identity, bytesOf(bad)).then(whole)).rejects.toThrow(AgeError);
  });

  test('is made as its text is read', async () => {
    const { recipient } = await keyPair();
    let read = 0;
    async function* endless(): AsyncGenerator<string> {
      for (;;) {
        read += 1;
        yield 'x'.repeat(1_024);
      }
    }
    let got = 0;
    for await (const part of await encryptedTo(recipient, endless())) {
      got += part.length;
      if (got > 1_000_000) break;
    }
    expect(read).toBeLessThan(2_000);
  });

  test.each(['', 'age1', 'age1yubikey1q', 'ssh-ed25519 AAAA', 'AGE-SECRET-KEY-1'])('%j is no recipient', async (recipient) => {
    await expect(encryptedTo(recipient, text())).rejects.toThrow(AgeError);
  });

  test.each(['', '# only a comment\n', 'age-encryption.org/v1\n', 'AGE-SECRET-KEY-1QQ\n'])(
    '%j is no file of an identity',
    async (identity) => {
      await expect(decryptedBy(identity, bytesOf())).rejects.toThrow(AgeError);
    },
  );
});

const missing = (() => {
  try {
    execFileSync('age-keygen', ['--version']);
    return undefined;
  } catch {
    return 'age is not installed';
  }
})();

if (missing !== undefined) console.warn(`SKIPPED: no foreign judge of what is encrypted. ${missing}`);

describe.skipIf(missing !== undefined)(missing ?? 'age itself', () => {
  const at = (name: string) => join(folder, name);
  const run = (program: string, ...args: readonly string[]): Buffer =>
    execFileSync(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1e9 });

  test('decrypts what the gate encrypted to its key, and the gate what it encrypted', async () => {
    run('age-keygen', '-o', at('identity'));
    const recipient = run('age-keygen', '-y', at('identity')).toString().trim();
    const identity = readFileSync(at('identity'), 'utf8');
    writeFileSync(at('ours'), await whole(await encryptedTo(recipient, text())));
    expect(run('age', '-d', '-i', at('identity'), at('ours')).toString()).toBe(await plain());

    writeFileSync(at('text'), await plain());
    run('age', '-r', recipient, '-o', at('theirs'), at('text'));
    expect((await whole(await decryptedBy(identity, bytesOf(readFileSync(at('theirs')))))).toString()).toBe(await plain());
  });
});
