import { createHash } from 'node:crypto';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import { type Evaluation, type Head, headWith } from '../../../domain/feature/evaluate.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import type { FeatureState } from '../../../domain/feature/state.ts';
import type { FeatureCase } from '../../../domain/judge/case.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import type { Decider } from '../../../domain/kernel/decider.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { type Books, unconsented } from '../../support/consent.ts';
import { NOTHING_READ, opinionAt, type Reading, readEvent } from '../../support/reading.ts';
import { type FeatureJudge, framed, judgeOf } from './judged.ts';
import { instant, POLICIES, SMALL, stepsIn, timesOf, type World } from './world.ts';

/** The rules under search: today's, or a mutant of them. `broken`: what is wrong with what a command makes of a state. */
export interface Rules {
  readonly broken?: (
    before: FeatureState,
    command: FeatureCommand,
    events: readonly FeatureEvent[],
    after: FeatureState,
  ) => readonly string[];
  readonly featureDecider: Decider<FeatureCommand, FeatureState, FeatureEvent, string>;
  readonly evaluate: (key: string, heads: readonly Head[], context: object, now: string) => Evaluation;
}

interface Node {
  readonly state: FeatureState;
  readonly events: readonly FeatureEvent[];
  readonly reading: Reading;
  readonly judged: FeatureCase | undefined;
  readonly wrong: readonly string[];
  readonly time: number;
  readonly path: readonly string[];
}

/** What a search found. `fault`: the first history, which is among the shortest, that does what may never be. */
export interface Found {
  readonly states: number;
  readonly transitions: number;
  readonly approvals: number;
  readonly on: number;
  readonly depth: number;
  readonly fault: { readonly wrong: readonly string[]; readonly path: readonly string[] } | null;
  readonly isWhole: boolean;
}

/** The acts on the words that stand, by their names. */
const actsIn = (events: readonly FeatureEvent[]): readonly string[] => {
  const anew = (change: number) => events.findLastIndex((event) => event.type === 'ChangeRevised' && event.change === change);
  return events.flatMap((event, index) => ('act' in event && index > anew(event.change) ? `${event.change} ${event.act}` : []));
};

/**
 * Returns the name of a state in one canonical form: two orders of commands that lead to the same rules, the same knowledge of a
 * reader and the same time are one state. The order in which acts are remembered decides nothing and is left out.
 */
const nameOf = ({ state, events, reading, time }: Node) => {
  const changes = state.changes.map((change) => ({ ...change, acts: [...change.acts].sort() }));
  const whole = { state: { ...state, changes }, acts: actsIn(events).toSorted(), reading, time };
  return createHash('sha256')
    .update(canonical(whole as unknown as JsonValue))
    .digest('base64url')
    .slice(0, 22);
};

const said = (command: FeatureCommand) => {
  const who = 'holder' in command ? ` by ${command.holder}` : '';
  const what = 'purpose' in command ? `${command.purpose} ` : 'decision' in command ? `${command.decision} ` : '';
  const on = 'change' in command ? `${command.change}` : command.type === 'notify' ? command.digest.slice(-3) : '';
  return `${command.at.slice(5, 10)} ${command.type} ${what}${on}${who}`;
};

/**
 * What is wrong in a state: by the judge, by the acts of persons, and by a reading of the acts that says whether something is on, and which
 * words.
 */
const wrongIn = (rules: Rules, { state, events, reading, wrong, time }: Node, books: Books): readonly string[] => {
  const found = [...wrong, ...unconsented(events, books)];
  const { enabled, change, revision, variant } = rules.evaluate('acme', [headWith(state)], {}, instant(time));
  const { on, against } = opinionAt(reading, instant(time));
  if (enabled && on === null) return [...found, ...against];
  if (!enabled && on !== null) return [...found, `${variant}, and nothing speaks against change ${on.change}`];
  const same = on === null || (on.change === change && on.revision === revision);
  return same ? found : [...found, `change ${change} is on, and change ${on.change} is in force`];
};

/** Returns the state after the commands of a step, each of which does something; undefined if one does not. */
const taken = (rules: Rules, judge: FeatureJudge, node: Node, step: readonly FeatureCommand[]) => {
  const { decide, evolve } = rules.featureDecider;
  let next = node;
  for (const each of step) {
    const command = framed(each);
    const decided = decide(command, next.state);
    if (!decided.ok || decided.events.length === 0) return undefined;
    const { events } = decided;
    const { known: judged, objection } = judge(next.judged, command, events);
    const state = events.reduce(evolve, next.state);
    const broken = rules.broken?.(next.state, command, events, state) ?? [];
    next = {
      state,
      events: [...next.events, ...events],
      reading: events.reduce(readEvent, next.reading),
      judged,
      wrong: [...next.wrong, ...broken, ...(objection === null ? [] : [objection])],
      time: next.time,
      path: [...next.path, said(command)],
    };
  }
  return next;
};

/**
 * Searches the states of a world, breadth first, for one that may never be: every command in every state, each state once. Ends
 * at the first fault, at `statesMax` states, or when nothing new can happen within `depth` commands.
 */
export const search = (rules: Rules, world: World, { depth, statesMax }: { depth: number; statesMax: number }): Found => {
  const judge = judgeOf(POLICIES[world.policy], SMALL);
  const books = { zone: 'UTC', policies: new Map([[1, POLICIES[world.policy]]]), rosters: new Map([[1, SMALL]]) };
  const { initialState } = rules.featureDecider;
  const begin = { events: [], reading: NOTHING_READ, judged: undefined, wrong: [] };
  const start: Node = { state: initialState, ...begin, time: 0, path: [] };
  const seen = new Set([nameOf(start)]);
  const counts = { states: 1, transitions: 0, approvals: 0, on: 0 };
  let layer: readonly Node[] = [start];
  let depthSoFar = 0;
  for (; depthSoFar < depth && layer.length > 0; depthSoFar += 1) {
    const next: Node[] = [];
    for (const node of layer) {
      const later = node.time + 1 < timesOf(world) ? [{ ...node, time: node.time + 1, path: [...node.path, 'wait'] }] : [];
      const reached: Node[] = [...later];
      for (const step of stepsIn(world, node.state, node.time)) {
        counts.transitions += 1;
        const next = taken(rules, judge, node, step);
        if (next === undefined) continue;
        if (next.reading.current !== node.reading.current || next.reading.next !== node.reading.next) counts.approvals += 1;
        reached.push(next);
      }
      for (const each of reached) {
        const name = nameOf(each);
        if (seen.has(name)) continue;
        seen.add(name);
        counts.states += 1;
        const wrong = wrongIn(rules, each, books);
        if (wrong.length > 0) return { ...counts, depth: depthSoFar + 1, fault: { wrong, path: each.path }, isWhole: false };
        if (opinionAt(each.reading, instant(each.time)).on !== null) counts.on += 1;
        next.push(each);
        if (counts.states >= statesMax) return { ...counts, depth: depthSoFar, fault: null, isWhole: false };
      }
    }
    layer = next;
  }
  return { ...counts, depth: depthSoFar, fault: null, isWhole: layer.length === 0 };
};
