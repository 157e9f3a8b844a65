import { hash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { changeNamed } from '../../../domain/feature/keys.ts';
import { readBytes } from '../files.ts';
import { type ApiClient, argument, type Command, WrongUsage } from '../usage.ts';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf',
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.html': 'text/html',
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.odt': 'application/vnd.oasis.opendocument.text',
};

/** Reads a file as a document of a kind, as the API takes it. Throws CommandRefused if it cannot be read. */
export const documentFrom = (kind: string, path: string) => ({
  kind,
  title: basename(path),
  mediaType: MEDIA_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream',
  content: Buffer.from(readBytes(path)).toString('base64'),
});

export const addDocument = (
  apiClient: ApiClient,
  { key, number }: { readonly key: string; readonly number: number },
  body: ReturnType<typeof documentFrom>,
) => apiClient.call('POST', '/v1/changes/{key}/{n}/documents', { params: { key, n: String(number) }, body });

export const documentCommand: Command = {
  usage: 'document add KEY/N KIND FILE',
  does: 'attaches a document that the rules ask for to an open change; its bytes are public',
  run: async (args, _options, { apiClient }) => {
    const change = changeNamed(argument(args, 0, 'KEY/N'));
    if (change === undefined) throw new WrongUsage('a change is KEY/N, such as acme.lpr/3');
    const document = documentFrom(argument(args, 1, 'KIND'), argument(args, 2, 'FILE'));
    const json = await addDocument(apiClient(), change, document);
    const { change: id, missingDocuments } = json;
    const sha256 = hash('sha256', Buffer.from(document.content, 'base64'));
    const rest = missingDocuments.length === 0 ? 'no document is missing' : `still missing: ${missingDocuments.join(', ')}`;
    return { json, text: `attached to ${id} as sha256:${sha256}; ${rest}` };
  },
};
