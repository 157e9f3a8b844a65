import type { ActView, ChangeView, RequirementView } from '../changeView.ts';
import type { Opening } from '../events.ts';
import { extended } from '../evolve/endings.ts';
import type { Terms } from '../terms.ts';

/** Returns the requirements with those that open opened. */
export const openRequirements = (
  requirements: readonly RequirementView[],
  opens: readonly Opening[],
): readonly RequirementView[] =>
  requirements.map((requirement) => {
    const opening = opens.find((candidate) => candidate.requirement === requirement.id);
    return opening === undefined ? requirement : { ...requirement, status: 'open', deadlineAt: opening.deadlineAt };
  });

/** Returns the view with one requirement edited. */
export const editRequirement = (view: ChangeView, id: string, edit: Partial<RequirementView>): ChangeView => ({
  ...view,
  requirements: view.requirements.map((requirement) => (requirement.id === id ? { ...requirement, ...edit } : requirement)),
});

/** Adds an act; `terms` are those it is on, null if it sets none. The first act that names terms sets them. */
export const withAct = (view: ChangeView, act: ActView, terms: Terms | null): ChangeView => {
  const { requirement, holder, at } = act;
  const sets = terms !== null && view.terms === null;
  return { ...view, acts: [...view.acts, act], ...(sets && { terms, termsBy: { requirement, holder, at } }) };
};

/** Returns the requirements with the deadlines of the open ones later by the time they stood still. */
export const resumed = (requirements: readonly RequirementView[], from: string, to: string): readonly RequirementView[] =>
  requirements.map((requirement) =>
    requirement.status === 'open' ? { ...requirement, deadlineAt: extended(requirement.deadlineAt, from, to) } : requirement,
  );
