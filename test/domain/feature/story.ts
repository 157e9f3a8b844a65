import { expect } from 'vitest';
import type { DecisionContext, FeatureRejection } from '../../../domain/feature/commands.ts';
import type { Confirm } from '../../../domain/feature/decide/confirm.ts';
import type { Notify } from '../../../domain/feature/decide/notify.ts';
import { type FeatureCommand, featureDecider } from '../../../domain/feature/decide.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import { type EvaluationContext, evaluate, headWith, type Variant } from '../../../domain/feature/evaluate.ts';
import { FeatureEvent } from '../../../domain/feature/events.ts';
import { FeatureState, findChange } from '../../../domain/feature/state.ts';
import { type ChangeView, foldChange } from '../../../domain/feature/view.ts';
import { policy, roster, rule } from '../../support/fixtures/city.ts';
import { given, type Subject, type WhenOptions } from '../../support/given.ts';
import { type Judged, judgedAfter, NOTHING_JUDGED } from './judgedStory.ts';
import { adoption, certify, confirm, day, inForce, notify, type Over, refuse } from './support.ts';
import { mustAgree } from './viewed.ts';

/** The feature aggregate as `given` takes it. */
export const feature: Subject<FeatureCommand, FeatureState, FeatureEvent, FeatureRejection> = {
  decider: featureDecider,
  parseEvent: (json) => FeatureEvent.parse(json),
  parseState: (json) => FeatureState.parse(json),
};

/** What a vote that passes brings, what a signature does, and what the last of several signatures does. */
export const PASSES = ['VoteCertified', 'RequirementMet'] as const;
export const SIGNS = ['SignatureGiven', 'RequirementMet'] as const;
export const APPROVES = [...SIGNS, 'ChangeApproved'] as const;

/**
 * A feature after some commands. Every step runs through `given`: decided twice, replayed, each event through its schema; the views
 * agree, and the judge objects to nothing.
 */
export interface Story {
  readonly events: readonly FeatureEvent[];
  readonly state: FeatureState;
  /** Continues with commands that must be accepted. */
  readonly then: (...commands: readonly FeatureCommand[]) => Story;
  /** Checks the types of the events of one more command, which must be accepted; the story does not continue with it. */
  readonly yields: (command: FeatureCommand, ...types: readonly FeatureEvent['type'][]) => Story;
  /** Continues with it. */
  readonly goes: (command: FeatureCommand, ...types: readonly FeatureEvent['type'][]) => Story;
  /** Continues with the confirmation of the certificate that waits in a change. */
  readonly confirms: (at: string, change: number, over?: Over<Confirm>) => Story;
  /** Checks that one more command is refused; the story does not continue with it. */
  readonly refuses: (command: FeatureCommand, code: FeatureRejection, pointer?: string) => Story;
  readonly is: (variant: Variant, at: string, asked?: EvaluationContext) => Story;
  /** Returns the status of a change at an instant, with all due time events applied. */
  readonly status: (change: number, at: string) => string | undefined;
}

/** The rules or the officials of a whole story, in place of those that its commands bring. */
type Under = Partial<Pick<DecisionContext, 'policy' | 'roster' | 'zone'>>;

const storyOf = (events: readonly FeatureEvent[], state: FeatureState, rules: Under, judged: Judged): Story => {
  const step = (sent: FeatureCommand, options: WhenOptions<FeatureRejection> = {}) => {
    const command = { ...sent, ...rules };
    const decided = featureDecider.decide(command, state);
    if (!decided.ok) throw new Error(`${command.type} was refused: ${decided.rejection.code}, ${decided.rejection.detail}`);
    const [first, ...rest] = decided.events;
    const when = given(feature, ...events).when(command, options);
    if (first === undefined) when.thenNothing();
    else when.then(first, ...rest);
    const [all, after] = [[...events, ...decided.events], decided.events.reduce(featureDecider.evolve, state)];
    mustAgree(all, after, command.at);
    return storyOf(all, after, rules, judgedAfter(judged, command, decided.events));
  };
  const story: Story = {
    events,
    state,
    // biome-ignore lint/suspicious/noThenProperty: a story reads so; it is never awaited
    then: (...commands) =>
      commands.reduce<Story>((told, command) => (told === story ? step(command) : told.then(command)), story),
    yields: (command, ...types) => {
      story.goes(command, ...types);
      return story;
    },
    goes: (command, ...types) => {
      const next = step(command);
      expect(next.events.slice(events.length).map(({ type }) => type)).toStrictEqual(types);
      return next;
    },
    confirms: (at, change, over = {}) => step(confirm(at, change, findChange(state, change)?.confirmation?.act ?? 'none', over)),
    refuses: (command, code, pointer) => {
      given(feature, ...events)
        .when({ ...command, ...rules })
        .thenRejected(code, pointer);
      return story;
    },
    is: (variant, at, asked = {}) => {
      const answer = evaluate('acme', [headWith(state)], asked, at);
      expect({ variant: answer.variant, enabled: answer.enabled }).toStrictEqual({ variant, enabled: variant === 'enabled' });
      return story;
    },
    status: (change, at) => findChange(advanceTo(state, at), change)?.status,
  };
  return story;
};

export const under = (rules: Under) => {
  const tell = (...commands: readonly FeatureCommand[]) =>
    storyOf([], featureDecider.initialState, rules, NOTHING_JUDGED).then(...commands);
  /** What begins as all others do is told once: what goes on from it leaves it as it is. */
  const from = (...acts: readonly FeatureCommand[]) => {
    const begin = (over: Over<Notify> = {}) => tell(notify(day(0), 1, over), ...acts);
    let plain: Story | undefined;
    return (over?: Over<Notify>) => {
      plain ??= begin();
      return over === undefined ? plain : begin(over);
    };
  };
  return {
    tell,
    /** With the thirteen-seat policy the council can vote from day 7. */
    notified: from(),
    /** Starts with the same change, approved on day 11 by council and mayor. */
    approved: from(...adoption(1)),
    vetoed: from(certify(day(10), 1), refuse(day(11), 1)),
    /** Starts with the same change, which the council passed on day 10 and which waits for the mayor. */
    passed: from(certify(day(10), 1)),
  };
};
export const { tell, notified, approved, vetoed, passed } = under({});

export const bound = (require: Parameters<typeof rule>[0], more: Parameters<typeof rule>[1] = {}) => ({
  policy: inForce(policy(rule(require, more))),
});
export const officials = (...changes: Parameters<typeof roster>) => ({ roster: { number: 2, roster: roster(...changes) } });

export const viewOf = ({ events }: Pick<Story, 'events'>, n = 1): ChangeView | undefined =>
  events.reduce<ChangeView | undefined>(
    (known, event, index) => (event.change === n ? foldChange(known, event, index + 1) : known),
    undefined,
  );
