import type { Context } from 'hono';
import { knownLink, type Link, type LinkTarget, resolveLink } from '../../../gate/links.ts';
import { refused } from '../../http/refused.ts';
import type { LinkDeps } from '../deps.ts';

/** Returns the path of the link the request came by. */
export const linkPath = (context: Context): string => `/d/${context.req.param('token') ?? ''}`;

const tokenLink = async ({ ports, keys }: LinkDeps, context: Context): Promise<Link | undefined> =>
  resolveLink({ ...ports, linkKey: keys.linkKey }, context.req.param('token') ?? '');

/** Returns the path of a person's link if it was made; null otherwise. */
export const knownHref = async ({ ports, keys }: LinkDeps, target: LinkTarget): Promise<string | null> => {
  const token = await knownLink({ ...ports, linkKey: keys.linkKey }, target);
  return token === undefined ? null : `/d/${token}`;
};

const unknown = () => refused('not-found', { detail: 'this link is unknown, cut off or withdrawn' });

type WeeklyLink = Extract<Link, { purpose: 'weekly' }>;
/** A link by which one requirement of one revision is decided. */
export type DecideLink = Extract<Link, { purpose: 'decide' }>;
/** A link by which a proposed list of officials, or reset of passkeys, is confirmed or refused. */
export type RosterLink = Extract<Link, { purpose: 'confirm-roster' }>;
/** A link by which it is confirmed that a change was rolled back. */
export type RollbackLink = Extract<Link, { purpose: 'confirm-rollback' }>;
/** A link by which its person can act. */
export type ActingLink = Exclude<Link, WeeklyLink>;

/**
 * Resolves the link of a request. Rejects with 404 otherwise, without distinguishing an unknown link from a withdrawn one. The
 * link that switches the weekly mail off does not count, since people forward that mail.
 */
export const anyLinkOf = async (deps: LinkDeps, context: Context): Promise<ActingLink> => {
  const link = await tokenLink(deps, context);
  if (link === undefined || link.purpose === 'weekly') throw unknown();
  return link;
};

/** Resolves a link that decides a requirement. Rejects every other with 404. */
export const decideLinkOf = async (deps: LinkDeps, context: Context): Promise<DecideLink> => {
  const link = await anyLinkOf(deps, context);
  if (link.purpose !== 'decide') throw refused('not-found', { detail: 'this link is for something else' });
  return link;
};

/** Resolves the link of a weekly mail. Rejects every other with 404. */
export const weeklyLinkOf = async (deps: LinkDeps, context: Context): Promise<WeeklyLink> => {
  const link = await tokenLink(deps, context);
  if (link?.purpose !== 'weekly') throw unknown();
  return link;
};
