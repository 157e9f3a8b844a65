import type { Provenance } from '../../../domain/feature/events.ts';
import { changeNamed, vendorOf } from '../../../domain/feature/keys.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import { isJsonObject, type JsonValue } from '../../../domain/kernel/json.ts';
import { FeatureKey } from '../../../domain/kernel/zodTypes.ts';
import { isValid, type KnownKey, type VendorKey } from '../../../domain/vendors/events.ts';
import { isEd25519, isHmac, readHeaders, type SignedHeaders, signedContent } from '../../../domain/vendors/webhookSignature.ts';
import type { CountedDelivery } from '../../gate/noticeLimits.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readVendor, secretOf } from '../../gate/vendors.ts';
import type { Attachment } from '../../platform/store/port.ts';
import { presentInstant } from '../../platform/store/submit.ts';
import { badParameter, checkInput } from '../http/input.ts';
import { refused } from '../http/problems.ts';
import type { ApiOperation } from '../routes/route.ts';

/** A message with a verified vendor signature. */
export interface VerifiedMessage {
  readonly vendor: string;
  readonly id: string;
  readonly provenance: Provenance;
  /** Passed to every command about the message. `notBefore`: since when the key is valid. */
  readonly sender: { readonly actor: string; readonly notBefore: string; readonly counted: CountedDelivery };
  readonly headers: Attachment;
}

type Header = (name: string) => string | undefined;

const HEADERS_TYPE = 'application/vnd.aldergate.webhook-headers+json';

/** Stored with the notice so that anyone with the key can check it again. */
const headersAttachment = (header: Header): Attachment => {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  const bytes = Buffer.from(canonical(Object.fromEntries(names.map((name) => [name, header(name) ?? '']))));
  return { sha256: digestOf(bytes), mediaType: HEADERS_TYPE, bytes };
};

/** A key that signed a message. `signature`: present if others can check it. */
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

const signer = async (
  ports: GatePorts,
  keys: readonly KnownKey[],
  { headers, content, now, schemes }: Message,
): Promise<Signer | undefined> => {
  for (const known of keys) {
    const { key, validFrom: since } = known;
    const signatures = headers.signatures.filter(({ scheme }) => scheme === key.scheme);
    if (signatures.length === 0 || !isValid(known, now) || !schemes.includes(key.scheme)) continue;
    if (key.scheme === 'v1a') {
      const found = signatures.find(({ bytes }) => isEd25519(key.publicKey, content, bytes));
      if (found !== undefined) return { key, since, signature: found.bytes.toString('base64') };
    } else {
      const secret = await secretOf(ports, key.id);
      if (secret !== undefined && signatures.some(({ bytes }) => isHmac(secret, content, bytes)))
        return { key, since, signature: null };
    }
  }
  return undefined;
};

/** Returns the vendor that must have signed. Throws Refused (400) if the message names none, since no signature can be checked then. */
const signerOf = ({ signedBy, body }: ApiOperation, value: JsonValue, key: unknown): string => {
  const named = signedBy === undefined ? key : isJsonObject(value) && value[signedBy];
  const owned = signedBy === 'change' && typeof named === 'string' ? changeNamed(named)?.key : named;
  const known = FeatureKey.safeParse(owned).data;
  if (known !== undefined) return vendorOf(known);
  if (body !== undefined) checkInput(body, value);
  throw new Error('broken invariant: a message of the right shape names no vendor');
};

/** The request. `key`: from the address. */
interface Sent {
  readonly value: JsonValue;
  readonly bytes: Uint8Array;
  readonly header: Header;
  readonly key: unknown;
}

/**
 * Verifies a signature of the named vendor over the exact bytes, within five minutes of the gate's clock. No other vendor's key is tried,
 * so the cost does not grow with the number of vendors. Throws Refused (401) without stating why.
 */
export const verifyMessage = async (
  ports: GatePorts,
  operation: ApiOperation,
  { value, bytes, header, key }: Sent,
): Promise<VerifiedMessage> => {
  const vendor = signerOf(operation, value, key);
  const read = readHeaders(header, Date.parse(ports.clock()));
  if (!read.ok && read.fault === 'id') throw badParameter('webhook-id', read.detail);
  if (!read.ok) throw refused('signature-refused', { detail: read.detail });
  const { headers } = read;
  const { id, timestamp, signatures } = headers;
  const [{ policy }, known] = await Promise.all([ports.rules(), readVendor(ports, vendor)]);
  const message = {
    headers,
    content: signedContent(headers, bytes),
    // A revoked key stays revoked if the clock is set back.
    now: await presentInstant(ports),
    schemes: policy?.policy.webhooks ?? ['v1a', 'v1'],
  };
  const found = await signer(ports, known?.keys ?? [], message);
  if (found === undefined)
    throw refused('signature-refused', {
      detail:
        signatures.length === 0
          ? 'webhook-signature holds no signature: write v1, or v1a, and then its base64'
          : `no key of ${vendor} that counts now made this signature over webhook-id.webhook-timestamp.body`,
    });
  const by = `vendor:${vendor}`;
  const signed = { key: found.key.id, scheme: found.key.scheme, message: { id, timestamp, signature: found.signature } };
  return {
    vendor,
    id,
    provenance: { channel: 'webhook', by, person: null, ...signed, heardAt: null, evidence: null },
    sender: { actor: by, notBefore: found.since, counted: { sender: by, bytes: bytes.length } },
    headers: headersAttachment(header),
  };
};
