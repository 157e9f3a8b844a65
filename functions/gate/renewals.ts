import type * as z from 'zod';
import { strictObject } from '../../domain/kernel/lazyObject.ts';
import { Instant } from '../../domain/kernel/zodTypes.ts';
import { isRevoked } from '../../domain/roster/linkAge.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { readRosters } from './aggregates.ts';
import { type LinkPorts, LinkTarget, madeLink } from './links.ts';

/** Side kind: who asked for new links by an old one, until they are mailed. */
const ASKED = 'renewal-asked';

const Renewal = strictObject(() => ({ target: LinkTarget, at: Instant }));
/** A request for new links by an old one, of which only `target` is known. */
export type Renewal = z.infer<typeof Renewal>;

/**
 * Returns what a link was made for, if its person may ask by it for new ones: however old it is and to whatever address it was mailed, but
 * not after all of them were revoked. The link of the weekly mail does not count, since people forward that mail.
 */
export const renewableBy = async (ports: LinkPorts, token: string): Promise<LinkTarget | undefined> => {
  const target = await madeLink(ports, token);
  if (target === undefined || target.purpose === 'weekly') return undefined;
  return isRevoked(await readRosters(ports), target.holder) ? undefined : target;
};

/** Notes that new links are asked for by an old one. Has no effect by a link that may not. */
export const askForLinks = async (ports: LinkPorts & { readonly clock: () => string }, token: string): Promise<void> => {
  const target = await renewableBy(ports, token);
  if (target !== undefined) await ports.sideStore.put(ASKED, target.holder, { target, at: ports.clock() });
};

/** Returns what is asked for and not yet answered, one request of each person. */
export const renewalsAsked = async (sideStore: SideStore): Promise<readonly Renewal[]> =>
  (await sideStore.list(ASKED)).flatMap(({ value }) => Renewal.safeParse(value).data ?? []);

export const endRenewal = (sideStore: SideStore, { target }: Renewal): Promise<void> => sideStore.remove(ASKED, target.holder);
