import { canonical } from '../../kernel/canonical.ts';
import type { Rejected, Rejection } from '../../kernel/decider.ts';
import { digestOf } from '../../kernel/digest.ts';
import type { JsonValue } from '../../kernel/json.ts';
import { localDateOf } from '../../kernel/zone.ts';
import type { Requirement } from '../../policy/schema.ts';
import { holdsSeat } from '../../roster/holders.ts';
import type { Roster } from '../../roster/schema.ts';
import type { Advise, CastBallot, DecisionContext, FeatureRejection, OfficialDecision, Sign } from '../commands.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { findChange, isOpen, requirementsOf } from '../state.ts';
import { termsDigest } from '../terms.ts';

/** Why a command is refused. */
export type FeatureRefusal = Rejection<FeatureRejection>;

/** Returns a refusal as a value, for checks that return undefined when they pass. */
export const refusal = (code: FeatureRejection, detail: string, pointer?: string): FeatureRefusal => ({
  code,
  detail,
  ...(pointer !== undefined && { pointer }),
});

const ACT_LENGTH = 16;

/**
 * Returns a short name of an act, derived from its exact contents, so that a repeat is recognised. A decision's contents include
 * the pin: the same decision after the change is bound to another policy is a new one, because the first is void.
 */
export const actOf = (contents: JsonValue): string =>
  digestOf(canonical(contents)).slice('sha256:'.length, 'sha256:'.length + ACT_LENGTH);

/**
 * Returns the act of a member or an office-holder: the decision, the words and terms, and the pinned rule. Advice sets no terms,
 * so neither its event nor its act has any: an act can be computed again from its event.
 */
export const decisionAct = (
  { type, revision, digest, requirement, holder, terms, comment, decision }: Sign | CastBallot | Advise,
  { pin }: ChangeState,
): string => {
  const common = { type, pin, revision, digest, requirement, holder, comment, decision };
  return actOf(type === 'advise' ? common : { ...common, terms });
};

/** The value looked up, or why the command is refused. */
export type Found<T> = ({ readonly ok: true } & T) | Rejected<FeatureRejection>;

/** Returns a refusal with this reason. */
export const rejectedAs = (rejection: FeatureRefusal): Rejected<FeatureRejection> => ({ ok: false, rejection });

/** Returns the change that a command names, or refuses the command; the state no longer has changes that closed long ago. */
export const named = (state: FeatureState, n: number): Found<{ readonly change: ChangeState }> => {
  const change = findChange(state, n);
  if (change !== undefined) return { ok: true, change };
  return rejectedAs(
    n >= 1 && n <= state.count
      ? refusal('closed', `change ${n} is closed`)
      : refusal('unknown-change', `change ${n} does not exist`),
  );
};

/** Refuses a decision unless its revision and digest are the current ones: a decision binds exact words. */
export const staleness = ({ revision, digest }: OfficialDecision, change: ChangeState): FeatureRefusal | undefined => {
  if (revision !== change.revision)
    return refusal(
      'stale',
      `the wording is now revision ${change.revision}, this decision is on revision ${revision}`,
      '/revision',
    );
  return digest === change.digest
    ? undefined
    : refusal('stale', `the words of revision ${change.revision} have another digest`, '/digest');
};

/** Refuses unless the change is open and a policy binds it. */
export const closedness = (change: ChangeState): FeatureRefusal | undefined => {
  if (!isOpen(change)) return refusal('closed', `change ${change.number} is ${change.status}`);
  return change.pin === null ? refusal('no-policy', 'no policy is adopted, so nothing can be approved') : undefined;
};

/** Returns the requirement with that name and instrument that binds the change. */
export const requirementNamed = (
  state: FeatureState,
  change: ChangeState,
  id: string,
  instrument: Requirement['instrument'],
): Requirement | undefined =>
  requirementsOf(state, change).find((requirement) => requirement.id === id && requirement.instrument === instrument);

/** Returns the seat a person holds in a body on the local day of the decision; undefined without a roster. */
export const seatHeld = (context: DecisionContext, holder: string, body: string): string | undefined =>
  context.roster === null ? undefined : holdsSeat(context.roster.roster, holder, body, localDateOf(context.at, context.zone));

/** Returns a body of the roster by id; undefined without a roster. */
export const bodyInForce = (context: DecisionContext, body: string): Roster['bodies'][string] | undefined =>
  context.roster?.roster.bodies[body];

/** Refuses a decision on a requirement out of order, a second time, or while a veto stands against the change. */
export const orderOf = (change: ChangeState, requirement: Requirement): FeatureRefusal | undefined => {
  if (change.status === 'vetoed') return refusal('vetoed', 'the change is vetoed; only an override can decide it now');
  const status = change.requirements[requirement.id]?.status;
  if (status === undefined) return refusal('not-yet', `${(requirement.after ?? []).join(' and ')} must decide first`);
  return status === 'open' ? undefined : refusal('already-decided', `${requirement.id} has decided already`);
};

/**
 * Checks what only an approval needs: the documents the rule requires, terms that have not ended, and agreement with the terms
 * already set.
 */
export const approvable = ({ terms, at }: OfficialDecision, change: ChangeState): FeatureRefusal | undefined => {
  if (change.missing)
    return refusal(
      'documents-missing',
      'the notice lacks a document that the policy asks for; the vendor can send it with a revision',
    );
  if (terms.until !== null && terms.until <= at)
    return refusal('until-passed', 'the approval would end before it begins', '/until');
  if (change.terms !== null && change.terms !== termsDigest(terms))
    return refusal('other-terms', 'an earlier decision set other terms: until, audience and conditions must be the same');
  return undefined;
};

/** Refuses a decision before the revision has been public long enough. */
export const noticePeriod = (at: string, change: ChangeState): FeatureRefusal | undefined =>
  change.from !== null && at < change.from
    ? refusal('too-early', `this can be decided from ${change.from}, when it has been public for long enough`)
    : undefined;
