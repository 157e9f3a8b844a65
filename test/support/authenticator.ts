import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

const b64 = (data: Uint8Array | string) => Buffer.from(data as string).toString('base64url');
const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();

/** CBOR (RFC 8949) as far as authenticators need it: integers, bytes, text and maps. */
const head = (major: number, n: number): Buffer => {
  if (n < 24) return Buffer.of((major << 5) | n);
  return n < 256 ? Buffer.of((major << 5) | 24, n) : Buffer.of((major << 5) | 25, n >> 8, n & 255);
};
type Cbor = number | string | Uint8Array | ReadonlyMap<number | string, Cbor>;
const cbor = (value: Cbor): Buffer => {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([name, part]) => [cbor(name), cbor(part)])]);
};

type Algorithm = 'ES256' | 'EdDSA' | 'RS256';

const pairOf = (algorithm: Algorithm) => {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return algorithm === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength: 2048 });
};

/** A public key in COSE (RFC 9053), as it stands in attested credential data. */
const coseOf = (algorithm: Algorithm, key: KeyObject) => {
  const jwk = key.export({ format: 'jwk' });
  const part = (name: 'x' | 'y' | 'n' | 'e'): Buffer => Buffer.from(jwk[name] ?? '', 'base64url');
  const map = {
    ES256: (): [number, Cbor][] => [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, part('x')],
      [-3, part('y')],
    ],
    EdDSA: (): [number, Cbor][] => [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, part('x')],
    ],
    RS256: (): [number, Cbor][] => [
      [1, 3],
      [3, -257],
      [-1, part('n')],
      [-2, part('e')],
    ],
  };
  return cbor(new Map(map[algorithm]()));
};

/** What a dishonest or broken browser or authenticator would send instead. */
export interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  readonly present?: boolean;
  readonly verified?: boolean;
  readonly counter?: number;
  readonly crossOrigin?: boolean;
}

/** A passkey in software, with the browser around it: what `navigator.credentials` would give, as JSON. */
export const softwareKey = (origin: string, algorithm: Algorithm = 'ES256') => {
  const { publicKey, privateKey } = pairOf(algorithm);
  const id = randomBytes(32);
  let counter = 0;
  const clientData = (type: string, challenge: string, lies: Lies): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge,
        origin: lies.origin ?? origin,
        crossOrigin: lies.crossOrigin ?? false,
      }),
    );
  const authenticatorData = (lies: Lies, attested = Buffer.alloc(0)): Buffer => {
    const flags = (lies.present === false ? 0 : 1) | (lies.verified === false ? 0 : 4) | (attested.length > 0 ? 0x40 : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(lies.counter ?? counter);
    return Buffer.concat([sha256(lies.rpId ?? new URL(origin).hostname), Buffer.of(flags), count, attested]);
  };
  const common = { id: b64(id), rawId: b64(id), type: 'public-key' as const, clientExtensionResults: {} };
  return {
    id: b64(id),
    algorithm,
    publicKey: b64(publicKey.export({ format: 'der', type: 'spki' })),
    /** Answers a request to make a key. `forged`: another public key than the one it signs with. */
    create: (challenge: string, lies: Lies & { readonly forged?: KeyObject } = {}) => {
      const cose = coseOf(algorithm, lies.forged ?? publicKey);
      const length = Buffer.of(0, id.length);
      const data = authenticatorData(lies, Buffer.concat([Buffer.alloc(16), length, id, cose]));
      const attestation = new Map<string, Cbor>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', data],
      ]);
      const response = {
        clientDataJSON: b64(clientData('webauthn.create', challenge, lies)),
        attestationObject: b64(cbor(attestation)),
        transports: ['internal' as const],
      };
      return { ...common, response };
    },
    /** Answers a request to sign. Each counts one on, where the key counts at all. */
    get: (challenge: string, lies: Lies = {}) => {
      const [client, data] = [clientData('webauthn.get', challenge, lies), authenticatorData(lies)];
      const signed = Buffer.concat([data, sha256(client)]);
      const signature = sign(algorithm === 'EdDSA' ? null : 'sha256', signed, privateKey);
      return { ...common, response: { clientDataJSON: b64(client), authenticatorData: b64(data), signature: b64(signature) } };
    },
    countTo: (n: number) => {
      counter = n;
    },
  };
};
export type SoftwareKey = ReturnType<typeof softwareKey>;
