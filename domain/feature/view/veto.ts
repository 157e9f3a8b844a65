import { actView, type ChangeView } from '../changeView.ts';
import type { EventOf } from '../events.ts';
import { editRequirement, openRequirements, resumed, withAct } from './edit.ts';

/** Applies a refusal that can still be overturned. */
export const viewVetoed = (view: ChangeView, { requirement, by, at, until }: EventOf<'ChangeVetoed'>): ChangeView => ({
  ...editRequirement(view, requirement, { status: 'refused' }),
  status: 'vetoed',
  veto: { requirement, by, at, until, meeting: null },
});

/** Applies a refusal that was taken back: the requirement is open again, and the clocks of the others resume. */
export const viewTakenBack = (view: ChangeView, { requirement, at }: EventOf<'VetoTakenBack'>): ChangeView => {
  const requirements = resumed(view.requirements, view.veto?.at ?? at, at);
  return editRequirement({ ...view, requirements, status: 'pending', veto: null }, requirement, { status: 'open' });
};

/** Applies the naming of the meeting at which the refusal can be overturned. */
export const viewMeetingNamed = (view: ChangeView, event: EventOf<'MeetingNamed'>, version: number): ChangeView => {
  const { meetingDate: meeting, until } = event;
  return withAct({ ...view, veto: view.veto && { ...view.veto, until, meeting } }, actView(event, version), null);
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
