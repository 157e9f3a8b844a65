import { type FeatureCommand, featureDecider } from '../../../domain/feature/decide.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import { type FeatureState, isOpen } from '../../../domain/feature/state.ts';
import type { FeatureCase } from '../../../domain/judge/case.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { facts } from '../feature/support.ts';
import { type FeatureJudge, framed, judgeOf } from '../search/judged.ts';
import {
  ARRIVALS,
  CONTESTS,
  instant,
  OPT_OUTS,
  PLAIN,
  POLICIES,
  REMOVALS,
  REVISED_OPT_OUTS,
  REVISIONS,
  SMALL,
  stepsIn,
  timesOf,
  type World,
} from '../search/world.ts';

const ONE: World = {
  ...PLAIN,
  ops: ['notify', 'withdraw', 'certify', 'override', 'correct', 'sign', 'take-back', 'attach', 'confirm', 'revoke', 'tick'],
};

/** Worlds of the search, each for a part of the rules. */
export const GRAFTED: Readonly<Record<string, World>> = {
  'a vote, a veto and what follows': { ...ONE, changes: 2, revisions: 2 },
  'every certificate confirmed': { ...ONE, policy: 'confirmed' },
  'a first and a last day for the second vote': { ...ONE, policy: 'timed' },
  'words that end': {
    ...ONE,
    policy: 'confirmed',
    revisions: 2,
    notices: [0, 1, 2, 3].map((time) => facts({ version: null, endsAt: instant(time) })),
  },
  'words that end, under a veto': { ...ONE, notices: [2, 3].map((time) => facts({ version: null, endsAt: instant(time) })) },
  'approvals that begin before their words end, and after': {
    ...ARRIVALS,
    notices: [1, 2].map((time) => facts({ version: null, optOut: 'yes', endsAt: instant(time) })),
    starts: [null, instant(1), instant(2)],
  },
  'a document that the rule asks for': { ...ONE, policy: 'documented', revisions: 2 },
  'ballots and advice': {
    ...ONE,
    policy: 'balloted',
    ops: ['notify', 'withdraw', 'ballot', 'advise', 'sign', 'take-back', 'revoke', 'tick'],
  },
  maintenance: {
    ...ONE,
    changes: 2,
    maintenance: true,
    notices: [facts({ version: null }), facts({ kind: 'update', optOut: 'no', version: null })],
    ops: ['notify', 'certify', 'sign', 'contest', 'revoke'],
  },
  arrivals: ARRIVALS,
  revisions: REVISIONS,
  removals: REMOVALS,
  contests: CONTESTS,
  'opt-outs': OPT_OUTS,
  'revised opt-outs': REVISED_OPT_OUTS,
};

const LAYER_MAX = 12;

/** A history, by what gate and judge know at its end. */
interface Node {
  readonly state: FeatureState;
  readonly judged: FeatureCase | undefined;
  readonly time: number;
  readonly path: string;
}
/** What a command became in some history. */
interface Act {
  readonly command: FeatureCommand;
  readonly events: readonly FeatureEvent[];
}

const nameOf = (value: unknown) => canonical(value as JsonValue);

const { decide, evolve, initialState } = featureDecider;

/** Returns the end of a history after a step, whose acts it notes; undefined where the gate refuses one, or does nothing. */
const taken = (judge: FeatureJudge, node: Node, step: readonly FeatureCommand[], acts: Map<string, Act>) => {
  let next = node;
  for (const command of step.map(framed)) {
    const decided = decide(command, next.state);
    if (!decided.ok || decided.events.length === 0) return undefined;
    const { events } = decided;
    acts.set(nameOf([command, events]), { command, events });
    const { known: judged, objection } = judge(next.judged, command, events);
    const path = `${next.path}, ${command.type}${objection === null ? '' : ` (${objection})`}`;
    next = { ...next, state: events.reduce(evolve, next.state), judged, path };
  }
  return next;
};

/** Returns some histories of a world, breadth first, and every act that was possible in one of them, by the instant. */
const historiesOf = (world: World, judge: FeatureJudge, nodesMax: number) => {
  const acts = Array.from({ length: timesOf(world) }, () => new Map<string, Act>());
  const seen = new Set<string>();
  const nodes: Node[] = [];
  let layer: readonly Node[] = [{ state: initialState, judged: undefined, time: 0, path: '' }];
  while (layer.length > 0 && nodes.length < nodesMax) {
    const stride = Math.max(1, layer.length / LAYER_MAX);
    const kept = layer.filter((_, index) => Math.floor(index / stride) !== Math.floor((index - 1) / stride));
    nodes.push(...kept);
    layer = kept.flatMap((node) => {
      const later = node.time + 1 < timesOf(world) ? [{ ...node, time: node.time + 1, path: `${node.path}, wait` }] : [];
      const reached = stepsIn(world, node.state, node.time).flatMap(
        (step) => taken(judge, node, step, acts[node.time] as Map<string, Act>) ?? [],
      );
      return [...later, ...reached].filter((each) => {
        const name = nameOf([each.state, each.time]);
        return !seen.has(name) && seen.add(name);
      });
    });
  }
  return { nodes, acts };
};

/**
 * Where the gate may be stricter than the judge, or chooses among what may stand: it records nothing twice, and no certificate again as it
 * was without a reason, asks for no confirmation that would change nothing, takes a notice for a revision of the one that it fits
 * best, records with it what time did to other changes, and records no opt-out where nothing is left that words could make untrue.
 */
const isGatesChoice = (decided: ReturnType<typeof decide>, { events }: Act, state: FeatureState) => {
  if (!decided.ok) {
    const { code } = decided.rejection;
    const isLeft = state.changes.some((change) => isOpen(change) || change.status === 'approved');
    const isSame = code === 'reason-missing' && events[0]?.type === 'VoteCertified';
    return isSame || code === 'nothing-to-confirm' || (code === 'closed' && events[0]?.type === 'OptOutRecorded' && !isLeft);
  }
  const types = [events, decided.events].map(([first]) => first?.type);
  const isWording = types.every((type) => type === 'ChangeNotified' || type === 'ChangeRevised');
  const first = decided.events.length - events.length;
  const isAfterOthers = first > 0 && decided.events.slice(0, first).every(({ change }) => change !== events[0]?.change);
  return isWording || first === -events.length || (isAfterOthers && nameOf(decided.events.slice(first)) === nameOf(events));
};

/** Writes every act into every history of its instant, of some `nodesMax`. `wrong`: what judge and gate do not agree on. */
export const graftedIn = (world: World, nodesMax: number) => {
  const judge = judgeOf(POLICIES[world.policy], SMALL);
  const { nodes, acts } = historiesOf(world, judge, nodesMax);
  const wrong: string[] = [];
  let [count, stood] = [0, 0];
  for (const { state, judged, time, path } of nodes)
    for (const act of acts[time]?.values() ?? []) {
      const { command, events } = act;
      const decided = decide(command, state);
      const isDecided = decided.ok && nameOf(decided.events) === nameOf(events);
      const { objection } = judge(judged, command, events);
      count += 1;
      if (isDecided) stood += 1;
      const agree = isDecided === (objection === null);
      if (!agree && !isGatesChoice(decided, act, state)) wrong.push(`${path}: ${nameOf(events)} ${objection ?? 'stands'}`);
    }
  return { count, stood, wrong };
};
