import * as z from 'zod';
import { MediaType } from '../../../../domain/documents/events.ts';
import { DocumentKind } from '../../../../domain/feature/notice.ts';
import { strictObject } from '../../../../domain/kernel/lazyObject.ts';
import { DOCUMENT_BYTES_MAX } from '../../../../domain/kernel/limits.ts';
import { LineText } from '../../../../domain/kernel/zodTypes.ts';
import { ChangeJson } from '../../../register/views/changeJson.ts';
import type { ApiTable } from '../route.ts';

const BASE64_CHARS_MAX = Math.ceil(DOCUMENT_BYTES_MAX / 3) * 4;
const TOO_LONG = `is longer than ${DOCUMENT_BYTES_MAX} bytes`;
/** Longest body with documents in it: the largest one as base64, and what stands around it. */
const DOCUMENT_BODY_BYTES_MAX = BASE64_CHARS_MAX + 8 * 1024;

const document = {
  kind: DocumentKind,
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
export const VendorDocument = strictObject(() => ({
  change: z.string().max(250, 'is not the name of a change').describe('The open change, KEY/N.'),
  ...document,
})).meta({ id: 'VendorDocument', description: 'A document that a vendor’s notice names by its hash, with its bytes.' });

const attaches = { bodyBytesMax: DOCUMENT_BODY_BYTES_MAX, status: 200, answer: ChangeJson } as const;

/** Operations that attach documents to open changes. */
export const DOCUMENT_OPERATIONS = {
  '/v1/documents': {
    POST: {
      ...attaches,
      id: 'postDocument',
      tag: 'records',
      summary: 'Sends a document that a notice names by its hash; signed by its vendor',
      auth: 'signature',
      body: VendorDocument,
      problems: [400, 401, 403, 404, 409, 413, 415, 429],
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
      problems: [400, 401, 403, 404, 409, 413, 415, 429],
    },
  },
} as const satisfies ApiTable;
