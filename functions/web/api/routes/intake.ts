import type { Context } from 'hono';
import * as z from 'zod';
import { CITY, vendorOf } from '../../../../domain/feature/keys.ts';
import { Notice } from '../../../../domain/feature/notice.ts';
import { canonical } from '../../../../domain/kernel/canonical.ts';
import { digestOf } from '../../../../domain/kernel/digest.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { NOTICE_BYTES_MAX } from '../../../../domain/kernel/limits.ts';
import { LineText, Sha256Hex } from '../../../../domain/kernel/zodTypes.ts';
import { toInstant } from '../../../../domain/kernel/zone.ts';
import { type Intake, intake } from '../../../gate/intake.ts';
import type { GatePorts } from '../../../gate/ports.ts';
import { zoneInForce } from '../../../gate/settings.ts';
import { FORM_CHANNEL } from '../../../gate/vendorForms.ts';
import { readBody, requireMediaType } from '../../http/body.ts';
import type { Credentials } from '../../http/credentials.ts';
import { badParameter, checkInput, parseJson } from '../../http/input.ts';
import { refused, refusedBy } from '../../http/refused.ts';
import { json } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';

/** A notice, and what says that it came: a hash, or a small document itself. */
const INTAKE_BYTES_MAX = 192 * 1024;
const EVIDENCE_BYTES_MAX = 96 * 1024;

const Evidence = z.strictObject({
  sha256: Sha256Hex,
  title: LineText(200).exactOptional(),
  mediaType: z
    .string()
    .regex(/^[a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,80}$/, 'is not a media type')
    .exactOptional(),
  content: z.base64('is not base64').exactOptional(),
});

/** What only the gate itself may say of a notice: that it came signed over the wire, from its operator, or through a vendor's form. */
const RESERVED_CHANNELS: readonly string[] = ['webhook', 'operator', FORM_CHANNEL];

/** Wire format. What the city heard of a change otherwise than by a signed notice, from whom and when. */
export const IntakeBody = z.strictObject({
  notice: Notice,
  channel: LineText(100).refine(
    (channel) => !RESERVED_CHANNELS.includes(channel.trim().toLowerCase()),
    'is said only of notices that did not come this way',
  ),
  heardAt: z.string().max(40),
  evidence: Evidence.exactOptional(),
});
export type IntakeBody = z.infer<typeof IntakeBody>;

const bad = (pointer: string, detail: string) =>
  refused('invalid-input', { detail: `${pointer} ${detail}`, errors: [{ pointer, detail }] });

const evidenceBytes = ({ sha256, content }: NonNullable<IntakeBody['evidence']>): Uint8Array | undefined => {
  if (content === undefined) return undefined;
  const bytes = Buffer.from(content, 'base64');
  if (bytes.length > EVIDENCE_BYTES_MAX) throw bad('/evidence/content', `is longer than ${EVIDENCE_BYTES_MAX} bytes`);
  if (digestOf(bytes) !== `sha256:${sha256}`) throw bad('/evidence/sha256', 'is not the SHA-256 of the content');
  return bytes;
};

const DELIVERY_ID = /^[!-~]{1,200}$/;

/** The sender's id of this entry; without one the body is its own id, so that it is entered once however often it is sent. */
const deliveryIdOf = (header: (name: string) => string | undefined, body: Uint8Array): string => {
  const id = header('idempotency-key') ?? header('webhook-id');
  if (id === undefined) return digestOf(body);
  if (!DELIVERY_ID.test(id)) throw badParameter('idempotency-key', 'is not 1 to 200 visible ASCII characters');
  return id;
};

/** Who enters, under which id; the command line is the operator. */
export interface Entry {
  readonly actor: string;
  readonly deliveryId: string;
  readonly input: IntakeBody;
}

/** Takes in what the city heard: the same as a signed notice but for its provenance, which is shown everywhere. Throws Refused on what cannot be read. */
export const enterNotice = async (ports: GatePorts, { actor, deliveryId, input }: Entry): Promise<Intake> => {
  const { notice, channel, heardAt, evidence } = input;
  const heard = toInstant(heardAt, await zoneInForce(ports));
  if (heard === undefined) throw bad('/heardAt', 'is not a date or an instant');
  if (vendorOf(notice.feature) === CITY) throw bad('/notice/feature', 'is kept for the city’s own policy');
  const body = Buffer.from(canonical(notice as JsonValue));
  if (body.length > NOTICE_BYTES_MAX) throw bad('/notice', `is longer than ${NOTICE_BYTES_MAX} bytes`);
  const bytes = evidence === undefined ? undefined : evidenceBytes(evidence);
  const { content: _content, ...named } = evidence ?? {};
  const entry = Buffer.from(canonical({ channel, heardAt: heard, ...(evidence !== undefined && { evidence: named }) }));
  return intake(ports, {
    // The city's own ids must not get in the way of those by which a vendor sends its notices again.
    vendor: CITY,
    deliveryId: `${actor}/${deliveryId}`,
    actor,
    body,
    notice,
    provenance: {
      channel,
      by: actor,
      key: null,
      scheme: null,
      message: null,
      heardAt: heard,
      evidence: evidence === undefined ? null : `sha256:${evidence.sha256}`,
    },
    attachments: [
      { sha256: digestOf(entry), mediaType: 'application/vnd.aldergate.intake+json', bytes: entry },
      ...(bytes === undefined
        ? []
        : [{ sha256: digestOf(bytes), mediaType: evidence?.mediaType ?? 'application/octet-stream', bytes }]),
    ],
  });
};

/** `POST /v1/intake`: the city enters a change it heard of. Whoever enters it fills no requirement of it. */
export const postIntake =
  ({ ports }: ApiDeps, authenticate: Credentials) =>
  async (context: Context): Promise<Response> => {
    const header = (name: string) => context.req.header(name);
    const { name } = await authenticate(header, 'notice');
    requireMediaType(header('content-type') ?? null, 'application/json');
    const body = await readBody(context.req.raw, INTAKE_BYTES_MAX);
    const input = checkInput(IntakeBody, parseJson(body));
    const taken = await enterNotice(ports, { actor: `token:${name}`, deliveryId: deliveryIdOf(header, body), input });
    if (!taken.ok) {
      const { rejection } = taken;
      const pointer = rejection.pointer === undefined ? {} : { pointer: `/notice${rejection.pointer}` };
      throw refusedBy({ ...rejection, ...pointer }, rejection.code === 'unknown-change' ? { status: 409 } : {});
    }
    return json(taken.received, 202, { location: `/v1/changes/${taken.received.change}` });
  };
