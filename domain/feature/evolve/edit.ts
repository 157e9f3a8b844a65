import type { Opening } from '../events.ts';
import type { ChangeState, FeatureState, RequirementState } from '../state.ts';

const ACTS_MAX = 8;

const opened = ({ deadlineAt, overrideUntil }: Opening): RequirementState => ({
  status: 'open',
  deadlineAt,
  overrideUntil,
  clerk: null,
  persons: '',
  meeting: null,
  overrideMeeting: null,
  ballots: {},
});

/** Adds the requirements that have become open, undecided. */
export const openAll = (reqs: ChangeState['reqs'], opens: readonly Opening[]): ChangeState['reqs'] => ({
  ...reqs,
  ...Object.fromEntries(opens.map((opening) => [opening.requirement, opened(opening)])),
});

/** The state with one change edited. */
export const update = (state: FeatureState, n: number, change: (change: ChangeState) => ChangeState): FeatureState => ({
  ...state,
  changes: state.changes.map((known) => (known.n === n ? change(known) : known)),
});

/** The state with one open requirement of a change edited. */
export const updateRequirement = (
  state: FeatureState,
  n: number,
  id: string,
  edit: (requirement: RequirementState) => RequirementState,
): FeatureState =>
  update(state, n, (change) => {
    const requirement = change.reqs[id];
    if (requirement === undefined) throw new Error(`broken invariant: requirement ${id} of change ${n} was never opened`);
    return { ...change, reqs: { ...change.reqs, [id]: edit(requirement) } };
  });

/** Notes an act, so that its repetition is recognised. */
export const remember = (change: ChangeState, act: string): ChangeState => ({
  ...change,
  acts: [...change.acts, act].slice(-ACTS_MAX),
});
