import * as z from 'zod';
import { strictObject } from '../../domain/kernel/lazyObject.ts';
import { Instant } from '../../domain/kernel/zodTypes.ts';
import { localMoment } from '../../domain/kernel/zone.ts';
import { holdersOf } from '../../domain/roster/holders.ts';
import { isRevoked } from '../../domain/roster/linkAge.ts';
import { SETTINGS_STREAM } from '../../domain/settings/events.ts';
import { load } from '../platform/store/load.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { readRosters } from './aggregates.ts';
import { type LinkPorts, LinkTarget, madeLink } from './links.ts';
import { settingsAggregate } from './settings.ts';

/** Side kind: who asked for new links by an old one, until they are mailed. */
const ASKED = 'renewal-asked';

/** `moved`: the gate asks itself, since it cannot make the links of earlier mails any more; `target` names the person and a seat. */
const Renewal = strictObject(() => ({ target: LinkTarget, at: Instant, moved: z.literal(true).exactOptional() }));
/** A request for new links, ordinarily by an old one, of which only `target` is known. */
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

/**
 * Notes, for everyone who holds a seat, that new links are to be mailed: after an import that left the key of the old ones behind. May be repeated
 * until they are mailed.
 */
export const askForEveryone = async ({
  store,
  sideStore,
  clock,
}: Pick<LinkPorts, 'store' | 'sideStore'> & { readonly clock: () => string }) => {
  const [{ inForce }, { state }] = await Promise.all([readRosters({ store }), load(store, settingsAggregate, SETTINGS_STREAM)]);
  if (inForce === null) return;
  const at = clock();
  const when = localMoment(at, state.timeZone?.zone ?? 'UTC');
  for (const body of Object.keys(inForce.roster.bodies))
    for (const [seat, { id: holder }] of holdersOf(inForce.roster, body, when))
      await sideStore.put(ASKED, holder, { target: { purpose: 'weekly', holder, body, seat }, at, moved: true });
};

/** Returns what is asked for and not yet answered, one request of each person. */
export const renewalsAsked = async (sideStore: SideStore): Promise<readonly Renewal[]> =>
  (await sideStore.list(ASKED)).flatMap(({ value }) => Renewal.safeParse(value).data ?? []);

export const endRenewal = (sideStore: SideStore, { target }: Renewal): Promise<void> => sideStore.remove(ASKED, target.holder);
