import { describe, expect, test } from 'vitest';
import { taskIdentity } from '../../../domain/derived/record.ts';
import { isCoveredByAncestor, tasksOfSource } from '../../../domain/derived/tasks.ts';
import { announced, at, closed, known, minuteBefore, off, on, openCase, recordOf, revised, seen, ZONE } from './known.ts';

// Each row of the table at instants that anybody can check. That it holds at all others, tasks.properties.test.ts proves against a second
// statement of it.

const DAY = at('06-01');
const LAST = at('05-15');
const OPT_OUT = 'opt-out announced /1 by 05-15 00:00';
const LATE = 'opt-out! announced /1 by 05-15 00:00';
const LOOK = 'look takes-effect /1 by 06-02 00:00';
const LOOK_LATE = 'look! takes-effect /1 by 06-02 00:00';
const AGAIN = 'look slow-roll-out /1 by 07-02 00:00';
const optedOut = { at: at('05-10', '15:00'), person: 'ada', evidence: null, counts: true };
const isApproved = { status: 'approved', from: at('05-20') } as const;
const reports = (...list: ReturnType<typeof seen>[]) => ({ reports: list });

type Row = readonly [what: string, of: ReturnType<typeof known>, now: string, tasks: readonly string[]];
const rows = (table: readonly Row[]) =>
  test.each(table)('%s', (_, { tasks }, now, expected) => expect(tasks(now)).toEqual(expected));

describe('announced and not approved', () => {
  const waiting = known([announced()]);
  const recorded = known([announced({ optedOut })]);
  const later = known([announced({ status: 'approved', from: at('06-10') })], { answer: off('scheduled') });
  const going = { n: 2, kind: 'removal', status: 'removed', at: at('05-10'), effectiveAt: at('08-01') } as const;
  const closing = known([announced({ status: 'removed' }), announced(going)]);
  rows([
    ['closed by a removal to come', closing, at('05-12'), [OPT_OUT]],
    ['closed by one that came', closing, at('08-01'), ['look removed /2 by 08-02 00:00']],
    ['opt out, by its last day for that', waiting, at('05-01', '10:00'), [OPT_OUT]],
    ['urgent from then on, until it is recorded', waiting, LAST, [LATE]],
    ['approved for later: until then', later, minuteBefore(at('06-10')), [LATE, LOOK_LATE]],
    ['recorded', recorded, minuteBefore(at('05-17')), []],
    ['recorded: looked at once more a week later', recorded, at('05-17'), ['look opted-out /1 by 05-18 00:00']],
    ['recorded and looked at', recorded.with(reports(seen(false, at('05-17')))), at('05-17'), []],
    ['the vendor leaves it off: look on its day', known([announced({ withoutAction: 'off' })]), DAY, [LOOK]],
  ]);

  test('is told whole', () => {
    expect(waiting.whole(at('05-02'))).toStrictEqual([
      {
        key: 'acme.lpr.search',
        kind: 'opt-out',
        vendor: 'acme',
        how: 'Settings, AI, off.',
        because: 'announced',
        change: 'acme.lpr.search/1',
        digest: announced().digest,
        since: at('05-01', '10:00'),
        by: LAST,
        agencies: null,
        below: 0,
        urgent: false,
      },
    ]);
  });

  test('opens anew under the digest of a revision', () => {
    const [first] = waiting.whole(at('05-13'));
    const [task] = known([announced({ ...revised, at: at('05-12') })]).whole(at('05-13'));
    expect(task).toMatchObject({ kind: 'opt-out', since: at('05-12'), digest: revised.digest });
    expect(first && task && taskIdentity(first) === taskIdentity(task)).toBe(false);
  });
});

describe('its day came', () => {
  const looked = (instant: string) => known([announced({ optedOut })], reports(seen(false, instant)));
  const update = announced({ kind: 'update', version: '2', ...isApproved });
  const updated = (version: string, kind: 'city' | 'vendor' = 'city') =>
    known([update], { answer: on({ version: '2' }), ...reports(seen(true, DAY, { version, kind })) });
  const running = known([announced(isApproved)], { answer: on() });
  const withdrawn = (instant: string) => known([announced({ status: 'withdrawn', withdrawn: instant })]);
  const gone = (...looked: ReturnType<typeof seen>[]) => {
    const days = [at('06-03'), DAY, DAY].map((withdrawn, index) => ({ n: index + 1, withdrawn }));
    return known(
      days.map((day) => announced({ status: 'withdrawn', ...day })),
      reports(...looked),
    );
  };
  const removal = () => known([announced({ kind: 'removal', status: 'removed' })], { answer: off('removed') });
  rows([
    ['look on that day', looked(minuteBefore(DAY)), DAY, [LOOK]],
    ['once more thirty days on', looked(DAY), at('07-01'), [AGAIN]],
    ['an approved update, until its version is seen', updated('1'), at('07-01'), [AGAIN]],
    ['its version, as the vendor says', updated('2', 'vendor'), at('06-02'), [LOOK_LATE]],
    ['an approved feature, until it is seen on', running, DAY, [LOOK]],
    ['it is seen on', running.with(reports(seen(true, at('05-25')))), DAY, []],
    ['withdrawn after: look', withdrawn(DAY), DAY, ['look withdrawn-late /1 by 06-02 00:00']],
    ['several withdrawn: one look', gone(), at('06-03'), ['look! withdrawn-late /2 by 06-02 00:00']],
    ['withdrawn since that look: another', gone(seen(false, DAY)), at('06-03'), ['look withdrawn-late /1 by 06-04 00:00']],
    ['a removal', removal(), DAY, ['look removed /1 by 06-02 00:00']],
  ]);
});

describe('it cannot be opted out of', () => {
  const update = announced({ n: 2, kind: 'update', optOut: 'no', version: '2' });
  const before = announced({ status: 'approved', from: at('03-10'), at: at('03-01'), effectiveAt: null });
  const running = known([before, update], { answer: on(), ...reports(seen(true, at('04-01'))) });
  const outdated = running.with({ answer: off('outdated', { since: DAY }), offSince: DAY });
  const look = 'look takes-effect /2 by 06-02 00:00';
  rows([
    ['switch off by its day', running, minuteBefore(DAY), ['switch-off cannot-opt-out /2 by 06-01 00:00']],
    ['it was seen off since', running.with(reports(seen(false, update.at))), at('05-20'), []],
    ['its day came', outdated, DAY, [look, 'switch-off! outdated /1 by 06-01 00:00']],
  ]);
});

describe('an approval ends', () => {
  const contract = announced({
    kind: 'contract',
    at: at('01-10'),
    effectiveAt: null,
    status: 'approved',
    from: at('01-20'),
    until: DAY,
  });
  const running = known([contract], { answer: on(), ...reports(seen(true, at('04-01'))) });
  const ended = known([{ ...contract, status: 'expired', ended: DAY }], { answer: off('expired'), offSince: DAY });
  const PLANNED = 'switch-off ends /1 by 06-01 00:00';
  const next = { ...contract, n: 2, from: DAY, until: at('09-01') };
  const goesOn = known([contract, next], { answer: on(), ...reports(seen(true, at('04-01'))) });
  rows([
    ['shown from thirty days before', running, at('05-02'), [PLANNED]],
    ['over: at once', ended, DAY, ['switch-off! ended /1 by 06-01 00:00']],
    ['switched off in these thirty days', ended.with(reports(seen(false, at('05-02')))), DAY, []],
    ['another goes on', goesOn, at('05-20'), []],
  ]);

  test.each(['revoked', 'outdated'] as const)('%s: switch off at once, until it is seen off since', (variant) => {
    const lost = known(
      [announced({ status: variant === 'outdated' ? 'approved' : variant, from: at('05-20'), ended: at('06-10') })],
      {
        answer: off(variant),
        offSince: at('06-10', '09:00'),
      },
    );
    expect(lost.tasks(at('06-10', '09:00'))).toEqual([`switch-off! ${variant} /1 by 06-10 09:00`]);
    expect(lost.with(reports(seen(false, at('06-10', '09:00')))).tasks(at('06-11'))).toEqual([]);
  });
});

describe('seen on without approval: switch off at once', () => {
  test.each([
    ['not-approved', 'seen-on'],
    ['never-announced', 'never-announced'],
    ['removed', 'removed'],
    ['version', 'seen-other-version'],
  ] as const)('%s', (kind, because) => {
    const drift = openCase(at('05-05', '11:00'), { kind });
    const withCase = known([], { answer: off('unknown', { change: null }), cases: [drift] });
    expect(withCase.tasks(at('05-05', '11:00'))).toEqual([`switch-off! ${because} by 05-05 11:00`]);
    expect(withCase.with({ cases: [closed(drift, at('05-06'))] }).tasks(at('05-06'))).toEqual([]);
  });

  test('for more than is approved: for those', () => {
    const agencies = ['police', 'sheriff', 'transit'];
    const drift = openCase(at('06-10'), {
      kind: 'audience',
      seen: { on: true, agencies, version: null },
      approved: on({ onFor: ['police'] }),
    });
    const given = { answer: on({ onFor: ['police'] }), ...reports(seen(true, at('06-10'))), cases: [drift] };
    const running = known([announced(isApproved)], given);
    expect(running.tasks(at('06-10'))).toEqual(['switch-off! seen-on-for-others /1 by 06-10 00:00 sheriff and transit']);
    const unknown = { ...drift, seen: { ...drift.seen, agencies: null } };
    expect(running.with({ cases: [unknown] }).tasks(at('06-10'))).toEqual(['switch-off! seen-on-for-others /1 by 06-10 00:00']);
  });
});

describe('approved for fewer than before: switch off for the others at once', () => {
  const police = on({ variant: 'audience', onFor: ['police'], since: at('06-10') });
  const fewer = known([announced(isApproved)], { answer: police, allowed: [on(), police], ...reports(seen(true, DAY)) });
  const named = (observedAt: string) => {
    const said = seen(true, at('06-10'));
    const saidAgencies = [{ ...said, evidence: false, observedAt, until: null }];
    return reports({ ...said, seen: { ...said.seen, agencies: ['police'] }, saidAgencies });
  };
  const again = [on(), off('revoked', { since: at('06-10') }), { ...police, since: at('06-12') }];
  const OFF = ['switch-off! for-fewer /1 by 06-10 00:00 but police'];
  rows([
    ['from all to some', fewer, at('06-10'), OFF],
    ['approved again, for fewer', fewer.with({ allowed: again }), at('06-12'), OFF],
    ['named before', fewer.with(named(minuteBefore(at('06-10')))), at('06-11'), OFF],
    ['until a report names for whom it is on', fewer.with(named(at('06-10'))), at('06-11'), []],
  ]);
});

describe('an ancestor is off', () => {
  const approved = announced({ ...isApproved, effectiveAt: null });
  const blocked = { answer: off('blocked'), offSince: at('06-10') };
  const counted = (given: Parameters<typeof recordOf>[1], ancestor: string | null = 'acme') =>
    isCoveredByAncestor(recordOf([approved], { ...blocked, ...given }), ancestor);

  test('what is off only because of it counts for it until it is seen off, and has no task of its own', () => {
    expect(known([approved], { ...blocked, lostAncestor: 'acme' }).tasks(at('06-10'))).toEqual([]);
    expect(counted({})).toBe(true);
    expect(counted(reports(seen(false, minuteBefore(at('06-10')))))).toBe(true);
    expect(counted(reports(seen(false, at('06-10'))))).toBe(false);
    expect(counted({ ...reports(seen(false, at('06-10'))), cases: [openCase(at('06-12'))] })).toBe(true);
    expect(counted({ offSince: null })).toBe(false);
    expect(counted({ offSince: null, cases: [openCase(at('06-12'))] })).toBe(true);
  });

  test('what is off by itself, or only beneath what never was on, does not', () => {
    expect(counted({ answer: off('revoked') })).toBe(false);
    expect(counted({}, null)).toBe(false);
  });

  test('the topmost key has the one task, as long as any of them must be switched off', () => {
    const given = { answer: off('expired'), offSince: at('06-10') };
    const top = known([{ ...approved, status: 'expired', until: at('06-10'), ended: at('06-10') }], given);
    expect(top.with({ below: 30 }).tasks(at('06-10'))).toEqual(['switch-off! ended /1 by 06-10 00:00 30 below']);
    const seenOff = top.with(reports(seen(false, at('06-10'))));
    expect(seenOff.with({ below: 1 }).tasks(at('06-11'))).toEqual(['switch-off! ended /1 by 06-10 00:00 1 below']);
    expect(seenOff.tasks(at('06-11'))).toEqual([]);
  });
});

describe('approved and seen off', () => {
  const seenOff = known([announced(isApproved)], { answer: on(), ...reports(seen(false, at('05-17'))) });
  const ON = 'switch-on approved /1';
  const some = on({ variant: 'audience', onFor: ['police', 'fire'] });
  const byVendor = seen(false, at('05-19'), { kind: 'vendor' });
  rows([
    ['may be switched on from its day', seenOff, DAY, [ON]],
    ['for whom it is approved', seenOff.with({ answer: some }), DAY, [`${ON} police and fire`]],
    ['the vendor’s word where nobody else looked', seenOff.with(reports(byVendor)), DAY, [LOOK, ON]],
    ['opted out before it was approved', known([announced({ ...isApproved, optedOut })], { answer: on() }), DAY, [ON]],
  ]);
});

test('contested maintenance opens its tasks at that instant', () => {
  const update = announced({ kind: 'update', optOut: 'unknown', optOutBy: null, effectiveAt: at('05-10') });
  expect(known([{ ...update, contested: at('05-20', '09:00') }]).whole(at('05-20', '09:00'))).toMatchObject([
    { kind: 'opt-out', because: 'not-stated', since: at('05-20', '09:00'), urgent: true },
    { kind: 'look', because: 'took-effect', since: at('05-20', '09:00'), by: at('05-21') },
  ]);
});

test('a source that is silent is one look, about no key, urgent after a day', () => {
  const silent = (silentFrom: string | null, now: string) =>
    tasksOfSource({ vendor: 'acme', source: 'round', silentFrom }, { now, zone: ZONE }).tasks;
  expect([silent(null, DAY), silent(DAY, minuteBefore(DAY))]).toEqual([[], []]);
  const task = {
    key: null,
    kind: 'look',
    vendor: 'acme',
    source: 'round',
    how: null,
    because: 'silent',
    change: null,
    digest: null,
  };
  expect(silent(DAY, DAY)).toStrictEqual([{ ...task, since: DAY, by: at('06-02'), agencies: null, below: 0, urgent: false }]);
  expect(silent(DAY, at('06-02'))).toMatchObject([{ urgent: true }]);
});

test('a switch is one task for a key, whatever its reason became; a look is one from an instant on', () => {
  const contract = announced({ kind: 'contract', effectiveAt: null, status: 'approved', from: at('05-02'), until: DAY });
  const [before] = known([contract], { answer: on(), ...reports(seen(true, at('05-02'))) }).whole(minuteBefore(DAY));
  const [after] = known([{ ...contract, status: 'expired' }], { answer: off('expired'), offSince: DAY }).whole(DAY);
  expect(before && after && taskIdentity(before)).toBe(after && taskIdentity(after));
  const left = known([announced({ withoutAction: 'off' })]);
  const looks = [...left.whole(DAY), ...left.with(reports(seen(false, DAY))).whole(at('07-02'))];
  expect(new Set(looks.map(taskIdentity)).size).toBe(2);
});
