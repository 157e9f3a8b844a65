import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { UnreadCommit } from './port.ts';

/** `tag`: 32 bytes. */
export interface Mac {
  readonly keyId: string;
  readonly tag: Uint8Array;
}

/** 32 bytes each. The first makes new MACs; all are accepted, so that rows are read while they get new ones. */
export type MacKeys = readonly [Uint8Array, ...Uint8Array[]];

type Part = string | Uint8Array;

/** MACs over sequences of length-prefixed parts, so that no two sequences have the same input. */
export interface Macs {
  make(...parts: readonly Part[]): Mac;
  /** Returns why `mac` is not valid for the parts. */
  problem(mac: Mac | undefined, ...parts: readonly Part[]): string | undefined;
  isCurrent(mac: Mac | undefined): boolean;
}

/** Each purpose has its own key. */
type MacPurpose = 'commits' | 'records' | 'judged' | 'running';

const KEY_BYTES = 32;
const KEY_ID_CHARS = 8;

/** Returns the first 32 bits of a MAC under the key. */
const keyIdOf = (key: KeyObject): string =>
  createHmac('sha256', key).update('aldergate key id').digest('hex').slice(0, KEY_ID_CHARS);

const tagOf = (key: KeyObject, parts: readonly Part[]): Buffer => {
  const hmac = createHmac('sha256', key);
  // Consecutive texts are passed in one call, since a call costs more than hashing its input.
  let text = `${parts.map((part) => Buffer.byteLength(part)).join(' ')}\n`;
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else {
      hmac.update(text).update(part);
      text = '';
    }
  }
  return hmac.update(text).digest();
};

/** Derives the key of one purpose by HKDF-SHA256 (RFC 5869). */
const derivedKey = (bytes: Uint8Array, purpose: MacPurpose): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', bytes, '', `aldergate MACs of ${purpose}`, KEY_BYTES)));

const isPart = (part: unknown): boolean => typeof part === 'string' || part instanceof Uint8Array;

/** Returns HMAC-SHA256 (RFC 2104) under keys derived for one purpose. Throws RangeError on a key that is not 32 bytes long. */
export const macsUnder = (keys: MacKeys, purpose: MacPurpose): Macs => {
  if (keys.some((key) => key.length !== KEY_BYTES)) throw new RangeError(`a key for MACs has ${KEY_BYTES} bytes`);
  const ring = new Map(
    keys.map((bytes) => {
      const key = derivedKey(bytes, purpose);
      return [keyIdOf(key), key] as const;
    }),
  );
  const [[currentId, current] = unreachable()] = ring;
  return {
    make: (...parts) => ({ keyId: currentId, tag: tagOf(current, parts) }),
    problem: (mac, ...parts) => {
      if (mac === undefined) return 'it has no MAC';
      const key = ring.get(mac.keyId);
      if (key === undefined) return 'its MAC is under an unknown key';
      // Possible in a table whose schema was different for a while.
      if (!(mac.tag instanceof Uint8Array) || !parts.every(isPart)) return 'a value of it is of another type';
      const tag = tagOf(key, parts);
      return mac.tag.length === tag.length && timingSafeEqual(tag, mac.tag) ? undefined : 'its MAC does not fit';
    },
    isCurrent: (mac) => mac?.keyId === currentId,
  };
};

const unreachable = (): never => {
  throw new Error('broken invariant: there is always a key');
};

/** Returns the parts that a row's MAC covers; attachments by digest, which is compared with their bytes at every read. */
export const commitParts = ({ stream, version, bytes, state, stateVersion, attachments }: UnreadCommit): readonly Part[] => [
  'commit',
  stream,
  String(version),
  bytes,
  String(stateVersion),
  state,
  ...attachments.flatMap(({ sha256, mediaType }) => [sha256, mediaType]),
];

export const recordParts = (kind: string, id: string, value: string): readonly string[] => ['record', kind, id, value];
