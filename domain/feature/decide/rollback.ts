import { accept, nothing, reject } from '../../kernel/decider.ts';
import { localMoment } from '../../kernel/zone.ts';
import { areTwoOfTwoBodies, isInDecidingBody } from '../../roster/twoPersons.ts';
import type { ConfirmRollback } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { confirmationMark } from '../evolve/endings.ts';
import { awaitsRollback } from '../evolve/forced.ts';
import { PERSON_CHARS, personOf } from '../persons.ts';
import { rollbackConfirmations, rollbackWords } from '../rollback.ts';
import { type FeatureState, findChange } from '../state.ts';
import { actOf, checkWords, type Decided } from './guard.ts';

const CONFIRMATIONS_MAX = 8;

/**
 * Confirms that a change whose words took effect was rolled back. Two named persons of two deciding bodies make its words no longer
 * count; the vendor must have withdrawn it before, unless the city entered it.
 */
export const confirmRollback = (command: ConfirmRollback, state: FeatureState): Decided => {
  const { at, zone, change: n, holder, body, seat, comment, roster, policy } = command;
  const known = rollbackWords(state, n);
  const act = actOf({ type: command.type, change: n, revision: command.revision, digest: command.digest, holder, body, comment });
  if (findChange(state, n)?.acts.includes(act)) return nothing;
  if (known === undefined || !awaitsRollback(state, n, at))
    return reject('nothing-to-confirm', `no rollback of change ${n} waits for a confirmation`);
  const words = checkWords(command, known);
  if (!words.ok) return words;
  const confirmed = rollbackConfirmations(state, n);
  if (confirmed.includes(confirmationMark(command))) return nothing;
  const sits =
    roster !== null && isInDecidingBody(policy?.policy ?? null, roster.roster, { holder, body, seat }, localMoment(at, zone));
  if (!sits || confirmed.length >= CONFIRMATIONS_MAX)
    return reject('not-in-office', 'only who holds a seat of a body that approves, certifies or attests can confirm a rollback');
  const before = confirmed.map((mark) => ({ holder: mark.slice(0, PERSON_CHARS), body: mark.slice(PERSON_CHARS) }));
  const { revision, digest } = known;
  return accept<FeatureEvent>({
    type: 'RollbackConfirmed',
    v: 1,
    at,
    change: n,
    revision,
    digest,
    holder,
    body,
    seat,
    roster: roster.number,
    comment,
    act,
    complete: areTwoOfTwoBodies([...before, { holder: personOf(holder), body }]),
  });
};
