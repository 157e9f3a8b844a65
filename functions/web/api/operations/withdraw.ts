import { changeId, vendorOf } from '../../../../domain/feature/keys.ts';
import { digestOf } from '../../../../domain/kernel/digest.ts';
import { orderFeature } from '../../../gate/feature.ts';
import { CorruptStore } from '../../../platform/store/errors.ts';
import { readChangeJson } from '../../../register/views/readChangeJson.ts';
import { checkInput } from '../../http/input.ts';
import { refused, refusedBy } from '../../http/refused.ts';
import { type VENDOR_OPERATIONS, Withdrawal } from '../../routes/api/vendors.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';
import { verifyWebhook } from '../webhooks/verify.ts';
import { headersAttachment } from './notices.ts';

type WithdrawalHandlers = Pick<ApiHandlers<typeof VENDOR_OPERATIONS>, '/v1/changes/{key}/{n}/withdraw'>;

/** Serves a vendor's withdrawal of an open change. The same message again gives the same answer. */
export const withdrawalHandlers = ({ ports, checkpoint }: ApiDeps): WithdrawalHandlers => ({
  '/v1/changes/{key}/{n}/withdraw': {
    POST: async ({ params: { key, n }, body, bytes, header }) => {
      const { vendor, id, provenance, keySince } = await verifyWebhook(ports, vendorOf(key), header, bytes);
      const { withdraw } = checkInput(Withdrawal, body);
      if (withdraw !== changeId(key, n)) {
        const detail = `is not ${changeId(key, n)}, the change that the address names`;
        throw refused('invalid-input', { detail: `/withdraw ${detail}`, errors: [{ pointer: '/withdraw', detail }] });
      }
      const done = await orderFeature(ports, {
        key,
        commandId: `withdraw/${vendor}/${id}`,
        actor: `vendor:${vendor}`,
        request: { type: 'withdraw', change: n, digest: digestOf(bytes), provenance },
        notBefore: keySince,
        attachments: [{ sha256: digestOf(bytes), mediaType: 'application/json', bytes }, headersAttachment(header)],
      });
      if (!done.ok) throw refusedBy(done.rejection);
      const change = await readChangeJson(ports, key, n, checkpoint());
      if (change === undefined) throw new CorruptStore(`feature/${key} cannot be read`);
      return { body: change };
    },
  },
});
