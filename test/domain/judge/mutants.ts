import { startJudging } from '../../../domain/judge/judge.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { type Commit, encodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import type { JsonObject, JsonValue } from '../../../domain/kernel/json.ts';

/** Returns the type of an event, as text. */
const typeOf = ({ type }: JsonObject): string => (typeof type === 'string' ? type : '');

type Path = readonly (string | number)[];

/** A log that differs from an honest one in one place. `field`: `Type.field` of the event, for one whose field was changed. */
export interface Mutant {
  readonly what: string;
  readonly field: string;
  readonly log: readonly Commit[];
}

/** Returns the log with versions and hashes recomputed, as a forger with the database would do. */
export const rechained = (log: readonly Commit[]): readonly Commit[] => {
  const ends = new Map<string, { version: number; prev: string }>();
  return log.map((commit) => {
    const end = ends.get(commit.stream);
    const next = { ...commit, version: (end?.version ?? 0) + 1, prev: end?.prev ?? null };
    ends.set(commit.stream, { version: next.version, prev: hashOf(encodeCommit(next)) });
    return next;
  });
};

/** Reports whether every commit of a log stands. */
export const stands = (log: readonly Commit[]): boolean => {
  const judge = startJudging();
  return log.every((commit) => judge.next(encodeCommit(commit)).ok);
};

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
  log: readonly Commit[],
  pool: ReadonlyMap<string, readonly JsonValue[]>,
): Generator<Mutant> {
  for (const [index, commit] of log.entries())
    for (const [place, event] of commit.events.entries()) {
      const type = typeOf(event);
      for (const path of pathsOf(event)) {
        if (path[0] === 'type' || path[0] === 'v' || path[0] === 'act') continue;
        const value = at(event, path);
        const elsewhere = path.length <= 2 ? (pool.get(`${type}.${path.join('.')}`) ?? []) : [];
        for (const other of [...others(value), ...elsewhere]) {
          if (canonical(other) === canonical(value)) continue;
          const pin = pinOf(log.slice(0, index + 1), commit.stream, event['change']);
          const edited = renamed(put(event, path, other) as JsonObject, commit.stream, pin);
          const events = commit.events.map((each, position) => (position === place ? edited : each));
          const what = `${type}.${path.join('.')} = ${canonical(other).slice(0, 60)}`;
          yield { what, field: fieldAt(type, path), log: rechained(log.with(index, { ...commit, events })) };
        }
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
export const rearranged = function* (log: readonly Commit[]): Generator<Mutant> {
  for (const [index, commit] of log.entries()) {
    const with_ = (events: readonly JsonObject[], what: string): Mutant => ({
      what: `${what} in ${commit.stream}@${commit.version}: ${commit.events.map((event) => typeOf(event)).join()}`,
      field: '',
      log: rechained(log.with(index, { ...commit, events })),
    });
    const { events } = commit;
    for (const place of events.keys()) {
      if (events.length > 1) yield with_(events.toSpliced(place, 1), `event ${place} left out`);
      yield with_(events.toSpliced(place, 0, events[place] as JsonObject), `event ${place} doubled`);
      if (place > 0)
        yield with_(
          events.with(place, events[place - 1] as JsonObject).with(place - 1, events[place] as JsonObject),
          `events ${place - 1} and ${place} turned about`,
        );
    }
    yield { what: `${commit.stream}@${commit.version} doubled`, field: '', log: rechained(log.toSpliced(index, 0, commit)) };
  }
};

/** Yields logs with an event of these types, from anywhere, added alone at every position. */
export const added = function* (
  log: readonly Commit[],
  samples: readonly { readonly commit: Commit; readonly event: JsonObject }[],
): Generator<Mutant> {
  for (let index = 1; index <= log.length; index += 1)
    for (const { commit, event } of samples) {
      const time = log[index - 1]?.at ?? commit.at;
      for (const actor of new Set([commit.actor, 'clock', 'operator'])) {
        const alone = { ...commit, id: 'forged', at: time, actor, events: [{ ...event, at: time }] };
        yield {
          what: `${typeOf(event)} by ${actor} after ${index}`,
          field: '',
          log: rechained(log.toSpliced(index, 0, alone)),
        };
      }
    }
};
