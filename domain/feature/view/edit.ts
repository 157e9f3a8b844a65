import type { ActView, ChangeView, RequirementView } from '../changeView.ts';
import type { EventOf, Opening } from '../events.ts';
import { extended } from '../evolve/endings.ts';
import type { Terms } from '../terms.ts';

/** Applies a refusal that can still be overturned. */
export const viewVetoed = (view: ChangeView, { requirement, by, at, until }: EventOf<'ChangeVetoed'>): ChangeView => ({
  ...editRequirement(view, requirement, { status: 'refused' }),
  status: 'vetoed',
  veto: { requirement, by, at, until },
});

/** Applies a refusal that was taken back: the requirement is open again, and the clocks of the others resume. */
export const viewTakenBack = (view: ChangeView, { requirement, at }: EventOf<'VetoTakenBack'>): ChangeView => {
  const requirements = resumed(view.requirements, view.veto?.at ?? at, at);
  return editRequirement({ ...view, requirements, status: 'pending', veto: null }, requirement, { status: 'open' });
};

/** Applies an override: the clocks of the change were stopped while its veto stood. */
export const viewOverridden = (view: ChangeView, event: EventOf<'VetoOverridden'>): ChangeView => {
  const { at } = view.veto ?? event;
  const requirements = resumed(view.requirements, at, event.at);
  const edited = editRequirement({ ...view, requirements }, event.requirement, { status: 'overridden' });
  return {
    ...edited,
    status: 'pending',
    veto: null,
    confirmation: null,
    closesAt: event.closesAt,
    requirements: openRequirements(edited.requirements, event.opens),
  };
};

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
