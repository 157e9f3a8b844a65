import { mustBeNamed, mustStand } from './acts.ts';
import { heldBack, mayBeStopped, stoppedBefore } from './arrivals.ts';
import { type ChangeCase, type FeatureCase, isOpen, withChange } from './case.ts';
import { CITY, tokenPermits } from './city.ts';
import type { ActRule } from './consequences.ts';
import { must } from './verdict.ts';

/** Reports whether it still matters that the city opts out of a change. */
const matters = ({ standing, waiting }: FeatureCase, change: ChangeCase): boolean => {
  if (isOpen(change) || ['refused', 'lapsed'].includes(change.status)) return true;
  if (change.status === 'approved' && [standing, waiting].includes(change.number)) return true;
  return change.status !== 'withdrawn' && change.running.some(({ place }) => place[1] === change.arrival);
};

/** Judges that a person recorded, by their own token, that the city opted out of words at the vendor. */
export const optedOut: ActRule<'OptOutRecorded'> = (city, feature, change, event, { actor }) => {
  const { at, person, note, evidence, revision, digest } = event;
  must(actor.startsWith('token:'), 'actor', `${actor} is no token of a person`);
  must(tokenPermits(city, actor, 'observe', at, person), 'actor', `${actor} records nothing for ${person}`);
  mustStand(change, event);
  const [vendor] = feature.key.split('.');
  must(vendor !== CITY && mayBeStopped(change.notice), 'opt-out', 'these words cannot be opted out of');
  must(matters(feature, change), 'closed', `change ${change.number} is ${change.status}`);
  const before = change.optOut;
  const adds = before === null || (!before.evidence && evidence !== null);
  must(adds, 'already-decided', 'an opt-out is on record, and this one adds nothing to it');
  mustBeNamed(event, { type: 'opt-out', change: change.number, revision, digest, note, evidence, person });
  const inTime = before?.inTime === true || stoppedBefore(change, at);
  const optOut = {
    inTime,
    evidence: evidence !== null,
    claimed: before?.claimed === true || evidence !== null || (change.notice.optOutBy !== null && at < change.notice.optOutBy),
    confirmers: before?.confirmers ?? [],
    done: before?.done === true || inTime,
  };
  return { feature: noted(feature, { ...change, optOut }), owed: [] };
};

/** Takes out the words that the city has stopped. An approval stays where it is in the order of arrival. */
export const noted = (feature: FeatureCase, change: ChangeCase): FeatureCase =>
  withChange(feature, change.optOut?.done === true ? heldBack(change) : change);
