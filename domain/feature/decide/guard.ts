import { canonical, digestOf } from '../../kernel/canonical.ts';
import { type Check, type Decision, PASSED, type Rejected, reject } from '../../kernel/decider.ts';
import type { JsonValue } from '../../kernel/json.ts';
import { localMoment } from '../../kernel/zone.ts';
import type { Requirement } from '../../policy/schema.ts';
import { holdsSeat, personOf } from '../../roster/holders.ts';
import type { DecisionContext, FeatureRejection, OfficialDecision, WordsCommand } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { documentsDigest, kindsMissing } from '../evolve/words.ts';
import { type ChangeState, countsElsewhere, type FeatureState, findChange, isOpen, limitsOf, requirementsOf } from '../state.ts';
import { endBeforeBeginning, termsDigest } from '../terms.ts';

export type Decided = Decision<FeatureEvent, FeatureRejection>;

export type FeatureCheck = Check<FeatureRejection>;

const ACT_LENGTH = 16;

/**
 * Returns a short name of an act from its exact contents, so that a repeat is recognised. They include the pin: the same decision under
 * another policy is a new act.
 */
export const actOf = (contents: JsonValue): string =>
  digestOf(canonical(contents)).slice('sha256:'.length, 'sha256:'.length + ACT_LENGTH);

export type Found<T> = ({ readonly ok: true } & T) | Rejected<FeatureRejection>;

/** Finds a change. Changes that closed long ago are no longer in the state. */
export const lookUpChange = (state: FeatureState, n: number): Found<{ readonly change: ChangeState }> => {
  const change = findChange(state, n);
  if (change !== undefined) return { ok: true, change };
  return n >= 1 && n <= state.count
    ? reject('closed', `change ${n} is closed`)
    : reject('unknown-change', `change ${n} does not exist`);
};

export const checkWords = (
  { revision, digest }: Pick<WordsCommand, 'revision' | 'digest'>,
  change: Pick<ChangeState, 'revision' | 'digest'>,
): FeatureCheck => {
  if (revision !== change.revision)
    return reject(
      'stale',
      `the wording is now revision ${change.revision}, this decision is on revision ${revision}`,
      '/revision',
    );
  return digest === change.digest
    ? PASSED
    : reject('stale', `the words of revision ${change.revision} have another digest`, '/digest');
};

/**
 * Returns what a form says of the rules that it shows. A roll call also shows a roster: in another, `all present` means other people. A
 * change of the policy is shown beside the one in force.
 */
export const rulesShown = (
  pin: string | null,
  { roster, policy }: { readonly roster?: number; readonly policy?: number },
): string =>
  [pin ?? '', ...(roster === undefined ? [] : [`roster-${roster}`]), ...(policy === undefined ? [] : [`policy-${policy}`])].join(
    '@',
  );

/**
 * Checks what an official's form showed: the words, and the rules that they were under. Under others the same answer could count for more,
 * as advice that became a signature.
 */
export const checkShown = (command: OfficialDecision, change: ChangeState): FeatureCheck => {
  const words = checkWords(command, change);
  if (!words.ok || command.rules === undefined) return words;
  const [pin, ...others] = command.rules.split('@');
  const now = [`roster-${command.roster?.number}`, `policy-${command.policy?.number}`];
  return pin === change.pin && others.every((each) => now.includes(each))
    ? PASSED
    : reject('stale', 'other rules, or another roster, apply now than when this form was shown', '/rules');
};

export const checkDocuments = ({ seen }: Pick<OfficialDecision, 'seen'>, change: ChangeState): FeatureCheck =>
  seen === undefined || seen === documentsDigest(change)
    ? PASSED
    : reject('stale', 'a document was attached or replaced since the documents were shown', '/documents');

export const checkOpen = (change: ChangeState): FeatureCheck => {
  if (!isOpen(change)) return reject('closed', `change ${change.number} is ${change.status}`);
  return change.pin === null ? reject('no-policy', 'no policy is adopted, so nothing can be approved') : PASSED;
};

export const requirementNamed = (
  state: FeatureState,
  change: ChangeState,
  id: string,
  instrument: Requirement['instrument'],
): Requirement | undefined =>
  requirementsOf(state, change).find((requirement) => requirement.id === id && requirement.instrument === instrument);

/**
 * Returns the seat from which a person now acts for the body of a requirement; a body that votes at meetings acts through the office that
 * certifies for it. Undefined without such a seat or a roster.
 */
export const actingSeat = (
  { roster, at, zone }: DecisionContext,
  holder: string,
  { body, instrument }: Pick<Requirement, 'body' | 'instrument'>,
): string | undefined => {
  if (roster === null) return undefined;
  const office = instrument === 'certification' ? roster.roster.bodies[body]?.attestedBy : body;
  return office === undefined ? undefined : holdsSeat(roster.roster, holder, office, localMoment(at, zone));
};

export const checkOrder = (change: ChangeState, requirement: Requirement): FeatureCheck => {
  if (change.status === 'vetoed') return reject('vetoed', 'the change is vetoed; only an override can decide it now');
  const status = change.requirements[requirement.id]?.status;
  if (status === undefined) return reject('not-yet', `${(requirement.after ?? []).join(' and ')} must decide first`);
  return status === 'open' ? PASSED : reject('already-decided', `${requirement.id} has decided already`);
};

/**
 * Checks what applies only to an approval: the documents shown, an end after its beginning, and terms that agree with those already set.
 */
export const checkApproval = (
  command: OfficialDecision,
  state: Pick<FeatureState, 'pins'>,
  change: ChangeState,
): FeatureCheck => {
  const { terms, at, zone } = command;
  const missing = kindsMissing(change);
  if (missing.length > 0)
    return reject(
      'documents-missing',
      `the policy asks for ${missing.join(' and ')}: the vendor sends the file, or the city attaches it`,
    );
  const documents = checkDocuments(command, change);
  if (!documents.ok) return documents;
  const end = endBeforeBeginning(terms, limitsOf(state, change), { at, zone });
  if (end !== null) {
    const field = end === terms.until ? '/until' : terms.from === null ? undefined : '/from';
    return reject('until-passed', `the approval would end at ${end}, before it begins`, field);
  }
  if (change.terms !== null && change.terms !== termsDigest(terms))
    return reject(
      'other-terms',
      'an earlier decision set other terms: from, until, audience, conditions and maintenance must be the same',
    );
  return PASSED;
};

export const checkOnce = (change: ChangeState, requirement: string, holder: string): FeatureCheck =>
  countsElsewhere(change, requirement, personOf(holder))
    ? reject('same-person', 'this person already counts in another requirement of this change')
    : PASSED;

export const checkNoticePeriod = (at: string, change: ChangeState): FeatureCheck =>
  change.from !== null && at < change.from
    ? reject('too-early', `this can be decided from ${change.from}, when it has been public for long enough`)
    : PASSED;
