import type { Context } from 'hono';
import * as z from 'zod';
import { changeId, vendorOf } from '../../../../domain/feature/keys.ts';
import { digestOf } from '../../../../domain/kernel/digest.ts';
import { NOTICE_BYTES_MAX } from '../../../../domain/kernel/limits.ts';
import { orderFeature } from '../../../gate/feature.ts';
import { CorruptStore } from '../../../platform/store/errors.ts';
import { readChangeJson } from '../../../register/views/readChangeJson.ts';
import { readBody, requireMediaType } from '../../http/body.ts';
import { checkChangeNumber, checkInput, checkKey, parseJson } from '../../http/input.ts';
import { refused, refusedBy } from '../../http/refused.ts';
import { json } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';
import { verifyWebhook } from '../webhooks/verify.ts';
import { headersAttachment } from './notices.ts';

/** Wire format. Names the change in the signed bytes: an address is not signed. */
export const Withdrawal = z.strictObject({ withdraw: z.string().max(250, 'is not the name of a change') });

/** `POST /v1/changes/{key}/{n}/withdraw`: the vendor takes an open change back; sent again it answers the same. */
export const postWithdrawal =
  ({ ports, checkpoint }: ApiDeps) =>
  async (context: Context): Promise<Response> => {
    const header = (name: string) => context.req.header(name);
    const key = checkKey(context.req.param('key') ?? '');
    const n = checkChangeNumber(context.req.param('n') ?? '');
    requireMediaType(header('content-type') ?? null, 'application/json');
    const body = await readBody(context.req.raw, NOTICE_BYTES_MAX);
    const value = parseJson(body);
    const { vendor, id, provenance } = await verifyWebhook(ports, vendorOf(key), header, body);
    const { withdraw } = checkInput(Withdrawal, value);
    if (withdraw !== changeId(key, n)) {
      const detail = `is not ${changeId(key, n)}, the change that the address names`;
      throw refused('invalid-input', { detail: `/withdraw ${detail}`, errors: [{ pointer: '/withdraw', detail }] });
    }
    const done = await orderFeature(ports, {
      key,
      commandId: `withdraw/${vendor}/${id}`,
      actor: `vendor:${vendor}`,
      request: { type: 'withdraw', change: n, digest: digestOf(body), provenance },
      attachments: [{ sha256: digestOf(body), mediaType: 'application/json', bytes: body }, headersAttachment(header)],
    });
    if (!done.ok) throw refusedBy(done.rejection);
    const change = await readChangeJson(ports, key, n, checkpoint?.());
    if (change === undefined) throw new CorruptStore(`feature/${key} cannot be read`);
    return json(change);
  };
