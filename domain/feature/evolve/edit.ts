import type { Opening } from '../events.ts';
import { splitPersons } from '../persons.ts';
import type { ChangeState, FeatureState, RequirementState } from '../state.ts';

/** Acts per change that are recognised when repeated. */
export const ACTS_MAX = 5;
/** Clerks remembered per requirement, the latest: more than any city has while one change is open. */
export const CLERKS_MAX = 4;

const opened = ({ deadlineAt, overrideUntil }: Opening): RequirementState => ({
  status: 'open',
  deadlineAt,
  overrideUntil,
  persons: '',
});

export const openAll = (requirements: ChangeState['requirements'], opens: readonly Opening[]): ChangeState['requirements'] => ({
  ...requirements,
  ...Object.fromEntries(opens.map((opening) => [opening.requirement, opened(opening)])),
});

export const update = (state: FeatureState, n: number, change: (change: ChangeState) => ChangeState): FeatureState => ({
  ...state,
  changes: state.changes.map((known) => (known.number === n ? change(known) : known)),
});

export const updateRequirement = (
  state: FeatureState,
  n: number,
  id: string,
  edit: (requirement: RequirementState) => RequirementState,
): FeatureState =>
  update(state, n, (change) => {
    const requirement = change.requirements[id];
    if (requirement === undefined) throw new Error(`broken invariant: requirement ${id} of change ${n} was never opened`);
    return { ...change, requirements: { ...change.requirements, [id]: edit(requirement) } };
  });

export const rememberAct = (change: ChangeState, act: string): ChangeState => ({
  ...change,
  acts: [...change.acts, act].slice(-ACTS_MAX),
});

export const withClerk = (clerks: string | undefined, clerk: string): string =>
  [...splitPersons(clerks).filter((known) => known !== clerk), clerk].slice(-CLERKS_MAX).join('');
