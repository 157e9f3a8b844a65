import { accept, type Decision, nothing, reject } from '../kernel/decider.ts';
import { attestedBy, attests } from './attest.ts';
import { type Confirmer, officerOf, personOnRoster } from './confirm.ts';
import type { RosterEvent } from './events.ts';
import { handedOver } from './handover.ts';
import { linkGenerationOf, type RosterState, resetsOf } from './state.ts';

/**
 * Cuts off every link of a person; with `reissued` new ones are mailed. `by`: the clerk, with seat and moment, or null for
 * the operator, who can only make a person read their mail again and gives no one a link. `generation`: of the links as the
 * caller saw them, so that a repeated request cuts off nothing sent since.
 */
export interface CutOffLinks {
  readonly type: 'cutOffLinks';
  readonly at: string;
  readonly holder: string;
  readonly generation: number;
  readonly by: Confirmer | null;
  readonly reissued: boolean;
}

type Refusal = 'no-roster' | 'no-such-holder' | 'not-in-office' | 'not-the-clerk';

/**
 * Cuts off links. Clerks do this for members of a body that they certify for, and for themselves; for everybody else the operator
 * does.
 */
export const cutOffLinks = (command: CutOffLinks, { inForce, links = {} }: RosterState): Decision<RosterEvent, Refusal> => {
  const { at, holder, generation, by, reissued } = command;
  const found = personOnRoster(inForce, holder, by);
  if (!found.ok) return found;
  const { roster, terms } = found;
  if (by !== null) {
    const served = [by.body, ...attestedBy(roster, by.body)];
    if (!terms.some(({ body }) => served.includes(body)))
      return reject('not-the-clerk', 'A clerk does this for the bodies whose votes the clerk certifies.');
  }
  // Links of another generation than the caller saw are cut off already, and later ones stay.
  if (generation !== linkGenerationOf({ links }, holder)) return nothing;
  return accept({ type: 'LinksCutOff', v: 1, at, holder, generation, by: officerOf(by), reissued });
};

/**
 * Invalidates every passkey of a person, so that a new first one can be enrolled. `by`: the clerk, with seat and moment, or
 * null for the operator. `generation`: the ordinal of this reset, so that a repeated request does not reset twice.
 */
export interface ResetPasskeys {
  readonly type: 'resetPasskeys';
  readonly at: string;
  readonly holder: string;
  readonly generation: number;
  readonly by: Confirmer | null;
}

/**
 * Resets a person's passkeys. A reset opens the way to a new passkey, so a clerk (a holder in a body that certifies for another)
 * cannot do it for themselves or their own office: for a clerk, the clerk of another office or the operator does.
 */
export const resetPasskeys = (
  command: ResetPasskeys,
  state: RosterState,
): Decision<RosterEvent, Refusal | 'own-change' | 'handover-pending'> => {
  const { at, holder, generation, by } = command;
  const found = personOnRoster(state.inForce, holder, by);
  if (!found.ok) return found;
  const { roster, terms } = found;
  if (by !== null) {
    if (handedOver(state).includes(by.holder))
      return reject(
        'handover-pending',
        'Who receives the links of this person is about to change: until then they decide nothing.',
      );
    if (!attests(roster, by.body))
      return reject('not-the-clerk', 'The clerk does this: a holder of a body that certifies for another.');
    if (holder === by.holder || terms.some(({ body }) => body === by.body))
      return reject('own-change', 'No one can reset their own passkeys or those of their own office.');
  }
  if (resetsOf(state, holder) >= generation) return nothing;
  return accept({ type: 'PasskeysReset', v: 1, at, holder, generation, by: officerOf(by) });
};
