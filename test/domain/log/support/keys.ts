import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { type CosignBytes, type KeyType, type VerifierKey, verifierKey } from '../../../../domain/log/note.ts';

/** A key whose private half is made of one byte repeated, so that signatures are the same in every run. */
export interface TestKey {
  readonly key: VerifierKey;
  readonly sign: CosignBytes;
}

// RFC 8410: what stands before the 32 bytes of an Ed25519 seed in PKCS #8.
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

export const testKey = (name: string, type: KeyType, seedByte: number): TestKey => {
  const der = Buffer.concat([PKCS8_HEAD, Buffer.alloc(32, seedByte)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    key: verifierKey(name, type, new Uint8Array(publicKey)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
};

export const ORIGIN = 'log.example/a';
export const logKey = testKey(ORIGIN, 1, 1);
export const otherLogKey = testKey(ORIGIN, 1, 3);
export const witnessKey = testKey('witness.example/w', 4, 2);
export const otherWitnessKey = testKey('witness.example/v', 4, 4);
export const trusted = { origin: ORIGIN, keys: [logKey.key] };
