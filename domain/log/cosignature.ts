// Wire format: Ed25519 cosignatures of c2sp.org/tlog-cosignature, uint64 big-endian POSIX seconds ‖ signature.
import { concat, isSize, toUtf8 } from './encoding.ts';
import { fail } from './errors.ts';
import { isSignedBy, type VerifierKey } from './verifierKey.ts';

const TIME_BYTES = 8;
const COSIGNATURE_BYTES = TIME_BYTES + 64;

/** Signs bytes with a private key that this code never reads; returns the 64 bytes of an Ed25519 signature. */
export type CosignBytes = (message: Uint8Array) => Uint8Array;

const cosignedMessage = (text: string, seconds: number): Uint8Array => toUtf8(`cosignature/v1\ntime ${seconds}\n${text}`);

/**
 * Cosigns a checkpoint's text, final newline included, at POSIX `seconds` above 0. Throws `signature-invalid` when `sign` does
 * not hold this key.
 */
export const makeCosignature = (text: string, key: VerifierKey, seconds: number, sign: CosignBytes): Uint8Array => {
  if (key.type !== 4) return fail('key-malformed', 'a cosignature is made with a key of type 4');
  if (!isSize(seconds) || seconds === 0)
    return fail('cosignature-malformed', 'the time of a cosignature is POSIX seconds above 0');
  const message = cosignedMessage(text, seconds);
  const signature = sign(message);
  if (!isSignedBy(key, message, signature)) return fail('signature-invalid', `the signer does not hold the key of ${key.name}`);
  const time = new Uint8Array(TIME_BYTES);
  new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
  return concat([time, signature]);
};

/** Returns the POSIX seconds at which `key` cosigned this text. Throws `cosignature-malformed`, `signature-invalid`. */
export const verifyCosignature = (text: string, key: VerifierKey, cosignature: Uint8Array): number => {
  if (cosignature.length !== COSIGNATURE_BYTES) {
    return fail('cosignature-malformed', `a cosignature has ${COSIGNATURE_BYTES} bytes, not ${cosignature.length}`);
  }
  const seconds = Number(new DataView(cosignature.buffer, cosignature.byteOffset).getBigUint64(0));
  if (!isSize(seconds)) return fail('cosignature-malformed', 'the time of the cosignature is out of range');
  if (!isSignedBy(key, cosignedMessage(text, seconds), cosignature.subarray(TIME_BYTES))) {
    return fail('signature-invalid', `the cosignature of ${key.name} does not verify`);
  }
  return seconds;
};
