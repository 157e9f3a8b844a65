import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { rosterDecider } from '../../../../domain/roster/decide.ts';
import type { Officer } from '../../../../domain/roster/events.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { roster, term, thirteenSeats, withAdvice } from '../../../support/fixtures/city.ts';
import { day } from '../../feature/support.ts';
import { digest, dropped, edited, of, tampered } from '../forger.ts';
import { CLERK, city, Log, MEMBER, OPERATOR } from '../log.ts';
import { atNoon } from '../rosterStories.ts';
import { edit, type Forgeries, graft, wrote } from './base.ts';

const MAYOR: Officer = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
const COLLEAGUE: Officer = { holder: 'district-2', body: 'council', seat: 'district-2' };
const AS_CLOCK = (at: string) => ({ at, actor: 'clock' });
const as = ({ holder }: Officer, at: string) => ({ at, actor: `holder:${holder}` });

const next = roster({ mayor: { id: 'other-mayor' } });
const proposal = (log = city()) => log.proposeRoster(next, day(1));
/** Another mayor is proposed, whom the clerk has confirmed. */
const once = () => proposal().confirmRoster(CLERK, day(1));

/** Appends an answer to what is proposed, which no check let through, and what it is said to bring about. */
const answered = (log: Log, decision: 'confirm' | 'refuse', by: Officer, at: string, then: readonly JsonObject[] = []) => {
  const { proposal: waits, inForce } = log.stateOf('roster', rosterDecider);
  const act = { type: 'ProposalAnswered', v: 1, at, sha256: waits?.sha256 ?? '', ...by, roster: inForce?.number ?? 1 };
  const event = { ...act, decision, reason: null };
  return log.write('roster', [event, ...then] as never, as(by, at));
};
const confirmed = (log: Log, by: Officer, at = day(2), then: readonly JsonObject[] = []) =>
  answered(log, 'confirm', by, at, then);

const adoption = (log: Log, at = day(2), by = 'confirmation'): JsonObject => {
  const { proposal: waits } = log.stateOf('roster', rosterDecider);
  if (waits === null || !('roster' in waits)) throw new Error('no roster waits');
  const { number, sha256, roster: adopted, contacts } = waits;
  return { type: 'RosterAdopted', v: 1, at, number, sha256, roster: adopted, contacts, by };
};
const settled = (log: Log, by: Officer, at = day(2)) => confirmed(log, by, at, [adoption(log, at)]);

/** A city in which the mayor's term ends on the second day, and in which the roster has a successor or none. */
const mayorUntil = (...more: readonly Roster['holders'][number][]) => {
  const ends = { mayor: { to: day(2).slice(0, 10) } };
  const base = roster(ends, ...more);
  const renamed = {
    ...base,
    holders: base.holders.map((term) => (term.id === 'district-1' ? { ...term, name: 'Renamed' } : term)),
  };
  return city(thirteenSeats, base).proposeRoster(renamed, day(1));
};

const asking = () => city({ ...thirteenSeats, passkeys: 'when-enrolled' });
const resetProposed = () => asking().resetPasskeys('district-1', day(1));
const reset = (at: string, by: Officer | null = null): JsonObject => ({
  type: 'PasskeysReset',
  v: 1,
  at,
  holder: 'district-1',
  generation: 1,
  by,
});

const withoutPolicy = () => proposal(new Log().zone().setRoster());

const ROSTERS: Forgeries = {
  'already-decided': {
    'one person’s confirmation counted twice': () => settled(once(), CLERK),
  },
  'consequence-missing': {
    'the confirmation of a proposal that another had voided': () =>
      settled(proposal(once().proposeRoster(roster({ auditor: { id: 'x' } }), day(1))), MEMBER),
    'a person who has left the seat since they confirmed': () =>
      settled(mayorUntil(successor()).confirmRoster(MAYOR, day(1)), CLERK, day(5)),
    'a clerk before the first policy, who brings nothing into force': () =>
      dropped(withoutPolicy().confirmRoster(CLERK, day(2)), (_, index) => index === 0),
    'a confirmation that its person took back by a refusal': () => settled(once().refuseRoster(CLERK, day(2)), MEMBER, day(3)),
  },
  'roster-confirmer': {
    'a body that only advises': () =>
      settled(proposal(city(withAdvice)).confirmRoster(CLERK, day(1)), { holder: 'board-1', body: 'board', seat: 'board-1' }),
    'a body that no rule names': () => settled(once(), { holder: 'board-1', body: 'board', seat: 'board-1' }),
    'a person whose term is over and who has a successor': () =>
      settled(mayorUntil(successor()).confirmRoster(CLERK, day(1)), MAYOR, day(5)),
    'a stranger’s refusal': () => answered(proposal(), 'refuse', { ...MAYOR, holder: 'x' }, day(2)),
  },
  'second-operator': {
    'the operator’s own adoption of what one has confirmed': () =>
      once().write('roster', [adoption(once(), day(2), 'operator')] as never, OPERATOR(day(2))),
    'the clock’s adoption of what one has confirmed': () => once().write('roster', [adoption(once())] as never, AS_CLOCK(day(2))),
  },
  'roster-proposal': {
    'a proposal of the first roster': graft(() => new Log().zone(), proposal),
    'a proposal of the roster that is in force': () => {
      const known = city().commits.find(({ stream }) => stream === 'roster')?.events[0] ?? {};
      const { sha256 = null, roster: same = null, contacts = null } = known;
      return edit(proposal, 'ProposalMade', { sha256, subject: { number: 2, roster: same, contacts } })();
    },
  },
  'too-late': {
    'after fourteen days': () => settled(once(), MEMBER, day(15)),
  },
  'not-due': {
    'a proposal that ends before its time': () => {
      const [event] = proposal().endProposal(day(15)).last.events;
      return proposal().write('roster', [{ ...event, at: day(14) }], AS_CLOCK(day(14)));
    },
  },
};

const successor = () => term('mayor', 'mayor', { id: 'next-mayor', from: day(3).slice(0, 10) });

const resetAs = (by: Officer, holder: string) => () => {
  const subject = { holder, generation: 1, by: { ...by } };
  const sha256 = digest({ passkeys: { holder, generation: 1 } });
  return wrote(city, 'roster', { type: 'ProposalMade', v: 1, at: day(1), sha256, subject }, `holder:${by.holder}`)();
};

const RESETS: Forgeries = {
  'roster-confirmer': {
    'proposed by the mayor, who certifies for nobody': resetAs(MAYOR, 'district-1'),
    'proposed by a clerk for the own office': resetAs(CLERK, 'deputy-clerk'),
    'by the operator alone, under rules that ask for passkeys': () =>
      asking().write('roster', [reset(day(1))] as never, OPERATOR(day(1))),
    'by one whose term is over': () => {
      const base = roster({ mayor: { to: day(2).slice(0, 10) } });
      const log = city({ ...thirteenSeats, passkeys: 'when-enrolled' }, base).resetPasskeys('district-1', day(1));
      return confirmed(log.confirmRoster(CLERK, day(1)), MAYOR, day(5), [reset(day(5), MAYOR)]);
    },
  },
  actor: {
    'by a clerk alone, under rules that ask for none': () =>
      city().write('roster', [reset(day(1), CLERK)] as never, as(CLERK, day(1))),
  },
  'consequence-missing': {
    'by one who confirms': () => confirmed(resetProposed(), CLERK, day(2), [reset(day(2), CLERK)]),
    'by two of one body': () =>
      confirmed(resetProposed().confirmRoster(MEMBER, day(1)), COLLEAGUE, day(2), [reset(day(2), COLLEAGUE)]),
  },
  consequence: {
    'of another person than was proposed': () =>
      confirmed(resetProposed().confirmRoster(CLERK, day(1)), MEMBER, day(2), [
        { ...reset(day(2), MEMBER), holder: 'district-2' },
      ]),
  },
  number: {
    'the second before the first': edit(resetProposed, 'ProposalMade', {
      subject: { holder: 'district-1', generation: 2, by: null },
      sha256: digest({ passkeys: { holder: 'district-1', generation: 2 } }),
    }),
  },
  'roster-proposal': {
    'proposed by a clerk in place of what waits': () => {
      const { events } = asking().resetPasskeys('district-1', day(2), CLERK).last;
      return proposal(asking()).write('roster', events, as(CLERK, day(2)));
    },
  },
};

const restored = () => city().proposeRestored(day(1));
const ended = (log: Log, at: string): JsonObject => {
  const { sha256 } = log.stateOf('roster', rosterDecider).proposal ?? {};
  return { type: 'ProposalEnded', v: 1, at, sha256: sha256 ?? '', because: 'confirmed' };
};
const newest = (log: Log, by: Officer) => confirmed(log, by, day(2), [ended(log, day(2))]);

/** Forgeries of what says that a gate that was put back from a copy lacks nothing. */
const RESTORED: Forgeries = {
  'consequence-missing': {
    'a restored gate confirmed by one': () => newest(restored(), CLERK),
    'a restored gate confirmed by two of one body': () => newest(restored().confirmRoster(MEMBER, day(1)), COLLEAGUE),
  },
  'roster-proposal': { 'a restored gate before there is a roster': graft(() => new Log().zone(), restored) },
  'no-act': {
    'a restored gate confirmed by nobody': () =>
      restored().write('roster', [ended(restored(), day(2))] as never, OPERATOR(day(2))),
  },
  consequence: {
    'a restored gate confirmed, and another roster in force by it': () =>
      confirmed(restored().confirmRoster(CLERK, day(1)), MEMBER, day(2), [reset(day(2), MEMBER)]),
  },
  digest: {
    'another restored gate than its digest names': edit(restored, 'ProposalMade', { subject: { size: 55, root: 'cm9vdA==' } }),
    'another reset of passkeys than its digest names': edit(
      () => city().resetPasskeys('district-3', day(1), CLERK),
      'ProposalMade',
      { sha256: digest('another reset') },
    ),
  },
  actor: {
    'a restored gate that no operator proposed': () => tampered(restored(), { actor: `holder:${CLERK.holder}` }),
  },
};

const TERMS_OF_OFFICE: Forgeries = {
  'not-in-office': {
    'a signature by the outgoing mayor in the first instant of the next': () =>
      tampered(edited(atNoon(), of('SignatureGiven', { holder: 'mayor' })), { actor: 'holder:mayor' }),
  },
};

/** Forgeries of who holds a seat, where links go and whose passkeys are reset. */
export const PROPOSALS: readonly Forgeries[] = [ROSTERS, RESETS, RESTORED, TERMS_OF_OFFICE];
