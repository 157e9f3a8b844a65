import { changeNamed } from '../../../../../domain/feature/keys.ts';
import { firstSecondVote } from '../../../../../domain/feature/secondVote.ts';
import { localDateOf } from '../../../../../domain/kernel/zone.ts';
import { attestedBy } from '../../../../../domain/roster/attest.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { listFacet } from '../../../../register/listFeatures.ts';
import { presentChange, readChange } from '../../../../register/read.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import { LATER_VOTES, type LaterVote, type PersonalAct, type PersonalActs } from '../../../../register/waitingActs.ts';
import type { LinkDeps, SitePorts } from '../../deps.ts';
import type { DecideLink } from '../../links/link.ts';
import type { Person } from '../../links/person.ts';
import { readSituation, type Situation } from '../decide/situation.ts';
import { waitingFor } from '../inbox/read.ts';

/** Most changes one resolution can be certified for. */
export const CONSENT_MAX = 40;

/** A clerk's view of one body: the votes that its meetings can take now, and those that follow once others have decided. */
export interface DeskBody {
  readonly body: string;
  readonly acts: PersonalActs;
  readonly later: readonly LaterVote[];
}

/** Returns the earliest local day of a meeting whose vote on a change counts. */
export const meetingFrom = ({ asks, change, rules }: PersonalAct, { now, zone }: Person): string =>
  asks === 'override' && change.veto !== null ? firstSecondVote(change.veto, rules, zone) : localDateOf(change.from ?? now, zone);

/** Reads what waits for the vote of each body the clerk serves, soonest first; may lag. */
export const deskOf = async (ports: SitePorts, person: Person): Promise<readonly DeskBody[]> => {
  const { roster, link, now } = person;
  if (roster === null) return [];
  const [waiting, later] = await Promise.all([waitingFor(ports, person), listFacet(ports, LATER_VOTES, { now })]);
  return attestedBy(roster, link.body).map((body) => ({
    body,
    acts: waiting.forBody(body),
    later: later.get(body) ?? [],
  }));
};

/** Reads the clerk's situation for a body's vote on one change, strongly consistent; undefined if the body has no vote on it. */
export const situationOn = async (
  deps: LinkDeps,
  { link: { holder, body: office, seat, generation, ended }, now }: Person,
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
    generation,
    ended,
  };
  return readSituation(deps, link);
};
