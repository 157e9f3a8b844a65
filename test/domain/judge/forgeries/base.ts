import type { JudgeCode } from '../../../../domain/judge/verdict.ts';
import { ruledBodies } from '../../../../domain/roster/bodies.ts';
import { softwareKey } from '../../../support/authenticator.ts';
import { roster, thirteenSeats } from '../../../support/fixtures/city.ts';

import { certify, day, notify, refuse, sign } from '../../feature/support.ts';
import { digest, edited, enrolled, GATE, tampered } from '../forger.ts';
import { city, type Log } from '../log.ts';

/** A forgery: its description, the code it is refused with, and the log whose last commit it is. */
export type Forgery = readonly [what: string, code: JudgeCode, make: () => Log];

export const open = () => city().feat(notify(day(0), 1));
export const passed = () => open().feat(certify(day(10), 1));
export const approved = () => passed().feat(sign(day(11), 1));
export const vetoed = () => passed().feat(refuse(day(11), 1));
export const OPERATOR = (at: string) => ({ at, actor: 'operator' });
export const keys = { clerk: softwareKey(GATE), mayor: softwareKey(GATE) };
export const withPasskeys = () =>
  enrolled(city({ ...thirteenSeats, passkeys: 'required' }).feat(notify(day(0), 1)), 'clerk', keys.clerk);
export const other = { ...thirteenSeats, version: 'other' };
const bodies = ruledBodies(roster());
export const proposed = {
  type: 'PolicyAdopted',
  v: 1,
  at: day(5),
  number: 2,
  sha256: digest({ policy: other, bodies }),
  policy: other,
  bodies,
};
export const actedAs = (log: Log, person: string, seat: string) =>
  tampered(
    edited(log, (event) => ('holder' in event ? { ...event, holder: person, seat } : event)),
    { actor: `holder:${person}` },
  );
