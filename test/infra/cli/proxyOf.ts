import type { IncomingMessage, ServerResponse } from 'node:http';
import { answering } from '../../support/listening.ts';

/**
 * Starts a server that answers as the one behind it does, but for an edit of its texts. `edit` gets the path, and returns undefined for
 * what is not there. Returns its address.
 */
export const proxyOf = async (url: string, edit: (path: string, body: string) => string | undefined): Promise<string> => {
  const answerTo = async ({ url: path = '/' }: IncomingMessage, response: ServerResponse) => {
    const answer = await fetch(`${url}${path}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    // Latin-1 keeps every byte of a file that is no text.
    const edited = edit(path, bytes.toString('latin1'));
    response.statusCode = edited === undefined ? 404 : answer.status;
    response.end(edited === undefined ? '' : Buffer.from(edited, 'latin1'));
  };
  return answering((request, response) => void answerTo(request, response));
};
