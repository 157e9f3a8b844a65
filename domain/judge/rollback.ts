import { mustBeNamed, mustStand } from './acts.ts';
import { rolledBack, running } from './arrivals.ts';
import { type ChangeCase, isOpen, withChange } from './case.ts';
import { inForceAt, mayBeNone, rosterInForce } from './city.ts';
import type { ActRule } from './consequences.ts';
import { noted } from './optOut.ts';
import { areByTwo, canBeOneOfTwo } from './twoPersons.ts';
import { must, mustBeHolder } from './verdict.ts';

const mustHaveRun = (change: ChangeCase, at: string): void => {
  must(change.approvedAt === null && running(change.running, at).length > 0, 'closed', 'no words of this change ran unapproved');
  const withdrawn = change.status === 'withdrawn' || change.entered;
  must(withdrawn && (!isOpen(change) || change.entered), 'order', 'the vendor has not withdrawn this change');
};

/** Reports whether an opt-out that was recorded late waits for two persons: its words count, and the vendor has not withdrawn them. */
const awaitsOptOut = ({ optOut, notice, status, running: words, arrival }: ChangeCase): boolean =>
  optOut?.claimed === true &&
  !optOut.done &&
  status !== 'withdrawn' &&
  notice.optOut === 'yes' &&
  words.some(({ place }) => place[1] === arrival);

/**
 * Judges a person's word that a change which ran was rolled back, after its vendor withdrew it or if the city alone entered it; or that the
 * city had opted out of it in time, which was recorded late.
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
  const policies = [
    ...inForceAt(city.policies, at).map(({ policy }) => policy),
    ...(mayBeNone(city.policies, at) ? [undefined] : []),
  ];
  const may = policies.some((policy) => canBeOneOfTwo(policy, version, officer, moment));
  must(may, 'not-in-office', `${holder} holds ${body}/${seat} in no deciding body`);
  const before = late ? (change.optOut?.confirmers ?? []) : change.rollback;
  const said = before.some((each) => each.holder === holder && each.body === body);
  must(!said, 'already-decided', `${holder} has confirmed this for ${body}`);
  const by = [...before, officer];
  must(complete === areByTwo(by), 'consequence', 'two persons of two bodies complete it, and nothing less');
  mustBeNamed(event, { type: 'confirm-rollback', change: change.number, of, revision, digest, holder, body, comment });
  if (late && change.optOut !== null) {
    const optOut = { ...change.optOut, confirmers: by, done: complete };
    return { feature: noted(feature, { ...change, optOut }), owed: [] };
  }
  const next = { ...change, rollback: by };
  return { feature: complete ? rolledBack(feature, next) : withChange(feature, next), owed: [] };
};
