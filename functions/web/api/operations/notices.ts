import { CITY, vendorOf } from '../../../../domain/feature/keys.ts';
import { INVENTORY } from '../../../../domain/feature/notice.ts';
import { canonical, digestOf } from '../../../../domain/kernel/canonical.ts';
import { NOTICE_BYTES_MAX } from '../../../../domain/kernel/commit.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { earliest } from '../../../../domain/kernel/order.ts';
import { endOfLocalDay, isDate, localDateOf, startOfLocalDay, toInstant } from '../../../../domain/kernel/zone.ts';
import { type Intake, intake } from '../../../gate/intake.ts';
import type { CountedDelivery } from '../../../gate/noticeLimits.ts';
import type { GatePorts } from '../../../gate/ports.ts';
import { zoneInForce } from '../../../gate/rules.ts';
import { badField, badParameter } from '../../http/input.ts';
import { intakeRefused, rejectedAt } from '../../http/problems.ts';
import { type Caller, hasScope } from '../../http/tokens.ts';
import type { IntakeEntry } from '../../routes/api/it.ts';
import { handling } from '../bind.ts';

const EVIDENCE_BYTES_MAX = 96 * 1024;

const evidenceBytes = ({ sha256, content }: NonNullable<IntakeEntry['evidence']>): Uint8Array | undefined => {
  if (content === undefined) return undefined;
  const bytes = Buffer.from(content, 'base64');
  if (bytes.length > EVIDENCE_BYTES_MAX) throw badField('/evidence/content', `is longer than ${EVIDENCE_BYTES_MAX} bytes`);
  if (digestOf(bytes) !== `sha256:${sha256}`) throw badField('/evidence/sha256', 'is not the SHA-256 of the content');
  return bytes;
};

const DELIVERY_ID = /^[!-~]{1,200}$/;

/** Without an id the body is its own id, so that repeated requests enter it once. */
const deliveryIdOf = (header: (name: string) => string | undefined, body: Uint8Array): string => {
  const id = header('idempotency-key');
  if (id === undefined) return digestOf(body);
  if (!DELIVERY_ID.test(id)) throw badParameter('idempotency-key', 'is not 1 to 200 visible ASCII characters');
  return id;
};

const isInventory = (caller: Caller, { channel }: IntakeEntry): boolean => channel === INVENTORY && hasScope(caller, 'admin');

interface EntryCommand {
  readonly actor: string;
  readonly person: string | null;
  readonly deliveryId: string;
  readonly entry: IntakeEntry;
  readonly counted: CountedDelivery | null;
}

const enterNotice = async (ports: GatePorts, { actor, person, deliveryId, entry, counted }: EntryCommand): Promise<Intake> => {
  const { notice, channel, heardAt, evidence } = entry;
  const zone = await zoneInForce(ports);
  const now = ports.clock();
  const named = toInstant(heardAt, zone);
  if (named === undefined || named > endOfLocalDay(localDateOf(now, zone), zone))
    throw badField('/heardAt', 'lies in the future');
  // The sender's clock may be ahead.
  const heard = isDate(heardAt) ? startOfLocalDay(heardAt, zone) : (earliest(named, now) ?? now);
  if (vendorOf(notice.feature) === CITY) throw badField('/notice/feature', 'is kept for the city’s own policy');
  const body = Buffer.from(canonical(notice as JsonValue));
  if (body.length > NOTICE_BYTES_MAX) throw badField('/notice', `is longer than ${NOTICE_BYTES_MAX} bytes`);
  const bytes = evidence === undefined ? undefined : evidenceBytes(evidence);
  const { content: _content, ...shown } = evidence ?? {};
  const record = Buffer.from(canonical({ channel, heardAt: heard, ...(evidence !== undefined && { evidence: shown }) }));
  return intake(ports, {
    // The city's ids must not collide with the ids under which a vendor repeats its notices.
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

export const noticeHandlers = handling(({ ports }) => ({
  '/v1/notices': {
    POST: async ({ body: notice, bytes: body, signed: { vendor, id: deliveryId, provenance, headers, sender } }) => {
      const taken = await intake(ports, { vendor, deliveryId, body, notice, provenance, attachments: [headers], ...sender });
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
