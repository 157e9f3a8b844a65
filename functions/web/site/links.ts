import type { Context } from 'hono';
import { advanceTo } from '../../../domain/feature/due.ts';
import { awaitsConfirmation } from '../../../domain/feature/evolve/lingering.ts';
import { presentChange } from '../../../domain/feature/present.ts';
import { isApprovalOf, isOpen } from '../../../domain/feature/state.ts';
import { type LocalMoment, localMoment } from '../../../domain/kernel/zone.ts';
import { holdsSeat } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import type { RosterState } from '../../../domain/roster/state.ts';
import { readRosters } from '../../gate/aggregates.ts';
import { type Link, type LinkTarget, linkFinder, recordLinkUse, resolveLink, resolveToSwitchOff } from '../../gate/links.ts';
import { messageOf } from '../../platform/logging.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { readChange } from '../../register/project.ts';
import { refused } from '../http/problems.ts';
import type { LinkDeps } from './deps.ts';

export const tokenOf = (context: Context): string => context.req.param('token') ?? '';

export const linkPath = (context: Context): string => `/d/${encodeURIComponent(tokenOf(context))}`;

export const withKey = ({ ports, keys }: LinkDeps) => ({ ...ports, linkKey: keys.linkKey });

/** Returns a function that finds the address of an existing link, or null if the person's link must not lead to others. */
export const hrefsFor = async (deps: LinkDeps, { live }: Pick<Person, 'live'>) => {
  const find = live ? await linkFinder(withKey(deps)) : undefined;
  return async (target: LinkTarget): Promise<string | null> => {
    const token = await find?.(target);
    return token === undefined ? null : `/d/${token}`;
  };
};

export const unknownLink = () => refused('not-found', { detail: 'this link is unknown, cut off or withdrawn' });

type WeeklyLink = Extract<Link, { purpose: 'weekly' }>;
export type DecideLink = Extract<Link, { purpose: 'decide' }>;
/** A link that decides, or that was cut off and can now only switch off. */
export type SwitchOffLink = DecideLink & { readonly isReplaced: boolean };
export type RosterLink = Extract<Link, { purpose: 'confirm-roster' }>;
export type RollbackLink = Extract<Link, { purpose: 'confirm-rollback' }>;
type ActingLink = Exclude<Link, WeeklyLink>;

/** Rejects with the same 404 for unknown and withdrawn links, and for those of the weekly mail, since people forward that mail. */
export const anyLinkOf = async (deps: LinkDeps, context: Context): Promise<ActingLink> => {
  const link = await resolveLink(withKey(deps), tokenOf(context));
  if (link === undefined || link.purpose === 'weekly') throw unknownLink();
  return link;
};

export const decideLinkOf = async (deps: LinkDeps, context: Context): Promise<DecideLink> => {
  const link = await anyLinkOf(deps, context);
  if (link.purpose !== 'decide') throw refused('not-found', { detail: 'this link is for something else' });
  return link;
};

type PageLink = ActingLink & { readonly isReplaced: boolean };

/** Returns a link with which its person can act or still switch off; undefined for every other. */
export const pageLinkOf = async (deps: LinkDeps, context: Context): Promise<PageLink | undefined> => {
  const link = await resolveToSwitchOff(withKey(deps), tokenOf(context));
  return link === undefined || link.purpose === 'weekly' || (link.isReplaced && link.purpose !== 'decide') ? undefined : link;
};

export const switchOffLinkOf = async (deps: LinkDeps, context: Context): Promise<SwitchOffLink> => {
  const link = await pageLinkOf(deps, context);
  if (link?.purpose !== 'decide') throw unknownLink();
  return link;
};

/** Records that a link was used, which disables older links of the person. If that fails the act stands, and older links can switch off. */
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

export const weeklyLinkOf = async (deps: LinkDeps, context: Context): Promise<WeeklyLink> => {
  const link = await resolveLink(withKey(deps), tokenOf(context));
  if (link?.purpose !== 'weekly') throw unknownLink();
  return link;
};

/**
 * The person of a link. `live`: the link is for something that can still be decided, and the person holds the seat today. Only a live link
 * leads to other links: one forwarded as a receipt must not open what its person can decide today.
 */
export interface Person {
  readonly link: Link;
  readonly now: string;
  readonly zone: string;
  readonly today: LocalMoment;
  readonly rosters: RosterState;
  readonly roster: Roster | null;
  readonly holds: boolean;
  readonly live: boolean;
}

const stands = async ({ ports }: LinkDeps, link: Link, { proposal }: RosterState, now: string): Promise<boolean> => {
  if (link.purpose === 'confirm-roster') return proposal?.sha256 === link.sha256;
  if (link.purpose !== 'decide' && link.purpose !== 'confirm-rollback') return false;
  const reading = await ifReadable(readChange(ports, link.key, link.n));
  if (reading === undefined) return false;
  const state = advanceTo(reading.state, now);
  if (link.purpose === 'confirm-rollback') return awaitsConfirmation(state, link.n, now) !== undefined;
  const view = presentChange(reading, now);
  return (isOpen(view) || isApprovalOf(state, view.number)) && view.revisions.at(-1)?.revision === link.revision;
};

export const readPerson = async (deps: LinkDeps, link: Link): Promise<Person> => {
  const { ports } = deps;
  const now = ports.clock();
  const rosters = await readRosters(ports);
  const roster = rosters.inForce?.roster ?? null;
  const today = localMoment(now, ports.zone);
  const holds = roster !== null && holdsSeat(roster, link.holder, link.body, today) === link.seat;
  const live = holds && (await stands(deps, link, rosters, now));
  return { link, now, zone: ports.zone, today, rosters, roster, holds, live };
};
