import type { EventOf, Opening, Pinned } from '../events.ts';
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

/** Length of a document's mark in the state: 72 bits in hex. */
export const DOCUMENT_MARK_CHARS = 18;

export const documentMark = (sha256: string): string => sha256.slice('sha256:'.length, 'sha256:'.length + DOCUMENT_MARK_CHARS);

export const documentsAsked = (pinned: Pinned | null, attached: ChangeState['documents']): ChangeState['documents'] => ({
  ...attached,
  ...Object.fromEntries((pinned?.missing ?? []).map((kind) => [kind, ''])),
});

export const kindsAttached = ({ documents }: Pick<ChangeState, 'documents'>): readonly string[] =>
  Object.entries(documents).flatMap(([kind, mark]) => (mark === '' ? [] : [kind]));

export const kindsMissing = ({ documents }: Pick<ChangeState, 'documents'>): readonly string[] =>
  Object.entries(documents).flatMap(([kind, mark]) => (mark === '' ? [kind] : []));

export const attached = (state: FeatureState, { change: n, kind, sha256 }: EventOf<'DocumentAttached'>): FeatureState =>
  update(state, n, (change) => ({ ...change, documents: { ...change.documents, [kind]: documentMark(sha256) } }));
