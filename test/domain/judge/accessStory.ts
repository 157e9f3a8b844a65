import { softwareKey } from '../../support/authenticator.ts';
import { thirteenSeats } from '../../support/fixtures/city.ts';
import { certify, day, notify, sign } from '../feature/support.ts';
import { enrolled, GATE, withKey } from './forger.ts';
import { city, type Log } from './log.ts';

const OPERATOR = (at: string) => ({ at, actor: 'operator' });

/** Makes a log with a token and a form, issued and ended; a passkey, and acts that it signs. */
export const access = (): Log => {
  const [token, form] = ['a', 'b'].map((letter) => letter.repeat(64));
  const issued = { v: 1, at: day(-3) };
  const key = softwareKey(GATE);
  return enrolled(city({ ...thirteenSeats, passkeys: 'when-enrolled' }), 'clerk', key, day(-1))
    .write(
      `access/token/${token}`,
      [{ ...issued, type: 'TokenIssued', name: 'it', scopes: ['observe'], agencies: [], person: null }],
      OPERATOR(day(-3)),
    )
    .write(`access/token/${token}`, [{ v: 1, at: day(-2), type: 'TokenRevoked' }], OPERATOR(day(-2)))
    .write(`access/form/${form}`, [{ ...issued, type: 'FormIssued', vendor: 'acme', expiresAt: day(20) }], OPERATOR(day(-3)))
    .write(`access/form/${form}`, [{ v: 1, at: day(-2), type: 'FormRevoked' }], OPERATOR(day(-2)))
    .feat(notify(day(0), 1), withKey(certify(day(10), 1), 'clerk', key, day(-1)), sign(day(11), 1));
};
