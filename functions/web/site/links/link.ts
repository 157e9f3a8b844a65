import type { Context } from 'hono';
import { type Link, resolveLink } from '../../../gate/links.ts';
import { refused } from '../../http/refused.ts';
import type { SiteDeps } from '../deps.ts';

/** The address of the link that a page lies behind. */
export const linkPath = (context: Context): string => `/d/${context.req.param('token') ?? ''}`;

const tokenLink = async ({ ports, keys }: SiteDeps, context: Context): Promise<Link | undefined> =>
  resolveLink({ ...ports, linkKey: keys.linkKey }, context.req.param('token') ?? '');

const unknown = () => refused('not-found', { detail: 'this link is unknown, cut off or withdrawn' });

type WeeklyLink = Extract<Link, { purpose: 'weekly' }>;
/** A link by which one requirement of one revision is decided. */
export type DecideLink = Extract<Link, { purpose: 'decide' }>;
/** A link by which a proposed list of officials is confirmed. */
export type RosterLink = Extract<Link, { purpose: 'confirm-roster' }>;
/** A link by which its person can act. */
export type ActingLink = Exclude<Link, WeeklyLink>;

/**
 * What an address opens for an official; 404 for anything else, without telling an unknown link from a withdrawn one. The link that
 * switches the weekly mail off is none of these: people forward that mail.
 */
export const anyLinkOf = async (deps: SiteDeps, context: Context): Promise<ActingLink> => {
  const link = await tokenLink(deps, context);
  if (link === undefined || link.purpose === 'weekly') throw unknown();
  return link;
};

/** The link by which a requirement is decided; 404 for every other. */
export const decideLinkOf = async (deps: SiteDeps, context: Context): Promise<DecideLink> => {
  const link = await anyLinkOf(deps, context);
  if (link.purpose !== 'decide') throw refused('not-found', { detail: 'this link is for something else' });
  return link;
};

/** The link of a weekly mail; 404 for every other. */
export const weeklyLinkOf = async (deps: SiteDeps, context: Context): Promise<WeeklyLink> => {
  const link = await tokenLink(deps, context);
  if (link?.purpose !== 'weekly') throw unknown();
  return link;
};
