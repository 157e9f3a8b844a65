import { createHash } from 'node:crypto';
import type { FeatureCommand } from '../../../domain/feature/commands.ts';
import { type Evaluation, type Head, headWith } from '../../../domain/feature/evaluate.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import type { FeatureState } from '../../../domain/feature/state.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import type { Decider } from '../../../domain/kernel/decider.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { type Known, NOTHING_KNOWN, read, reasonsAgainst } from './oracle.ts';
import { commandsIn, instant, TIMES, type World } from './world.ts';

/** The rules under search: today's, or a mutant of them. */
export interface Rules {
  readonly featureDecider: Decider<FeatureCommand, FeatureState, FeatureEvent, string>;
  readonly evaluate: (key: string, heads: readonly Head[], context: object, now: string) => Evaluation;
}

interface Node {
  readonly state: FeatureState;
  readonly known: Known;
  readonly time: number;
  /** The commands that led here, for the report. */
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
}

/**
 * Returns the name of a state in one canonical form: two orders of commands that lead to the same rules, the same knowledge of a
 * reader and the same time are one state. The order in which acts are remembered decides nothing and is left out.
 */
const nameOf = ({ state, known, time }: Node): string => {
  const changes = state.changes.map((change) => ({ ...change, acts: [...change.acts].sort() }));
  const acts = known.acts.map((act) => canonical(act as unknown as JsonValue)).sort();
  const whole = { state: { ...state, changes }, known: { ...known, acts }, time };
  return createHash('sha256')
    .update(canonical(whole as unknown as JsonValue))
    .digest('base64url')
    .slice(0, 22);
};

const said = (command: FeatureCommand): string => {
  const who = 'holder' in command ? ` by ${command.holder}` : '';
  const what = 'purpose' in command ? `${command.purpose} ` : 'decision' in command ? `${command.decision} ` : '';
  const on = 'change' in command ? `${command.change}` : command.type === 'notify' ? command.digest.slice(-3) : '';
  return `${command.at.slice(5, 10)} ${command.type} ${what}${on}${who}`;
};

/** What is wrong in a state, by the events alone. */
const wrongIn = (rules: Rules, { state, known, time }: Node): readonly string[] => {
  const answer = rules.evaluate('acme', [headWith(state)], {}, instant(time));
  return answer.enabled ? [...known.wrong, ...reasonsAgainst(known)] : known.wrong;
};

/**
 * Searches the states of a world, breadth first, for one that may never be: every command in every state, each state once. Ends
 * at the first fault, at `statesMax` states, or when nothing new can happen within `depth` commands.
 */
export const search = (rules: Rules, world: World, { depth, statesMax }: { depth: number; statesMax: number }): Found => {
  const { decide, evolve, initialState } = rules.featureDecider;
  const start: Node = { state: initialState, known: NOTHING_KNOWN, time: 0, path: [] };
  const seen = new Set([nameOf(start)]);
  const counts = { states: 1, transitions: 0, approvals: 0, on: 0 };
  let layer: readonly Node[] = [start];
  for (let step = 0; step < depth && layer.length > 0; step += 1) {
    const next: Node[] = [];
    for (const node of layer) {
      const later = node.time + 1 < TIMES ? [{ ...node, time: node.time + 1, path: [...node.path, 'wait'] }] : [];
      const reached = [...later];
      for (const command of commandsIn(world, node.state, node.time)) {
        counts.transitions += 1;
        const decided = decide(command, node.state);
        if (!decided.ok || decided.events.length === 0) continue;
        counts.approvals += decided.events.filter(({ type }) => type === 'ChangeApproved').length;
        const { events } = decided;
        const path = [...node.path, said(command)];
        reached.push({ state: events.reduce(evolve, node.state), known: events.reduce(read, node.known), time: node.time, path });
      }
      for (const each of reached) {
        const name = nameOf(each);
        if (seen.has(name)) continue;
        seen.add(name);
        counts.states += 1;
        const wrong = wrongIn(rules, each);
        if (wrong.length > 0) return { ...counts, depth: step + 1, fault: { wrong, path: each.path } };
        if (rules.evaluate('acme', [headWith(each.state)], {}, instant(each.time)).enabled) counts.on += 1;
        next.push(each);
        if (counts.states >= statesMax) return { ...counts, depth: step, fault: null };
      }
    }
    layer = next;
  }
  return { ...counts, depth, fault: null };
};
