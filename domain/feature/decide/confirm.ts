import { accept, allOf, nothing, PASSED, reject } from '../../kernel/decider.ts';
import { localMoment, plusDuration } from '../../kernel/zone.ts';
import type { Requirement } from '../../policy/schema.ts';
import { holdersOf } from '../../roster/holders.ts';
import type { DecisionContext, OfficialDecision } from '../commands.ts';
import type { EventOf, FeatureEvent } from '../events.ts';
import {
  type ChangeState,
  type Confirmation,
  type FeatureState,
  personOf,
  requirementsOf,
  splitPersons,
  waitsUntil,
} from '../state.ts';
import { termsDigest } from '../terms.ts';
import { actOf, checkApproval, checkOpen, checkWords, type Decided, type FeatureCheck, type Found } from './guard.ts';
import { satisfy } from './outcome.ts';

/** `certificate`: its act; `comment`: the reason of a dispute; `terms`: those of the certificate. */
export interface Confirm extends OfficialDecision {
  readonly type: 'confirm';
  readonly certificate: string;
  readonly decision: 'confirm' | 'dispute';
}

const CONFIRMATION_TERM = 'P14D';

/** A correction does not extend the time to confirm, unless a dispute came before. */
export const confirmBy = ({ at, zone }: DecisionContext, change: ChangeState): string => {
  const { confirmation } = change;
  const isAnew = confirmation === null || confirmation.disputed;
  return isAnew ? waitsUntil(plusDuration(at, CONFIRMATION_TERM, zone), change) : confirmation.until;
};

/** Refuses a new certificate while one waits; a disputed one can be certified again. */
export const checkUnconfirmed = ({ confirmation }: ChangeState, requirement: string): FeatureCheck => {
  if (confirmation === null) return PASSED;
  if (confirmation.requirement !== requirement)
    return reject('not-yet', `a certificate of ${confirmation.requirement} waits for its confirmation first`);
  return confirmation.disputed
    ? PASSED
    : reject('already-decided', 'a certificate waits for its confirmation; it can be corrected', '/purpose');
};

const confirmedRule = (
  state: FeatureState,
  change: ChangeState,
  { requirement }: Confirmation,
): { readonly decides: Requirement; readonly confirmedBy: string } | undefined => {
  const id = change.veto?.requirement ?? requirement;
  const decides = requirementsOf(state, change).find((each) => each.id === id);
  const confirmedBy = change.veto === null ? decides?.confirmedBy : decides?.override?.confirmedBy;
  return decides === undefined || confirmedBy === undefined ? undefined : { decides, confirmedBy };
};

const confirmingSeat = (command: Confirm, confirmedBy: string): { readonly body: string; readonly seat: string } | undefined => {
  const [body = '', only] = confirmedBy.split('/');
  if (command.roster === null) return undefined;
  const holders = holdersOf(command.roster.roster, body, localMoment(command.at, command.zone));
  const held = [...holders].find(([seat, { id }]) => id === command.holder && (only === undefined || seat === only));
  return held === undefined ? undefined : { body, seat: held[0] };
};

const checkPerson = (change: ChangeState, { requirement, disputers }: Confirmation, person: string): FeatureCheck => {
  const clerk = splitPersons(change.requirements[requirement]?.clerks ?? '').at(-1);
  if (person === clerk) return reject('same-person', 'a second person confirms, not the clerk who certified');
  if (person === change.by) return reject('same-person', 'who entered the notice cannot confirm a certificate of it');
  return splitPersons(disputers).includes(person)
    ? reject('already-decided', 'this person has disputed the roll; somebody else must confirm the next certificate')
    : PASSED;
};

const admitConfirmer = (
  command: Confirm,
  state: FeatureState,
  change: ChangeState,
): Found<{
  readonly confirmation: Confirmation;
  readonly decides: Requirement;
  readonly held: { readonly body: string; readonly seat: string };
}> => {
  const ready = allOf(checkWords(command, change), checkOpen(change));
  if (!ready.ok) return ready;
  const { confirmation } = change;
  if (confirmation === null || confirmation.disputed || confirmation.requirement !== command.requirement)
    return reject('nothing-to-confirm', `no certificate of ${command.requirement} waits for a confirmation`);
  if (confirmation.act !== command.certificate) return reject('stale', 'the certificate was corrected since', '/certificate');
  const rule = confirmedRule(state, change, confirmation);
  const held = rule === undefined ? undefined : confirmingSeat(command, rule.confirmedBy);
  if (rule === undefined || held === undefined)
    return reject('not-in-office', `only ${rule?.confirmedBy ?? 'a body that the rule names'} can confirm this certificate`);
  const person = checkPerson(change, confirmation, personOf(command.holder));
  if (!person.ok) return person;
  if (change.terms !== termsDigest(command.terms)) return reject('other-terms', 'the certificate is on other terms');
  // They can have ended while the certificate waited.
  const fit = command.decision === 'confirm' ? checkApproval(command, state, change) : PASSED;
  return fit.ok ? { ok: true, confirmation, decides: rule.decides, held } : fit;
};

/** Confirms a certificate, which then takes effect, or disputes it, which returns it to the clerk. */
export const confirm = (command: Confirm, state: FeatureState, change: ChangeState): Decided => {
  const { at, requirement, holder, comment, decision, certificate, roster } = command;
  const act = actOf({ type: command.type, pin: change.pin, certificate, requirement, holder, comment, decision });
  if (change.acts.includes(act)) return nothing;
  const admitted = admitConfirmer(command, state, change);
  if (!admitted.ok) return admitted;
  const { decides, held } = admitted;
  const { number, revision, digest } = change;
  const given: EventOf<'ConfirmationGiven'> = {
    type: 'ConfirmationGiven',
    v: 1,
    at,
    change: number,
    revision,
    digest,
    requirement,
    act,
    comment,
    decision,
    certificate,
    holder,
    ...held,
    roster: roster?.number ?? 0,
  };
  if (decision === 'dispute') return accept<FeatureEvent>(given);
  return accept(...satisfy(command, state, decides.id, given));
};
