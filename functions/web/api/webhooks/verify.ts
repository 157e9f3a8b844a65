import type { Provenance } from '../../../../domain/feature/events.ts';
import { isValid, type KnownKey, type VendorKey } from '../../../../domain/vendors/keys.ts';
import {
  isEd25519,
  isHmac,
  readHeaders,
  type SignedHeaders,
  signedContent,
} from '../../../../domain/vendors/webhookSignature.ts';
import type { GatePorts } from '../../../gate/ports.ts';
import { readVendor, secretOf } from '../../../gate/vendors.ts';
import { presentOf } from '../../../platform/store/clockBehind.ts';
import { badParameter } from '../../http/input.ts';
import { refused } from '../../http/refused.ts';

/** A message whose vendor's signature is verified. */
export interface VerifiedMessage {
  readonly vendor: string;
  readonly id: string;
  readonly provenance: Provenance;
  readonly keySince: string;
}

/** A key that signed a message. `signature`: its signature, if others can check it. */
interface Signer {
  readonly key: VendorKey;
  readonly since: string;
  readonly signature: string | null;
}

interface Message {
  readonly headers: SignedHeaders;
  readonly content: Uint8Array;
  readonly now: string;
  readonly schemes: readonly string[];
}

const signedBy = async (
  ports: GatePorts,
  { key, validFrom: since }: KnownKey,
  { headers, content }: Message,
): Promise<Signer | undefined> => {
  const signatures = headers.signatures.filter(({ scheme }) => scheme === key.scheme).map(({ bytes }) => bytes);
  if (signatures.length === 0) return undefined;
  if (key.scheme === 'v1a') {
    const bytes = signatures.find((each) => isEd25519(key.publicKey, content, each));
    return bytes && { key, since, signature: bytes.toString('base64') };
  }
  const secret = await secretOf(ports, key.id);
  return secret !== undefined && signatures.some((each) => isHmac(secret, content, each))
    ? { key, since, signature: null }
    : undefined;
};

const signer = async (ports: GatePorts, keys: readonly KnownKey[], message: Message): Promise<Signer | undefined> => {
  for (const known of keys) {
    if (!isValid(known, message.now) || !message.schemes.includes(known.key.scheme)) continue;
    const found = await signedBy(ports, known, message);
    if (found !== undefined) return found;
  }
  return undefined;
};

const provenanceOf = (vendor: string, { key, signature }: Signer, { id, timestamp }: SignedHeaders): Provenance => ({
  channel: 'webhook',
  by: `vendor:${vendor}`,
  person: null,
  key: key.id,
  scheme: key.scheme,
  message: { id, timestamp, signature },
  heardAt: null,
  evidence: null,
});

/**
 * Verifies that `owner` signed a message, over its exact bytes, within five minutes of the gate's clock. No other vendor's key is tried,
 * so that a message without a right to be here costs the same however many vendors there are. Throws Refused (401) for no or a wrong
 * signature, another vendor's, an ended key or a scheme the policy forbids, without distinction.
 */
export const verifyWebhook = async (
  ports: GatePorts,
  owner: string,
  header: (name: string) => string | null | undefined,
  body: Uint8Array,
): Promise<VerifiedMessage> => {
  const now = ports.clock();
  const read = readHeaders(header, Date.parse(now));
  if (!read.ok && read.fault === 'id') throw badParameter('webhook-id', read.detail);
  if (!read.ok) throw refused('signature-refused', { detail: read.detail });
  const { headers } = read;
  const [{ policy }, vendor] = await Promise.all([ports.rules(), readVendor(ports, owner)]);
  // An ended key stays ended for a clock that was put back.
  const present = await presentOf(ports);
  const message = {
    headers,
    content: signedContent(headers, body),
    now: present,
    schemes: policy?.policy.webhooks ?? ['v1a', 'v1'],
  };
  const known = headers.signatures.length === 0 ? undefined : await signer(ports, vendor?.keys ?? [], message);
  if (known !== undefined)
    return { vendor: owner, id: headers.id, provenance: provenanceOf(owner, known, headers), keySince: known.since };
  throw refused('signature-refused', { detail: `no key of ${owner} that counts now made this signature` });
};
