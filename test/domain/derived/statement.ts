import type { ChangeRecord, Report } from '../../../domain/derived/record.ts';
import type { Surroundings, TaskRecord } from '../../../domain/derived/tasks.ts';

/*
 * The table of tasks a second time, as sentences over instants in milliseconds. Shares the shapes with the rule and nothing else: days are
 * counted by asking the calendar of the zone hour by hour.
 */

const HOUR_MS = 3_600_000;
const QUARTER_MS = HOUR_MS / 4;

const formats = new Map<string, Intl.DateTimeFormat>();
const dateOf = (ms: number, zone: string) => {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
  formats.set(zone, format);
  return format.format(ms);
};

const walked = new Map<string, readonly [number, number]>();

/** The midnights before and after an instant, found by walking. */
const midnights = (ms: number, zone: string): readonly [number, number] => {
  const id = `${ms} ${zone}`;
  const known = walked.get(id);
  if (known !== undefined) return known;
  const own = dateOf(ms, zone);
  let [first, last] = [ms - (ms % QUARTER_MS), ms - (ms % QUARTER_MS)];
  while (dateOf(first - QUARTER_MS, zone) === own) first -= QUARTER_MS;
  while (dateOf(last, zone) === own) last += QUARTER_MS;
  walked.set(id, [first, last]);
  return [first, last];
};
const dayAfter = (ms: number, days: number, zone: string) => {
  let found = midnights(ms, zone)[0];
  for (let n = 0; n < Math.abs(days); n += 1) found = days > 0 ? midnights(found, zone)[1] : midnights(found - 1, zone)[0];
  return found;
};

const ms = (instant: string) => Date.parse(instant);
const orNull = (instant: string | null) => (instant === null ? null : ms(instant));

interface Sentence {
  readonly kind: string;
  readonly because: string;
  readonly n: number | null;
  readonly since: number;
  readonly by: number | null;
}

interface Question extends Surroundings {
  readonly now: string;
  readonly zone: string;
}

export const stated = (record: TaskRecord, { now, zone, lostAncestor, below }: Question): readonly string[] => {
  const t = ms(now);
  if (record.key.startsWith('aldergate')) return [];
  const isYes = record.answer !== null && record.answer.onFor !== 'none';
  const trusted = record.reports.filter(({ kind }) => kind === 'city' || kind === 'audit');
  const last = (reports: readonly Report[]): Report | undefined =>
    reports.toSorted((a, b) => ms(a.observedAt) - ms(b.observedAt) || a.sequence - b.sequence).at(-1);
  const newest = last(trusted);
  // A vendor's word opens a task where nobody else looked, and ends none.
  const claimedOff = trusted.length === 0 && record.reports.some(({ seen, denials }) => !seen.on || denials.length > 0);
  const lookedFrom = (instant: number) => trusted.some(({ observedAt }) => ms(observedAt) >= instant);
  const offFrom = (instant: number) => trusted.some(({ observedAt, seen }) => !seen.on && ms(observedAt) >= instant);
  const drift = record.cases.filter(({ until }) => until === null).at(-1);

  const isProduct = ({ kind }: ChangeRecord) => ['new-feature', 'update', 'data-sharing'].includes(kind);
  const started = (c: ChangeRecord) => c.status === 'approved' && (c.from === null || ms(c.from) <= t);
  const yesFor = (c: ChangeRecord) => {
    const effect = orNull(c.effectiveAt);
    if (effect === null || effect <= t) return started(c);
    const ends = orNull(c.until);
    return c.status === 'approved' && ms(c.from ?? c.at) <= effect && (ends === null || ends > effect);
  };
  const lostBefore = (c: ChangeRecord) => {
    const [ended, effect] = [orNull(c.ended), orNull(c.effectiveAt)];
    const isOver = c.status === 'revoked' || c.status === 'expired';
    return isOver && ended !== null && effect !== null && ended < effect ? ended : null;
  };
  const supersededBy = (c: ChangeRecord, d: ChangeRecord) => {
    if (c.n === d.n) return false;
    const follows = (came: number, took: number) => came > took || (came === took && d.n > c.n);
    const gone = Math.max(ms(d.at), ms(d.effectiveAt ?? d.at));
    if (d.kind === 'removal' && d.withdrawn === null) return gone <= t && follows(gone, ms(c.at));
    return started(d) && follows(ms(d.at), Math.max(ms(c.at), orNull(c.effectiveAt) ?? 0));
  };
  const threatens = (c: ChangeRecord) =>
    c.kind !== 'removal' &&
    !c.maintenance &&
    c.withdrawn === null &&
    (c.announced || c.effectiveAt !== null) &&
    (['pending', 'vetoed', 'refused', 'lapsed', 'approved', 'removed'].includes(c.status) || lostBefore(c) !== null) &&
    !yesFor(c) &&
    !record.changes.some((d) => supersededBy(c, d));
  const opened = (c: ChangeRecord) => Math.max(ms(c.at), orNull(c.contested) ?? 0, lostBefore(c) ?? 0);
  const isRenewal = (c: ChangeRecord) => c.kind === 'contract' && !record.key.includes('.');
  const unstoppable = (c: ChangeRecord) =>
    c.optOut === 'no'
      ? !isRenewal(c)
      : c.optOut === 'unknown' && (c.kind === 'terms' || (c.kind === 'contract' && !isRenewal(c)));
  // What has taken effect cannot be opted out of in time, whatever the vendor still allows.
  const tooLateFrom = (c: ChangeRecord) => {
    const days = [orNull(c.optOutBy), orNull(c.effectiveAt)].filter((day) => day !== null);
    return days.length === 0 ? null : Math.min(...days);
  };

  const found: Sentence[] = [];
  const say = (kind: string, because: string, n: number | null, since: number, by: number | null) =>
    found.push({ kind, because, n, since, by });

  const ends = record.changes.flatMap((c) => {
    const [effect, until] = [orNull(c.effectiveAt), orNull(c.until)];
    const goesOn =
      until !== null &&
      record.changes.some(
        (d) => d.n !== c.n && d.status === 'approved' && ms(d.from ?? d.at) <= until && (d.until === null || ms(d.until) > until),
      );
    return [
      ...(threatens(c) && unstoppable(c) && effect !== null
        ? [{ c, because: 'cannot-opt-out', since: opened(c), by: effect }]
        : []),
      ...(until !== null && !goesOn && (c.status === 'approved' || c.status === 'expired')
        ? [{ c, because: 'ends', since: Math.max(dayAfter(until, -30, zone), ms(c.from ?? c.at)), by: until }]
        : []),
    ];
  });
  const coming = ends.filter(({ since, by }) => isYes && since <= t && t < by);

  const gone: [since: number, n: number][] = [];
  for (const c of record.changes) {
    const effect = orNull(c.effectiveAt);
    const looks: [string, number][] = [];
    if (threatens(c)) {
      const mayDecline = isProduct(c) ? c.optOut !== 'no' : c.kind === 'terms' && c.optOut === 'yes';
      if (mayDecline && c.withoutAction !== 'off' && c.optedOut === null && c.recordable)
        say(
          'opt-out',
          c.optOut === 'unknown' ? 'not-stated' : 'announced',
          c.n,
          opened(c),
          tooLateFrom(c) ?? dayAfter(opened(c), 8, zone),
        );
      if (c.optedOut !== null) looks.push(['opted-out', dayAfter(ms(c.optedOut.at), 7, zone)]);
      const left = isProduct(c) && (c.withoutAction === 'off' || (!c.recordable && c.optedOut === null));
      const day =
        effect === null ? (unstoppable(c) ? opened(c) : left ? dayAfter(opened(c), 7, zone) : null) : Math.max(effect, opened(c));
      if (day !== null) {
        looks.push([effect === day ? 'takes-effect' : 'took-effect', day]);
        looks.push(['slow-roll-out', dayAfter(day, 30, zone)]);
      }
    }
    if (yesFor(c) && isYes && record.answer?.change === c.n && isProduct(c) && !c.maintenance && effect !== null) {
      const asApproved =
        newest?.seen.on === true && (c.kind !== 'update' || (c.version !== null && newest.seen.version === c.version));
      const isOff = newest === undefined ? c.optedOut !== null : !newest.seen.on;
      const day = Math.max(effect, ms(c.at), orNull(c.from) ?? 0);
      if (!asApproved && !isOff)
        looks.push([effect === day ? 'takes-effect' : 'took-effect', day], ['slow-roll-out', dayAfter(day, 30, zone)]);
    }
    if (c.withdrawn !== null && !c.rolledBack && !c.maintenance && ms(c.withdrawn) >= ms(c.effectiveAt ?? c.at))
      if (ms(c.withdrawn) <= t && !lookedFrom(ms(c.withdrawn))) gone.push([ms(c.withdrawn), c.n]);
    if (c.kind === 'removal' && c.withdrawn === null) looks.push(['removed', Math.max(ms(c.at), effect ?? 0)]);
    const open = looks.filter(([, since]) => since <= t && !lookedFrom(since)).toSorted((a, b) => a[1] - b[1])[0];
    if (open !== undefined) say('look', open[0], c.n, open[1], dayAfter(open[1], 1, zone));
  }
  const [taken] = gone.toSorted((a, b) => a[0] - b[0]);
  if (taken !== undefined) say('look', 'withdrawn-late', taken[1], taken[0], dayAfter(taken[0], 1, zone));

  const switches: Sentence[] = coming
    .filter(({ since }) => !offFrom(since))
    .map(({ c, because, since, by }) => ({ kind: 'switch-off', because, n: c.n, since, by }));
  const lost = orNull(record.offSince);
  const blocked = record.answer?.variant === 'blocked' && lostAncestor !== null;
  const follows = blocked && (drift !== undefined || (lost !== null && !offFrom(lost)));
  const about = record.changes.some(({ n }) => n === record.answer?.change) ? (record.answer?.change ?? null) : null;
  const byVendor =
    record.answer?.variant === 'removed' &&
    record.changes.some(
      (c) =>
        c.kind === 'removal' && c.withdrawn === null && lost !== null && Math.max(ms(c.at), ms(c.effectiveAt ?? c.at)) <= lost,
    );
  const doneFrom = Math.min(...ends.filter(({ by }) => by === lost).map(({ since }) => since), lost ?? 0);
  const mustOff = lost !== null && !byVendor && !offFrom(doneFrom);
  if (!follows) {
    if (lost !== null && (mustOff || below > 0)) {
      const because =
        { revoked: 'revoked', outdated: 'outdated', removed: 'removed' }[record.answer?.variant as string] ?? 'ended';
      switches.push({ kind: 'switch-off', because, n: about, since: lost, by: lost });
    } else if (drift !== undefined) {
      const because = {
        'not-approved': 'seen-on',
        'never-announced': 'never-announced',
        removed: 'removed',
        audience: 'seen-on-for-others',
        version: 'seen-other-version',
      }[drift.kind];
      switches.push({ kind: 'switch-off', because, n: about, since: ms(drift.openedAt), by: ms(drift.openedAt) });
    } else if (Array.isArray(record.answer?.onFor)) {
      const mine = record.answer.onFor;
      const hasOthers = (agencies: readonly string[]) => agencies.some((agency) => !mine.includes(agency));
      // From the newest answer back to the first that gave somebody more.
      let since: number | null = null;
      for (const [index, { onFor }] of [...record.allowed.entries()].toReversed()) {
        if (onFor !== 'none' && (onFor === 'all' || hasOthers(onFor))) break;
        since = index === 0 ? null : ms(record.allowed[index]?.since ?? '');
      }
      const answered = trusted.some(({ seen, observedAt, saidAgencies }) => {
        const saidAt = (seen.on ? saidAgencies.map((said) => said.observedAt) : [observedAt]).map(ms);
        return !(seen.on && hasOthers(seen.agencies ?? ['?'])) && Math.max(...saidAt) >= (since ?? 0);
      });
      if (since !== null && !answered) switches.push({ kind: 'switch-off', because: 'for-fewer', n: about, since, by: since });
    }
  }
  const [off] = switches.toSorted((a, b) => (a.by ?? 0) - (b.by ?? 0));
  if (off !== undefined) found.push(off);

  const approved = record.changes.find(({ n }) => n === record.answer?.change);
  if (isYes && approved !== undefined && off === undefined && coming.length === 0) {
    const since = Math.max(ms(approved.from ?? approved.at), orNull(approved.effectiveAt) ?? 0);
    const unseen = approved.optedOut !== null || (approved.announced && approved.effectiveAt === null);
    if (since <= t && (newest === undefined ? unseen || claimedOff : !newest.seen.on))
      say('switch-on', 'approved', approved.n, since, null);
  }
  return found
    .map(({ kind, because, n, since, by }) =>
      [
        kind,
        because,
        n ?? '-',
        new Date(since).toISOString(),
        by === null ? '-' : new Date(by).toISOString(),
        by !== null && by <= t,
      ].join(' '),
    )
    .sort();
};
