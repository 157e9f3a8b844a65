import { describe, expect, test } from 'vitest';
import { taskIdentity } from '../../../domain/derived/record.ts';
import { countsAbove, tasksOfSource } from '../../../domain/derived/tasks.ts';
import { announced, at, closed, known, minuteBefore, off, on, openCase, recordOf, seen, ZONE } from './known.ts';

const DAY = at('06-01');
const OPT_OUT = 'opt-out announced /1 by 05-15 00:00';
const _LATE = 'opt-out! announced /1 by 05-15 00:00';
const _LOOK = 'look takes-effect /1 by 06-02 00:00';
const optedOut = { at: at('05-10', '15:00'), person: 'ada', evidence: null, counts: true };

describe('ended, revoked, outdated, or seen on without approval: switch off at once', () => {
  const approved = announced({ status: 'approved', from: at('05-20') });

  test.each(['revoked', 'outdated', 'expired'] as const)('%s, until it is seen off since', (variant) => {
    const lost = known([{ ...approved, status: variant === 'outdated' ? 'approved' : variant, ended: at('06-10') }], {
      answer: off(variant),
      offSince: at('06-10', '09:00'),
    });
    const because = variant === 'expired' ? 'ended' : variant;
    expect(lost.tasks(at('06-10', '09:00'))).toEqual([`switch-off! ${because} /1 by 06-10 09:00`]);
    expect(lost.with({ reports: [seen(false, minuteBefore(at('06-10', '09:00')))] }).tasks(at('06-11'))).toHaveLength(1);
    expect(lost.with({ reports: [seen(false, at('06-10', '09:00'))] }).tasks(at('06-11'))).toEqual([]);
  });

  test('revoked before it was ever on: nothing to switch off', () => {
    const revoked = announced({ status: 'revoked', from: at('05-20'), ended: at('05-19'), effectiveAt: null });
    expect(known([revoked], { answer: off('revoked') }).tasks(at('06-11'))).toEqual([]);
  });

  test.each([
    ['not-approved', 'seen-on'],
    ['never-announced', 'never-announced'],
    ['removed', 'removed'],
    ['version', 'seen-other-version'],
  ] as const)('a case of drift: %s', (kind, because) => {
    const drift = openCase(at('05-05', '11:00'), { kind });
    const withCase = known([], { answer: off('unknown', { change: null }), cases: [drift] });
    expect(withCase.tasks(at('05-05', '11:00'))).toEqual([`switch-off! ${because} by 05-05 11:00`]);
    expect(withCase.with({ cases: [closed(drift, at('05-06'))] }).tasks(at('05-06'))).toEqual([]);
  });

  test('seen on before it may be: to be switched off, beside the opt-out of its words', () => {
    expect(known([announced()], { cases: [openCase(at('05-05'))] }).tasks(at('05-05'))).toEqual([
      OPT_OUT,
      'switch-off! seen-on /1 by 05-05 00:00',
    ]);
  });

  test('seen on for more than is approved: for those', () => {
    const drift = openCase(at('06-10'), {
      kind: 'audience',
      seen: { on: true, agencies: ['police', 'sheriff', 'transit'], version: null },
      approved: on({ onFor: ['police'] }),
    });
    const running = known([approved], { answer: on({ onFor: ['police'] }), reports: [seen(true, at('06-10'))], cases: [drift] });
    expect(running.tasks(at('06-10'))).toEqual(['switch-off! seen-on-for-others /1 by 06-10 00:00 sheriff and transit']);
    const unknown = { ...drift, seen: { ...drift.seen, agencies: null } };
    expect(running.with({ cases: [unknown] }).tasks(at('06-10'))).toEqual(['switch-off! seen-on-for-others /1 by 06-10 00:00']);
  });

  test('an end to come and a case: one task, the urgent one', () => {
    const ends = { ...approved, until: at('07-01') };
    const running = known([ends], {
      answer: on(),
      reports: [seen(true, at('06-10'))],
      cases: [openCase(at('06-10'), { kind: 'version' })],
    });
    expect(running.tasks(at('06-20'))).toEqual(['switch-off! seen-other-version /1 by 06-10 00:00']);
  });

  test('seen off after it ended, and on again: since it was seen', () => {
    const lost = known([{ ...approved, status: 'revoked', ended: at('06-10') }], {
      answer: off('revoked'),
      offSince: at('06-10'),
      reports: [seen(false, at('06-11')), seen(true, at('06-20'), { source: 'audit' })],
      cases: [openCase(at('06-20'))],
    });
    expect(lost.tasks(at('06-21'))).toEqual(['switch-off! seen-on /1 by 06-20 00:00']);
  });
});

describe('an ancestor is off', () => {
  const approved = announced({ status: 'approved', from: at('05-20'), effectiveAt: null });
  const blocked = { answer: off('blocked'), offSince: at('06-10') };
  const counted = (given: Parameters<typeof recordOf>[1], ancestor: string | null = 'acme') =>
    countsAbove(recordOf([approved], { ...blocked, ...given }), ancestor);

  test('what is off only because of it counts for it, and has no task of its own', () => {
    expect(counted({})).toBe(true);
    expect(known([approved], { ...blocked, lostAncestor: 'acme' }).tasks(at('06-10'))).toEqual([]);
    expect(known([approved], { ...blocked, lostAncestor: 'acme', cases: [openCase(at('06-10'))] }).tasks(at('06-10'))).toEqual(
      [],
    );
  });

  test('it counts until it is seen off', () => {
    expect(counted({ reports: [seen(false, minuteBefore(at('06-10')))] })).toBe(true);
    expect(counted({ reports: [seen(false, at('06-10'))] })).toBe(false);
    expect(counted({ reports: [seen(false, at('06-10'))], cases: [openCase(at('06-12'))] })).toBe(true);
    expect(counted({ offSince: null })).toBe(false);
    expect(counted({ offSince: null, cases: [openCase(at('06-12'))] })).toBe(true);
  });

  test('what is off by itself, or only beneath what never was on, has its own task', () => {
    expect(counted({ answer: off('revoked') })).toBe(false);
    expect(counted({}, null)).toBe(false);
    expect(
      known([approved], { answer: off('revoked'), offSince: at('06-01'), lostAncestor: 'acme' }).tasks(at('06-10')),
    ).toHaveLength(1);
    expect(known([approved], { answer: off('blocked'), cases: [openCase(at('06-10'))] }).tasks(at('06-10'))).toEqual([
      'switch-off! seen-on /1 by 06-10 00:00',
    ]);
  });

  test('the topmost key has the one task, as long as any of them must be switched off', () => {
    const top = known([{ ...approved, status: 'expired', until: at('06-10'), ended: at('06-10') }], {
      answer: off('expired'),
      offSince: at('06-10'),
    });
    expect(top.with({ below: 30 }).tasks(at('06-10'))).toEqual(['switch-off! ended /1 by 06-10 00:00 30 below']);
    const seenOff = top.with({ reports: [seen(false, at('06-10'))] });
    expect(seenOff.with({ below: 2 }).tasks(at('06-11'))).toEqual(['switch-off! ended /1 by 06-10 00:00 2 below']);
    expect(seenOff.with({ below: 1 }).tasks(at('06-11'))).toEqual(['switch-off! ended /1 by 06-10 00:00 1 below']);
    expect(seenOff.tasks(at('06-11'))).toEqual([]);
  });
});

describe('approved and seen off', () => {
  const approved = announced({ status: 'approved', from: at('05-20') });
  const seenOff = known([approved], { answer: on(), reports: [seen(false, at('05-17'))] });

  test('may be switched on from the later of its approval and its day, without a day to do it by', () => {
    expect(seenOff.tasks(minuteBefore(DAY))).toEqual([]);
    expect(seenOff.tasks(DAY)).toEqual(['switch-on approved /1']);
    expect(seenOff.tasks(at('12-01'))).toEqual(['switch-on approved /1']);
    const late = known([{ ...approved, from: at('06-20') }], { answer: on(), reports: [seen(false, DAY)] });
    expect(late.tasks(at('06-20'))).toEqual(['switch-on approved /1']);
  });

  test('for whom it is approved', () => {
    expect(seenOff.with({ answer: on({ variant: 'audience', onFor: ['police', 'fire'] }) }).tasks(DAY)).toEqual([
      'switch-on approved /1 police and fire',
    ]);
  });

  test('until it is seen on; the newest report counts, the vendor’s only where nobody else looked', () => {
    const reports = (...list: ReturnType<typeof seen>[]) => seenOff.with({ reports: list }).tasks(DAY);
    expect(reports(seen(true, at('05-18')))).toEqual([]);
    expect(reports(seen(true, at('05-18')), seen(false, at('05-19'), { source: 'audit', kind: 'audit' }))).toHaveLength(1);
    expect(reports(seen(false, at('05-18')), seen(true, at('05-18'), { source: 'other', sequence: 10 }))).toEqual([]);
    expect(reports(seen(false, at('05-18')), seen(true, at('05-19'), { kind: 'vendor' }))).toHaveLength(1);
    const look = 'look takes-effect /1 by 06-02 00:00';
    const off = seen(false, at('05-19'), { kind: 'vendor' });
    expect(reports(off)).toEqual([look, 'switch-on approved /1']);
    expect(reports(off, seen(true, at('05-20'), { kind: 'vendor', source: 'statement' }))).toHaveLength(2);
    const { kind, named, person, observedAt, sequence } = off;
    const denials = [{ kind, named, person, observedAt, sequence, evidence: false }];
    expect(reports(seen(true, at('05-20'), { kind, denials }))).toHaveLength(2);
    expect(reports(seen(true, at('05-20'), { kind: 'vendor' }))).toEqual([look]);
  });

  test('opted out before it was approved: off as far as is known', () => {
    const given = { answer: on(), reports: [] };
    expect(known([{ ...approved, optedOut }], given).tasks(DAY)).toEqual(['switch-on approved /1']);
    expect(known([{ ...approved, optedOut }], { ...given, reports: [seen(true, at('05-18'))] }).tasks(DAY)).toEqual([]);
    const vendors = [seen(true, at('05-18'), { kind: 'vendor' })];
    expect(known([{ ...approved, optedOut }], { ...given, reports: vendors }).tasks(DAY)).toEqual(['switch-on approved /1']);
  });

  test('without a day of the vendor, and not seen: may go on from its approval; not what the city had in its inventory', () => {
    const undated = { ...approved, effectiveAt: null };
    expect(known([undated], { answer: on() }).tasks(at('05-20'))).toEqual(['switch-on approved /1']);
    expect(known([undated], { answer: off('scheduled') }).tasks(minuteBefore(at('05-20')))).toHaveLength(1);
    expect(known([{ ...undated, announced: false }], { answer: on() }).tasks(at('05-20'))).toEqual([]);
  });

  test('not while the answer is no', () => {
    expect(seenOff.with({ answer: off('blocked') }).tasks(DAY)).toEqual([]);
  });
});

describe('maintenance', () => {
  const update = announced({ kind: 'update', optOut: 'unknown', optOutBy: null, effectiveAt: at('05-10'), maintenance: true });
  test('none until it is contested', () => {
    expect(known([update], { answer: on({ change: 9 }) }).tasks(at('08-01'))).toEqual([]);
    const contested = known([{ ...update, maintenance: false, contested: at('05-20', '09:00') }]);
    expect(contested.whole(at('05-20', '09:00'))).toMatchObject([
      { kind: 'opt-out', since: at('05-20', '09:00'), urgent: true },
      { kind: 'look', because: 'took-effect', since: at('05-20', '09:00'), by: at('05-21') },
    ]);
  });
});

describe('a removal', () => {
  const removal = (over = {}) => known([announced({ kind: 'removal', status: 'removed', ...over })], { answer: off('removed') });
  test('look on its day, at once without one, once', () => {
    expect(removal().tasks(minuteBefore(DAY))).toEqual([]);
    expect(removal().tasks(DAY)).toEqual(['look removed /1 by 06-02 00:00']);
    expect(removal({ effectiveAt: null }).tasks(at('05-01', '10:00'))).toEqual(['look removed /1 by 05-02 00:00']);
    expect(
      removal()
        .with({ reports: [seen(false, DAY)] })
        .tasks(at('08-01')),
    ).toEqual([]);
  });
  test('the vendor takes it away: to be switched off only if it is seen on', () => {
    const gone = removal({ effectiveAt: null }).with({ offSince: at('05-01', '10:00') });
    expect(gone.tasks(at('05-02'))).toEqual(['look! removed /1 by 05-02 00:00']);
    const back = gone.with({ cases: [openCase(at('05-04'), { kind: 'removed' })] });
    expect(back.tasks(at('05-04'))).toContain('switch-off! removed /1 by 05-04 00:00');
  });
  test('what ended before it must still be switched off', () => {
    const gone = removal({ effectiveAt: null }).with({ offSince: minuteBefore(at('05-01', '10:00')) });
    expect(gone.tasks(at('05-01', '10:00'))).toContain('switch-off! removed /1 by 05-01 09:59');
  });
});

describe('a source is silent', () => {
  const silent = (silentFrom: string | null, now: string) =>
    tasksOfSource({ vendor: 'acme', source: 'round', silentFrom }, { now, zone: ZONE }).tasks;
  test('one look, about no key', () => {
    expect(silent(null, DAY)).toEqual([]);
    expect(silent(DAY, minuteBefore(DAY))).toEqual([]);
    expect(silent(DAY, DAY)).toStrictEqual([
      {
        key: null,
        kind: 'look',
        vendor: 'acme',
        source: 'round',
        how: null,
        because: 'silent',
        change: null,
        digest: null,
        since: DAY,
        by: at('06-02'),
        agencies: null,
        below: 0,
        urgent: false,
      },
    ]);
    expect(silent(DAY, at('06-02'))).toMatchObject([{ urgent: true }]);
  });
});

describe('what makes two tasks the same', () => {
  test('a switch is one for a key, whatever its reason became; a look is from an instant on', () => {
    const contract = announced({ kind: 'contract', effectiveAt: null, status: 'approved', from: at('05-02'), until: DAY });
    const [before] = known([contract], { answer: on(), reports: [seen(true, at('05-02'))] }).whole(minuteBefore(DAY));
    const [after] = known([{ ...contract, status: 'expired' }], { answer: off('expired'), offSince: DAY }).whole(DAY);
    expect(before && after && taskIdentity(before)).toBe(after && taskIdentity(after));
    const looks = [DAY, at('07-02')].flatMap((now) =>
      known([announced({ withoutAction: 'off' })], { reports: now === DAY ? [] : [seen(false, DAY)] }).whole(now),
    );
    expect(new Set(looks.map(taskIdentity)).size).toBe(2);
  });
});
