import { accept, allOf, nothing, PASSED, reject } from '../../kernel/decider.ts';
import { localMoment, plusDuration } from '../../kernel/zone.ts';
import type { Requirement } from '../../policy/schema.ts';
import { holdersOf, personOf } from '../../roster/holders.ts';
import type { DecisionContext, OfficialDecision } from '../commands.ts';
import type { EventOf, FeatureEvent } from '../events.ts';
import {
  type ChangeState,
  type Confirmation,
  confirmationRule,
  type FeatureState,
  requirementsOf,
  splitPersons,
  waitsUntil,
} from '../state.ts';
import { termsDigest } from '../terms.ts';
import { actOf, checkApproval, checkOpen, checkShown, type Decided, type FeatureCheck, type Found } from './guard.ts';
import { satisfy } from './outcome.ts';

// A certificate for which the rule names a second person takes effect once that person confirms it.

/** `certificate`: its act; `comment`: the reason of a dispute; `terms`: those of the certificate. */
export interface Confirm extends OfficialDecision {
  readonly type: 'confirm';
  readonly certificate: string;
  readonly decision: 'confirm' | 'dispute';
}

const CONFIRMATION_TERM = 'P14D';

/** Returns until when a new certificate can be confirmed. A correction extends that only after a dispute. */
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

/** Confirms a certificate, which then takes effect, or disputes it, which returns it to the clerk. */
export const confirm = (command: Confirm, state: FeatureState, change: ChangeState): Decided => {
  const { at, change: number, revision, digest, requirement, holder, comment, decision, certificate } = command;
  const act = actOf({ type: command.type, pin: change.pin, certificate, requirement, holder, comment, decision });
  if (change.acts.includes(act)) return nothing;
  const admitted = admitConfirmer(command, state, change);
  if (!admitted.ok) return admitted;
  const { decides, office } = admitted;
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
    ...office,
  };
  return decision === 'dispute' ? accept<FeatureEvent>(given) : accept(...satisfy(command, state, decides.id, given));
};

type Office = Pick<EventOf<'ConfirmationGiven'>, 'body' | 'seat' | 'roster'>;

const admitConfirmer = (
  command: Confirm,
  state: FeatureState,
  change: ChangeState,
): Found<{ readonly decides: Requirement; readonly office: Office }> => {
  const ready = allOf(checkShown(command, change), checkOpen(change));
  if (!ready.ok) return ready;
  const { confirmation } = change;
  const rule = confirmationRule(change, requirementsOf(state, change));
  if (confirmation === null || rule === undefined || confirmation.disputed || confirmation.requirement !== command.requirement)
    return reject('nothing-to-confirm', `no certificate of ${command.requirement} waits for a confirmation`);
  if (confirmation.act !== command.certificate) return reject('stale', 'the certificate was corrected since', '/certificate');
  const office = confirmingSeat(command, rule.confirmedBy);
  if (office === undefined) return reject('not-in-office', `only ${rule.confirmedBy} can confirm this certificate`);
  const fit = allOf(
    checkPerson(change, confirmation, personOf(command.holder)),
    change.terms === termsDigest(command.terms) ? PASSED : reject('other-terms', 'the certificate is on other terms'),
    // The terms can have ended while the certificate waited.
    command.decision === 'confirm' ? checkApproval(command, state, change) : PASSED,
  );
  return fit.ok ? { ok: true, decides: rule.decides, office } : fit;
};

const confirmingSeat = ({ roster, at, zone, holder }: Confirm, confirmedBy: string): Office | undefined => {
  const [body = '', only] = confirmedBy.split('/');
  const holders = roster === null ? [] : [...holdersOf(roster.roster, body, localMoment(at, zone))];
  const held = holders.find(([seat, { id }]) => id === holder && (only === undefined || seat === only));
  return roster === null || held === undefined ? undefined : { body, seat: held[0], roster: roster.number };
};

const checkPerson = (change: ChangeState, { requirement, disputers }: Confirmation, person: string): FeatureCheck => {
  const clerk = splitPersons(change.requirements[requirement]?.clerks).at(-1);
  if (person === clerk) return reject('same-person', 'a second person confirms, not the clerk who certified');
  if (person === change.by) return reject('same-person', 'who entered the notice cannot confirm a certificate of it');
  return splitPersons(disputers).includes(person)
    ? reject('already-decided', 'this person has disputed the roll; somebody else must confirm the next certificate')
    : PASSED;
};
