import type { Context } from 'hono';
import { vendorOf } from '../../../../domain/feature/keys.ts';
import { Notice } from '../../../../domain/feature/notice.ts';
import { canonical } from '../../../../domain/kernel/canonical.ts';
import { digestOf } from '../../../../domain/kernel/digest.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { NOTICE_BYTES_MAX } from '../../../../domain/kernel/limits.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { intake } from '../../../gate/intake.ts';
import type { Attachment } from '../../../platform/store/port.ts';
import { readBody, requireMediaType } from '../../http/body.ts';
import { checkInput, parseJson } from '../../http/input.ts';
import { refusedBy } from '../../http/refused.ts';
import { json } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';
import { verifyWebhook } from '../webhooks/verify.ts';

const HEADERS_TYPE = 'application/vnd.aldergate.webhook-headers+json';

/** The signature as it was sent, kept beside the notice so that anyone with the key can check it again. */
export const headersAttachment = (header: (name: string) => string | undefined): Attachment => {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  const bytes = Buffer.from(canonical(Object.fromEntries(names.map((name) => [name, header(name) ?? '']))));
  return { sha256: digestOf(bytes), mediaType: HEADERS_TYPE, bytes };
};

/** The vendor a body speaks for. Without one there is nobody whose signature could be checked: the body itself is at fault. */
const ownerOf = (value: JsonValue): string => {
  const feature =
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'feature')
      ? FeatureKey.safeParse((value as { feature?: unknown }).feature)
      : undefined;
  return feature?.success ? vendorOf(feature.data) : vendorOf(checkInput(Notice, value).feature);
};

/** `POST /v1/notices`: a vendor's signed notice of a change. The body is read to learn whose it is, and believed once it is signed. */
export const postNotice =
  ({ ports }: ApiDeps) =>
  async (context: Context): Promise<Response> => {
    const header = (name: string) => context.req.header(name);
    requireMediaType(header('content-type') ?? null, 'application/json');
    const body = await readBody(context.req.raw, NOTICE_BYTES_MAX);
    const value = parseJson(body);
    const { vendor, provenance, id } = await verifyWebhook(ports, ownerOf(value), header, body);
    const notice = checkInput(Notice, value);
    const taken = await intake(ports, {
      vendor,
      deliveryId: id,
      actor: `vendor:${vendor}`,
      body,
      notice,
      provenance,
      attachments: [headersAttachment(header)],
    });
    if (!taken.ok) throw refusedBy(taken.rejection, taken.rejection.code === 'unknown-change' ? { status: 409 } : {});
    const { received } = taken;
    return json(received, 202, { location: `/v1/changes/${received.change}` });
  };
