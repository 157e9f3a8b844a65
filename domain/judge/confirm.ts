import type { EventOf } from '../feature/events.ts';
import { plusDuration } from '../kernel/zone.ts';
import { mustBeNamed, mustStand, pinName } from './acts.ts';
import { type ChangeCase, isOpen, required, type WaitingCertificate, withChange, withRequirement } from './case.ts';
import { rosterInForce } from './city.ts';
import { type ActRule, laterBy, resumed, satisfied } from './consequences.ts';
import { type Moment, mustHold } from './sitting.ts';
import { must, mustBeHolder } from './verdict.ts';

/** Checks that no certificate waits, unless that one is disputed. */
export const mustNotWait = ({ waiting }: ChangeCase, requirement: string): void => {
  must(waiting === null || waiting.requirement === requirement, 'order', `a certificate of ${waiting?.requirement} waits`);
  must(waiting === null || waiting.disputed, 'already-decided', 'a certificate waits for its confirmation');
};

/**
 * Returns the certificate that waits for a second person, where the rule names one (`confirmedBy`) or where it replaces one that
 * waits; null where it takes effect immediately. It waits fourteen days, which a correction does not extend unless it answers a
 * dispute.
 */
export const waitingAfter = (
  { waiting }: ChangeCase,
  { requirement, act, holder, at, confirmBy }: EventOf<'VoteCertified'>,
  confirmedBy: string | undefined,
  { zone }: Moment,
): WaitingCertificate | null => {
  if (confirmedBy === undefined) {
    must(confirmBy === undefined, 'consequence', 'no one confirms this certificate');
    return null;
  }
  const until = waiting === null || waiting.disputed ? plusDuration(at, 'P14D', zone) : waiting.until;
  must(confirmBy === until, 'consequence', `the certificate waits until ${until}`);
  const since = waiting?.at ?? at;
  return { requirement, act, clerk: holder, at: since, until, disputed: false, disputers: waiting?.disputers ?? [] };
};

/**
 * Judges a confirmation or dispute by a second person, of the body or seat that the rule names and not the clerk who certified. A
 * confirmed certificate takes effect as if it were certified now.
 */
export const confirmed: ActRule<'ConfirmationGiven'> = (city, feature, change, event, commit, moment) => {
  const { at, holder, body, seat, roster, requirement, certificate, decision, comment } = event;
  const { waiting, veto } = change;
  must(isOpen(change), 'closed', `change ${change.number} is ${change.status}`);
  mustStand(change, event);
  mustBeHolder(commit.actor, holder);
  const waits = waiting !== null && !waiting.disputed && waiting.requirement === requirement && waiting.act === certificate;
  must(waits, 'order', 'no such certificate waits for a confirmation');
  const decides = required(change).find(({ id }) => id === (veto?.requirement ?? requirement));
  const named = veto === null ? decides?.confirmedBy : decides?.override?.confirmedBy;
  must(decides !== undefined && (named === body || named === `${body}/${seat}`), 'not-in-office', `${named} confirms this`);
  mustHold(rosterInForce(city, roster, at), { holder, seat, body }, moment);
  must(holder !== waiting.clerk && holder !== change.enteredBy, 'same-person', `${holder} certified, or entered the notice`);
  must(!waiting.disputers.includes(holder), 'already-decided', `${holder} has disputed the roll`);
  mustBeNamed(event, { type: 'confirm', pin: pinName(change), certificate, requirement, holder, comment, decision });
  if (decision === 'dispute') {
    const disputed = { ...waiting, disputed: true, disputers: [...waiting.disputers, holder] };
    return { feature: withChange(feature, { ...change, waiting: disputed }), owed: [] };
  }
  const known = change.requirements.get(requirement);
  must(known !== undefined && change.terms !== null, 'order', 'nothing was certified');
  const noted = withRequirement(change, requirement, { ...known, confirmers: [...known.confirmers, holder] });
  const running = { closesAt: laterBy(noted.closesAt, waiting.at, at), requirements: resumed(noted, waiting.at, at) };
  const next = { ...noted, waiting: null, ...(veto === null ? running : {}) };
  const by = veto === null ? 'RequirementMet' : 'VetoOverridden';
  return { feature: withChange(feature, next), owed: satisfied(feature, next, decides.id, by, change.terms, moment) };
};
