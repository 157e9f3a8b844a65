import { type FeatureCommand, featureDecider } from '../../../domain/feature/decide.ts';
import { advanceTo, beginningOf, due, windowAround } from '../../../domain/feature/due.ts';
import { forecastApproval } from '../../../domain/feature/effect.ts';
import { type Evaluation, evaluate, headWith } from '../../../domain/feature/evaluate.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import type { FeatureState } from '../../../domain/feature/state.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';

// What the gate says of the future, against what comes: an answer names its end, a page says what an approval would do, a form that is sent
// twice is recorded once.

const answerAt = (state: FeatureState, at: string) => evaluate('acme', [headWith(state)], {}, at);

/** Returns the instants after `now` at which something about a feature can change without a commit, in order. */
const instantsAfter = (state: FeatureState, now: string): readonly string[] => {
  const { until } = windowAround(state, now);
  return until === null ? [] : [until, ...instantsAfter(state, until)];
};

const wrongEnds = (state: FeatureState, answers: readonly (readonly [at: string, answer: Evaluation])[]): readonly string[] =>
  answers.flatMap(([at, { enabled, change, validUntil }], index) => {
    const after = answers.slice(index + 1).find(([, other]) => !other.enabled || other.change !== change);
    const ends = after?.[0] ?? null;
    if (enabled && ends !== validUntil) return [`at ${at} it is said to be on until ${validUntil}, and is until ${ends}`];
    const begins = beginningOf(advanceTo(state, at));
    return !enabled && begins === null && answerAt(state, at).variant === 'scheduled' ? [`what waits at ${at} never begins`] : [];
  });

/** A run of the clock, at any time, changes no answer. */
const wrongRuns = (state: FeatureState, answers: readonly (readonly [at: string, answer: Evaluation])[]): readonly string[] =>
  answers.flatMap(([run]) => {
    const events = due(state, run);
    if (events.length === 0) return [];
    const recorded = events.reduce(featureDecider.evolve, state);
    const other = answers.find(
      ([at, answer]) => at >= run && canonical({ ...answer }) !== canonical({ ...answerAt(recorded, at) }),
    );
    return other === undefined ? [] : [`a clock run at ${run} changes the answer at ${other[0]}`];
  });

const wrongForetelling = (before: FeatureState, events: readonly FeatureEvent[], after: FeatureState): readonly string[] => {
  const approved = events.find((event) => event.type === 'ChangeApproved');
  if (approved === undefined) return [];
  const { at, change, terms } = approved;
  const foretold = forecastApproval(before, change, terms, { at, zone: 'UTC' });
  const { enabled, change: shown } = answerAt(after, foretold?.becomes === 'waiting' ? foretold.at : at);
  const isOn = enabled && shown === change;
  const came = foretold?.becomes === 'in-force' || foretold?.becomes === 'waiting' ? isOn : !isOn;
  return came ? [] : [`the approval of change ${change} was foretold otherwise: ${foretold?.becomes}`];
};

/** Returns what the gate promised and does not hold, of a command that was taken. */
export const brokenPromises = (
  before: FeatureState,
  command: FeatureCommand,
  events: readonly FeatureEvent[],
  after: FeatureState,
): readonly string[] => {
  const again = featureDecider.decide(command, after);
  const repeats = again.ok && again.events.length === 0 ? [] : [`the same ${command.type} again is no repeat`];
  const times = [command.at, ...instantsAfter(after, command.at)];
  const answers = times.map((at) => [at, answerAt(after, at)] as const);
  return [...repeats, ...wrongForetelling(before, events, after), ...wrongEnds(after, answers), ...wrongRuns(after, answers)];
};
