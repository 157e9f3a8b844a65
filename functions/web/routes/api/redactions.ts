import * as z from 'zod';
import { strictObject } from '../../../../domain/kernel/lazyObject.ts';
import { Digest, FeatureKey, Instant } from '../../../../domain/kernel/zodTypes.ts';
import { Authority, OrderFile, REDACTABLE, RedactionReason } from '../../../../domain/redaction/events.ts';
import { REDACTION_STATUSES } from '../../../../domain/redaction/state.ts';
import type { ApiTable } from '../route.ts';

const order = {
  commitment: Digest.describe('The digest in the log that stands for it: of a text, a raw notice or a document.'),
  authority: Authority,
  fileNumber: OrderFile,
};
const reason = RedactionReason.describe('Why it is not shown to the public.');
const place = {
  change: z.int().min(1).describe('The number of the change where it stands.'),
  revision: z.int().min(1).exactOptional().describe('One revision of the change; absent: all of the change.'),
};
const everywhere = z.boolean().exactOptional().describe('Hides the same bytes at every other place, too.');

const RedactionOrder = strictObject(() => ({ ...place, ...order, reason, everywhere })).meta({
  id: 'RedactionOrder',
  description: 'An order to withhold a text, a raw notice or a document from the public, at one place.',
});
const DisclosureOrder = z
  .strictObject({ ...place, ...order })
  .meta({ id: 'DisclosureOrder', description: 'An order to show again what is withheld at one place.' });
const RosterRedactionOrder = strictObject(() => ({ ...order, reason })).meta({
  id: 'RosterRedactionOrder',
  description: 'An order to withhold a text of the roster from the public.',
});
const RosterDisclosureOrder = z
  .strictObject(order)
  .meta({ id: 'RosterDisclosureOrder', description: 'An order to show a text of the roster again.' });

/** Wire format. What the orders about one place have come to, as the public log has it. */
export const RedactionJson = strictObject(() => ({
  place: z.string().describe('The place: KEY/N, KEY/N/REVISION or roster.'),
  status: z.enum(REDACTION_STATUSES).describe('Whether it is withheld there or shown again.'),
  at: Instant.describe('Since when.'),
  what: z.enum(REDACTABLE).describe('What the order hides.'),
  key: FeatureKey.nullable().describe('The feature it belongs to; null for a text of the roster.'),
  change: z.int().min(1).nullable().describe('The number of the change it belongs to; null for a text of the roster.'),
  revision: z.int().min(1).nullable().describe('The revision that the order is about; null for all of the change.'),
  everywhere: z.boolean().describe('Whether the same bytes are hidden at every other place, too.'),
  elsewhere: z
    .array(
      z.strictObject({
        place: z.string().describe('As above.'),
        withheld: z.boolean().describe('Whether an order withholds them there.'),
      }),
    )
    .describe('Every other place that has the same bytes.'),
  stream: z.string().describe('The stream that names it.'),
  version: z.int().min(1).describe('The version of that stream whose commit names it.'),
  commitment: order.commitment,
  reason,
  by: z.string().describe('Whose credential gave the newest order.'),
  authority: order.authority,
  fileNumber: order.fileNumber,
})).meta({ id: 'Redaction', description: 'What the orders about a text, a raw notice or a document have come to at one place.' });
export type RedactionJson = z.infer<typeof RedactionJson>;

const operation = {
  tag: 'redactions',
  auth: 'admin',
  status: 200,
  bodyBytesMax: 4 * 1024,
  answer: RedactionJson,
  problems: [400, 401, 403, 404, 409, 413, 415],
} as const;

const withhold = {
  ...operation,
  summary: 'Hides a text, a raw notice or a document from the public; officials see it, and the public log has the order',
  body: RedactionOrder,
} as const;
const disclose = { ...operation, summary: 'Shows again what is withheld', body: DisclosureOrder } as const;

/** Orders: one hides what stands at a place, the other shows it again. */
export const REDACTION_OPERATIONS = {
  '/v1/features/{key}/redactions/withhold': {
    POST: { ...withhold, id: 'withholdText' },
  },
  '/v1/features/{key}/redactions/disclose': {
    POST: { ...disclose, id: 'discloseText' },
  },
  '/v1/roster/redactions/withhold': {
    POST: {
      ...withhold,
      id: 'withholdRosterText',
      summary: 'Hides the reason of a refusal of a roster from the public',
      body: RosterRedactionOrder,
    },
  },
  '/v1/roster/redactions/disclose': {
    POST: {
      ...disclose,
      id: 'discloseRosterText',
      summary: 'Shows the reason of a refusal of a roster again',
      body: RosterDisclosureOrder,
    },
  },
} as const satisfies ApiTable;
