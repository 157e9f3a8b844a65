import type { Provenance } from '../../../../domain/feature/events.ts';
import { CITY, vendorOf } from '../../../../domain/feature/keys.ts';
import { Notice } from '../../../../domain/feature/notice.ts';
import { canonical, digestOf } from '../../../../domain/kernel/canonical.ts';
import { NOTICE_BYTES_MAX } from '../../../../domain/kernel/commit.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { earliest } from '../../../../domain/kernel/order.ts';
import { FeatureKey, object } from '../../../../domain/kernel/zodTypes.ts';
import { endOfLocalDay, isDate, localDateOf, startOfLocalDay, toInstant } from '../../../../domain/kernel/zone.ts';
import { isValid, type KnownKey, type VendorKey } from '../../../../domain/vendors/events.ts';
import {
  isEd25519,
  isHmac,
  readHeaders,
  type SignedHeaders,
  signedContent,
} from '../../../../domain/vendors/webhookSignature.ts';
import { type Intake, intake } from '../../../gate/intake.ts';
import type { Counted } from '../../../gate/noticeLimits.ts';
import type { GatePorts } from '../../../gate/ports.ts';
import { zoneInForce } from '../../../gate/rules.ts';
import { readVendor, secretOf } from '../../../gate/vendors.ts';
import type { Attachment } from '../../../platform/store/port.ts';
import { presentOf } from '../../../platform/store/submit.ts';
import { badField, badParameter, checkInput } from '../../http/input.ts';
import { intakeRefused, refused, rejectedAt } from '../../http/problems.ts';
import { type Caller, hasScope } from '../../http/tokens.ts';
import type { IntakeEntry } from '../../routes/api/it.ts';
import { handling } from '../bind.ts';

const HEADERS_TYPE = 'application/vnd.aldergate.webhook-headers+json';

/** Kept beside the notice so that anyone with the key can check it again. */
export const headersAttachment = (header: (name: string) => string | undefined): Attachment => {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  const bytes = Buffer.from(canonical(Object.fromEntries(names.map((name) => [name, header(name) ?? '']))));
  return { sha256: digestOf(bytes), mediaType: HEADERS_TYPE, bytes };
};

const OfFeature = object(() => ({ feature: FeatureKey }));

/** Throws Refused (400) if the body names no feature, since no signature can be checked then. */
const ownerOf = (value: JsonValue): string =>
  vendorOf(OfFeature.safeParse(value).data?.feature ?? checkInput(Notice, value).feature);

const EVIDENCE_BYTES_MAX = 96 * 1024;

const evidenceBytes = ({ sha256, content }: NonNullable<IntakeEntry['evidence']>): Uint8Array | undefined => {
  if (content === undefined) return undefined;
  const bytes = Buffer.from(content, 'base64');
  if (bytes.length > EVIDENCE_BYTES_MAX) throw badField('/evidence/content', `is longer than ${EVIDENCE_BYTES_MAX} bytes`);
  if (digestOf(bytes) !== `sha256:${sha256}`) throw badField('/evidence/sha256', 'is not the SHA-256 of the content');
  return bytes;
};

const DELIVERY_ID = /^[!-~]{1,200}$/;

/** Without one the body is its own id, so that it is entered once however often it is sent. */
const deliveryIdOf = (header: (name: string) => string | undefined, body: Uint8Array): string => {
  const id = header('idempotency-key');
  if (id === undefined) return digestOf(body);
  if (!DELIVERY_ID.test(id)) throw badParameter('idempotency-key', 'is not 1 to 200 visible ASCII characters');
  return id;
};

/** The channel of features that the city has today (`aldergate inventory`). */
const INVENTORY = 'inventory';

const isInventory = (caller: Caller, { channel }: IntakeEntry): boolean => channel === INVENTORY && hasScope(caller, 'admin');

interface EntryCommand {
  readonly actor: string;
  readonly person: string | null;
  readonly deliveryId: string;
  readonly entry: IntakeEntry;
  readonly counted: Counted | null;
}

const enterNotice = async (ports: GatePorts, { actor, person, deliveryId, entry, counted }: EntryCommand): Promise<Intake> => {
  const { notice, channel, heardAt, evidence } = entry;
  const zone = await zoneInForce(ports);
  const now = ports.clock();
  const named = toInstant(heardAt, zone);
  if (named === undefined || named > endOfLocalDay(localDateOf(now, zone), zone))
    throw badField('/heardAt', 'lies in the future');
  // The clock of the sender may be ahead.
  const heard = isDate(heardAt) ? startOfLocalDay(heardAt, zone) : (earliest(named, now) ?? now);
  if (vendorOf(notice.feature) === CITY) throw badField('/notice/feature', 'is kept for the city’s own policy');
  const body = Buffer.from(canonical(notice as JsonValue));
  if (body.length > NOTICE_BYTES_MAX) throw badField('/notice', `is longer than ${NOTICE_BYTES_MAX} bytes`);
  const bytes = evidence === undefined ? undefined : evidenceBytes(evidence);
  const { content: _content, ...shown } = evidence ?? {};
  const record = Buffer.from(canonical({ channel, heardAt: heard, ...(evidence !== undefined && { evidence: shown }) }));
  return intake(ports, {
    // The city's ids must not collide with those by which a vendor sends its notices again.
    vendor: CITY,
    deliveryId: `${actor}/${deliveryId}`,
    actor,
    body,
    notice,
    provenance: {
      channel,
      by: actor,
      person,
      key: null,
      scheme: null,
      message: null,
      heardAt: heard,
      evidence: evidence === undefined ? null : `sha256:${evidence.sha256}`,
    },
    attachments: [
      { sha256: digestOf(record), mediaType: 'application/vnd.aldergate.intake+json', bytes: record },
      ...(bytes === undefined
        ? []
        : [{ sha256: digestOf(bytes), mediaType: evidence?.mediaType ?? 'application/octet-stream', bytes }]),
    ],
    counted,
  });
};

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
 * By `owner`, over the exact bytes, within five minutes of the gate's clock. No other vendor's key is tried, so that it costs
 * the same however many vendors there are. Throws Refused (401) without distinction.
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
  throw refused('signature-refused', {
    detail:
      headers.signatures.length === 0
        ? 'webhook-signature holds no signature: write v1, or v1a, and then its base64'
        : `no key of ${owner} that counts now made this signature over webhook-id.webhook-timestamp.body`,
  });
};

/** The body of a signed notice is trusted only after its signature is verified. */
export const noticeHandlers = handling(({ ports }) => ({
  '/v1/notices': {
    POST: async ({ body, bytes, header }) => {
      const { vendor, provenance, id, keySince } = await verifyWebhook(ports, ownerOf(body), header, bytes);
      const notice = checkInput(Notice, body);
      const taken = await intake(ports, {
        vendor,
        deliveryId: id,
        actor: `vendor:${vendor}`,
        body: bytes,
        notice,
        provenance,
        notBefore: keySince,
        attachments: [headersAttachment(header)],
        counted: { sender: `vendor:${vendor}`, bytes: bytes.length },
      });
      if (!taken.ok) throw intakeRefused(taken.rejection);
      const { received } = taken;
      return { body: received, headers: { location: `/v1/changes/${received.change}` } };
    },
  },
  '/v1/intake': {
    POST: async ({ caller, body, bytes, header }) => {
      const command = {
        actor: `token:${caller.name}`,
        person: caller.person,
        deliveryId: deliveryIdOf(header, bytes),
        entry: body,
        counted: isInventory(caller, body) ? null : { sender: `token:${caller.id}`, bytes: bytes.length },
      };
      const taken = await enterNotice(ports, command);
      if (!taken.ok) throw intakeRefused(rejectedAt('/notice', taken.rejection));
      return { body: taken.received, headers: { location: `/v1/changes/${taken.received.change}` } };
    },
  },
}));
