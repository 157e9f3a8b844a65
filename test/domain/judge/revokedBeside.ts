import { digestOf } from '../../../domain/kernel/digest.ts';
import { revocationDecider } from '../../../domain/revocation/decide.ts';
import { roster } from '../../support/fixtures/city.ts';
import { adoption, day, notify, revoke } from '../feature/support.ts';
import { city, type Log } from './log.ts';

/** A revocation that was recorded beside its feature's stream, and entered it once that could be read: its official had left by then. */
export const revokedBeside = (): Log => {
  const mayor = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
  const act = { change: 1, requirement: 'mayor', fileNumber: null, reason: digestOf('a reason') };
  const rules = { zone: 'UTC', roster: roster(), feature: null };
  return city()
    .feat(notify(day(0), 1), ...adoption(1))
    .decide(
      'revocation',
      revocationDecider,
      { at: day(20), key: 'acme', ...act, ...mayor, ...rules },
      { at: day(20), actor: 'holder:mayor' },
    )
    .proposeRoster(roster({ mayor: { id: 'newcomer', name: 'Somebody new' } }), day(21))
    .confirmRoster({ holder: 'clerk', body: 'clerk', seat: 'clerk' }, day(22))
    .settleRoster(day(23))
    .feat(revoke(day(30), 1, { ...act, holder: 'mayor', recorded: { seat: 'mayor' } }));
};
