import type { JsonObject } from '../../../../domain/kernel/json.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { vendorDecider } from '../../../../domain/vendors/decide.ts';
import { byBallots, council, mayor, policy, roster, rule, term } from '../../../support/fixtures/city.ts';
import { ACME_KEY } from '../../../support/fixtures/vendor.ts';
import { ballot, day, notify } from '../../feature/support.ts';
import { digest, edited, tampered } from '../forger.ts';
import { city, Log } from '../log.ts';
import { edit, type Forgeries, type Make, wrote } from './base.ts';

const SECOND_KEY = { ...ACME_KEY, id: 'k2', publicKey: `whpk_${Buffer.alloc(32, 9).toString('base64')}` } as const;
const rotated = (): Log =>
  city().decide(
    'vendor/acme',
    vendorDecider,
    { type: 'rotateKey', at: day(1), key: SECOND_KEY },
    { at: day(1), actor: 'operator' },
  );

const eventsOf = (log: Log, stream: string): JsonObject =>
  log.commits.find((commit) => commit.stream === stream)?.events[0] ?? {};
const again = (stream: string, type: string): JsonObject => {
  const { number: _number, by: _by, ...content } = eventsOf(city(), stream);
  return { ...content, type, at: day(1) };
};
const proposedRoster = (next: Roster): Make => {
  const subject = (event: JsonObject): JsonObject => event['subject'] as JsonObject;
  return () =>
    edited(city().proposeRoster(roster({ mayor: { id: 'another' } }), day(1)), (event) => {
      const named: JsonObject = { ...subject(event), roster: next };
      return { ...event, subject: named, sha256: digest({ roster: next, contacts: named['contacts'] }) };
    });
};
const twice = (): Roster => ({ ...roster(), holders: [...roster().holders, term('mayor', 'mayor', { id: 'second' })] });

/** What is on record already, comes in another order than one command makes it, or counts what is not there. */
export const REPEATED: Forgeries = {
  'policy-proposal': {
    'a proposal of the policy that is in force': wrote(city, 'policy', again('policy', 'PolicyProposed')),
    'a proposal of a policy before the first is in force': wrote(
      () => new Log().zone().setRoster(),
      'policy',
      again('policy', 'PolicyProposed'),
    ),
  },
  'already-decided': {
    'the policy that was proposed last, once more': () => {
      const log = city().proposePolicy(policy(rule([council(), mayor()], { window: 'P90D' })), day(1));
      return wrote(() => log, 'policy', { ...(log.last.events[0] as JsonObject), at: day(2) })();
    },
    'the time zone that is on record, once more': wrote(city, 'settings', again('settings', 'TimeZoneSet')),
  },
  'roster-invalid': {
    'a proposal of a roster in which two hold one seat': proposedRoster(twice()),
  },
  order: {
    'a key of a vendor behind the end of the one before': () =>
      tampered(rotated(), { events: rotated().last.events.toReversed() }),
  },
  consequence: {
    'a key of a vendor that ends another one twice': () =>
      tampered(rotated(), { events: [...rotated().last.events, ...rotated().last.events.slice(1)] }),
  },
  tally: {
    'a ballot of a body with one member more than hold a seat': edit(
      () => city(byBallots).feat(notify(day(0), 1), ballot(day(1), 1, 'district-1')),
      'BallotCast',
      { filled: 12 },
    ),
  },
  'roster-confirmer': {
    'a reset of the passkeys of a person who has no office': edit(
      () => city().resetPasskeys('district-1', day(1)),
      'PasskeysReset',
      { holder: 'nobody' },
    ),
  },
};
