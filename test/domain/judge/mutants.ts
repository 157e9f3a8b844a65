import { type JudgeState, startJudging } from '../../../domain/judge/judge.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { type Commit, encodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import type { JsonObject, JsonValue } from '../../../domain/kernel/json.ts';

/** Returns the type of an event, as text. */
const typeOf = ({ type }: JsonObject): string => (typeof type === 'string' ? type : '');

type Path = readonly (string | number)[];

/** An honest log and what the judge has learned before each of its commits, so that a mutant is judged from its first change on. */
export class Original {
  readonly log: readonly Commit[];
  readonly #before: readonly { readonly state: JudgeState; readonly ends: ReadonlyMap<string, End> }[];

  constructor(log: readonly Commit[]) {
    this.log = log;
    const judge = startJudging();
    const ends = new Map<string, End>();
    this.#before = log.map((commit) => {
      const known = { state: structuredClone(judge.state), ends: new Map(ends) };
      const bytes = encodeCommit(commit);
      if (!judge.next(bytes, commit).ok) throw new Error(`${commit.stream}@${commit.version} is not honest`);
      ends.set(commit.stream, { version: commit.version, prev: hashOf(bytes) });
      return known;
    });
  }

  /** Reports whether every commit of a mutant stands, with versions and hashes recomputed, as a forger with the database would. */
  stands({ from, commits }: Mutant): boolean {
    const known = this.#before[from];
    if (known === undefined) throw new Error(`the log has no commit ${from}`);
    const judge = startJudging(structuredClone(known.state));
    const ends = new Map(known.ends);
    return commits.every((commit) => {
      const end = ends.get(commit.stream);
      const next = { ...commit, version: (end?.version ?? 0) + 1, prev: end?.prev ?? null };
      const bytes = encodeCommit(next);
      ends.set(commit.stream, { version: next.version, prev: hashOf(bytes) });
      return judge.next(bytes, next).ok;
    });
  }

  /** Returns a mutant whose commit at `index` is replaced by these. */
  with(index: number, instead: readonly Commit[], what: string, field = ''): Mutant {
    return { what, field, from: index, commits: [...instead, ...this.log.slice(index + 1)] };
  }
}

interface End {
  readonly version: number;
  readonly prev: string;
}

/**
 * A log that differs from an honest one: its commits from the first that differs. `field`: `Type.field` of the event, for one whose
 * field was changed.
 */
export interface Mutant {
  readonly what: string;
  readonly field: string;
  readonly from: number;
  readonly commits: readonly Commit[];
}

const SIZED = /^sha256:[0-9a-f]{64}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const DAY_MS = 86_400_000;
const moved = (text: string, days: number): string =>
  new Date(Date.parse(text) + days * DAY_MS).toISOString().slice(0, text.length);

/** Returns other values of the same kind as a value. */
const others = (value: JsonValue): readonly JsonValue[] => {
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [value + 1, Math.max(0, value - 1)];
  if (value === null) return ['2026-03-20T12:00:00.000Z', `sha256:${'ab'.repeat(32)}`, 'district-3', 'x'];
  if (Array.isArray(value)) return value.length === 0 ? [] : [value.slice(1), [...value, value[0] ?? null], value.toReversed()];
  if (typeof value !== 'string') return [];
  if (SIZED.test(value)) return [`sha256:${'ab'.repeat(32)}`];
  if (INSTANT.test(value)) return [moved(value, 1), moved(value, -1)];
  if (DATE.test(value)) return [moved(value, 1), moved(value, -1)];
  return ['somebody', `${value}x`, ''];
};

const at = (value: JsonValue, [first, ...rest]: Path): JsonValue =>
  first === undefined ? value : at((value as Record<string | number, JsonValue>)[first] ?? null, rest);

const put = (value: JsonValue, [first, ...rest]: Path, other: JsonValue): JsonValue => {
  if (first === undefined) return other;
  if (Array.isArray(value)) return value.map((each: JsonValue, index) => (index === first ? put(each, rest, other) : each));
  return { ...(value as JsonObject), [first]: put((value as JsonObject)[first] ?? null, rest, other) };
};

/** Returns every path in a value, containers included, except the type and its version. */
const pathsOf = (value: JsonValue, path: Path = []): readonly Path[] => {
  const own = path.length === 0 ? [] : [path];
  if (Array.isArray(value)) return [...own, ...value.flatMap((each: JsonValue, index) => pathsOf(each, [...path, index]))];
  if (typeof value !== 'object' || value === null) return own;
  return [...own, ...Object.entries(value).flatMap(([name, each]) => pathsOf(each, [...path, name]))];
};

const SPLIT = ['notice', 'provenance', 'terms', 'tally'];

/** Returns the name of a field in the table of fields: the first name, and the second if the first is an object. */
export const fieldAt = (type: string, [first, second]: Path): string =>
  `${type}.${String(first)}${SPLIT.includes(String(first)) && typeof second === 'string' ? `.${second}` : ''}`;

/** Recomputes the names and digests that a forger can recompute after an edit: those of acts, rosters and policies. */
const renamed = (event: JsonObject, _key: string, pin: string | undefined): JsonObject => {
  const { type, act, ...e } = event as Record<string, JsonValue>;
  const named = (contents: object): JsonObject => ({ ...event, act: digestOf(canonical(contents as JsonValue)).slice(7, 23) });
  const pick = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, e[name] ?? null]));
  if (act === undefined) {
    if (e['roster'] !== undefined && e['contacts'] !== undefined)
      return { ...event, sha256: digestOf(canonical({ roster: e['roster'], contacts: e['contacts'] })) };
    return e['policy'] === undefined || e['sha256'] === undefined
      ? event
      : { ...event, sha256: digestOf(canonical(e['policy'])) };
  }
  const words = ['revision', 'digest', 'requirement', 'holder', 'comment'];
  if (type === 'SignatureGiven') return named({ type: 'sign', pin, ...pick(...words, 'decision', 'terms') });
  if (type === 'BallotCast') return named({ type: 'ballot', pin, ...pick(...words, 'decision', 'terms') });
  if (type === 'AdviceGiven') return named({ type: 'advise', pin, ...pick(...words, 'decision') });
  if (type === 'ConfirmationGiven')
    return named({ type: 'confirm', pin, ...pick('certificate', 'requirement', 'holder', 'comment', 'decision') });
  if (type === 'ApprovalRevoked')
    return named({ type: 'revoke', revision: 1, ...pick('change', 'requirement', 'holder', 'reason', 'fileNumber') });
  if (type !== 'VoteCertified' || !Array.isArray(e['roll'])) return event;
  const votes = Object.fromEntries((e['roll'] as { seat: string; vote: string }[]).map(({ seat, vote }) => [seat, vote]));
  const certificate = [
    'change',
    'purpose',
    'fileNumber',
    'meetingDate',
    'mover',
    'seconder',
    'minutesUrl',
    'minutesSha256',
    'terms',
  ];
  return named({ type: 'certify', pin, votes, ...pick(...words, ...certificate) });
};

const pinOf = (log: readonly Commit[], stream: string, change: JsonValue | undefined): string | undefined => {
  const pins = log
    .filter((commit) => commit.stream === stream)
    .flatMap(({ events }) => events)
    .filter((event) => event['change'] === change && typeof event['pinned'] === 'object')
    .map((event) => event['pinned'] as { policy: number; rule: string } | null);
  const pin = pins.at(-1);
  return pin === null || pin === undefined ? undefined : `${pin.policy}/${pin.rule}`;
};

/** Yields logs with one field of one event changed, for every field and every other value; `pool` has values from elsewhere. */
export const withOtherFields = function* (
  original: Original,
  pool: ReadonlyMap<string, readonly JsonValue[]>,
): Generator<Mutant> {
  const { log } = original;
  for (const [index, commit] of log.entries()) {
    for (const [place, event] of commit.events.entries()) {
      const type = typeOf(event);
      const pin = pinOf(log.slice(0, index + 1), commit.stream, event['change']);
      for (const path of pathsOf(event)) {
        if (path[0] === 'type' || path[0] === 'v' || path[0] === 'act') continue;
        const value = at(event, path);
        const elsewhere = path.length <= 2 ? (pool.get(`${type}.${path.join('.')}`) ?? []) : [];
        for (const other of [...others(value), ...elsewhere]) {
          if (canonical(other) === canonical(value)) continue;
          const edited = renamed(put(event, path, other) as JsonObject, commit.stream, pin);
          const events = commit.events.with(place, edited);
          const what = `${type}.${path.join('.')} = ${canonical(other).slice(0, 60)}`;
          yield original.with(index, [{ ...commit, events }], what, fieldAt(type, path));
        }
      }
    }
  }
};

const ACTORS = [
  'operator',
  'clock',
  'vendor:acme',
  'vendor:other',
  'holder:mayor',
  'holder:clerk',
  'holder:stranger',
  'token:it',
];

/** Yields logs with one field of one commit changed: its actor, its command, its id, or its instant, with those of its events. */
export const withOtherFrames = function* (original: Original): Generator<Mutant> {
  for (const [index, commit] of original.log.entries()) {
    const yielded = (field: string, other: Partial<Commit>) =>
      original.with(
        index,
        [{ ...commit, ...other }],
        `${commit.stream}@${commit.version} with another ${field}`,
        `commit.${field}`,
      );
    for (const actor of ACTORS) if (actor !== commit.actor) yield yielded('actor', { actor });
    yield yielded('commandId', { commandId: `${commit.commandId}x` });
    yield yielded('id', { id: `${commit.id}x` });
    for (const days of [-1, 1]) {
      const time = moved(commit.at, days);
      const events = commit.events.map((event) => (event['at'] === commit.at ? { ...event, at: time } : event));
      yield yielded('at', { at: time, events });
    }
  }
};

/** Returns some of the values that each field has anywhere in the stories. */
export const poolOf = (logs: readonly (readonly Commit[])[]): ReadonlyMap<string, readonly JsonValue[]> => {
  const pool = new Map<string, JsonValue[]>();
  for (const event of logs.flat().flatMap(({ events }) => events))
    for (const path of pathsOf(event)) {
      if (path.length > 2) continue;
      const name = `${typeOf(event)}.${path.join('.')}`;
      const known = pool.get(name) ?? [];
      const value = at(event, path);
      if (known.length < 4 && !known.some((each) => canonical(each) === canonical(value))) pool.set(name, [...known, value]);
    }
  return pool;
};

/** Yields logs with events of a commit omitted, doubled or reordered, and with whole commits doubled. */
export const rearranged = function* (original: Original): Generator<Mutant> {
  for (const [index, commit] of original.log.entries()) {
    const { stream, version, events } = commit;
    const named = `${stream}@${version}: ${events.map((event) => typeOf(event)).join()}`;
    const with_ = (other: readonly JsonObject[], what: string): Mutant =>
      original.with(index, [{ ...commit, events: other }], `${what} in ${named}`);
    for (const place of events.keys()) {
      if (events.length > 1) yield with_(events.toSpliced(place, 1), `event ${place} left out`);
      yield with_(events.toSpliced(place, 0, events[place] as JsonObject), `event ${place} doubled`);
      if (place > 0)
        yield with_(
          events.with(place, events[place - 1] as JsonObject).with(place - 1, events[place] as JsonObject),
          `events ${place - 1} and ${place} turned about`,
        );
    }
    yield original.with(index, [commit, commit], `${named} doubled`);
  }
};

/** Yields logs with each event moved into each other commit, first and last there, at the instant of that commit. */
export const movedElsewhere = function* (original: Original): Generator<Mutant> {
  const { log } = original;
  for (const [from, source] of log.entries())
    for (const [place, event] of source.events.entries())
      for (const [to, target] of log.entries()) {
        if (to === from) continue;
        const here = { ...event, at: target.at };
        for (const events of [
          [here, ...target.events],
          [...target.events, here],
        ]) {
          const rest = source.events.toSpliced(place, 1);
          const left = rest.length === 0 ? [] : [{ ...source, events: rest }];
          const first = Math.min(from, to);
          const commits = log.flatMap((commit, index) =>
            index < first ? [] : index === from ? left : index === to ? [{ ...commit, events }] : [commit],
          );
          yield { what: `${typeOf(event)} of ${from} in ${to}`, field: '', from: first, commits };
        }
      }
};

/** Yields logs with one commit omitted, each with the type of its first event. */
export const withoutOne = function* (original: Original): Generator<Mutant> {
  for (const [index, commit] of original.log.entries())
    if (index + 1 < original.log.length) yield original.with(index, [], typeOf(commit.events[0] ?? {}));
};

/** Yields logs with an event of these types, from anywhere, added alone at every position. */
export const added = function* (
  original: Original,
  samples: readonly { readonly commit: Commit; readonly event: JsonObject }[],
): Generator<Mutant> {
  const { log } = original;
  for (const [index, before] of log.entries())
    for (const { commit, event } of samples)
      for (const actor of new Set([commit.actor, 'clock', 'operator'])) {
        const alone = { ...commit, id: 'forged', at: before.at, actor, events: [{ ...event, at: before.at }] };
        yield original.with(index, [before, alone], `${typeOf(event)} by ${actor} after ${index}`);
      }
};
