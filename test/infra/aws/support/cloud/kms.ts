import { generateKeyPairSync, type KeyPairKeyObjectResult, sign } from 'node:crypto';
import { type Answer, DENIED, type Judge } from './answer.ts';

interface SignCall {
  readonly KeyId: string;
  readonly Message?: string;
  readonly MessageType?: string;
  readonly SigningAlgorithm?: string;
}

/** A KMS with an Ed25519 key for each name. The private halves stay in here, as they do there. */
export const openKms = () => {
  const keys = new Map<string, KeyPairKeyObjectResult>();
  const keyOf = (name: string) => {
    const key = keys.get(name) ?? generateKeyPairSync('ed25519');
    keys.set(name, key);
    return key;
  };
  const invalid: Answer = { status: 400, body: { __type: 'ValidationException', message: 'not in this way' } };
  return (judge: Judge, caller: string, operation: string, call: SignCall): Answer => {
    if (!judge(caller, `kms:${operation}`, call.KeyId)) return DENIED;
    const { KeyId, Message: message = '', MessageType: type, SigningAlgorithm: algorithm } = call;
    const { publicKey, privateKey } = keyOf(KeyId);
    if (operation === 'GetPublicKey') {
      const PublicKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      return { status: 200, body: { KeyId, KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', PublicKey } };
    }
    // As AWS has it: pure Ed25519 signs the message itself, and at most 4,096 bytes of it.
    const bytes = Buffer.from(message, 'base64');
    if (operation !== 'Sign' || type !== 'RAW' || algorithm !== 'ED25519_SHA_512' || bytes.length > 4_096) return invalid;
    return {
      status: 200,
      body: { KeyId, Signature: sign(null, bytes, privateKey).toString('base64'), SigningAlgorithm: algorithm },
    };
  };
};
