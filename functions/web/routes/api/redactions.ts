import * as z from 'zod';
import { strictObject } from '../../../../domain/kernel/lazyObject.ts';
import { Digest, FeatureKey, Instant } from '../../../../domain/kernel/zodTypes.ts';
import { Authority, OrderFile, REDACTABLE, RedactionReason } from '../../../../domain/redaction/events.ts';
import { REDACTION_STATUSES } from '../../../../domain/redaction/state.ts';
import { Officer } from '../../../../domain/roster/events.ts';
import type { ApiTable } from '../route.ts';

const order = {
  commitment: Digest.describe('The digest in the log that stands for it: of a text, a raw notice or a document.'),
  authority: Authority,
  fileNumber: OrderFile,
};
const reason = RedactionReason.describe('Why the text is not shown.');

const RedactionOrder = strictObject(() => ({ ...order, reason })).meta({
  id: 'RedactionOrder',
  description: 'An order to withhold a text, a raw notice or a document, or to dispose of a text.',
});
const DisclosureOrder = z
  .strictObject(order)
  .meta({ id: 'DisclosureOrder', description: 'An order to show again what is withheld.' });

/** Wire format. What the orders about a text have come to, as the public log has it. */
export const RedactionJson = strictObject(() => ({
  status: z.enum(REDACTION_STATUSES).describe('Whether the text is withheld, shown again, about to be disposed of, or gone.'),
  at: Instant.describe('Since when.'),
  what: z.enum(REDACTABLE).describe('What the order hides.'),
  key: FeatureKey.nullable().describe('The feature it belongs to; null for a text of the roster.'),
  change: z.int().min(1).nullable().describe('The number of the change it belongs to; null for a text of the roster.'),
  stream: z.string().describe('The stream that names it.'),
  version: z.int().min(1).describe('The version of that stream whose commit names it.'),
  commitment: order.commitment,
  reason,
  by: z.string().describe('Whose credential gave the newest order.'),
  authority: order.authority,
  fileNumber: order.fileNumber,
  confirmed: Officer.nullable().describe('Who confirmed the disposal, as the second person; null before.'),
})).meta({ id: 'Redaction', description: 'What the orders about a text, a raw notice or a document have come to.' });
export type RedactionJson = z.infer<typeof RedactionJson>;

const operation = {
  tag: 'redactions',
  auth: 'admin',
  status: 200,
  bodyBytesMax: 4 * 1024,
  answer: RedactionJson,
  problems: [400, 401, 403, 404, 409, 413, 415],
} as const;

const RosterObjection = z.strictObject({
  at: Instant,
  number: z.int().min(1).describe('The number that the roster would have had.'),
  holder: z.string().describe('Who objected, by the id in the roster.'),
  reason: Digest.nullable().describe('The digest that stands for the reason; null without one.'),
  redacted: z.enum(REDACTION_STATUSES).nullable().describe('Whether the reason is hidden, and how; null if it is shown.'),
});
export type RosterObjection = z.infer<typeof RosterObjection>;
const Objections = z
  .strictObject({
    items: z.array(RosterObjection).readonly().describe('All of them, oldest first.'),
    next: z.null().describe('Always null: there is one page.'),
  })
  .meta({ id: 'RosterObjections', description: 'The objections to proposed rosters, oldest first.' });

const withhold = {
  ...operation,
  summary: 'Stops showing a text, a raw notice or a document; it is kept, and the public log has the order',
  body: RedactionOrder,
} as const;
const disclose = { ...operation, summary: 'Shows again what is withheld', body: DisclosureOrder } as const;
const dispose = {
  ...operation,
  summary: 'Asks for the end of a text: hidden at once, gone once a clerk confirms it as the second person',
  body: RedactionOrder,
} as const;

/** Orders: two hide a text, one shows it again; a disposal waits for a second person, on a page of its own. */
export const REDACTION_OPERATIONS = {
  '/v1/features/{key}/redactions/withhold': {
    POST: { ...withhold, id: 'withholdText' },
  },
  '/v1/features/{key}/redactions/disclose': {
    POST: { ...disclose, id: 'discloseText' },
  },
  '/v1/features/{key}/redactions/dispose': {
    POST: { ...dispose, id: 'disposeOfText' },
  },
  '/v1/roster/objections': {
    GET: {
      tag: 'redactions',
      auth: 'admin',
      status: 200,
      id: 'listRosterObjections',
      summary: 'Lists the objections to proposed rosters, with the digests of their reasons',
      answer: Objections,
      problems: [400, 401, 403],
    },
  },
  '/v1/roster/redactions/withhold': {
    POST: {
      ...withhold,
      tag: 'redactions',
      id: 'withholdRosterText',
      summary: 'Stops showing the reason of an objection to a roster',
    },
  },
  '/v1/roster/redactions/disclose': {
    POST: { ...disclose, id: 'discloseRosterText', summary: 'Shows the reason of an objection to a roster again' },
  },
  '/v1/roster/redactions/dispose': {
    POST: {
      ...dispose,
      tag: 'redactions',
      id: 'disposeOfRosterText',
      summary: 'Asks for the end of the reason of an objection to a roster',
    },
  },
} as const satisfies ApiTable;
