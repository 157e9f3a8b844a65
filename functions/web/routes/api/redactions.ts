import * as z from 'zod';
import { strictObject } from '../../../../domain/kernel/lazyObject.ts';
import { Digest, FeatureKey, Instant } from '../../../../domain/kernel/zodTypes.ts';
import { Authority, OrderFile, RedactionReason } from '../../../../domain/redaction/events.ts';
import { REDACTION_STATUSES } from '../../../../domain/redaction/state.ts';
import { Officer } from '../../../../domain/roster/events.ts';
import type { ApiTable } from '../route.ts';

const order = {
  commitment: Digest.describe('The digest in the log that stands for the text.'),
  authority: Authority,
  fileNumber: OrderFile,
};
const reason = RedactionReason.describe('Why the text is not shown.');

const RedactionOrder = strictObject(() => ({ ...order, reason })).meta({
  id: 'RedactionOrder',
  description: 'An order to withhold the text of an official, or to dispose of it.',
});
const DisclosureOrder = z
  .strictObject(order)
  .meta({ id: 'DisclosureOrder', description: 'An order to show a withheld text again.' });

/** Wire format. What the orders about a text have come to, as the public log has it. */
export const RedactionJson = strictObject(() => ({
  status: z.enum(REDACTION_STATUSES).describe('Whether the text is withheld, shown again, about to be disposed of, or gone.'),
  at: Instant.describe('Since when.'),
  key: FeatureKey,
  change: z.int().min(1).describe('The number of the change the text belongs to.'),
  version: z.int().min(1).describe('The version of the feature’s stream that names the text.'),
  commitment: order.commitment,
  reason,
  by: z.string().describe('Whose credential gave the newest order.'),
  authority: order.authority,
  fileNumber: order.fileNumber,
  confirmed: Officer.nullable().describe('Who confirmed the disposal, as the second person; null before.'),
})).meta({ id: 'Redaction', description: 'What the orders about the text of an official have come to.' });
export type RedactionJson = z.infer<typeof RedactionJson>;

const operation = {
  tag: 'operators',
  auth: 'admin',
  status: 200,
  bodyBytesMax: 4 * 1024,
  answer: RedactionJson,
  problems: [400, 401, 403, 404, 409, 413, 415],
} as const;

/** Orders about officials' texts: two hide them, one shows them again; a disposal waits for a second person, on a page of its own. */
export const REDACTION_OPERATIONS = {
  '/v1/features/{key}/redactions/withhold': {
    POST: {
      ...operation,
      id: 'withholdText',
      summary: 'Stops showing the text of an official; it is kept, and the public log has the order',
      body: RedactionOrder,
    },
  },
  '/v1/features/{key}/redactions/disclose': {
    POST: { ...operation, id: 'discloseText', summary: 'Shows a withheld text again', body: DisclosureOrder },
  },
  '/v1/features/{key}/redactions/dispose': {
    POST: {
      ...operation,
      id: 'disposeOfText',
      summary: 'Asks for the end of a text: hidden at once, gone once a clerk confirms it as the second person',
      body: RedactionOrder,
    },
  },
} as const satisfies ApiTable;
