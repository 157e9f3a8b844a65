import { describe, expect, test } from 'vitest';
import { taskIdentity } from '../../../domain/derived/record.ts';
import { announced, at, known, minuteAfter, minuteBefore, off, on, revised, seen } from './known.ts';

const DAY = at('06-01');
const OPT_OUT = 'opt-out announced /1 by 05-15 00:00';
const LATE = 'opt-out! announced /1 by 05-15 00:00';
const LOOK = 'look takes-effect /1 by 06-02 00:00';
const optedOut = { at: at('05-10', '15:00'), person: 'ada', evidence: null, counts: true };

describe('announced and not approved for its instant', () => {
  test('opt out, by its last day for that; it is urgent from then on, and open until it is recorded', () => {
    const { tasks, whole } = known([announced()]);
    expect(tasks(at('05-01', '10:00'))).toEqual([OPT_OUT]);
    expect(tasks(minuteBefore(at('05-15')))).toEqual([OPT_OUT]);
    expect(tasks(at('05-15'))).toEqual([LATE]);
    expect(tasks(at('12-31'))).toContain(LATE);
    expect(whole(at('05-02'))).toStrictEqual([
      {
        key: 'acme.lpr.search',
        kind: 'opt-out',
        vendor: 'acme',
        how: 'Settings, AI, off.',
        because: 'announced',
        change: 'acme.lpr.search/1',
        digest: announced().digest,
        since: at('05-01', '10:00'),
        by: at('05-15'),
        agencies: null,
        below: 0,
        urgent: false,
      },
    ]);
  });

  test('without a last day by the day of its effect; without that by the end of the seventh day', () => {
    expect(known([announced({ optOutBy: null })]).tasks(at('05-02'))).toEqual(['opt-out announced /1 by 06-01 00:00']);
    const undated = known([announced({ optOutBy: null, effectiveAt: null })]);
    expect(undated.tasks(minuteBefore(at('05-09')))).toEqual(['opt-out announced /1 by 05-09 00:00']);
    expect(undated.tasks(at('05-09'))).toEqual(['opt-out! announced /1 by 05-09 00:00']);
  });

  test.each(['yes', 'unknown'] as const)('by the day of its effect, though the vendor takes an opt-out later (%s)', (optOut) => {
    const { tasks } = known([announced({ optOut, effectiveAt: at('05-15'), optOutBy: DAY })]);
    expect(tasks(at('05-02'))).toEqual([OPT_OUT]);
    expect(tasks(at('05-15'))).toContain(LATE);
  });

  test.each(['pending', 'vetoed', 'refused', 'lapsed'] as const)('%s', (status) => {
    expect(known([announced({ status })]).tasks(at('05-02'))).toEqual([OPT_OUT]);
  });

  test.each(['removed', 'withdrawn', 'replaced', 'revoked', 'expired'] as const)('not %s', (status) => {
    const gone = { withdrawn: status === 'withdrawn' ? at('05-03') : null };
    expect(known([announced({ status, ...gone })]).tasks(at('05-04'))).toEqual([]);
  });

  test('approved for its day: nothing to opt out of; approved for later: until then', () => {
    const approvedFrom = (from: string) => known([announced({ status: 'approved', from })], { answer: off('scheduled') });
    expect(approvedFrom(at('05-03')).tasks(at('05-04'))).toEqual([]);
    expect(approvedFrom(DAY).tasks(at('05-04'))).toEqual([]);
    expect(approvedFrom(minuteAfter(DAY)).tasks(at('05-04'))).toEqual([OPT_OUT]);
    expect(approvedFrom(at('06-10')).tasks(minuteBefore(at('06-10')))).toEqual([LATE, LOOK.replace('look', 'look!')]);
    expect(approvedFrom(at('06-10')).with({ answer: on() }).tasks(at('06-10'))).toEqual(['look took-effect /1 by 06-11 00:00']);
  });

  test('approved without a day of the vendor, for later: until then', () => {
    const undated = announced({ status: 'approved', from: at('06-10'), effectiveAt: null, optOutBy: null });
    expect(known([undated], { answer: off('scheduled') }).tasks(minuteBefore(at('06-10')))).toEqual([
      'opt-out! announced /1 by 05-09 00:00',
    ]);
    expect(known([undated], { answer: on() }).tasks(at('06-10'))).toEqual(['switch-on approved /1']);
  });

  test('approved, and its approval ends before its day: it is not approved for that', () => {
    const ends = { status: 'approved', from: at('05-02'), until: DAY } as const;
    expect(known([announced(ends)]).tasks(at('05-04'))).toEqual([OPT_OUT]);
    expect(known([announced({ ...ends, until: minuteAfter(DAY) })]).tasks(at('05-04'))).toEqual([]);
    const revoked = announced({ status: 'revoked', from: at('05-02'), ended: at('05-20', '09:00') });
    const [task] = known([revoked], { answer: off('revoked') }).whole(at('05-21'));
    expect(task).toMatchObject({ kind: 'opt-out', since: at('05-20', '09:00'), urgent: true });
    const onItsDay = { ...revoked, ended: DAY };
    expect(known([onItsDay], { answer: off('revoked') }).tasks(DAY)).toEqual([]);
  });

  test('recorded: closes at once, and is looked at once more a week later', () => {
    const recorded = known([announced({ optedOut })]);
    expect(recorded.tasks(minuteBefore(at('05-17')))).toEqual([]);
    expect(recorded.tasks(at('05-17'))).toEqual(['look opted-out /1 by 05-18 00:00']);
    expect(recorded.tasks(at('05-18'))).toEqual(['look! opted-out /1 by 05-18 00:00']);
    expect(recorded.with({ reports: [seen(false, minuteBefore(at('05-17')))] }).tasks(at('05-17'))).toHaveLength(1);
    expect(recorded.with({ reports: [seen(false, at('05-17'))] }).tasks(at('05-17'))).toEqual([]);
    expect(known([announced({ optedOut: { ...optedOut, counts: false } })]).tasks(at('05-16'))).toEqual([]);
  });

  test('what a vendor reports ends none', () => {
    const recorded = known([announced({ optedOut })]);
    expect(recorded.with({ reports: [seen(false, at('05-20'), { kind: 'vendor' })] }).tasks(at('05-20'))).toHaveLength(1);
    expect(recorded.with({ reports: [seen(false, at('05-20'), { kind: 'audit' })] }).tasks(at('05-20'))).toEqual([]);
  });

  test.each([
    ['a contract', { kind: 'contract' }],
    ['terms', { kind: 'terms' }],
    ['cannot be opted out of', { optOut: 'no' }],
    ['off without action', { withoutAction: 'off' }],
    ['maintenance', { kind: 'update', maintenance: true }],
    ['an entry of the inventory without a date', { announced: false, effectiveAt: null, optOutBy: null }],
  ] as const)('%s: no opt-out', (_, over) => {
    expect(known([announced(over)]).tasks(at('05-02'))).toEqual([]);
  });

  test('an entry of the inventory with a date is as one announced', () => {
    expect(known([announced({ announced: false })]).tasks(at('05-02'))).toEqual([OPT_OUT]);
  });

  test("the city's own policy has no tasks", () => {
    expect(known([announced({ optOut: 'unknown' })], { key: 'aldergate.policy' }).tasks(at('06-02'))).toEqual([]);
  });
});

describe('revised', () => {
  test('opens anew under the new digest', () => {
    const before = known([announced({ optedOut })]);
    const after = known([announced({ ...revised, at: at('05-12') })]);
    const [task] = after.whole(at('05-13'));
    expect([before.tasks(at('05-13')), task]).toMatchObject([
      [],
      { kind: 'opt-out', since: at('05-12'), digest: revised.digest },
    ]);
    const [first] = known([announced()]).whole(at('05-13'));
    expect(first && task && taskIdentity(first) === taskIdentity(task)).toBe(false);
  });
});

describe('later words are approved', () => {
  test('what arrived earlier and took effect is done with them; what has yet to take effect is not', () => {
    const later = (arrived: string) =>
      announced({ ...revised, n: 2, at: arrived, effectiveAt: null, status: 'approved', from: at('07-01') });
    const refused = announced({ status: 'refused' });
    const tasksWith = (arrived: string, now: string) =>
      known([refused, later(arrived)], { answer: on({ change: 2 }) }).tasks(now);
    expect(tasksWith(at('06-02'), minuteBefore(at('07-01')))).toContain(LATE);
    expect(tasksWith(at('06-02'), at('07-01'))).toEqual(['switch-on approved /2']);
    expect(tasksWith(minuteBefore(DAY), at('07-01'))).toContain(LATE);
    expect(tasksWith(DAY, at('07-01'))).toEqual(['switch-on approved /2']);
  });

  test('a removal that has come leaves nothing to opt out of', () => {
    const removal = announced({ n: 2, kind: 'removal', status: 'removed', at: at('06-03'), effectiveAt: at('06-20') });
    const gone = known([announced({ status: 'refused' }), removal], { answer: off('removed') });
    expect(gone.tasks(minuteBefore(at('06-20')))).toContain(LATE);
    expect(gone.tasks(at('06-20'))).toEqual(['look removed /2 by 06-21 00:00']);
  });
});

describe('the vendor leaves it off if the city does nothing', () => {
  test('look on its day', () => {
    const left = known([announced({ withoutAction: 'off' })]);
    expect(left.tasks(minuteBefore(DAY))).toEqual([]);
    expect(left.tasks(DAY)).toEqual([LOOK]);
  });
  test('without a day a week after it arrived', () => {
    const left = known([announced({ withoutAction: 'off', effectiveAt: null, optOutBy: null })]);
    expect(left.tasks(minuteBefore(at('05-08')))).toEqual([]);
    expect(left.tasks(at('05-08'))).toEqual(['look took-effect /1 by 05-09 00:00']);
  });
});

describe('it cannot be opted out of', () => {
  const update = announced({ n: 2, kind: 'update', optOut: 'no', version: '2' });
  const approved = announced({ status: 'approved', from: at('03-10'), at: at('03-01'), effectiveAt: null });
  const running = known([approved, update], { answer: on(), reports: [seen(true, at('04-01'))] });

  test('something is approved: switch off by its day', () => {
    expect(running.tasks(at('05-01', '10:00'))).toEqual(['switch-off cannot-opt-out /2 by 06-01 00:00']);
    expect(running.tasks(minuteBefore(DAY))).toEqual(['switch-off cannot-opt-out /2 by 06-01 00:00']);
  });

  test('seen off since: done, and it is not to be switched on again', () => {
    const seenOff = (instant: string) => running.with({ reports: [seen(false, instant)] }).tasks(at('05-20'));
    expect(seenOff(minuteBefore(update.at))).toEqual(['switch-off cannot-opt-out /2 by 06-01 00:00']);
    expect(seenOff(update.at)).toEqual([]);
  });

  test('its day came: what was approved is outdated, to be switched off at once, and to be looked at', () => {
    const outdated = running.with({ answer: off('outdated', { since: DAY }), offSince: DAY });
    const look = 'look takes-effect /2 by 06-02 00:00';
    expect(outdated.tasks(DAY)).toEqual([look, 'switch-off! outdated /1 by 06-01 00:00']);
    expect(outdated.with({ reports: [seen(false, minuteBefore(update.at))] }).tasks(DAY)).toHaveLength(2);
    expect(outdated.with({ reports: [seen(false, minuteBefore(DAY))] }).tasks(DAY)).toEqual([look]);
    expect(outdated.with({ reports: [seen(false, DAY)] }).tasks(DAY)).toEqual([]);
  });

  test('nothing is approved: look on its day, at once without one', () => {
    const alone = known([update]);
    expect(alone.tasks(minuteBefore(DAY))).toEqual([]);
    expect(alone.tasks(DAY)).toEqual(['look takes-effect /2 by 06-02 00:00']);
    expect(known([{ ...update, effectiveAt: null }]).tasks(update.at)).toEqual(['look took-effect /2 by 05-02 00:00']);
  });

  test('terms that cannot be held back, whatever they say of opting out; a renewed contract outdates nothing', () => {
    const terms = { ...update, kind: 'terms', optOut: 'unknown' } as const;
    const by = (change: typeof terms | Parameters<typeof announced>[0]) =>
      known([approved, announced({ ...update, ...change })], { answer: on(), reports: [seen(true, at('04-01'))] }).tasks(
        at('05-20'),
      );
    expect(by(terms)).toEqual(['switch-off cannot-opt-out /2 by 06-01 00:00']);
    expect(by({ ...terms, optOut: 'yes' })).toEqual([]);
    const contract = announced({ ...update, kind: 'contract' });
    expect(
      known([approved, contract], { key: 'acme', answer: on(), reports: [seen(true, at('04-01'))] }).tasks(at('05-20')),
    ).toEqual([]);
  });
});

describe('its day came', () => {
  test('look on that day, and once more thirty days on', () => {
    const looked = known([announced({ optedOut })]);
    const first = (instant: string) => looked.with({ reports: [seen(false, instant)] });
    expect(first(minuteBefore(DAY)).tasks(minuteBefore(DAY))).toEqual([]);
    expect(first(minuteBefore(DAY)).tasks(DAY)).toEqual([LOOK]);
    expect(first(DAY).tasks(minuteBefore(at('07-01')))).toEqual([]);
    expect(first(DAY).tasks(at('07-01'))).toEqual(['look slow-roll-out /1 by 07-02 00:00']);
    expect(first(minuteBefore(at('07-01'))).tasks(at('07-01'))).toHaveLength(1);
    expect(first(at('07-01')).tasks(at('12-31'))).toEqual([]);
  });

  test('nobody looked: one look, the first', () => {
    expect(known([announced({ withoutAction: 'off' })]).tasks(at('08-01'))).toEqual([LOOK.replace('look', 'look!')]);
  });

  test('an hour of the day: from then on, by the end of the local day', () => {
    const evening = known([announced({ withoutAction: 'off', effectiveAt: at('06-01', '21:00') })]);
    expect(evening.tasks(minuteBefore(at('06-01', '21:00')))).toEqual([]);
    expect(evening.tasks(at('06-01', '21:00'))).toEqual([LOOK]);
    expect(evening.tasks(at('06-02'))).toEqual([LOOK.replace('look', 'look!')]);
    expect(evening.with({ reports: [seen(false, at('06-01', '21:00'))] }).tasks(minuteBefore(at('07-01')))).toEqual([]);
    expect(evening.with({ reports: [seen(false, at('06-01', '21:00'))] }).tasks(at('07-01'))).toHaveLength(1);
  });

  test('past on arrival: look today', () => {
    const past = known([announced({ withoutAction: 'off', effectiveAt: at('04-01') })]);
    expect(past.tasks(at('05-01', '10:00'))).toEqual(['look took-effect /1 by 05-02 00:00']);
    const open = known([announced({ optOutBy: null, effectiveAt: at('04-01') })]);
    expect(open.tasks(at('05-01', '10:00'))).toEqual([
      'opt-out! announced /1 by 04-01 00:00',
      'look took-effect /1 by 05-02 00:00',
    ]);
  });

  test('an approved update: until its version is seen', () => {
    const update = announced({ kind: 'update', version: '2', status: 'approved', from: at('05-20') });
    const running = known([update], { answer: on({ version: '2' }) });
    const seenOn = (instant: string, version?: string) =>
      running.with({ reports: [seen(true, instant, version === undefined ? {} : { version })] });
    expect(seenOn(at('05-25'), '1').tasks(DAY)).toEqual([LOOK]);
    expect(seenOn(at('05-25'), '2').tasks(DAY)).toEqual([]);
    expect(seenOn(DAY, '1').tasks(minuteBefore(at('07-01')))).toEqual([]);
    expect(seenOn(DAY, '1').tasks(at('07-01'))).toEqual(['look slow-roll-out /1 by 07-02 00:00']);
    expect(seenOn(DAY).tasks(at('07-01'))).toHaveLength(1);
    const attested = running.with({ reports: [seen(true, DAY, { kind: 'vendor', version: '2' })] });
    expect(attested.tasks(at('06-02'))).toEqual([LOOK.replace('look', 'look!')]);
    expect(seenOn(DAY, '2').tasks(at('07-01'))).toEqual([]);
    expect(known([{ ...update, version: null }], { answer: on(), reports: [seen(true, DAY)] }).tasks(at('07-01'))).toHaveLength(
      1,
    );
  });

  test('an approved feature: until it is seen on; nothing where the answer is no', () => {
    const approved = announced({ status: 'approved', from: at('05-20') });
    const running = known([approved], { answer: on() });
    expect(running.tasks(minuteBefore(DAY))).toEqual([]);
    expect(running.tasks(DAY)).toEqual([LOOK]);
    expect(running.with({ reports: [seen(true, at('05-25'))] }).tasks(DAY)).toEqual([]);
    expect(running.with({ answer: off('blocked') }).tasks(DAY)).toEqual([]);
    expect(running.with({ answer: on({ change: 2 }) }).tasks(DAY)).toEqual([]);
  });

  test('approved terms and contracts are nothing to look at; those that nobody approved are', () => {
    const contract = (over: Parameters<typeof announced>[0]) =>
      known([announced({ kind: 'contract', ...over })], { answer: on() });
    expect(contract({ status: 'approved', from: at('05-20') }).tasks(DAY)).toEqual([]);
    expect(
      contract({})
        .with({ answer: off('pending') })
        .tasks(DAY),
    ).toEqual([LOOK]);
  });
});

describe('withdrawn', () => {
  const withdrawn = (instant: string, over = {}) => known([announced({ status: 'withdrawn', withdrawn: instant, ...over })]);
  test('before its day: closes', () => {
    expect(withdrawn(minuteBefore(DAY)).tasks(at('06-05'))).toEqual([]);
    expect(withdrawn(minuteBefore(DAY), { optedOut }).tasks(at('06-05'))).toEqual([]);
  });
  test('on its day or after: look, once', () => {
    expect(withdrawn(DAY).tasks(DAY)).toEqual(['look withdrawn-late /1 by 06-02 00:00']);
    const late = withdrawn(at('06-05', '12:00'));
    expect(late.tasks(at('06-05', '12:00'))).toEqual(['look withdrawn-late /1 by 06-06 00:00']);
    expect(late.with({ reports: [seen(false, minuteBefore(at('06-05', '12:00')))] }).tasks(at('06-06'))).toHaveLength(1);
    expect(late.with({ reports: [seen(false, at('06-05', '12:00'))] }).tasks(at('07-10'))).toEqual([]);
  });
  test('without a day it was in effect from its arrival', () => {
    expect(withdrawn(at('05-02'), { effectiveAt: null }).tasks(at('05-02'))).toEqual(['look withdrawn-late /1 by 05-03 00:00']);
  });
  test('confirmed as rolled back: nothing; neither for maintenance', () => {
    expect(withdrawn(at('06-05'), { rolledBack: true }).tasks(at('06-06'))).toEqual([]);
    expect(withdrawn(at('06-05'), { maintenance: true }).tasks(at('06-06'))).toEqual([]);
  });
});

describe('the end of an approval is known', () => {
  const contract = announced({
    kind: 'contract',
    at: at('01-10'),
    effectiveAt: null,
    status: 'approved',
    from: at('01-20'),
    until: at('06-01'),
  });
  const running = known([contract], { answer: on(), reports: [seen(true, at('04-01'))] });
  const PLANNED = 'switch-off ends /1 by 06-01 00:00';

  test('switch off, shown from thirty days before', () => {
    expect(running.tasks(minuteBefore(at('05-02')))).toEqual([]);
    expect(running.tasks(at('05-02'))).toEqual([PLANNED]);
    expect(running.tasks(minuteBefore(at('06-01')))).toEqual([PLANNED]);
  });

  test('ended: at once, until it is seen off; what was switched off in these thirty days is done', () => {
    const ended = known([{ ...contract, status: 'expired', ended: at('06-01') }], {
      answer: off('expired'),
      offSince: at('06-01'),
    });
    const tasksSeen = (instant: string) => ended.with({ reports: [seen(false, instant)] }).tasks(at('06-01'));
    expect(ended.tasks(at('06-01'))).toEqual(['switch-off! ended /1 by 06-01 00:00']);
    expect(tasksSeen(minuteBefore(at('05-02')))).toHaveLength(1);
    expect(tasksSeen(at('05-02'))).toEqual([]);
    expect(ended.with({ reports: [seen(false, at('06-02'), { kind: 'vendor' })] }).tasks(at('06-02'))).toHaveLength(1);
    expect(running.with({ reports: [seen(false, at('05-02'))] }).tasks(at('05-03'))).toEqual([]);
  });

  test('approved less than thirty days before: from then on', () => {
    const short = known([{ ...contract, at: at('05-18'), from: at('05-20') }], {
      answer: on(),
      reports: [seen(true, at('05-20'))],
    });
    expect(short.whole(at('05-21'))).toMatchObject([{ kind: 'switch-off', since: at('05-20') }]);
  });

  test('another approval goes on: nothing', () => {
    const next = announced({
      n: 2,
      kind: 'contract',
      at: at('05-01'),
      effectiveAt: null,
      status: 'approved',
      from: at('06-01'),
      until: at('09-01'),
    });
    const withNext = (over: Partial<typeof next>) =>
      known([contract, { ...next, ...over }], { answer: on(), reports: [seen(true, at('04-01'))] }).tasks(at('05-20'));
    expect(withNext({})).toEqual([]);
    expect(withNext({ from: minuteAfter(at('06-01')) })).toContain(PLANNED);
    expect(withNext({ until: at('06-01') })).toContain(PLANNED);
    expect(withNext({ status: 'pending', from: null })).toContain(PLANNED);
  });

  test('it is off already: nothing', () => {
    expect(running.with({ answer: off('blocked') }).tasks(at('05-20'))).toEqual([]);
  });
});
