import { initialState } from '../../../domain/feature/state.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import { revocationDecider } from '../../../domain/revocation/decide.ts';
import type { RevocationRecorded } from '../../../domain/revocation/events.ts';
import { rosterDecider } from '../../../domain/roster/decide.ts';
import { roster } from '../../support/fixtures/city.ts';
import { adoption, day, notify, revoke } from '../feature/support.ts';
import { CLERK, city, type Log, MEMBER, mailOf, SALT } from './log.ts';
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
  const rules = { zone: 'UTC', roster: roster(), feature: initialState };
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

export const cutOff = (log: Log, generation: number, at: string): Log =>
  log.write('roster', [{ type: 'LinksCutOff', v: 1, at, holder: 'mayor', generation, by: null, reissued: false }], {
    at,
    actor: 'operator',
  });
export const used = (log: Log, over: JsonObject, at: string): Log =>
  log.write('roster', [{ type: 'LinksUsed', v: 1, at, holder: 'mayor', generation: 2, ...over }], { at, actor: 'holder:mayor' });

/** The mayor's links are cut off twice; the mayor acts by one in between, then by one made after the second. */
export const usedTwice = (): Log => {
  const log = cutOff(used(cutOff(city(), 1, day(1)), {}, day(2)), 2, day(3));
  return used(log, { generation: 3 }, day(4));
};

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
