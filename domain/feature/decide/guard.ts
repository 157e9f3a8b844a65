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

/** A refusal as a value, for checks that answer "nothing is wrong" with undefined. */
export const refusal = (code: FeatureRejection, detail: string, pointer?: string): FeatureRefusal => ({
  code,
  detail,
  ...(pointer !== undefined && { pointer }),
});

const ACT_LENGTH = 16;

/**
 * A short name of an act by its exact contents, so that the same act again is recognised as no new one. Decisions have the pin
 * among these: the same decision after the change was bound to another policy is a new one, since the first is void.
 */
export const actOf = (contents: JsonValue): string =>
  digestOf(canonical(contents)).slice('sha256:'.length, 'sha256:'.length + ACT_LENGTH);

/**
 * The act of a member or an office-holder: what was said, on which words and terms, under which pinned rule. An advice sets no terms,
 * and its event has none, so its act has none either: an act can be worked out again from its event.
 */
export const decisionAct = (
  { type, revision, digest, requirement, holder, terms, comment, decision }: Sign | CastBallot | Advise,
  { pin }: ChangeState,
): string => {
  const common = { type, pin, revision, digest, requirement, holder, comment, decision };
  return actOf(type === 'advise' ? common : { ...common, terms });
};

/** What was looked for, or why the command is refused. */
export type Found<T> = ({ readonly ok: true } & T) | Rejected<FeatureRejection>;

/** A command is refused with this reason. */
export const rejectedAs = (rejection: FeatureRefusal): Rejected<FeatureRejection> => ({ ok: false, rejection });

/** Returns the change that a command names, or refuses it; a change that closed long ago is no longer in the state. */
export const named = (state: FeatureState, n: number): Found<{ readonly change: ChangeState }> => {
  const change = findChange(state, n);
  if (change !== undefined) return { ok: true, change };
  return rejectedAs(
    n >= 1 && n <= state.count
      ? refusal('closed', `change ${n} is closed`)
      : refusal('unknown-change', `change ${n} does not exist`),
  );
};

/** A decision binds exact words: the revision and the digest must be the ones that stand. */
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

/** Only an open change can be decided, and only while a policy binds it. */
export const closedness = (change: ChangeState): FeatureRefusal | undefined => {
  if (!isOpen(change)) return refusal('closed', `change ${change.number} is ${change.status}`);
  return change.pin === null ? refusal('no-policy', 'no policy is adopted, so nothing can be approved') : undefined;
};

/** The requirement of that name and instrument that binds the change. */
export const requirementNamed = (
  state: FeatureState,
  change: ChangeState,
  id: string,
  instrument: Requirement['instrument'],
): Requirement | undefined =>
  requirementsOf(state, change).find((requirement) => requirement.id === id && requirement.instrument === instrument);

/** The seat a person holds in a body on the local day of the decision; nobody without a roster. */
export const seatHeld = (context: DecisionContext, holder: string, body: string): string | undefined =>
  context.roster === null ? undefined : holdsSeat(context.roster.roster, holder, body, localDateOf(context.at, context.zone));

/** The bodies of the roster by id; empty without one. */
export const bodyInForce = (context: DecisionContext, body: string): Roster['bodies'][string] | undefined =>
  context.roster?.roster.bodies[body];

/** A requirement is decided in its order, once, and never while a veto stands against the change. */
export const orderOf = (change: ChangeState, requirement: Requirement): FeatureRefusal | undefined => {
  if (change.status === 'vetoed') return refusal('vetoed', 'the change is vetoed; only an override can decide it now');
  const status = change.requirements[requirement.id]?.status;
  if (status === undefined) return refusal('not-yet', `${(requirement.after ?? []).join(' and ')} must decide first`);
  return status === 'open' ? undefined : refusal('already-decided', `${requirement.id} has decided already`);
};

/** What only an approval needs: the documents the rule asks for, terms that are not over, and the terms that stand. */
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

/** How long a revision must have been public before a decision on it counts. */
export const noticePeriod = (at: string, change: ChangeState): FeatureRefusal | undefined =>
  change.from !== null && at < change.from
    ? refusal('too-early', `this can be decided from ${change.from}, when it has been public for long enough`)
    : undefined;
