import { generateKeyPairSync, type KeyPairKeyObjectResult, sign } from 'node:crypto';
import { type Answer, DENIED, type Judge } from './answer.ts';

interface SignCall {
  readonly KeyId: string;
  readonly Message?: string;
  readonly MessageType?: string;
  readonly SigningAlgorithm?: string;
  readonly Policy?: string;
}

export interface KeyPolicy {
  readonly Statement: readonly {
    readonly Effect: string;
    readonly Condition?: { readonly ArnNotLike?: Readonly<Record<string, string>> };
  }[];
}

export interface Keys {
  readonly pairs: Map<string, KeyPairKeyObjectResult>;
  /** Key policies by ARN. A key without one lets every role sign whose own policy allows it. */
  readonly policies: Map<string, KeyPolicy>;
}

export const noKeys = (): Keys => ({ pairs: new Map(), policies: new Map() });

/** A replica has the material of its primary, whose name is its own behind `mrk-`. */
const REPLICA = /:key\/mrk-(?<primary>.+)$/;

const isDenied = (policy: KeyPolicy | undefined, principal: string) =>
  policy?.Statement.some(({ Effect: effect, Condition: { ArnNotLike: unlike } = {} }) => {
    const pattern = unlike?.['aws:PrincipalArn'];
    return effect === 'Deny' && pattern !== undefined && principal !== pattern;
  }) ?? false;

/** A KMS with an Ed25519 key for each name. The private halves stay in here, as they do there. `stage`: whose roles call. */
export const openKms = ({ pairs, policies }: Keys, stage: () => string) => {
  const keyOf = (id: string) => {
    const name = REPLICA.exec(id)?.groups?.primary ?? id;
    const key = pairs.get(name) ?? generateKeyPairSync('ed25519');
    pairs.set(name, key);
    return key;
  };
  const invalid: Answer = { status: 400, body: { __type: 'ValidationException', message: 'not in this way' } };
  return (judge: Judge, caller: string, operation: string, call: SignCall) => {
    if (!judge(caller, `kms:${operation}`, call.KeyId)) return DENIED;
    const { KeyId, Message: message = '', MessageType: type, SigningAlgorithm: algorithm } = call;
    if (operation === 'PutKeyPolicy') {
      policies.set(KeyId, JSON.parse(call.Policy ?? '') as KeyPolicy);
      return { status: 200, body: {} };
    }
    const { publicKey, privateKey } = keyOf(KeyId);
    if (operation === 'GetPublicKey') {
      const PublicKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      return { status: 200, body: { KeyId, KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', PublicKey } };
    }
    const principal = `arn:aws:iam::123456789012:role/Aldergate-${stage()}-Gate-${caller}`;
    if (isDenied(policies.get(KeyId), principal)) return DENIED;
    // As AWS has it: pure Ed25519 signs the message itself, and at most 4,096 bytes of it.
    const bytes = Buffer.from(message, 'base64');
    if (operation !== 'Sign' || type !== 'RAW' || algorithm !== 'ED25519_SHA_512' || bytes.length > 4_096) return invalid;
    return {
      status: 200,
      body: { KeyId, Signature: sign(null, bytes, privateKey).toString('base64'), SigningAlgorithm: algorithm },
    };
  };
};
