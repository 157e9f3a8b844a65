import { personOf } from '../../roster/holders.ts';
import { forcedWords, lingeringOf, standingWords } from '../arrival.ts';
import type { EventOf } from '../events.ts';
import { betterStanding, standingOfOptOut } from '../optOut.ts';
import {
  type ChangeState,
  changeIn,
  type FeatureState,
  findChange,
  inForceIn,
  isOpen,
  type OptOut,
  type RequirementState,
} from '../state.ts';
import { prune } from '../stateBudget.ts';
import { lingeringAfter, withdrawnAfterEffect } from './lingering.ts';
import { contestOf, openAll, rememberAct, settled, update, updateRequirement } from './words.ts';

/**
 * Ends a change. Words that cannot be held back still outdate earlier ones; if it was withdrawn, only those that had taken effect.
 */
export const close = (state: FeatureState, n: number, status: ChangeState['status'], at: string): FeatureState =>
  prune(closed(state, n, status, at), at);

const closed = (state: FeatureState, n: number, status: ChangeState['status'], at: string): FeatureState => {
  const change = findChange(state, n);
  if (change === undefined || !isOpen(change)) throw new Error(`broken invariant: change ${n} is not open`);
  const ended: ChangeState = { ...change, status, words: [], veto: null, confirmation: null };
  const changes = [...state.changes.filter((known) => known !== change), ended];
  return { ...state, changes, lingering: lingeringAfter(state, change, status, at) };
};

export const withdrawn = (state: FeatureState, { change: n, at }: EventOf<'ChangeWithdrawn'>): FeatureState => {
  const change = findChange(state, n);
  return change !== undefined && isOpen(change) ? close(state, n, 'withdrawn', at) : withdrawnAfterEffect(state, n, at);
};

const replaceAll = (state: FeatureState, numbers: readonly number[]): FeatureState => ({
  ...state,
  waiting: state.waiting !== null && numbers.includes(state.waiting) ? null : state.waiting,
  changes: state.changes.map((change) =>
    numbers.includes(change.number) ? { ...change, status: 'replaced', approved: null } : change,
  ),
});

/** Makes an approval the one in force, or the last that ended. Only its terms and those of a waiting one are kept. */
const seat = (state: FeatureState, n: number): FeatureState => ({
  ...state,
  standing: n,
  waiting: state.waiting === n ? null : state.waiting,
  changes: state.changes.map((change) =>
    change.number === state.standing && change.number !== n && change.number !== state.waiting
      ? { ...change, approved: null }
      : change,
  ),
});

const begun = (state: FeatureState, n: number, at: string): FeatureState =>
  prune(settled(seat(state, n), changeIn(state, n)), at);

export const approve = (state: FeatureState, event: EventOf<'ChangeApproved'>): FeatureState => {
  const { at, terms, validUntil, change: n, becomes, replaces } = event;
  const decided = closed(replaceAll(state, replaces), n, 'approved', at);
  if (becomes === 'replaced') return prune(replaceAll(decided, [n]), at);
  const approved = update(decided, n, (change) => ({ ...change, approved: { at, validUntil, terms } }));
  // What lingers is judged only once the approval has its place: it can be what keeps another's words.
  if (becomes === 'waiting') return prune({ ...approved, waiting: n }, at);
  // An approval in force that is not replaced has words yet to take effect, so it waits.
  const before = inForceIn(approved);
  return begun(before === undefined ? approved : { ...approved, waiting: before.number }, n, at);
};

export const began = (state: FeatureState, { change: n, replaces, at }: EventOf<'ApprovalBegan'>): FeatureState =>
  begun(replaceAll(state, replaces), n, at);

/** Ends an approval. One that waited is shown as the last that ended only if none is in force. */
const endApproval = (state: FeatureState, n: number, status: 'expired' | 'revoked' | 'removed'): FeatureState => {
  const ended = update(state, n, (change) => ({ ...change, status }));
  if (state.waiting !== n) return ended;
  return inForceIn(state) === undefined
    ? seat({ ...ended, waiting: null }, n)
    : { ...update(ended, n, (change) => ({ ...change, approved: null })), waiting: null };
};

export const ENDED_AS = { end: 'expired', removal: 'removed', correction: 'revoked' } as const;

/** Ends approvals, the waiting one first, so that the one in force is shown as the last. */
export const endApprovals = (
  state: FeatureState,
  numbers: readonly number[],
  status: 'expired' | 'revoked' | 'removed',
): FeatureState => numbers.reduce((current, each) => endApproval(current, each, status), state);

export const contested = (state: FeatureState, event: EventOf<'MaintenanceContested'>): FeatureState =>
  contestOf(
    update(state, event.change, (known) => rememberAct(known, event.act)),
    event.change,
    event.act,
  );

/** A refusal by persons contests that an update is maintenance; a refusal by time alone does not. */
const contestedBy = (
  state: FeatureState,
  n: number,
  why: EventOf<'ChangeRefused'>['because'] | EventOf<'ChangeVetoed'>['by'],
): FeatureState => {
  const byPersons = why === 'vote' || why === 'holder' || why === 'override-failed' || why === 'correction';
  return byPersons && findChange(state, n)?.maintenance === true ? contestOf(state, n, null) : state;
};

/** Two persons of two bodies complete a rollback: the words no longer count, and the change is withdrawn if it was open. */
export const rollbackConfirmed = (state: FeatureState, event: EventOf<'RollbackConfirmed'>): FeatureState => {
  const { change: n, at, act, complete } = event;
  const by = confirmationMark(event);
  if (event.of === 'opt-out') return optOutConfirmed(state, event, by);
  const noted = update(state, n, (change) => ({ ...rememberAct(change, act), confirmed: [...(change.confirmed ?? []), by] }));
  const lingering = noted.lingering.map((each) => (each.change === n ? { ...each, confirmed: [...each.confirmed, by] } : each));
  if (!complete) return { ...noted, lingering };
  const open = findChange(noted, n);
  const ended = open !== undefined && isOpen(open) ? close(noted, n, 'withdrawn', at) : { ...noted, lingering };
  const left = ended.lingering.filter(({ change, vendor }) => change !== n || vendor === 'none');
  return unlocked({ ...ended, lingering: left }, n);
};

export const confirmationMark = ({ holder, body }: { readonly holder: string; readonly body: string }): string =>
  `${personOf(holder)}${body}`;

const unlocked = (state: FeatureState, n: number): FeatureState => {
  if (state.contest?.change !== n) return state;
  const other = forcedWords(state).findLast(({ as }) => as === 'contested');
  return { ...state, contest: other === undefined ? null : { change: other.change, arrival: other.arrival, act: null } };
};

export const satisfied = (
  state: FeatureState,
  { change: n, requirement, at, opens }: EventOf<'RequirementMet'> | EventOf<'VetoOverridden'>,
  status: 'met' | 'overridden',
): FeatureState => {
  const noted = updateRequirement(state, n, requirement, (known) => ({
    ...known,
    status,
    deadlineAt: known.meeting === undefined ? at : known.deadlineAt,
  }));
  return update(noted, n, (change) => ({ ...change, requirements: openAll(change.requirements, opens) }));
};

const refusedIn = (state: FeatureState, n: number, requirement: string): FeatureState =>
  updateRequirement(state, n, requirement, (known) => ({ ...known, status: 'refused' }));

export const vetoed = (state: FeatureState, event: EventOf<'ChangeVetoed'>): FeatureState => {
  const { change: n, requirement, by, at, until } = event;
  const noted = refusedIn(contestedBy(state, n, by), n, requirement);
  return update(noted, n, (change) => ({ ...change, status: 'vetoed', veto: { requirement, at, until } }));
};

/** The requirement is open again; its deadline and the window ran on. The clocks of the others, who could not act meanwhile, resume. */
export const takenBack = (state: FeatureState, event: EventOf<'SignatureGiven'>): FeatureState => {
  const resumed = update(state, event.change, (change) => ({
    ...rememberAct(change, event.act),
    status: 'pending',
    veto: null,
    requirements: resumeAll(change.requirements, change.veto?.at ?? event.at, event.at),
  }));
  return updateRequirement(resumed, event.change, event.requirement, (requirement) => ({
    ...requirement,
    status: 'open',
    persons: '',
  }));
};

/** The clocks resume, because only the overriding body could act meanwhile. */
export const overridden = (state: FeatureState, event: EventOf<'VetoOverridden'>): FeatureState => {
  const { change: n, at, closesAt } = event;
  const { veto } = changeIn(state, n);
  if (veto === null) throw new Error(`broken invariant: no veto of change ${n} stands`);
  const resumed = update(state, n, (change) => ({
    ...change,
    status: 'pending',
    veto: null,
    confirmation: null,
    closesAt,
    requirements: resumeAll(change.requirements, veto.at, at),
  }));
  return satisfied(resumed, event, 'overridden');
};

const resume = (requirement: RequirementState, from: string, to: string): RequirementState => {
  const { overrideUntil: until } = requirement;
  return requirement.status === 'open'
    ? {
        ...requirement,
        deadlineAt: extended(requirement.deadlineAt, from, to),
        ...(until !== undefined && { overrideUntil: extended(until, from, to) ?? until }),
      }
    : requirement;
};

export const resumeAll = (requirements: ChangeState['requirements'], from: string, to: string): ChangeState['requirements'] =>
  Object.fromEntries(Object.entries(requirements).map(([id, requirement]) => [id, resume(requirement, from, to)]));

export const extended = (end: string | null, from: string, to: string): string | null =>
  end === null ? null : new Date(Date.parse(end) + Date.parse(to) - Date.parse(from)).toISOString();

export const changeRefused = (state: FeatureState, event: EventOf<'ChangeRefused'>): FeatureState => {
  const { change: n, requirement, because, at } = event;
  return close(contestedBy(refusedIn(state, n, requirement), n, because), n, 'refused', at);
};

/** Returns the arrival and the effect of the words that an opt-out of a change is about. */
const wordsOf = (state: FeatureState, n: number): Pick<ChangeState, 'arrival' | 'effect'> => {
  const change = findChange(state, n);
  if (change !== undefined) return change;
  const [effect, arrival] = lingeringOf(state, n)?.words.at(-1) ?? [];
  if (effect === undefined || arrival === undefined) throw new Error(`broken invariant: change ${n} has no words`);
  return { arrival, effect };
};

/**
 * Removes the words that run by silence: the change counts as one that can be held back, with its original arrival. Earlier words stay.
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
  return prune({ ...held, lingering }, at);
};

const edited = (
  state: FeatureState,
  { change: n, at, act }: Pick<EventOf<'OptOutRecorded'>, 'change' | 'at' | 'act'>,
  edit: (optOut: OptOut) => OptOut,
): FeatureState => {
  const known = standingWords(state, n)?.optOut;
  if (known === undefined) throw new Error(`broken invariant: change ${n} has no opt-out`);
  const optOut = edit(known);
  const noted = update(state, n, (change) => ({ ...rememberAct(change, act), optOut }));
  const lingering = state.lingering.map((each) => (each.change === n && each.optOut !== undefined ? { ...each, optOut } : each));
  const recorded = { ...noted, lingering };
  return optOut.runs === 'by-silence' && optOut.stands === 'counts' ? takeOut(recorded, n, at) : recorded;
};

export const optedOut = (state: FeatureState, event: EventOf<'OptOutRecorded'>): FeatureState =>
  edited(state, event, (known) => {
    const { runs, by = null } = known;
    const effect = runs === 'undated' ? null : wordsOf(state, event.change).effect;
    const now = standingOfOptOut({ silent: runs === 'by-silence', optOutBy: by, effect }, event);
    return { ...known, stands: betterStanding(known.stands, now), ...(event.evidence !== null && { evidence: true as const }) };
  });

/** Two persons of two bodies complete it; an open change stays open. `by`: see `confirmationMark`. */
const optOutConfirmed = (state: FeatureState, event: EventOf<'RollbackConfirmed'>, by: string): FeatureState =>
  edited(state, event, (known) => ({
    ...known,
    confirmed: [...(known.confirmed ?? []), by],
    ...(event.complete && { stands: 'counts' as const }),
  }));
