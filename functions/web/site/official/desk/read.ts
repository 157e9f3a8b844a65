import { changeId, changeNamed } from '../../../../../domain/feature/keys.ts';
import type { ChangeView, RequirementView } from '../../../../../domain/feature/view.ts';
import { localDateOf } from '../../../../../domain/kernel/zone.ts';
import { attestedBy } from '../../../../../domain/roster/attest.ts';
import type { GatePorts } from '../../../../gate/ports.ts';
import { presentChange } from '../../../../register/present.ts';
import { ifReadable, readChange } from '../../../../register/read.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import type { SiteDeps } from '../../deps.ts';
import type { DecideLink } from '../../links/link.ts';
import type { Person } from '../../links/person.ts';
import { readSituation, type Situation } from '../decide/situation.ts';
import { type DueDecision, openChangesWithDues, soonestFirst } from '../inbox/read.ts';

/** Most changes that one resolution can be certified for at once. */
export const CONSENT_MAX = 40;

/** A vote that the clerk can certify. `meetingFrom`: the earliest local day of a meeting whose vote counts. */
export interface DeskItem extends DueDecision {
  readonly id: string;
  readonly meetingFrom: string;
}

/** What a clerk sees of one body: what its meetings can decide now, and what comes to it once others have decided. */
export interface DeskBody {
  readonly body: string;
  readonly items: readonly DeskItem[];
  readonly later: readonly { readonly view: ChangeView; readonly requirement: RequirementView }[];
}

const meetingFrom = ({ view, due }: DueDecision, { now, zone }: Person): string =>
  localDateOf(due.asks === 'override' ? (view.veto?.at ?? now) : (view.pinned?.from ?? now), zone);

/** Every body the clerk serves, with what waits for its vote, soonest first; may lag, as every list does. */
export const deskOf = async (ports: GatePorts, person: Person): Promise<readonly DeskBody[]> => {
  const { roster, link, now } = person;
  if (roster === null) return [];
  const open = await openChangesWithDues(ports, roster, now);
  return attestedBy(roster, link.body).map((body) => ({
    body,
    items: open
      .flatMap(({ view, dues }) =>
        dues
          .filter(({ who, requirement }) => who.holder.id === link.holder && requirement.body === body)
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

/** The clerk's own standing towards the vote of a body on one change, strongly consistent; undefined when that body has none in it. */
export const situationOn = async (
  deps: SiteDeps,
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
