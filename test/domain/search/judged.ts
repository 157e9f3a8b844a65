import type { DecisionContext } from '../../../domain/feature/commands.ts';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import type { FeatureCase } from '../../../domain/judge/case.ts';
import { judgeFeature } from '../../../domain/judge/feature.ts';
import { startJudging } from '../../../domain/judge/judge.ts';
import type { RosterVersion } from '../../../domain/judge/sitting.ts';
import { Objection } from '../../../domain/judge/verdict.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { ruledBodies } from '../../../domain/roster/bodies.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { signedByVendor } from '../../support/fixtures/vendor.ts';
import { day } from '../feature/support.ts';
import { actorOf, Log } from '../judge/log.ts';

/** A commit's effect on what the judge knows of the feature, or its objection. */
type Judged = { readonly known: FeatureCase | undefined; readonly objection: string | null };

export type FeatureJudge = (known: FeatureCase | undefined, command: FeatureCommand, events: readonly FeatureEvent[]) => Judged;

/** Returns a command as the gate gets it: what a vendor sends as a signed message with an id of its own. */
export const framed = (command: FeatureCommand): FeatureCommand => {
  if (command.type !== 'notify' && command.type !== 'withdraw') return command;
  if (command.provenance.channel !== 'webhook')
    return { ...command, command: digestOf(commandIdOf(command)).slice(7, 23) } as FeatureCommand;
  const id = command.type === 'notify' ? `n-${command.command}` : `w-${command.change}`;
  const provenance = signedByVendor('acme', id, command.at, Buffer.from(command.digest));
  if (command.type === 'withdraw') return { ...command, provenance };
  return { ...command, provenance, command: digestOf(`notice/acme/${id}`).slice(7, 23) };
};

const commandIdOf = (command: FeatureCommand) => {
  if (command.type === 'notify' && command.provenance.channel !== 'webhook') return `notice/aldergate/${command.provenance.by}/1`;
  if (command.type === 'notify') return `notice/acme/${command.provenance.message?.id}`;
  return command.type === 'withdraw' ? `withdraw/acme/${command.provenance.message?.id}` : 'a command';
};

/** What a commit is judged by: the policies so far, which need not be such as a city could adopt, the roster in force, and the zone. */
export interface Rules {
  readonly policies: readonly Pick<NonNullable<DecisionContext['policy']>, 'number' | 'policy' | 'bodies'>[];
  readonly roster: { readonly number: number; readonly roster: Roster };
  readonly zone: string;
}

/** Who enters what the city hears. */
const ENTERING = [null, 'clerk', 'mayor', 'deputy', 'auditor', 'district-4', 'at-large-a'];

export const judgeUnder = ({ policies, roster, zone }: Rules): FeatureJudge => {
  const judge = startJudging();
  const log = new Log().zone(zone).setRoster().vendor().token('it', null).token('console', 'ida', 'observe');
  for (const person of ENTERING) log.token('desk', person);
  for (const bytes of log.document('a report', day(-1)).bytes) judge.next(bytes);
  const { city } = judge.state;
  city.rosters.splice(0, 1, { ...(city.rosters[0] as RosterVersion), ...roster });
  const sha256 = digestOf('the policy');
  city.policies.push(...policies.map(({ number, policy, bodies }) => ({ number, since: day(-8), sha256, policy, bodies })));
  return (known, command, events) => {
    const key = known?.key ?? (command.type === 'notify' ? command.key : 'acme');
    city.features.clear();
    if (known !== undefined) city.features.set(key, known);
    const commit = {
      stream: `feature/${key}`,
      version: 1,
      id: 'c',
      commandId: commandIdOf(command),
      at: command.at,
      actor: actorOf(command),
      prev: null,
      events: events as unknown as readonly JsonObject[],
    };
    for (const event of events)
      if (event.type === 'DocumentAttached') city.documents.set(event.sha256, { ...event, since: event.at, complete: true });
    try {
      judgeFeature(city, commit, events, zone)();
      return { known: city.features.get(key), objection: null };
    } catch (error) {
      if (!(error instanceof Objection)) throw error;
      return { known, objection: `the judge objects: ${error.code}: ${error.message}` };
    }
  };
};

export const judgeOf = (policy: Policy, roster: Roster): FeatureJudge =>
  judgeUnder({ policies: [{ number: 1, policy, bodies: ruledBodies(roster) }], roster: { number: 1, roster }, zone: 'UTC' });
