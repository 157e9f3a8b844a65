import type { Context } from 'hono';
import { readDocument } from '../../../../gate/documents.ts';
import { readChange } from '../../../../register/read.ts';
import { refused } from '../../../http/refused.ts';
import type { LinkDeps } from '../../deps.ts';
import { decideLinkOf } from '../../links/link.ts';

/**
 * Returns the bytes of a document that is attached to the change of a link, also while an order withholds it from the public. They may be
 * anything: served as data to be saved, never as a page.
 */
export const documentOf = async (deps: LinkDeps, context: Context): Promise<Response> => {
  const { key, n } = await decideLinkOf(deps, context);
  const digest = `sha256:${context.req.param('sha256') ?? ''}`;
  const reading = await readChange(deps.ports, key, n);
  const isAttached = reading?.view.documents.some(({ sha256 }) => sha256 === digest) === true;
  const bytes = isAttached ? await readDocument(deps.ports.store, digest) : undefined;
  if (bytes === undefined) throw refused('not-found', { detail: 'this change has no such document' });
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment',
      'content-length': String(bytes.length),
      'cache-control': 'no-store',
    },
  });
};
