import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import type { FeatureCase } from '../../../domain/judge/case.ts';
import { judgeFeature } from '../../../domain/judge/feature.ts';
import { startJudging } from '../../../domain/judge/judge.ts';
import { Objection } from '../../../domain/judge/verdict.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { ruledBodies } from '../../../domain/roster/bodies.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { signedByVendor } from '../../support/fixtures/vendor.ts';
import { day } from '../feature/support.ts';
import { Log } from '../judge/log.ts';

/** A commit's effect on what the judge knows of the feature, or its objection. */
type Judged = { readonly known: FeatureCase | undefined; readonly objection: string | null };

/** The judge of one feature, asked of each commit what it knows before it. */
export type FeatureJudge = (known: FeatureCase | undefined, command: FeatureCommand, events: readonly FeatureEvent[]) => Judged;

/** Returns a command as the gate gets it: a notice or a withdrawal as a signed message with an id of its own. */
export const framed = (command: FeatureCommand): FeatureCommand => {
  if (command.type !== 'notify' && command.type !== 'withdraw') return command;
  const id = command.type === 'notify' ? `n-${command.command}` : `w-${command.change}`;
  const provenance = signedByVendor('acme', id, command.at, Buffer.from(command.digest));
  if (command.type === 'withdraw') return { ...command, provenance };
  return { ...command, provenance, command: digestOf(`notice/acme/${id}`).slice(7, 23) };
};

const actorOf = (command: FeatureCommand): string => {
  if (command.type === 'notify' || command.type === 'withdraw') return command.provenance.by;
  if (command.type === 'attach') return command.by;
  if (command.type === 'opt-out') return 'token:console';
  if (command.type === 'contest') return 'token' in command.by ? `token:${command.by.token}` : `holder:${command.by.holder}`;
  return 'holder' in command ? `holder:${command.holder}` : 'clock';
};

const commandIdOf = (command: FeatureCommand): string => {
  if (command.type === 'notify') return `notice/acme/${command.provenance.message?.id}`;
  return command.type === 'withdraw' ? `withdraw/acme/${command.provenance.message?.id}` : 'a command';
};

/** Returns the judge of a feature in a city with this roster and policy, which need not be one that a city could adopt. */
export const judgeOf = (policy: Policy, roster: Roster): FeatureJudge => {
  const judge = startJudging();
  const log = new Log().zone().setRoster(roster).vendor().token('it', null).token('console', 'ida', 'observe');
  for (const bytes of log.document('a report', day(-1)).bytes) judge.next(bytes);
  const { city } = judge.state;
  city.policies.push({ number: 1, since: day(-8), sha256: digestOf('the policy'), policy, bodies: ruledBodies(roster) });
  return (known, command, events) => {
    city.features.delete('acme');
    if (known !== undefined) city.features.set('acme', known);
    const commit = {
      stream: 'feature/acme',
      version: 1,
      id: 'c',
      commandId: commandIdOf(command),
      at: command.at,
      actor: actorOf(command),
      prev: null,
      events: events as unknown as readonly JsonObject[],
    };
    try {
      judgeFeature(city, commit, events, 'UTC')();
      return { known: city.features.get('acme'), objection: null };
    } catch (error) {
      if (!(error instanceof Objection)) throw error;
      return { known, objection: `the judge objects: ${error.code}: ${error.message}` };
    }
  };
};
