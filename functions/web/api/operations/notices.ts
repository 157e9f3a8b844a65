import { vendorOf } from '../../../../domain/feature/keys.ts';
import { Notice } from '../../../../domain/feature/notice.ts';
import { canonical } from '../../../../domain/kernel/canonical.ts';
import { digestOf } from '../../../../domain/kernel/digest.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { intake } from '../../../gate/intake.ts';
import type { Attachment } from '../../../platform/store/port.ts';
import { checkInput } from '../../http/input.ts';
import { intakeRefused } from '../../http/intakeRefused.ts';
import type { VENDOR_OPERATIONS } from '../../routes/api/vendors.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';
import { verifyWebhook } from '../webhooks/verify.ts';

type NoticeHandlers = Pick<ApiHandlers<typeof VENDOR_OPERATIONS>, '/v1/notices'>;

const HEADERS_TYPE = 'application/vnd.aldergate.webhook-headers+json';

/** Returns the signature as it was sent, to be kept beside the notice so that anyone with the key can check it again. */
export const headersAttachment = (header: (name: string) => string | undefined): Attachment => {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  const bytes = Buffer.from(canonical(Object.fromEntries(names.map((name) => [name, header(name) ?? '']))));
  return { sha256: digestOf(bytes), mediaType: HEADERS_TYPE, bytes };
};

/** Returns the vendor that owns the notice's feature. Throws Refused (400) if the body names none, since no signature can be checked then. */
const ownerOf = (value: JsonValue): string => {
  const feature =
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'feature')
      ? FeatureKey.safeParse((value as { feature?: unknown }).feature)
      : undefined;
  return feature?.success ? vendorOf(feature.data) : vendorOf(checkInput(Notice, value).feature);
};

/** Serves a vendor's signed notice of a change. The body is read to find its owner, and trusted only after its signature is verified. */
export const noticeHandlers = ({ ports }: ApiDeps): NoticeHandlers => ({
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
});
