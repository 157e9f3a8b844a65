import { admitted, mustBeNamed, personalAct } from './acts.ts';
import { rosterInForce } from './city.ts';
import type { ActRule } from './consequences.ts';
import { mustHold } from './sitting.ts';
import { must } from './verdict.ts';

const DAY_MS = 86_400_000;

/**
 * Judges that a person takes an own refusal back: within a day, with a reason, before a second vote on it and before the time to decide is
 * over.
 */
export const takenBack: ActRule<'SignatureGiven'> = (city, feature, change, event, commit, moment) => {
  const { at, holder, seat, roster, comment } = event;
  const { id, body } = admitted(change, event, commit, 'signature');
  mustHold(rosterInForce(city, roster, at), { holder, seat, body }, moment);
  const { veto } = change;
  const known = change.requirements.get(id);
  const own = veto?.requirement === id && known?.voters.includes(holder) === true;
  must(change.status === 'vetoed' && veto !== null && own, 'order', `${holder} has refused nothing that could be taken back`);
  must(change.waiting === null, 'already-decided', 'a second vote has been certified');
  must(Date.parse(at) - Date.parse(veto.at) < DAY_MS, 'too-late', 'more than a day has passed since the refusal');
  must(
    [known.deadlineAt, change.closesAt].every((end) => end === null || at < end),
    'too-late',
    'the time to decide is over',
  );
  must(comment !== null, 'act', 'a refusal is taken back with a reason');
  mustBeNamed(event, personalAct('sign', change, event));
  return { feature, owed: [{ type: 'VetoTakenBack', v: 1, at, change: change.number, requirement: id }] };
};
