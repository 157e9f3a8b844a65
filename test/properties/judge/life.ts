import type { DecisionContext } from '../../../domain/feature/commands.ts';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import { POLICY_KEY } from '../../../domain/feature/keys.ts';
import { isOpen } from '../../../domain/feature/state.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { notify, proposal, tick } from '../../domain/feature/support.ts';
import { Log } from '../../domain/judge/log.ts';
import { BY_OPERATOR } from '../../support/fixtures/vendor.ts';
import { pick } from '../feature/choices.ts';
import { commandsUnder, ENTERING, ROSTERS } from '../feature/commandsOf.ts';
import { decisionOn } from '../feature/decisionOn.ts';
import { KEYS, type Step, wait } from '../feature/steps.ts';
import { wasDone } from './townLife.ts';

const START = '2026-03-01T12:00:00.000Z';
/** A step that goes as it should. */
const PLAIN: Step = { op: 'decide', key: 0, change: 0, wait: 0, a: 1, b: 0, astray: 99 };
const DECISIONS_MAX = 40;

/**
 * The log of random lives of two features in a city whose rosters and policies change as they may: by confirmation, and by approved
 * changes of the city's own policy.
 */
export class Life {
  readonly log = new Log();
  readonly books = { zone: 'UTC', policies: new Map<number, Policy>(), rosters: new Map<number, Roster>() };
  readonly #policies: readonly Policy[];
  #now = START;

  constructor(policies: readonly Policy[]) {
    this.#policies = policies;
    const log = this.log.zone('UTC', START).setRoster(ROSTERS[0], START).adopt(pick(policies, 0), START).vendor('acme', START);
    for (const person of ENTERING) log.token('desk', person, 'notice', START);
    log.token('it', null, 'notice', START);
    log.token('console', 'ida', 'observe', START);
  }

  /** Takes a step, which can do nothing. */
  take(wanted: Step): void {
    const key = KEYS[wanted.key === 0 ? 0 : 1];
    const state = this.log.feature(key);
    const first = state.count === 0 && wanted.astray >= 8;
    const waits = wanted.op === 'decide' && state.changes.some(({ confirmation }) => confirmation !== null);
    const step: Step = first ? { ...wanted, op: 'notify' } : waits ? { ...wanted, op: 'confirm' } : wanted;
    const from = step.op === 'decide' ? state.changes.find(isOpen)?.from : undefined;
    if (from != null && from > this.#now) this.#now = from;
    else if (step.op === 'pass' || step.wait % 3 === 0) this.#now = wait(this.#now, step.wait, [state]);
    // The clock ends what two persons did not confirm in time.
    wasDone(() => this.log.endProposal(this.#now));
    if (step.op === 'roster') this.#changeRoster(step);
    if (step.op === 'policy') this.#changePolicy(pick(this.#policies, step.a));
    for (let index = 0; index < 16; index += 1) {
      const command = commandsUnder(this.#context, step, key, this.log.feature(key))[step.op === 'decide' ? 0 : index];
      if (command === undefined || (!this.#decide(key, command) && step.op === 'decide')) break;
      if (step.op === 'decide' && step.a % 2 === 0 && command.type === 'certify') break;
    }
  }

  get #context(): DecisionContext {
    const { roster, policy } = this.log.rules;
    if (roster !== null) this.books.rosters.set(roster.number, roster.roster);
    if (policy !== null) this.books.policies.set(policy.number, policy.policy);
    return { at: this.#now, zone: 'UTC', roster, policy };
  }

  #decide(key: string, command: FeatureCommand): boolean {
    return wasDone(() => this.log.on(key, command));
  }

  #changeRoster({ a }: Step): void {
    const next = pick(ROSTERS, a);
    const { roster } = this.log.rules;
    if (!wasDone(() => this.log.proposeRoster(next, this.#now))) return;
    const officers = (roster?.roster.holders ?? []).map(({ id: holder, body, seat }) => ({ holder, body, seat }));
    for (const by of officers.toReversed()) wasDone(() => this.log.confirmRoster(by, this.#now));
  }

  /** Puts a policy to the vote, decides on it as the policy in force asks, and adopts it if it is approved. */
  #changePolicy(next: Policy): void {
    if (!wasDone(() => this.log.proposePolicy(next, this.#now))) return;
    const sha256 = this.log.proposedPolicy.slice('sha256:'.length);
    const documents = [{ title: 'The policy', kind: 'policy', url: 'https://gate.example/rules', sha256 }];
    const number = this.log.feature(POLICY_KEY).count + 1;
    const notice = proposal(documents);
    const put = { notice, provenance: BY_OPERATOR, digest: `sha256:${number.toString(16).padStart(64, 'a')}` };
    if (!this.#decide(POLICY_KEY, notify(this.#now, number, put))) return;
    for (let decisions = 0; decisions < DECISIONS_MAX; decisions += 1) {
      const state = this.log.feature(POLICY_KEY);
      const change = state.changes.find((each) => each.number === number);
      if (change === undefined || !isOpen(change)) break;
      if (change.from !== null && change.from > this.#now) this.#now = change.from;
      const [command] = decisionOn(change, state, this.#context, PLAIN);
      if (command === undefined || !this.#decide(POLICY_KEY, command)) break;
    }
    const approved = this.log.feature(POLICY_KEY).changes.find((each) => each.number === number)?.status === 'approved';
    if (approved) wasDone(() => this.log.adoptProposed(this.#now, `${POLICY_KEY}/${number}`));
    for (const key of KEYS) this.#decide(key, tick(this.#now, this.log.rules));
  }
}
