import type { Context } from 'hono';
import { knownLink, type Link, type LinkTarget, recordLinkUse, resolveLink, resolveToSwitchOff } from '../../../gate/links.ts';
import { messageOf } from '../../../platform/logging.ts';
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
/** The same link, also after it was cut off: then it only switches off. */
export type SwitchOffLink = DecideLink & { readonly isReplaced: boolean };
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

/**
 * Resolves the link of a page: one by which its person can act, or one that decided until it was cut off and still switches off. Rejects every
 * other with 404.
 */
export const pageLinkOf = async (
  { ports, keys }: LinkDeps,
  context: Context,
): Promise<ActingLink & { readonly isReplaced: boolean }> => {
  const link = await resolveToSwitchOff({ ...ports, linkKey: keys.linkKey }, context.req.param('token') ?? '');
  if (link === undefined || link.purpose === 'weekly' || (link.isReplaced && link.purpose !== 'decide')) throw unknown();
  return link;
};

/** Resolves a link that decides a requirement, also one that was cut off and still switches off. Rejects every other with 404. */
export const switchOffLinkOf = async (deps: LinkDeps, context: Context): Promise<SwitchOffLink> => {
  const link = await pageLinkOf(deps, context);
  if (link.purpose !== 'decide') throw unknown();
  return link;
};

/**
 * Records that a person acted by a link, and returns what came of the act. The act stands whether or not this can be recorded: until then the
 * person's older links still switch off.
 */
export const noteLinkUse = async <T extends { readonly ok: boolean }>(
  { ports, logger }: LinkDeps,
  link: Link,
  acted: Promise<T>,
): Promise<T> => {
  const done = await acted;
  if (!done.ok) return done;
  try {
    await recordLinkUse(ports, link);
  } catch (error) {
    logger({ level: 'error', event: 'use of a link not recorded', holder: link.holder, detail: messageOf(error) });
  }
  return done;
};

/** Resolves the link of a weekly mail. Rejects every other with 404. */
export const weeklyLinkOf = async (deps: LinkDeps, context: Context): Promise<WeeklyLink> => {
  const link = await tokenLink(deps, context);
  if (link?.purpose !== 'weekly') throw unknown();
  return link;
};
