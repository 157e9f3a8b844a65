import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { expect, test } from 'vitest';
import { emptyFrontier } from '../../../../domain/log/decide.ts';
import { kmsClientFor, kmsSigner } from '../../../../functions/log/sequencer/kmsSigner.ts';
import { signCheckpoint } from '../../../../functions/log/sequencer/ports.ts';

const ORIGIN = 'gate.example/log';
const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

/** A client whose KMS tells one public key and signs with the private key of another or the same. */
const kms = (told: Buffer, signs: KeyObject) => {
  const calls: unknown[] = [];
  const send = async (command: GetPublicKeyCommand | SignCommand) => {
    calls.push([command.constructor.name, command.input]);
    if (command instanceof SignCommand) return { Signature: sign(null, command.input.Message ?? Buffer.of(), signs) };
    return { PublicKey: told };
  };
  return { client: { send } as unknown as KMSClient, calls };
};

test('a checkpoint is signed by KMS as RFC 8032 has it, over its very bytes', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { client, calls } = kms(spkiOf(publicKey), privateKey);
  const signer = await kmsSigner(client, 'the-key', ORIGIN);
  expect(signer.key).toMatchObject({ name: ORIGIN });
  const message = Buffer.from(`${ORIGIN}\n0\n`);
  expect(verify(null, message, publicKey, await signer.sign(message))).toBe(true);
  expect(calls).toStrictEqual([
    [GetPublicKeyCommand.name, { KeyId: 'the-key' }],
    [SignCommand.name, { KeyId: 'the-key', Message: message, MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' }],
  ]);
  expect(Buffer.from(await signCheckpoint(emptyFrontier, signer)).toString()).toContain(`\n— ${ORIGIN} `);
});

test('a key other than the announced one signs nothing', async () => {
  const { client } = kms(spkiOf(generateKeyPairSync('ed25519').publicKey), generateKeyPairSync('ed25519').privateKey);
  const signer = await kmsSigner(client, 'the-key', ORIGIN);
  await expect(signCheckpoint(emptyFrontier, signer)).rejects.toMatchObject({ code: 'signature-invalid' });
});

test.each([
  ['of another curve', spkiOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)],
  ['of another kind', spkiOf(generateKeyPairSync('x25519').publicKey)],
  ['cut short', spkiOf(generateKeyPairSync('ed25519').publicKey).subarray(0, 40)],
  ['none', Buffer.of()],
])('a public key %s is refused at the start', async (_, told) => {
  const { client } = kms(told, generateKeyPairSync('ed25519').privateKey);
  await expect(kmsSigner(client, 'the-key', ORIGIN)).rejects.toThrow('not an Ed25519 key');
});

test.each([
  ['arn:aws:kms:eu-central-1:210987654321:key/mrk-1', 'eu-central-1'],
  ['arn:aws-us-gov:kms:us-gov-west-1:210987654321:key/mrk-1', 'us-gov-west-1'],
  ['the-key', 'us-west-2'],
])('the key %s is asked in %s', async (key, region) => {
  expect(await kmsClientFor(key, { region: 'us-west-2' }).config.region()).toBe(region);
});
