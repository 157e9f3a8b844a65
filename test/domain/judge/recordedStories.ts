import { endingDecider } from '../../../domain/ending/decide.ts';
import type { Grant } from '../../../domain/ending/events.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import { revocationDecider } from '../../../domain/revocation/decide.ts';
import type { RevocationRecorded } from '../../../domain/revocation/events.ts';
import { rosterDecider } from '../../../domain/roster/decide.ts';
import { roster } from '../../support/fixtures/city.ts';
import { adoption, day, notify, revoke } from '../feature/support.ts';
import { CLERK, city, type Log, MEMBER, mailOf, SALT, tokenNamed } from './log.ts';
import { reasonRedacted } from './redactionStory.ts';

/** The mayor's revocation of the first change of `acme`, recorded beside its stream on day 20. */
export const recordedRevocation = (over: Partial<RevocationRecorded> = {}): RevocationRecorded => ({
  type: 'RevocationRecorded',
  v: 1,
  at: day(20),
  key: 'acme',
  change: 1,
  requirement: 'mayor',
  holder: 'mayor',
  body: 'mayor',
  seat: 'mayor',
  fileNumber: null,
  reason: null,
  ...over,
});

/**
 * A revocation that was recorded beside its feature's stream, and entered it once that could be read: its official had left by then. Its
 * reason is redacted.
 */
export const revokedBeside = (): Log => {
  const mayor = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
  const act = { change: 1, requirement: 'mayor', fileNumber: null, reason: digestOf('a reason') };
  const rules = { zone: 'UTC', roster: roster(), feature: null };
  const log = city()
    .feat(notify(day(0), 1), ...adoption(1))
    .decide(
      'revocation',
      revocationDecider,
      { at: day(20), key: 'acme', ...act, ...mayor, ...rules },
      { at: day(20), actor: 'holder:mayor' },
    )
    .adoptRoster(roster({ mayor: { id: 'newcomer', name: 'Somebody new' } }), day(22))
    .feat(revoke(day(30), 1, { ...act, holder: 'mayor', recorded: { seat: 'mayor' } }));
  return reasonRedacted(log, { stream: 'revocation', key: 'acme', change: 1 }, 31);
};

/** Ends a grant beside the stream that made it, as the operator does where that cannot be read. */
export const endBeside = (log: Log, grant: Grant, at: string, number = 1): Log =>
  log.decide('ending', endingDecider, { at, grant, number }, { at, actor: 'operator' });

/** One grant of each kind, ended beside the stream that made it; links and passkeys can be ended again. */
export const endedBeside = (): Log => {
  const log = city().token('desk', 'mayor');
  const token = tokenNamed('desk', 'mayor').slice('access/token/'.length);
  endBeside(log, { kind: 'token', sha256: token }, day(-5));
  endBeside(log, { kind: 'form', sha256: 'b'.repeat(64) }, day(-5));
  endBeside(log, { kind: 'vendor-key', vendor: 'acme', key: 'k0' }, day(-4));
  for (const number of [1, 2]) {
    endBeside(log, { kind: 'links', holder: 'clerk' }, day(-3), number);
    endBeside(log, { kind: 'passkeys', holder: 'mayor' }, day(-3), number);
  }
  return log.feat(notify(day(0), 1), ...adoption(1));
};

/** The operator cuts off the mayor's links. */
export const cutOff = (log: Log, generation: number, at: string): Log =>
  log.write('roster', [{ type: 'LinksCutOff', v: 1, at, holder: 'mayor', generation, by: null, reissued: false }], {
    at,
    actor: 'operator',
  });
/** The mayor acts by a link. */
export const used = (log: Log, over: JsonObject, at: string, actor = 'holder:mayor'): Log =>
  log.write('roster', [{ type: 'LinksUsed', v: 1, at, holder: 'mayor', generation: 2, ended: 0, ...over }], { at, actor });

/** The mayor's links are cut off twice, and ended beside the roster; the mayor acts by one in between, then by one made after the second. */
export const usedTwice = (): Log => {
  const log = cutOff(used(cutOff(city(), 1, day(1)), {}, day(2)), 2, day(3));
  return endBeside(used(log, { generation: 3 }, day(4)), { kind: 'links', holder: 'mayor' }, day(5));
};

/** The mayor acts by the newest link after {@link usedTwice}. */
export const usedLinks = (): Log => used(usedTwice(), { generation: 3, ended: 1 }, day(6));

/** Two persons confirm another address of the mayor's, whose links end with that. */
export const movedMayor = (): Log => {
  const holders = roster().holders.map(({ id, ...each }) => ({
    ...each,
    id,
    email: id === 'mayor' ? 'office@city.example' : mailOf(id),
  }));
  const command = { type: 'proposeRoster', at: day(1), zone: 'UTC', roster: { ...roster(), holders }, salt: SALT } as const;
  return city()
    .decide('roster', rosterDecider, command, { at: day(1), actor: 'operator' })
    .confirmRoster(CLERK, day(2))
    .confirmRoster(MEMBER, day(3));
};
