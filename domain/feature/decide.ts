import { assertionFault, challengeOf } from '../kernel/assertion.ts';
import { EVENTS_MAX } from '../kernel/commit.ts';
import { accept, type Decider, reject } from '../kernel/decider.ts';
import { ascending } from '../kernel/order.ts';
import { mustUsePasskey } from '../policy/rules.ts';
import type { PasskeyRule, Policy } from '../policy/schema.ts';
import type { ChangeCommand, DecisionContext, FeatureRejection } from './commands.ts';
import { certify } from './decide/certify.ts';
import { confirm } from './decide/confirm.ts';
import { type Decided, lookUpChange } from './decide/guard.ts';
import { attach, notify, withdraw } from './decide/notify.ts';
import { pinUnpinned, type Repin, repin } from './decide/pin.ts';
import { confirmRollback, contest, decideOptOut, revoke } from './decide/revoke.ts';
import { advise, castBallot, sign } from './decide/sign.ts';
import { decisionInEvent, isDecision } from './decisionToSign.ts';
import { due } from './due.ts';
import type { FeatureEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { type ChangeState, type FeatureState, findChange, initialState, isOpen } from './state.ts';

export interface Tick extends DecisionContext {
  readonly type: 'tick';
}

/** Wraps a decider so that it runs only for a change that is still in the state. */
const onChange =
  <C extends ChangeCommand>(decide: (command: C, state: FeatureState, change: ChangeState) => Decided) =>
  (command: C, state: FeatureState): Decided => {
    const found = lookUpChange(state, command.change);
    return found.ok ? decide(command, state, found.change) : found;
  };

const DECIDERS = {
  notify,
  withdraw,
  attach: onChange(attach),
  certify: onChange(certify),
  sign: onChange(sign),
  ballot: onChange(castBallot),
  advise: onChange(advise),
  confirm: onChange(confirm),
  revoke: onChange(revoke),
  contest,
  'opt-out': decideOptOut,
  'confirm-rollback': confirmRollback,
  repin: (command: Repin, state: FeatureState): Decided => accept(...repin(state, command)),
  tick: (_command: Tick): Decided => accept(),
};

export type FeatureCommand = Parameters<(typeof DECIDERS)[keyof typeof DECIDERS]>[0];

const dispatch = (command: FeatureCommand, state: FeatureState): Decided =>
  (DECIDERS[command.type] as (command: FeatureCommand, state: FeatureState) => Decided)(command, state);

/** The most events that a decision produces; a notice produces at most two. */
const OWN_MAX = 4;

/**
 * Returns the time events that this command depends on, in order, as many as fit in the commit: first those of its own change, of the
 * approval in force and of the waiting one, then others. Omitted events stay true and are recorded by a later command.
 */
const overdue = (command: FeatureCommand, state: FeatureState): readonly FeatureEvent[] => {
  const all = due(state, command.at);
  const eventsMax = command.type === 'tick' ? EVENTS_MAX : EVENTS_MAX - OWN_MAX - 1;
  if (all.length <= eventsMax) return all;
  const own = 'change' in command ? command.change : undefined;
  const first = [own, state.standing, state.waiting];
  const ends = new Map(all.map(({ change, at }) => [change, first.includes(change) ? '' : at]));
  const chosen = new Set<number>();
  let count = 0;
  for (const [change] of [...ends].sort(([, one], [, other]) => ascending(one, other))) {
    const size = all.filter((event) => event.change === change).length;
    if (count + size > eventsMax) continue;
    chosen.add(change);
    count += size;
  }
  return all.filter(({ change }) => chosen.has(change));
};

const unpinned = (command: FeatureCommand, state: FeatureState, eventsMax: number): readonly FeatureEvent[] => {
  const concerned = pinUnpinned(state, command).filter(({ change }) => !('change' in command) || change === command.change);
  return concerned.slice(0, eventsMax);
};

type Late = Pick<DecisionContext, 'late'>;

const lateOf = ({ since }: Pick<ChangeState, 'since'>, { late = [] }: Late) =>
  late.findLast((each) => each.since <= since && since < each.from);

/** Words that entered the log late become public only then, so their time for decision moves by the same amount. */
export const publishedLate = <T extends Pick<ChangeState, 'since' | 'from'>>(change: T, context: Late): T => {
  const late = lateOf(change, context);
  if (late === undefined || change.from === null) return change;
  const from = Date.parse(change.from) + Date.parse(late.from) - Date.parse(change.since);
  return { ...change, from: new Date(from).toISOString() };
};

/**
 * Reports whether a decision concerns late words whose policy has been replaced: the log may have received them only after that.
 */
const isUnbound = (command: FeatureCommand, state: FeatureState): boolean => {
  const change = 'terms' in command ? findChange(state, command.change) : undefined;
  if (change === undefined || change.pin === null || !isOpen(change)) return false;
  return lateOf(change, command) !== undefined && Number.parseInt(change.pin, 10) < (command.policy?.number ?? 0);
};

const passkeyRule = (state: FeatureState, n: number, inForce: Policy | undefined): PasskeyRule => {
  const pin = findChange(state, n)?.pin ?? null;
  const pinned = pin === null ? undefined : state.pins[pin]?.passkeys;
  return pinned ?? inForce?.passkeys ?? 'off';
};

/**
 * Checks the passkey signature of a decision that passes all other checks. It must cover exactly this event, and be present if the policy
 * requires it. Acts that switch a feature off never need a passkey.
 */
const attested = (command: FeatureCommand, state: FeatureState, decided: Decided): Decided => {
  if (!decided.ok) return decided;
  const act = decided.events.find(isDecision);
  if (act === undefined) return decided;
  const assertion = 'assertion' in command ? command.assertion : undefined;
  if (assertion === undefined) {
    const inForce = command.policy?.policy;
    const rule = act.type === 'RollbackConfirmed' ? (inForce?.passkeys ?? 'off') : passkeyRule(state, act.change, inForce);
    const enrolled = 'enrolled' in command && command.enrolled === true;
    return mustUsePasskey(rule, enrolled)
      ? reject('passkey-required', 'the policy asks for a passkey, and this decision came without one')
      : decided;
  }
  const fault = assertionFault(assertion, challengeOf(decisionInEvent(state.key ?? '', act, assertion)), command.at);
  if (fault !== undefined) return reject('passkey-refused', `the passkey does not prove this decision: ${fault}`);
  return accept(...decided.events.map((event): FeatureEvent => (event === act ? { ...act, assertion } : event)));
};

/**
 * Decides a command: first the time events and the pinned policy, then the command itself. A repeated command yields no events.
 */
const decide = (command: FeatureCommand, state: FeatureState): Decided => {
  const passed = overdue(command, state);
  const current = passed.reduce(evolve, state);
  const records = command.type === 'tick' || command.type === 'repin';
  const binds = records ? EVENTS_MAX : EVENTS_MAX - OWN_MAX;
  const pinned = unpinned(command, current, binds - passed.length);
  const bound = pinned.reduce(evolve, current);
  if (isUnbound(command, bound))
    return reject(
      'too-early',
      'this entered the log late, and its policy was replaced: it has to be bound to the next one first',
    );
  const published = { ...bound, changes: bound.changes.map((change) => publishedLate(change, command)) };
  const decided = attested(command, bound, dispatch(command, published));
  if (!decided.ok) return decided;
  const own = decided.events.slice(0, EVENTS_MAX - passed.length - pinned.length);
  if (own.length === 0 && !records) return decided;
  return accept(...passed, ...pinned, ...own);
};

export const featureDecider: Decider<FeatureCommand, FeatureState, FeatureEvent, FeatureRejection> = {
  initialState,
  decide,
  evolve,
};
