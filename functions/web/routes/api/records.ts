import * as z from 'zod';
import { MediaType } from '../../../../domain/documents/events.ts';
import { changeNamed } from '../../../../domain/feature/keys.ts';
import { DocumentKind } from '../../../../domain/feature/notice.ts';
import { CHANGE_STATUSES } from '../../../../domain/feature/state.ts';
import { DOCUMENT_BYTES_MAX } from '../../../../domain/kernel/commit.ts';
import { BlockText, Digest, FeatureKey, Id, Instant, LineText, strictObject } from '../../../../domain/kernel/zodTypes.ts';
import { Evidence } from '../../../../domain/observation/events.ts';
import { REDACTION_STATUSES } from '../../../../domain/redaction/decide.ts';
import { Authority, OrderFile, REDACTABLE, RedactionReason } from '../../../../domain/redaction/events.ts';
import { ChangeJson, HistoryEntry } from '../../../register/views/changeJson.ts';
import { listing } from '../../http/input.ts';
import type { ApiTable } from '../route.ts';

const publicText = (says: string) =>
  BlockText(5_000)
    .refine((text) => text.trim() !== '', 'is blank')
    .describe(`${says}; shown in public, and redactable.`);

const ContestOrder = strictObject(() => ({
  reason: publicText('Why the update is not maintenance'),
})).meta({ id: 'Contest', description: 'The reason for which an update that came as maintenance is contested.' });

const OptOutOrder = strictObject(() => ({
  revision: z.int().min(1).describe('The revision that was opted out of.'),
  digest: Digest.describe('The digest of its words.'),
  note: publicText('Where it was set at the vendor'),
  evidence: Evidence.exactOptional().describe('A file that shows it: its hash and a title.'),
})).meta({ id: 'OptOut', description: 'That the city opted out of a change at the vendor.' });

const read = { tag: 'records', auth: 'state:read', status: 200 } as const;

const noted = { tag: 'observations', bodyBytesMax: 24 * 1024, status: 200, answer: ChangeJson, problems: [404, 409] } as const;

export const RECORD_OPERATIONS = {
  '/v1/changes': {
    GET: {
      ...read,
      id: 'listChanges',
      summary: 'Lists changes, by status and by the body they wait for',
      ...listing(ChangeJson, {
        status: z.enum(CHANGE_STATUSES).optional().describe('Only changes of this status are listed.'),
        body: Id.optional().describe('Only changes that wait for this body; of closed ones those it had to act in.'),
      }),
    },
  },
  '/v1/changes/{key}/{n}': {
    GET: {
      ...read,
      id: 'getChange',
      summary: 'Returns one change, with its notice in full',
      answer: ChangeJson,
      problems: [404],
    },
  },
  '/v1/features/{key}/history': {
    GET: {
      ...read,
      id: 'getHistory',
      summary: 'Lists every event of a feature, oldest first',
      ...listing(HistoryEntry, {}),
    },
  },
  '/v1/changes/{key}/{n}/contest': {
    POST: {
      id: 'contestChange',
      ...noted,
      summary: 'Contests that an update is maintenance: from then on it counts as a change that needs approval',
      auth: 'notice',
      body: ContestOrder,
    },
  },
  '/v1/changes/{key}/{n}/opt-out': {
    POST: {
      id: 'recordOptOut',
      ...noted,
      summary: 'Records, by a token of a person, that the city opted out of a change at the vendor',
      auth: 'observe',
      body: OptOutOrder,
    },
  },
} as const satisfies ApiTable;

const BASE64_CHARS_MAX = Math.ceil(DOCUMENT_BYTES_MAX / 3) * 4;
const TOO_LONG = `is longer than ${DOCUMENT_BYTES_MAX} bytes`;
/** Longest body with documents in it: the largest one as base64, and what stands around it. */
const DOCUMENT_BODY_BYTES_MAX = BASE64_CHARS_MAX + 8 * 1024;

const document = {
  kind: DocumentKind.describe('The kind of document, such as impact-report.'),
  title: LineText(200).exactOptional().describe('A title in one line; absent: the kind.'),
  mediaType: MediaType.exactOptional().describe('Such as application/pdf; absent: application/octet-stream.'),
  content: z
    .base64('is not base64')
    .min(4, 'is empty')
    .max(BASE64_CHARS_MAX, TOO_LONG)
    // Up to two bytes too many have as many characters as the largest document.
    .refine((content) => Buffer.byteLength(content, 'base64') <= DOCUMENT_BYTES_MAX, TOO_LONG)
    .describe('The bytes in base64, at most 4 MiB.'),
};

/** Wire format. A document with its bytes. */
export const DocumentRequest = z
  .strictObject(document)
  .meta({ id: 'DocumentRequest', description: 'A document that the rules ask for, with its bytes.' });
export type DocumentRequest = z.infer<typeof DocumentRequest>;

/** Wire format. The same from a vendor, which names the change in the signed bytes, since an address is not signed. */
const VendorDocument = strictObject(() => ({
  change: z
    .string()
    .max(250, 'is not the name of a change')
    .transform((text, context) => {
      const named = changeNamed(text);
      if (named !== undefined && FeatureKey.safeParse(named.key).success) return { key: named.key, n: named.number };
      context.addIssue('is not the name of a change, KEY/N');
      return z.NEVER;
    })
    .describe('The open change, KEY/N.'),
  ...document,
})).meta({ id: 'VendorDocument', description: 'A document that a vendor’s notice names by its hash, with its bytes.' });

const attaches = { bodyBytesMax: DOCUMENT_BODY_BYTES_MAX, status: 200, answer: ChangeJson } as const;

export const DOCUMENT_OPERATIONS = {
  '/v1/documents': {
    POST: {
      ...attaches,
      id: 'postDocument',
      tag: 'vendors',
      summary: 'Sends a document that the rules ask for and the notice names by its hash; signed by its vendor',
      auth: 'signature',
      signedBy: 'change',
      body: VendorDocument,
      problems: [404, 409, 429],
    },
  },
  '/v1/changes/{key}/{n}/documents': {
    POST: {
      ...attaches,
      id: 'attachDocument',
      tag: 'records',
      summary: 'Attaches a document that the rules ask for to an open change',
      auth: 'notice',
      body: DocumentRequest,
      problems: [404, 409, 429],
    },
  },
} as const satisfies ApiTable;

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
  answer: RedactionJson,
  problems: [404, 409],
} as const;

const withhold = {
  ...operation,
  summary: 'Hides a text, a raw notice or a document from the public; officials see it, and the public log has the order',
  body: RedactionOrder,
} as const;
const disclose = { ...operation, summary: 'Shows again what is withheld', body: DisclosureOrder } as const;

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
