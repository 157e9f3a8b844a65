// Storage format: two columns of a commit's row. A list, [sha256, media type, number of bytes] for each, and the bytes in that order.
import * as z from 'zod';
import { parseStrict } from '../../../../domain/kernel/json.ts';
import { CorruptStore } from '../errors.ts';
import type { Attachment } from '../port.ts';

const List = z.array(z.tuple([z.string(), z.string(), z.int().min(0)])).min(1);

const encoder = new TextEncoder();

/** Returns the two columns of a commit's attachments; both are null without any. */
export const columnsOf = (attachments: readonly Attachment[]): readonly [string | null, Uint8Array | null] =>
  attachments.length === 0
    ? [null, null]
    : [
        JSON.stringify(attachments.map(({ sha256, mediaType, bytes }) => [sha256, mediaType, bytes.length])),
        Buffer.concat(attachments.map(({ bytes }) => bytes)),
      ];

/**
 * Returns the attachments in two columns, which are attacker-controlled. Throws CorruptStore on anything that {@link columnsOf} does not
 * write; the caller compares the digests.
 */
export const attachmentsIn = (list: string | null, attached: Uint8Array | null): readonly Attachment[] => {
  if (list === null && attached === null) return [];
  const parsed = list === null ? undefined : parseStrict(encoder.encode(list));
  const entries = parsed?.ok ? List.safeParse(parsed.value).data : undefined;
  if (entries === undefined || attached === null) throw new CorruptStore('the attachments of a commit cannot be read');
  let end = 0;
  const attachments = entries.map(([sha256, mediaType, length]): Attachment => {
    const begin = end;
    end += length;
    return { sha256, mediaType, bytes: attached.subarray(begin, end) };
  });
  if (end !== attached.length) throw new CorruptStore('the attachments of a commit are longer or shorter than their list');
  return attachments;
};
