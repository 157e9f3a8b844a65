import { changeId, changeNamed } from '../../../../../domain/feature/keys.ts';
import { secondVoteOf } from '../../../../../domain/feature/secondVote.ts';
import type { ChangeView, RequirementView } from '../../../../../domain/feature/view.ts';
import { localDateOf } from '../../../../../domain/kernel/zone.ts';
import { attestedBy } from '../../../../../domain/roster/attest.ts';
import { presentChange } from '../../../../register/present.ts';
import { ifReadable, readChange } from '../../../../register/read.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import type { LinkDeps, SitePorts } from '../../deps.ts';
import type { DecideLink } from '../../links/link.ts';
import type { Person } from '../../links/person.ts';
import { readSituation, type Situation } from '../decide/situation.ts';
import { type DueDecision, openChangesWithDues, soonestFirst } from '../inbox/read.ts';

/** Most changes one resolution can be certified for. */
export const CONSENT_MAX = 40;

/** A vote that the clerk can certify. `meetingFrom`: the earliest local day of a meeting whose vote counts. */
export interface DeskItem extends DueDecision {
  readonly id: string;
  readonly meetingFrom: string;
}

/** A clerk's view of one body: what its meetings can decide now, and what follows once others have decided. */
export interface DeskBody {
  readonly body: string;
  readonly items: readonly DeskItem[];
  readonly later: readonly { readonly view: ChangeView; readonly requirement: RequirementView }[];
}

const meetingFrom = ({ view, due }: DueDecision, { now, zone }: Person): string =>
  (due.asks === 'override' ? secondVoteOf(view, zone)?.first : undefined) ?? localDateOf(view.pinned?.from ?? now, zone);

/** Reads what waits for the vote of each body the clerk serves, soonest first; may lag. */
export const deskOf = async (ports: SitePorts, person: Person): Promise<readonly DeskBody[]> => {
  const { roster, link, now } = person;
  if (roster === null) return [];
  const open = await openChangesWithDues(ports, roster, now);
  return attestedBy(roster, link.body).map((body) => ({
    body,
    items: open
      .flatMap(({ view, dues }) =>
        dues
          .filter(
            ({ who, requirement, asks }) => asks !== 'confirm' && who.holder.id === link.holder && requirement.body === body,
          )
          .map((due): DueDecision => ({ view, due })),
      )
      .toSorted(soonestFirst)
      .map((waiting) => ({
        ...waiting,
        id: changeId(waiting.view.key, waiting.view.number),
        meetingFrom: meetingFrom(waiting, person),
      })),
    later: open.flatMap(({ view }) =>
      view.requirements
        .filter((each) => each.body === body && each.instrument === 'certification' && each.status === 'waiting')
        .map((requirement) => ({ view, requirement })),
    ),
  }));
};

/** Reads the clerk's situation for a body's vote on one change, strongly consistent; undefined if the body has no vote on it. */
export const situationOn = async (
  deps: LinkDeps,
  { link: { holder, body: office, seat }, now }: Person,
  body: string,
  change: string,
): Promise<Situation | undefined> => {
  const named = changeNamed(change);
  if (named === undefined) return undefined;
  const { key, number: n } = named;
  const reading = await ifReadable(readChange(deps.ports, key, n));
  if (reading === undefined) return undefined;
  const view = presentChange(reading.view, reading.state, now);
  const votes = view.requirements.filter((each) => each.body === body && each.instrument === 'certification');
  const requirement = votes.find(({ status }) => status === 'open') ?? votes[0];
  if (requirement === undefined) return undefined;
  const link: DecideLink = {
    purpose: 'decide',
    holder,
    body: office,
    seat,
    requirement: requirement.id,
    key,
    n,
    revision: latestOf(view).revision,
    generation: 1,
  };
  return readSituation(deps, link);
};
