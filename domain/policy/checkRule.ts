import { type Problem, pointerTo, repeats } from '../kernel/problems.ts';
import { plusDuration } from '../kernel/zone.ts';
import type { Roster } from '../roster/schema.ts';
import { globProblem } from './match.ts';
import type { Rule } from './schema.ts';
import { bodyOf, personsNeeded, seatsNeeded } from './seats.ts';

const PERSONS_MIN = 2;

/** Reports whether a duration is zero: a period in which nothing can happen is a mistake. */
export const isZero = (duration: string): boolean => !/[1-9]/.test(duration);

/** Returns the problems of a rule as a whole; checkRequirement.ts judges its requirements one by one. */
export const ruleProblems = (rule: Rule, pointer: string, roster: Roster): readonly Problem[] => [
  ...(rule.when.key ?? []).flatMap((glob, index) => {
    const detail = globProblem(glob);
    return detail === undefined ? [] : [{ pointer: pointer + pointerTo('when', 'key', index), detail }];
  }),
  ...repeats(rule.require.map(({ id }) => id)).map((index) => ({
    pointer: pointer + pointerTo('require', index, 'id'),
    detail: 'is the id of an earlier requirement of this rule',
  })),
  ...(['window', 'term'] as const)
    .filter((field) => rule[field] !== undefined && isZero(rule[field]))
    .map((field) => ({ pointer: pointer + pointerTo(field), detail: 'is no time at all' })),
  ...cycleProblems(rule, pointer),
  ...personProblems(rule, pointer, roster),
];

/** Checks that a rule needs two persons: one alone never approves. Judged only once every body and threshold is valid. */
const personProblems = (rule: Rule, pointer: string, roster: Roster): readonly Problem[] => {
  const sound = rule.require.every(({ body, instrument, threshold }) => {
    const known = bodyOf(roster, body);
    if (instrument === 'certification') return known?.attestedBy !== undefined && threshold !== undefined;
    return known !== undefined && (instrument !== 'ballots' || threshold !== undefined);
  });
  const persons = sound ? personsNeeded(rule, roster) : PERSONS_MIN;
  if (persons >= PERSONS_MIN) return [];
  const detail =
    persons === 0
      ? 'asks for advice only, which never counts: at least two persons must approve'
      : 'could be approved by one authenticated person alone: at least two must act (of a certified vote, only the clerk who certifies is authenticated)';
  return [{ pointer: pointer + pointerTo('require'), detail }];
};

/** Checks for circular waits: requirements that wait for one another would wait forever. */
const cycleProblems = ({ require }: Rule, pointer: string): readonly Problem[] =>
  require.flatMap(({ id }, index) =>
    awaited(require, id).has(id) ? [{ pointer: pointer + pointerTo('require', index, 'after'), detail: 'waits for itself' }] : [],
  );

/** Returns every requirement that must be met before `id` can be decided, directly or through others. */
export const awaited = (require: Rule['require'], id: string): ReadonlySet<string> => {
  const found = new Set<string>();
  const queue = [id];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const after = require.filter((each) => each.id === next).flatMap((each) => each.after ?? []);
    for (const each of after) {
      if (found.has(each)) continue;
      found.add(each);
      queue.push(each);
    }
  }
  return found;
};

/** Returns what is allowed in a rule but means that it can hardly ever approve. */
export const ruleWarnings = (rule: Rule, pointer: string, roster: Roster): readonly Problem[] => [
  ...crowdWarnings(rule, pointer, roster),
  ...(rule.window !== undefined && rule.notice !== undefined && endOf(rule.notice) >= endOf(rule.window)
    ? [{ pointer: pointer + pointerTo('window'), detail: 'ends before the notice time has run, so no decision would ever count' }]
    : []),
];

const SOME_DAY = '2026-01-01T00:00:00.000Z';

const endOf = (duration: string): number => Date.parse(plusDuration(SOME_DAY, duration, 'UTC'));

/** Warns when a body has fewer seats than parts: a person counts in only one requirement of a change. */
const crowdWarnings = ({ require }: Rule, pointer: string, roster: Roster): readonly Problem[] => {
  const attesting = new Set(
    require.flatMap(({ body, instrument }) => (instrument === 'certification' ? [bodyOf(roster, body)?.attestedBy] : [])),
  );
  return [...new Set(require.map(({ body }) => body))].flatMap((body) => {
    const own = require.filter((each) => each.body === body).reduce((sum, each) => sum + seatsNeeded(each, roster), 0);
    const parts = own + (attesting.has(body) ? 1 : 0);
    const seats = bodyOf(roster, body)?.seats.length ?? 0;
    const detail = `asks for ${parts} different persons of ${body}, which has ${seats} ${seats === 1 ? 'seat' : 'seats'}`;
    return own > 0 && parts > seats ? [{ pointer: pointer + pointerTo('require'), detail }] : [];
  });
};
