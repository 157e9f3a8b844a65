import { expect, test } from 'vitest';
import { softwareKey } from '../../support/authenticator.ts';
import { thirteenSeats } from '../../support/fixtures/city.ts';
import { codeOfLast } from '../../support/judged.ts';
import { certify, day, notify, sign } from '../feature/support.ts';
import { enrolled, GATE, withKey } from './forger.ts';
import { city, type Log } from './log.ts';

// What an operator with every key can still forge where each decision needs a passkey: acts under keys that the operator enrolled in the
// names of officials. docs/security.md says so. Each leaves events that a reader of the log sees.

const forged = { clerk: softwareKey(GATE), mayor: softwareKey(GATE) };
const strict = () => city({ ...thirteenSeats, passkeys: 'required' });
/** The acts of clerk and mayor under the operator's keys, enrolled at `since`. */
const acts = (log: Log, since: string): Log =>
  log.feat(
    notify(day(0), 1),
    withKey(certify(day(10), 1), 'clerk', forged.clerk, since),
    withKey(sign(day(11), 1), 'mayor', forged.mayor, since),
  );
const types = ({ commits }: Log) => commits.flatMap(({ events }) => events.map(({ type }) => type));

test('root can enrol a first passkey in the name of an official who has none', () => {
  const log = acts(enrolled(enrolled(strict(), 'clerk', forged.clerk), 'mayor', forged.mayor), day(0));
  expect(codeOfLast(log.bytes)).toBe('stands');
  expect(types(log).filter((type) => type === 'PasskeyEnrolled')).toHaveLength(2);
});

test('beside a passkey that the official has enrolled no other key counts; the forgeries tell of those that are let in or reset', () => {
  const log = enrolled(enrolled(strict(), 'clerk', forged.clerk), 'mayor', softwareKey(GATE));
  expect(codeOfLast(acts(log, day(0)).bytes)).toBe('passkey');
});
