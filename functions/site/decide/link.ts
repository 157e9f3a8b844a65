import type { Context } from 'hono';
import { refused } from '../../http/refused.ts';
import { type Link, resolveLink } from '../../keys/links.ts';
import type { SiteDeps } from '../deps.ts';

/** What an address opens; 404 for anything else, without telling an unknown link from a withdrawn one. */
export const anyLinkOf = async ({ ports, keys }: SiteDeps, context: Context): Promise<Link> => {
  const link = await resolveLink({ side: ports.side, linkKey: keys.linkKey }, context.req.param('token') ?? '');
  if (link === undefined) throw refused('not-found', { detail: 'this link is unknown, cut off or withdrawn' });
  return link;
};
