import { mustBeNamed, mustStand } from './acts.ts';
import { rolledBack, running } from './arrivals.ts';
import { isOpen, withChange } from './case.ts';
import { inForceAt, mayBeNone, rosterInForce } from './city.ts';
import type { ActRule } from './consequences.ts';
import { areByTwo, canBeOneOfTwo } from './twoPersons.ts';
import { must, mustBeHolder } from './verdict.ts';

/**
 * Judges a person's word that a change which ran was rolled back, after its vendor withdrew it or if the city alone entered it.
 */
export const rollbackConfirmed: ActRule<'RollbackConfirmed'> = (city, feature, change, event, commit, moment) => {
  const { at, holder, body, seat, comment, revision, digest, complete, roster } = event;
  must(change.approvedAt === null && running(change.running, at).length > 0, 'closed', 'no words of this change ran unapproved');
  const withdrawn = change.status === 'withdrawn' || change.entered;
  must(withdrawn && (!isOpen(change) || change.entered), 'order', 'the vendor has not withdrawn this change');
  mustStand(change, event);
  mustBeHolder(commit.actor, holder);
  const officer = { holder, body, seat };
  const version = rosterInForce(city, roster, at);
  const policies = [
    ...inForceAt(city.policies, at).map(({ policy }) => policy),
    ...(mayBeNone(city.policies, at) ? [undefined] : []),
  ];
  const may = policies.some((policy) => canBeOneOfTwo(policy, version, officer, moment));
  must(may, 'not-in-office', `${holder} holds ${body}/${seat} in no deciding body`);
  const said = change.rollback.some((each) => each.holder === holder && each.body === body);
  must(!said, 'already-decided', `${holder} has confirmed this for ${body}`);
  const rollback = [...change.rollback, officer];
  must(complete === areByTwo(rollback), 'consequence', 'two persons of two bodies complete a rollback, and nothing less');
  mustBeNamed(event, { type: 'confirm-rollback', change: change.number, revision, digest, holder, body, comment });
  const next = { ...change, rollback };
  return { feature: complete ? rolledBack(feature, next) : withChange(feature, next), owed: [] };
};
