import { advanceTo } from '../../../domain/feature/due.ts';
import { isApprovalOf } from '../../../domain/feature/state.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { type RosterState, resetsOf } from '../../../domain/roster/state.ts';
import type { LinkTarget } from '../../gate/links.ts';
import { enrolmentOf } from '../../gate/passkeys.ts';
import type { Renewal } from '../../gate/renewals.ts';
import { fillText } from '../../platform/catalogue.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { listChanges } from '../../register/lists.ts';
import type { ChangeReading } from '../../register/read.ts';
import type { Draft } from './draft.ts';
import { changeName } from './letters.ts';
import { linkDrafts } from './linkDrafts.ts';
import type { NotifyPorts } from './ports.ts';
import { actingTargets } from './weekly.ts';

/** Far more than a city has. */
const CHANGES_MAX = 1_000;

/** Returns the changes whose approval is in force, or waits for its day. */
export const approvedNow = async (ports: NotifyPorts): Promise<readonly ChangeReading[]> => {
  const now = ports.clock();
  const page = await listChanges(ports, { status: 'approved', limit: CHANGES_MAX, now });
  return (page?.items ?? []).filter(({ view, state }) => isApprovalOf(advanceTo(state, now), view.number));
};

/** A link, and the line above it. */
interface Linked {
  readonly target: LinkTarget;
  readonly lead: (words: MailWords, link: string) => string;
}

const waitingFor = async (ports: NotifyPorts, rosters: RosterState, holder: string): Promise<readonly Linked[]> =>
  (await linkDrafts(ports, rosters, holder)).flatMap(({ target, write }) =>
    target === undefined ? [] : [{ target, lead: (words, link) => write(words, link, []).subject }],
  );

/** To set up a first passkey anew, if the person's were reset and none was set up since. */
const passkeyFor = async (ports: NotifyPorts, rosters: RosterState, target: LinkTarget): Promise<readonly Linked[]> => {
  const { holder, body, seat } = target;
  const resets = resetsOf(rosters, holder);
  if (resets === 0 || (await enrolmentOf(ports, { holder, generation: resets })).owned.length > 0) return [];
  return [{ target: { purpose: 'passkeys', holder, body, seat, resets }, lead: (words) => words.passkeyAgain }];
};

const switchesFor = (
  { clock, zone }: NotifyPorts,
  { inForce }: RosterState,
  holder: string,
  approved: readonly ChangeReading[],
): readonly Linked[] =>
  approved.flatMap((reading) =>
    (inForce === null ? [] : actingTargets([reading], inForce.roster, holder, localMoment(clock(), zone))).map((target) => ({
      target,
      lead: (words) => fillText(words.named, { ...changeName(reading.view) }),
    })),
  );

/**
 * One mail with every link that a person needs after a move: to what waits for them, and to what they can switch off. None if they need none.
 * `approved`: see {@link approvedNow}.
 */
export const movedDrafts = async (
  ports: NotifyPorts,
  rosters: RosterState,
  { target, at }: Renewal,
  approved: readonly ChangeReading[],
): Promise<readonly Draft[]> => {
  const { holder } = target;
  const acts = [...(await waitingFor(ports, rosters, holder)), ...(await passkeyFor(ports, rosters, target))];
  const switches = switchesFor(ports, rosters, holder, approved);
  const all = [...acts, ...switches];
  if (all.length === 0) return [];
  const write: Draft['write'] = (words, _, links) => {
    const lines = links.map(({ link }, index) => [all[index]?.lead(words, link) ?? '', { link }]);
    return {
      subject: words.links.movedSubject,
      paragraphs: [
        fillText(words.links.moved, { when: mailTimes(words, ports.zone).dateTime(at) }),
        ...lines.slice(0, acts.length).flat(),
        ...(switches.length === 0 ? [] : [words.links.switchOff]),
        ...lines.slice(acts.length).flat(),
        words.linkIsYours,
      ],
    };
  };
  return [{ to: { holder }, purpose: 'moved', further: all.map((each) => each.target), write }];
};
