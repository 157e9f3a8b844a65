import { mustBeNamed, mustStand } from './acts.ts';
import { mayBeStopped, runningAt, stoppedBefore, withRollback, withWordsStopped } from './arrivals.ts';
import { type ChangeCase, type FeatureCase, isOpen, withChange } from './case.ts';
import { CITY, knownFrom, rosterInForce, tokenPermits } from './city.ts';
import type { ActRule } from './consequences.ts';
import { rulesAt } from './roster.ts';
import { areTwoOfTwo, canBeOneOfTwo } from './sitting.ts';
import { must, mustBeHolder } from './verdict.ts';

/** Reports whether an opt-out of a change still has an effect. */
const hasEffect = ({ standing, waiting }: FeatureCase, change: ChangeCase): boolean => {
  if (isOpen(change) || ['refused', 'lapsed'].includes(change.status)) return true;
  if (change.status === 'approved' && [standing, waiting].includes(change.number)) return true;
  return change.status !== 'withdrawn' && change.running.some(({ place }) => place[1] === change.arrival);
};

/** Judges that a person recorded, by their own token, that the city opted out of words at the vendor. */
export const optedOut: ActRule<'OptOutRecorded'> = (city, feature, change, event, { actor }) => {
  const { at, person, note, evidence, revision, digest } = event;
  must(tokenPermits(city, actor, 'observe', at, person), 'actor', `${actor} records nothing for ${person}`);
  mustStand(change, event);
  const [vendor] = feature.key.split('.');
  must(vendor !== CITY && mayBeStopped(change.notice), 'opt-out', 'these words cannot be opted out of');
  must(hasEffect(feature, change), 'closed', `change ${change.number} is ${change.status}`);
  const before = change.optOut;
  const adds = before === null || (!before.evidence && evidence !== null);
  must(adds, 'already-decided', 'an opt-out is on record, and this one adds nothing to it');
  const inTime = stoppedBefore(change, at);
  must(!inTime || stoppedBefore(change, knownFrom(city, at)), 'opt-out', 'it is dated in time, and entered the log after it');
  mustBeNamed(event, { type: 'opt-out', change: change.number, revision, digest, note, evidence, person });
  const optOut = {
    evidence: evidence !== null,
    claimed: before?.claimed === true || evidence !== null || (change.notice.optOutBy !== null && at < change.notice.optOutBy),
    confirmers: before?.confirmers ?? [],
    done: before?.done === true || inTime,
  };
  return { feature: withOptOut(feature, { ...change, optOut }), owed: [] };
};

/** Returns the feature with a change, without the words that the city has stopped. */
const withOptOut = (feature: FeatureCase, change: ChangeCase): FeatureCase =>
  withChange(feature, change.optOut?.done === true ? withWordsStopped(change) : change);

const mustHaveRun = (change: ChangeCase, at: string): void => {
  must(
    change.approvedAt === null && runningAt(change.running, at).length > 0,
    'closed',
    'no words of this change ran unapproved',
  );
  must(change.status === 'withdrawn' || change.entered, 'order', 'the vendor has not withdrawn this change');
};

/** Reports whether a late opt-out waits for two persons: the words still count, and the vendor has not withdrawn them. */
const awaitsOptOut = ({ optOut, notice, status, running: words, arrival }: ChangeCase): boolean =>
  optOut?.claimed === true &&
  !optOut.done &&
  status !== 'withdrawn' &&
  notice.optOut === 'yes' &&
  words.some(({ place }) => place[1] === arrival);

/**
 * Judges a person's confirmation that a change which ran was rolled back, after its vendor withdrew it or if the city alone entered it;
 * or that the city had opted out of it in time though the opt-out was recorded late.
 */
export const rollbackConfirmed: ActRule<'RollbackConfirmed'> = (city, feature, change, event, commit, moment) => {
  const { at, of, holder, body, seat, comment, revision, digest, complete, roster } = event;
  const late = awaitsOptOut(change);
  must(late === (of === 'opt-out'), 'order', `no ${of} of this change waits for two persons`);
  if (!late) mustHaveRun(change, at);
  mustStand(change, event);
  mustBeHolder(commit.actor, holder);
  const officer = { holder, body, seat };
  const version = rosterInForce(city, roster, at);
  const may = rulesAt(city, at).some((rules) => canBeOneOfTwo(rules?.policy, version, officer, moment));
  must(may, 'not-in-office', `${holder} holds ${body}/${seat} in no deciding body`);
  const before = late ? (change.optOut?.confirmers ?? []) : change.rollback;
  const said = before.some((each) => each.holder === holder && each.body === body);
  must(!said, 'already-decided', `${holder} has confirmed this for ${body}`);
  const by = [...before, officer];
  must(complete === areTwoOfTwo(by), 'consequence', 'two persons of two bodies complete it, and nothing less');
  mustBeNamed(event, { type: 'confirm-rollback', change: change.number, of, revision, digest, holder, body, comment });
  if (late && change.optOut !== null) {
    const optOut = { ...change.optOut, confirmers: by, done: complete };
    return { feature: withOptOut(feature, { ...change, optOut }), owed: [] };
  }
  const next = { ...change, rollback: by };
  return { feature: complete ? withRollback(feature, next) : withChange(feature, next), owed: [] };
};
