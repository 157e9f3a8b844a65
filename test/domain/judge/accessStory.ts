import { rosterDecider } from '../../../domain/roster/decide.ts';
import { softwareKey } from '../../support/authenticator.ts';
import { byBallots, roster, thirteenSeats, withAdvice } from '../../support/fixtures/city.ts';
import { advise, ballot, certify, confirm, day, notify, override, refuse, sign } from '../feature/support.ts';
import { confirmationWithKey, enrolled, GATE, letIn, listedWithKey, withKey } from './forger.ts';
import { CLERK as CLERK_IN_OFFICE, city, type Log, OPERATOR, tokenNamed } from './log.ts';

const SINCE = day(-1);
/** Passkeys that the same seed makes are the same in every run. */
const CLERK = softwareKey(GATE);
const SPARE = softwareKey(GATE);
const MAYOR = softwareKey(GATE);
const MEMBER = softwareKey(GATE);
const BOARD = softwareKey(GATE);

export const access = (): Log => {
  const form = `access/form/${'b'.repeat(64)}`;
  const issued = { type: 'AccessIssued', v: 1, at: day(-3), issued: { kind: 'form', vendor: 'acme', expiresAt: day(20) } };
  const revoked = [{ v: 1, at: day(-2), type: 'AccessRevoked' }];
  const person = { at: day(-1, '13:00:00.000'), actor: 'holder:clerk' };
  const removed = { type: 'PasskeyRemoved', v: 1, at: person.at, holder: 'clerk', credential: SPARE.id };
  const log = enrolled(city({ ...thirteenSeats, passkeys: 'when-enrolled' }), 'clerk', CLERK, SINCE);
  return letIn(log, 'clerk', CLERK, SPARE, SINCE, SINCE)
    .write('access/passkeys/clerk', [removed], person)
    .token('it', null, 'observe', day(-3))
    .write(tokenNamed('it'), revoked, OPERATOR(day(-2)))
    .write(form, [issued], OPERATOR(day(-3)))
    .write(form, revoked, OPERATOR(day(-2)))
    .feat(notify(day(0), 1), withKey(certify(day(10), 1), 'clerk', CLERK, SINCE), sign(day(11), 1));
};

/** A city whose policy asks everybody for a passkey, and some who have one. */
const withKeys = (keys: Readonly<Record<string, typeof CLERK>>, base = thirteenSeats) =>
  Object.entries(keys).reduce((log, [holder, key]) => enrolled(log, holder, key, SINCE), city({ ...base, passkeys: 'required' }));

/** Each act that a passkey can sign, where the policy asks everybody for one: a veto, its override, a roster. */
export const signed = (): Log => {
  const log = withKeys({ clerk: CLERK, mayor: MAYOR, 'at-large-a': MEMBER, 'board-1': BOARD }, withAdvice);
  log
    .feat(notify(day(0), 1), withKey(advise(day(1), 1, 'board-1'), 'board-1', BOARD, SINCE))
    .feat(withKey(certify(day(2), 1), 'clerk', CLERK, SINCE), withKey(refuse(day(3), 1), 'mayor', MAYOR, SINCE))
    .feat(withKey(override(day(4), 1), 'clerk', CLERK, SINCE));
  const act = log.last.events[0]?.['act'];
  log.feat(withKey(confirm(day(5), 1, typeof act === 'string' ? act : ''), 'at-large-a', MEMBER, SINCE));
  log.proposeRoster(roster({ 'district-1': { id: 'newcomer' } }), day(6));
  const sha256 = log.stateOf('roster', rosterDecider).proposal?.sha256 ?? '';
  const by = { sha256, holder: 'clerk', body: 'clerk', seat: 'clerk' };
  const assertion = confirmationWithKey(by, day(7), CLERK, SINCE);
  return log.confirmRoster(by, day(7), assertion);
};

/** Two changes that the mayor signs at once, by one signature of a passkey over the list of both. */
export const signedTogether = (): Log =>
  withKeys({ clerk: CLERK, mayor: MAYOR })
    .feat(notify(day(0), 1), notify(day(1), 2))
    .feat(withKey(certify(day(8), 1), 'clerk', CLERK, SINCE), withKey(certify(day(9), 2), 'clerk', CLERK, SINCE))
    .feat(...listedWithKey(MAYOR, SINCE, sign(day(12), 1), sign(day(12), 2)));

/** The mayor's passkeys are reset by the clerk and a member, each with a passkey; the mayor sets up a new one and signs with it. */
export const passkeysReset = (): Log => {
  const log = withKeys({ clerk: CLERK, mayor: MAYOR, 'at-large-a': MEMBER });
  log.resetPasskeys('mayor', day(1), CLERK_IN_OFFICE);
  const confirmers = [
    [CLERK_IN_OFFICE, CLERK, day(2)],
    [{ holder: 'at-large-a', body: 'council', seat: 'at-large-a' }, MEMBER, day(3)],
  ] as const;
  for (const [by, key, at] of confirmers) {
    const sha256 = log.stateOf('roster', rosterDecider).proposal?.sha256 ?? '';
    log.confirmRoster(by, at, confirmationWithKey({ sha256, ...by }, at, key, SINCE));
  }
  enrolled(log, 'mayor', SPARE, day(4), 'reset', { generation: 1 });
  log.feat(notify(day(4), 1), withKey(certify(day(12), 1), 'clerk', CLERK, SINCE));
  const signing = withKey(sign(day(13), 1), 'mayor', SPARE, day(4));
  const assertion = { ...signing.assertion, enrolled: { at: day(4), by: 'reset' as const } };
  return log.feat({ ...signing, assertion } as typeof signing);
};

export const signedBallot = (): Log =>
  enrolled(city({ ...byBallots, passkeys: 'when-enrolled' }), 'at-large-a', MEMBER, SINCE).feat(
    notify(day(0), 1),
    withKey(ballot(day(1), 1, 'at-large-a'), 'at-large-a', MEMBER, SINCE),
  );

export const rotated = (): Log => {
  const announced = (by: string, key: string, n: number) => ({
    type: 'LogKeyAnnounced',
    v: 1,
    at: day(n),
    by: `gate.example/log+${by}`,
    key: `gate.example/log+${key}`,
    until: day(n + 20),
    note: 'signed by both',
  });
  return city()
    .write('logbook/keys', [announced('11111111+BBBB', '22222222+CCCC', 1)], OPERATOR(day(1)))
    .write('logbook/keys', [announced('22222222+CCCC', '33333333+DDDD', 22)], OPERATOR(day(22)));
};
