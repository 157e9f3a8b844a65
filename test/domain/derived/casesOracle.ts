// A second statement of when a key is on without permission, from the sentences of the rule alone. It keeps every report and every
// answer, and looks through all of them at each step.

export interface OracleAnswer {
  readonly onFor: 'all' | 'none' | readonly string[];
  readonly version: string | null;
  readonly removed: boolean;
  readonly announced: boolean;
}

export interface OracleReport {
  readonly source: string;
  readonly kind: 'city' | 'vendor' | 'audit';
  readonly named: boolean;
  readonly person: string | null;
  readonly hasEvidence: boolean;
  readonly observedAt: string;
  readonly on: boolean;
  readonly agencies: readonly string[] | null;
  readonly version: string | null;
}

export type OracleStep =
  | { readonly at: string; readonly answer: OracleAnswer }
  | { readonly at: string; readonly report: OracleReport };

interface OracleCase {
  readonly since: string;
  readonly until: string | null;
}

/** `backAt`: when its source, which said off here, said on again. */
interface Heard extends OracleReport {
  readonly place: number;
  backAt?: string;
}

/** What a source says at present: which of its reports in a row said that of agencies, and that of the version. */
interface Present extends Heard {
  readonly ofAgencies: readonly Heard[];
  readonly ofVersion: readonly Heard[];
}

/** The reports that said the same, this one included if it says anything of it. */
const inARow = <T>(heard: Heard, says: T | null | undefined, said: T | null | undefined, by: readonly Heard[] = []) =>
  says == null ? by : says === said ? [...by, heard] : [heard];

type Wrong = 'off' | 'agencies' | 'version';

const wrongIn = (seen: Pick<OracleReport, 'on' | 'agencies' | 'version'>, answer: OracleAnswer): readonly Wrong[] => {
  if (!seen.on) return [];
  if (answer.onFor === 'none') return ['off'];
  const { onFor } = answer;
  const strangers = onFor === 'all' ? [] : (seen.agencies ?? []).filter((each) => !onFor.includes(each));
  return [
    ...(strangers.length > 0 ? (['agencies'] as const) : []),
    ...(seen.version !== null && seen.version !== answer.version ? (['version'] as const) : []),
  ];
};

const followed = (one: Heard, other: Heard) =>
  one.observedAt > other.observedAt || (one.observedAt === other.observedAt && one.place > other.place);

/** What denies something of an earlier report: each time that another source said off, and what one says at present of just that. */
const denialsOf = (
  wrong: Wrong,
  earlier: Heard,
  all: readonly Heard[],
  present: Iterable<Present>,
  answer: OracleAnswer,
): readonly Heard[] => {
  const partly = [...present].flatMap((each) =>
    wrong === 'off' || !each.on || wrongIn(each, answer).some((one) => one === wrong || one === 'off')
      ? []
      : wrong === 'agencies'
        ? each.ofAgencies
        : each.ofVersion,
  );
  return [...all.filter(({ on }) => !on), ...partly]
    .filter((each) => each.source !== earlier.source && followed(each, earlier))
    .sort((one, other) => (followed(one, other) ? 1 : -1));
};

const isOfCity = ({ kind, named }: Heard) => kind === 'city' && named;

/** When what is wrong in an earlier report was denied by those of other sources who may do so. */
const deniedAt = (earlier: Heard, later: readonly Heard[]) => {
  for (const [index, each] of later.entries()) {
    if (each.kind === 'audit') return each.observedAt;
    if (earlier.kind !== 'audit' && isOfCity(each)) return each.observedAt;
    const stands = ({ backAt }: Heard) => backAt === undefined || backAt > each.observedAt;
    const city = later.slice(0, index + 1).filter((one) => isOfCity(one) && one.person !== null && stands(one));
    const isPair = new Set(city.map(({ person }) => person)).size >= 2 && city.some(({ hasEvidence }) => hasEvidence);
    if (earlier.kind === 'audit' && isPair) return each.observedAt;
  }
  return undefined;
};

/** A part that was said before an off, or before another was said, says nothing any more. */
const withLate = (present: Present, late: Heard, all: readonly Heard[]): Present => {
  const isOver = all.some((each) => each.source === late.source && !each.on && each !== late && followed(each, late));
  const partOf = <T>(value: T | null, by: readonly Heard[], said: T | null): readonly [T | null, readonly Heard[]] => {
    if (!present.on || isOver || (late.on && said === null)) return [value, by];
    if (late.on && String(value) === String(said)) return [value, [...by, late]];
    const since = by.filter((each) => followed(each, late));
    return since.length > 0 ? [value, since] : [said, said === null ? [] : [late]];
  };
  const [agencies, ofAgencies] = partOf(present.agencies, present.ofAgencies, late.agencies);
  const [version, ofVersion] = partOf(present.version, present.ofVersion, late.version);
  return { ...present, agencies, ofAgencies, version, ofVersion };
};

const takeBack = (off: Heard, on: Heard) => {
  if (!off.on && on.on && off.source === on.source && followed(on, off)) off.backAt = sooner(off.backAt ?? '~', on.observedAt);
};

const later = (one: string, other: string) => (one > other ? one : other);
const sooner = (one: string, other: string) => (later(one, other) === one ? other : one);

export const casesOf = (steps: readonly OracleStep[]): readonly OracleCase[] => {
  const answers: { at: string; answer: OracleAnswer }[] = [];
  const all: Heard[] = [];
  const newest = new Map<string, Present>();
  const exceeds = new Map<string, string>();
  const closed = new Set<number>();
  const over: OracleCase[] = [];
  let open: { since: string } | undefined;

  /** When all that is wrong in a report, or that it is on, was denied. */
  const closedAt = (report: Heard) => {
    const wrong = wrongIn(report, answer());
    const ends = (wrong.length === 0 ? (['off'] as const) : wrong).map((one) =>
      deniedAt(report, denialsOf(one, report, all, newest.values(), answer())),
    );
    return ends.reduce((last, end) => last && end && later(last, end));
  };
  const answer = (): OracleAnswer => answers.at(-1)?.answer ?? { onFor: 'none', version: null, removed: false, announced: false };
  const forbiddenFrom = (seen: OracleReport) => {
    let from = '0000';
    for (const [index, each] of answers.entries()) {
      const before = answers[index - 1];
      if (wrongIn(seen, each.answer).length === 0) from = '';
      else if (from === '' || (before !== undefined && wrongIn(seen, before.answer).length === 0)) from = each.at;
    }
    return from;
  };
  /** From when what a report saw was approved after all, if it was not when its source looked. */
  const approvedLater = (seen: OracleReport) => {
    const [then] = answers.filter((each) => each.at <= seen.observedAt).slice(-1);
    if (then !== undefined && wrongIn(seen, then.answer).length === 0) return undefined;
    return answers.find((each) => each.at > seen.observedAt && wrongIn(seen, each.answer).length === 0)?.at;
  };
  const addOver = (since: string, until: string) => {
    if (since >= until) return;
    const known = [...over, ...(open === undefined ? [] : [{ since: open.since, until: null }])];
    if (known.some((each) => each.since <= since && (each.until === null || until <= each.until))) return;
    if (open !== undefined && open.since <= until) open = { since };
    else over.push({ since, until });
  };

  for (const [place, step] of steps.entries()) {
    if ('answer' in step) answers.push(step);
    let late: Heard | undefined;
    let fresh: Present | undefined;
    if ('report' in step) {
      const heard: Heard = { ...step.report, place };
      const before = newest.get(heard.source);
      for (const each of all) takeBack(each, heard);
      all.push(heard);
      if (before !== undefined && heard.observedAt < before.observedAt) {
        late = heard;
        takeBack(heard, before);
        newest.set(heard.source, withLate(before, heard, all));
      } else {
        const stays = before?.on === true && heard.on ? before : undefined;
        fresh = {
          ...heard,
          agencies: heard.agencies ?? stays?.agencies ?? null,
          version: heard.version ?? stays?.version ?? null,
          ofAgencies: inARow(heard, heard.agencies?.join(), stays?.agencies?.join(), stays?.ofAgencies),
          ofVersion: inARow(heard, heard.version, stays?.version, stays?.ofVersion),
        };
        newest.set(heard.source, fresh);
      }
    }
    const shut: { since: string; until: string }[] = [];
    const ends: string[] = [];
    for (const [source, report] of newest) {
      const isWrong = wrongIn(report, answer()).length > 0;
      const end = report.on ? closedAt(report) : undefined;
      const approved = report === fresh && report.on ? approvedLater(report) : undefined;
      if (approved !== undefined)
        shut.push({ since: report.observedAt, until: end !== undefined && end < approved ? end : approved });
      if (end !== undefined && !closed.has(report.place)) {
        closed.add(report.place);
        if (exceeds.has(source)) ends.push(end);
        if (report === fresh && isWrong) shut.push({ since: later(report.observedAt, forbiddenFrom(report)), until: end });
      }
      if (closed.has(report.place) || !isWrong) exceeds.delete(source);
      else exceeds.set(source, sooner(exceeds.get(source) ?? '~', later(report.observedAt, forbiddenFrom(report))));
    }
    if (exceeds.size > 0) open = { since: [...exceeds.values()].reduce(sooner, open?.since ?? '~') };
    else if (open !== undefined) {
      const end = 'report' in step ? step.report.observedAt : step.at;
      over.push({ since: open.since, until: ends.reduce(later, later(open.since, end)) });
      open = undefined;
    }
    for (const { since, until } of shut) addOver(since, until);
    if (late?.on === true) {
      const { source } = late;
      const [off] = all
        .filter((each) => each.source === source && !each.on && late !== undefined && followed(each, late))
        .sort((one, other) => (followed(one, other) ? 1 : -1));
      const next = (off ?? newest.get(source))?.observedAt ?? '';
      const end = closedAt(late);
      const until = end !== undefined && end < next ? end : next;
      const approved = approvedLater(late);
      if (approved !== undefined) addOver(late.observedAt, sooner(until, approved));
      if (wrongIn(late, answer()).length > 0) addOver(later(late.observedAt, forbiddenFrom(late)), until);
    }
  }
  return [...over, ...(open === undefined ? [] : [{ since: open.since, until: null }])];
};
