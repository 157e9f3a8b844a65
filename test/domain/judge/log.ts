import { documentDecider, documentStream } from '../../../domain/documents/decide.ts';
import type { DecisionContext } from '../../../domain/feature/commands.ts';
import { type FeatureCommand, featureDecider } from '../../../domain/feature/decide.ts';
import type { FeatureState } from '../../../domain/feature/state.ts';
import type { Assertion } from '../../../domain/kernel/assertion.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { type Commit, encodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import type { Decider } from '../../../domain/kernel/decider.ts';
import type { JsonObject, JsonValue } from '../../../domain/kernel/json.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import type { ObservationEvent } from '../../../domain/observation/events.ts';
import { type PolicyCommand, policyDecider } from '../../../domain/policy/decide.ts';
import { PolicyAdopted } from '../../../domain/policy/events.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { underPolicy } from '../../../domain/roster/bodies.ts';
import { type RosterCommand, rosterDecider } from '../../../domain/roster/decide.ts';
import type { Officer } from '../../../domain/roster/events.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import type { RosterState } from '../../../domain/roster/state.ts';
import { settingsDecider } from '../../../domain/settings/decide.ts';
import { vendorDecider } from '../../../domain/vendors/decide.ts';
import { roster, thirteenSeats } from '../../support/fixtures/city.ts';
import { ACME_KEY, signedByVendor } from '../../support/fixtures/vendor.ts';
import { confirm, day } from '../feature/support.ts';

interface Frame {
  readonly at: string;
  readonly actor: string;
  readonly commandId?: string;
}

/** The mail address of a person in these stories. */
export const mailOf = (holder: string): string => `${holder}@city.example`;

const withMail = (base: Roster): JsonValue => ({
  ...base,
  holders: base.holders.map((each) => ({ ...each, email: mailOf(each.id) })),
});

export const SALT = new Uint8Array(32);
export const OPERATOR = (at: string): Frame => ({ at, actor: 'operator' });

/** The stream of a token; persons can have tokens of one name. */
export const tokenNamed = (name: string, person: string | null = null): string =>
  `access/token/${digestOf(`${name} ${person ?? ''}`).slice(7)}`;

/** Two persons of two bodies that decide in most policies. */
export const CLERK: Officer = { holder: 'clerk', body: 'clerk', seat: 'clerk' };
export const MEMBER: Officer = { holder: 'at-large-b', body: 'council', seat: 'at-large-b' };

export const actorOf = (command: FeatureCommand): string => {
  if (command.type === 'notify' || command.type === 'withdraw') return command.provenance.by;
  if (command.type === 'attach') return command.by;
  if (command.type === 'opt-out') return 'token:console';
  if (command.type === 'repin') return 'operator';
  if (command.type === 'contest') return 'token' in command.by ? `token:${command.by.token}` : `holder:${command.by.holder}`;
  return 'holder' in command ? `holder:${command.holder}` : 'clock';
};

/** A log that the project's deciders write, each command by its actor, and that a forger can extend. */
export class Log {
  readonly commits: Commit[] = [];
  readonly #states = new Map<string, unknown>();
  #commands = 0;
  #zone = 'UTC';

  /** Appends events, whether or not a decider produced them. */
  write(stream: string, events: readonly unknown[], { at, actor, commandId }: Frame): this {
    const last = this.commits.findLast((commit) => commit.stream === stream);
    this.#commands += 1;
    this.commits.push({
      stream,
      version: (last?.version ?? 0) + 1,
      id: `c${this.#commands}`,
      commandId: commandId ?? `command-${this.#commands}`,
      at,
      actor,
      prev: last === undefined ? null : hashOf(encodeCommit(last)),
      events: events as readonly JsonObject[],
    });
    return this;
  }

  /** Decides a command and appends its events. Throws if it is refused or yields none. */
  decide<C, S, E, R extends string>(stream: string, decider: Decider<C, S, E, R>, command: C, frame: Frame): this {
    const state = this.stateOf(stream, decider);
    const decided = decider.decide(command, state);
    if (!decided.ok) throw new Error(`refused: ${decided.rejection.code}: ${decided.rejection.detail}`);
    if (decided.events.length === 0) throw new Error(`decided nothing in ${stream}`);
    this.#states.set(stream, decided.events.reduce(decider.evolve, state));
    return this.write(stream, decided.events, frame);
  }

  stateOf<C, S, E, R extends string>(stream: string, { initialState }: Decider<C, S, E, R>): S {
    return (this.#states.get(stream) as S | undefined) ?? initialState;
  }

  zone(zone = 'UTC', at = day(-9)): this {
    this.#zone = zone;
    return this.decide('settings', settingsDecider, { type: 'setTimeZone', at, zone, tzdata: '2025b' }, OPERATOR(at));
  }

  #roster(command: RosterCommand, actor = 'operator'): this {
    return this.decide('roster', rosterDecider, command, { at: command.at, actor });
  }

  setRoster(base: Roster = roster(), at = day(-9)): this {
    return this.#roster({ type: 'setRoster', at, zone: this.#zone, roster: withMail(base), salt: SALT });
  }

  proposeRoster(base: Roster, at: string): this {
    return this.#roster({ type: 'proposeRoster', at, zone: this.#zone, roster: withMail(base), salt: SALT });
  }

  proposeRestored(at: string): this {
    return this.#roster({ type: 'proposeRestored', at, zone: this.#zone, log: { size: 54, root: 'cm9vdA==' }, replaces: true });
  }

  /** Answers what is proposed, under the policy in force. */
  #answer(
    type: 'confirmProposal' | 'refuseProposal',
    by: Officer,
    at: string,
    more: { assertion?: Assertion; reason?: string },
  ): this {
    const sha256 = this.stateOf('roster', rosterDecider).proposal?.sha256 ?? '';
    const who = { at, sha256, ...by, when: localMoment(at, this.#zone), policy: this.rules.policy?.policy ?? null };
    return this.#roster({ type, ...who, reason: null, ...more }, `holder:${by.holder}`);
  }

  confirmRoster(by: Officer, at: string, assertion?: Assertion): this {
    return this.#answer('confirmProposal', by, at, assertion === undefined ? {} : { assertion });
  }

  refuseRoster(by: Officer, at: string): this {
    return this.#answer('refuseProposal', by, at, { reason: digestOf('a reason') });
  }

  adoptRoster(base: Roster, at: string, by: readonly Officer[] = [CLERK, MEMBER]): this {
    this.proposeRoster(base, at);
    for (const each of by) this.confirmRoster(each, at);
    return this;
  }

  endProposal(at: string): this {
    return this.#roster({ type: 'endProposal', at, zone: this.#zone }, 'clock');
  }

  /** A reset of passkeys under a policy that asks for them, or by a clerk: only a proposal. */
  resetPasskeys(holder: string, at: string, by: Officer | null = null, generation = 1): this {
    const byTwo = (this.rules.policy?.policy.passkeys ?? 'off') !== 'off';
    const officer = by && { ...by, when: localMoment(at, this.#zone) };
    const actor = by === null ? 'operator' : `holder:${by.holder}`;
    return this.#roster({ type: 'resetPasskeys', at, zone: this.#zone, holder, generation, by: officer, byTwo }, actor);
  }

  #policy(command: object, at: string, actor = 'operator'): this {
    const against = { at, zone: this.#zone, roster: this.rules.roster };
    return this.decide('policy', policyDecider, { ...against, ...command } as PolicyCommand, { at, actor });
  }

  adopt(policy: Policy = thirteenSeats, at = day(-8)): this {
    return this.#policy({ type: 'adoptFirstPolicy', policy }, at);
  }

  adoptProposed(at: string, change = 'aldergate.policy/1'): this {
    const proposal = this.stateOf('policy', policyDecider).proposals.at(-1);
    return this.#policy({ type: 'adoptPolicy', sha256: this.proposedPolicy, proposal, by: { change, revision: 1 } }, at, 'clock');
  }

  get proposedPolicy(): string {
    return this.stateOf('policy', policyDecider).proposals.at(-1)?.sha256 ?? '';
  }

  /** `next`: the roster file that goes with it. */
  proposePolicy(policy: Policy, at: string, next?: Roster): this {
    const file = next !== undefined && { file: { roster: withMail(next), salt: SALT } };
    return this.#policy({ type: 'proposePolicy', policy, ...file }, at);
  }

  followPolicy(at: string): this {
    const adopted = this.commits.findLast(({ stream }) => stream === 'policy')?.events[0];
    const { number, at: since, bodies, newSeats } = PolicyAdopted.parse(adopted);
    const seating = { since, rules: bodies, bodies, ...(newSeats !== undefined && { newSeats }) };
    return this.#roster({ type: 'followPolicy', at, zone: this.#zone, policy: number, ...seating }, 'clock');
  }

  vendor(vendor = 'acme', at = day(-7)): this {
    const command = { type: 'addVendor', at, vendor, name: `Vendor ${vendor}`, key: ACME_KEY } as const;
    return this.decide(`vendor/${vendor}`, vendorDecider, command, OPERATOR(at));
  }

  /** A token, by which a person enters notices unless it has another scope. */
  token(name: string, person: string | null, scope = 'notice', at = day(-6), source: string | null = null): this {
    const issued = { kind: 'token', name, scopes: [scope], agencies: [], person, source };
    return this.write(tokenNamed(name, person), [{ type: 'AccessIssued', v: 1, at, issued }], OPERATOR(at));
  }

  attest(at: string, change: Partial<ObservationEvent> = {}, id = `msg_${at}`, by?: string): this {
    const body = JSON.stringify({ id, ...change });
    const { key, scheme, message } = signedByVendor('acme', id, at, Buffer.from(body), by);
    const signed = { digest: digestOf(body), key, scheme, message };
    const report = { source: 'own', attested: true, person: null, features: { acme: true }, evidence: null, note: null };
    const event = { type: 'ObservationRecorded', v: 1, at, observedAt: at, ...report, signed, ...change };
    const frame = { at, actor: 'vendor:acme', commandId: `attestation/acme/${id}` };
    return this.write(`observation/acme/@${event.source}`, [event], frame);
  }

  document(content: string, at: string, actor = 'operator'): this {
    const sha256 = digestOf(content);
    const part = { at, sha256, bytes: content.length, mediaType: 'text/plain', part: 1, of: 1, partSha256: sha256 };
    return this.decide(documentStream(sha256), documentDecider, part, { at, actor });
  }

  get rules(): Pick<DecisionContext, 'policy'> & { readonly roster: RosterState['inForce'] } {
    const policy = this.stateOf('policy', policyDecider).inForce;
    const rosters = underPolicy(this.stateOf('roster', rosterDecider), policy?.bodies);
    return { roster: rosters.inForce, policy };
  }

  feature(key = 'acme'): FeatureState {
    return this.stateOf(`feature/${key}`, featureDecider);
  }

  /** Decides commands on a feature under the rules in force, each by its actor. */
  feat(...commands: readonly FeatureCommand[]): this {
    return this.on('acme', ...commands);
  }

  on(key: string, ...commands: readonly FeatureCommand[]): this {
    for (const each of commands) {
      const { command, ...frame } = this.framed(key, { ...each, zone: this.#zone, ...this.rules });
      this.decide(`feature/${key}`, featureDecider, command, frame);
    }
    return this;
  }

  /** Returns a command as the gate would get it: with its actor, and for a notice a signed message with its own id. */
  framed(key: string, each: FeatureCommand): Frame & { readonly command: FeatureCommand } {
    const { at } = each;
    const vendor = key.split('.', 1)[0] ?? key;
    const id = `msg_${this.commits.length}`;
    if (each.type === 'notify') {
      const city = each.provenance.channel !== 'webhook';
      const commandId = city ? `notice/aldergate/${each.provenance.by}/${id}` : `notice/${vendor}/${id}`;
      const provenance = city ? each.provenance : signedByVendor(vendor, id, at, Buffer.from(each.digest));
      const command = { ...each, key, provenance, command: digestOf(commandId).slice(7, 23) };
      return { command, at, actor: provenance.by, commandId };
    }
    if (each.type === 'withdraw') {
      const provenance = signedByVendor(vendor, id, at, Buffer.from(each.digest));
      return { command: { ...each, provenance }, at, actor: provenance.by, commandId: `withdraw/${vendor}/${id}` };
    }
    return { command: each, at, actor: actorOf(each) };
  }

  /** Confirms the latest certificate by a second person; `over` can make it another person, or a dispute. */
  confirmLast(at: string, change: number, over: Parameters<typeof confirm>[3] = {}): this {
    const named = this.last.events[0]?.['act'];
    const act = typeof named === 'string' ? named : '';
    return this.feat(confirm(at, change, act, over));
  }

  get bytes(): readonly Uint8Array[] {
    return this.commits.map(encodeCommit);
  }

  get types(): readonly unknown[] {
    return this.last.events.map(({ type }) => type);
  }

  get last(): Commit {
    const last = this.commits.at(-1);
    if (last === undefined) throw new Error('an empty log');
    return last;
  }
}

export const city = (policy: Policy = thirteenSeats, base: Roster = roster()): Log =>
  new Log().zone().setRoster(base).adopt(policy).vendor();
