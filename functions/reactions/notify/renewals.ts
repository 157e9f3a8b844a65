import { localMoment } from '../../../domain/kernel/zone.ts';
import { holdsSeat } from '../../../domain/roster/holders.ts';
import { isRevoked } from '../../../domain/roster/linkAge.ts';
import type { RosterState } from '../../../domain/roster/state.ts';
import { readRosters } from '../../gate/aggregates.ts';
import type { LinkTarget } from '../../gate/links.ts';
import { endRenewal, type Renewal, renewalsAsked } from '../../gate/renewals.ts';
import { fillText } from '../../platform/catalogue.ts';
import { mailTimes } from '../../platform/mail/words.ts';
import type { Draft } from './draft.ts';
import { linkDrafts } from './linkDrafts.ts';
import { approvedNow, movedDrafts } from './movedMails.ts';
import type { NotifyPorts } from './ports.ts';
import { attempt } from './post.ts';

/** Side kind: when a person was last mailed the links they asked for. */
const MAILED = 'renewal-mailed';
const AT_MOST_EVERY_MS = 3_600_000;

const wasJustMailed = async ({ sideStore, clock }: NotifyPorts, holder: string): Promise<boolean> => {
  const at = await sideStore.get(MAILED, holder);
  return typeof at === 'string' && Date.parse(clock()) - Date.parse(at) < AT_MOST_EVERY_MS;
};

const mayHaveLinks = ({ zone, clock }: NotifyPorts, rosters: RosterState, { holder, body, seat }: LinkTarget): boolean =>
  rosters.inForce !== null &&
  !isRevoked(rosters, holder) &&
  holdsSeat(rosters.inForce.roster, holder, body, localMoment(clock(), zone)) === seat;

/** One mail with a link to what the person opened, if it decides, and to each thing that waits for them. */
const draftFor = async (ports: NotifyPorts, rosters: RosterState, { target, at }: Renewal): Promise<Draft> => {
  const waiting = await linkDrafts(ports, rosters, target.holder);
  const opened = target.purpose === 'decide' && !waiting.some((draft) => isSame(draft.target, target)) ? [target] : [];
  const named = waiting.flatMap((draft) => (draft.target === undefined ? [] : [{ target: draft.target, draft }]));
  return {
    to: { holder: target.holder },
    purpose: 'renewal',
    further: [...named.map((each) => each.target), ...opened],
    write: (words, _, links) => ({
      subject: words.links.renewed,
      paragraphs: [
        fillText(words.links.asked, { when: mailTimes(words, ports.zone).dateTime(at) }),
        ...(named.length === 0 ? [words.links.nothingWaits] : []),
        ...links.flatMap(({ link }, index) => [
          named[index]?.draft.write(words, link, []).subject ?? words.links.opened,
          { link },
        ]),
        words.linkIsYours,
      ],
    }),
  };
};

const isSame = (one: LinkTarget | undefined, other: LinkTarget): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * Mails the links of one request. After a move a mail that was refused is tried again in an hour: the new sender may not be allowed everything
 * yet, and no other mail brings these links.
 */
const mailOne = async (ports: NotifyPorts, renewal: Renewal, drafts: readonly Draft[]): Promise<void> => {
  const { holder } = renewal.target;
  const left = await attempt(ports, `renewal/${holder}/${renewal.at}`, drafts);
  const again = renewal.moved === true && !left;
  if (again || (left && drafts.length > 0)) await ports.sideStore.put(MAILED, holder, ports.clock());
  if (!again) await endRenewal(ports.sideStore, renewal);
};

/**
 * Mails new links to those who asked for them by an old one, each at most once an hour and to the address that the roster has now; and after a
 * move to everyone who needs some. Who no longer holds the seat gets none. Throws when no mail can leave.
 */
export const mailRenewals = async (ports: NotifyPorts): Promise<void> => {
  const asked = await renewalsAsked(ports.sideStore);
  if (asked.length === 0) return;
  const rosters = await readRosters(ports);
  const approved = asked.some(({ moved }) => moved) ? await approvedNow(ports) : [];
  for (const renewal of asked) {
    const { target, moved } = renewal;
    const may = mayHaveLinks(ports, rosters, target);
    const waits = may && (await wasJustMailed(ports, target.holder));
    if (may && !waits)
      await mailOne(
        ports,
        renewal,
        moved ? await movedDrafts(ports, rosters, renewal, approved) : [await draftFor(ports, rosters, renewal)],
      );
    else if (!waits || !moved) await endRenewal(ports.sideStore, renewal);
  }
};
