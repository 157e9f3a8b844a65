import type { Context } from 'hono';
import * as z from 'zod';
import { Digest } from '../../../../domain/kernel/zodTypes.ts';
import { Authority, OrderFile, RedactionReason } from '../../../../domain/redaction/events.ts';
import { redactText } from '../../../reactions/adoption/redactText.ts';
import { readBody, requireMediaType } from '../../http/body.ts';
import type { Credentials } from '../../http/credentials.ts';
import { checkInput, checkKey, parseJson } from '../../http/input.ts';
import { refusedBy } from '../../http/refused.ts';
import { json } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';

const REDACTION_BYTES_MAX = 4_096;

export const NewRedaction = z.strictObject({
  commitment: Digest,
  reason: RedactionReason,
  authority: Authority.optional(),
  fileNumber: OrderFile.optional(),
});

/**
 * `POST /v1/features/{key}/redactions`: takes an official's text away for good. Scope `admin`; whose token it was stands in the public
 * log. The same order again: the same answer.
 */
export const postRedaction =
  ({ ports }: ApiDeps, authenticate: Credentials) =>
  async (context: Context): Promise<Response> => {
    const caller = await authenticate((name) => context.req.header(name), 'admin');
    const key = checkKey(context.req.param('key') ?? '');
    requireMediaType(context.req.raw.headers.get('content-type'), 'application/json');
    const order = checkInput(NewRedaction, parseJson(await readBody(context.req.raw, REDACTION_BYTES_MAX)));
    const { commitment, reason, authority = null, fileNumber = null } = order;
    const done = await redactText(ports, { key, commitment, reason, authority, fileNumber, by: `token:${caller.name}` });
    if (!done.ok) throw refusedBy(done.rejection);
    const { type: _type, v: _v, ...redaction } = done.redaction;
    return json(redaction);
  };
