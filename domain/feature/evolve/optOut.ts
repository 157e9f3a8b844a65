import { lingeringOf, standingWords } from '../arrival.ts';
import type { EventOf } from '../events.ts';
import { betterStanding, type OptOutFacts, optOutOf, packOptOut, standingOfOptOut } from '../optOut.ts';
import { type ChangeState, type FeatureState, findChange, isApprovalOf } from '../state.ts';
import { prune } from '../stateBudget.ts';
import { rememberAct, update } from './edit.ts';

/** Returns the arrival and the effect of the words that an opt-out of a change is about. */
const wordsOf = (state: FeatureState, n: number): Pick<ChangeState, 'arrival' | 'effect'> => {
  const change = findChange(state, n);
  if (change !== undefined) return change;
  const [effect, arrival] = lingeringOf(state, n)?.words.at(-1) ?? [];
  if (effect === undefined || arrival === undefined) throw new Error(`broken invariant: change ${n} has no words`);
  return { arrival, effect };
};

/**
 * Takes out the words that run by silence: the change counts as one that can be held back, but an approval that was given before keeps its
 * place. What came before them stays.
 */
const takeOut = (state: FeatureState, n: number, at: string): FeatureState => {
  const { arrival } = wordsOf(state, n);
  const without = (words: ChangeState['words']): ChangeState['words'] => words.filter((each) => each[1] !== arrival);
  const lingering = state.lingering.flatMap((each) => {
    const { optOut: _optOut, ...kept } = each;
    const words = without(each.words);
    if (words.length === each.words.length) return [each];
    return words.length === 0 ? [] : [{ ...kept, words }];
  });
  const held = update(state, n, (change) => ({ ...change, forced: false, words: without(change.words) }));
  return prune({ ...(isApprovalOf(state, n) ? state : held), lingering }, at);
};

const edited = (
  state: FeatureState,
  { change: n, at, act }: Pick<EventOf<'OptOutRecorded'>, 'change' | 'at' | 'act'>,
  edit: (optOut: OptOutFacts) => OptOutFacts,
): FeatureState => {
  const known = optOutOf(standingWords(state, n) ?? {});
  if (known === undefined) throw new Error(`broken invariant: change ${n} has no opt-out`);
  const next = edit(known);
  const optOut = packOptOut(next);
  const noted = update(state, n, (change) => ({ ...rememberAct(change, act), optOut }));
  const lingering = state.lingering.map((each) => (each.change === n && each.optOut !== undefined ? { ...each, optOut } : each));
  const recorded = { ...noted, lingering };
  return next.silent && next.stands === 'counts' ? takeOut(recorded, n, at) : recorded;
};

export const optedOut = (state: FeatureState, event: EventOf<'OptOutRecorded'>): FeatureState =>
  edited(state, event, (known) => {
    const { effect } = wordsOf(state, event.change);
    const limits = { silent: known.silent, optOutBy: known.by, effect: known.dated ? effect : null };
    const now = standingOfOptOut(limits, event);
    return { ...known, stands: betterStanding(known.stands, now), evidence: known.evidence || event.evidence !== null };
  });

/** Two persons of two bodies complete it: the change, if it is open, stays so. `by`: see `confirmationMark`. */
export const optOutConfirmed = (state: FeatureState, event: EventOf<'RollbackConfirmed'>, by: string): FeatureState =>
  edited(state, event, (known) => ({
    ...known,
    confirmed: [...known.confirmed, by],
    stands: event.complete ? 'counts' : known.stands,
  }));
