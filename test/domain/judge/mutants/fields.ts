import { canonical, digestOf } from '../../../../domain/kernel/canonical.ts';
import type { Commit } from '../../../../domain/kernel/commit.ts';
import type { JsonObject, JsonValue } from '../../../../domain/kernel/json.ts';

import { type Mutant, type Original, typeOf } from './original.ts';

type Path = readonly (string | number)[];

const SIZED = /^sha256:[0-9a-f]{64}$/;
/** The name of an act. */
const NAMED = /^[0-9a-f]{16}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const DAY_MS = 86_400_000;
const moved = (text: string, days: number) => new Date(Date.parse(text) + days * DAY_MS).toISOString().slice(0, text.length);

/** Returns other values of the same kind as a value. */
const others = (value: JsonValue): readonly JsonValue[] => {
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [value + 1, Math.max(0, value - 1)];
  if (value === null) return ['2026-03-20T12:00:00.000Z', `sha256:${'ab'.repeat(32)}`, 'district-3', 'x'];
  if (Array.isArray(value)) return value.length === 0 ? [] : [value.slice(1), [...value, value[0] ?? null], value.toReversed()];
  if (typeof value !== 'string') return [];
  if (NAMED.test(value)) return ['0'.repeat(16)];
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

const SPLIT = ['issued', 'notice', 'provenance', 'subject', 'terms', 'tally'];

/** Returns the name of a field in the table of fields: the first name, and the second if the first is an object. */
export const fieldAt = (type: string, [first, second]: Path): string =>
  `${type}.${String(first)}${SPLIT.includes(String(first)) && typeof second === 'string' ? `.${second}` : ''}`;

const contentOf = ({ policy, bodies, newSeats }: Record<string, JsonValue>) => ({
  policy: policy ?? null,
  bodies: bodies ?? null,
  ...(newSeats !== undefined && { newSeats }),
});

const WORDS = 'pin revision digest requirement holder comment';
export const ACTS: Readonly<Record<string, readonly [type: string, names: string]>> = {
  SignatureGiven: ['sign', `${WORDS} decision terms`],
  BallotCast: ['ballot', `${WORDS} decision terms`],
  AdviceGiven: ['advise', `${WORDS} decision`],
  VoteCertified: [
    'certify',
    `${WORDS} change terms purpose fileNumber meetingDate mover seconder minutesUrl minutesSha256 votes`,
  ],
  ConfirmationGiven: ['confirm', 'pin certificate requirement holder comment decision'],
  ApprovalRevoked: ['revoke', 'change revision requirement holder reason fileNumber'],
  MaintenanceContested: ['contest', 'change revision reason by'],
  OptOutRecorded: ['opt-out', 'change revision digest note evidence person'],
  RollbackConfirmed: ['confirm-rollback', 'change of revision digest holder body comment'],
};

/** Recomputes the names and digests that a forger can recompute after an edit: those of acts, rosters and policies. */
export const renamed = (event: JsonObject, pin: string | undefined): JsonObject => {
  const e = event as Record<string, JsonValue>;
  const [type, names] = ACTS[typeOf(event)] ?? [];
  if (type === undefined || names === undefined) {
    const { roster, contacts } = { ...e, ...(e['subject'] as JsonObject | undefined) };
    if (roster !== undefined && contacts !== undefined) return { ...event, sha256: digestOf(canonical({ roster, contacts })) };
    return e['policy'] === undefined || e['bodies'] === undefined
      ? event
      : { ...event, sha256: digestOf(canonical(contentOf(e))) };
  }
  const { token, requirement = null, holder = null } = { ...(e['by'] as JsonObject | undefined) };
  const by = token === undefined ? { requirement, holder } : { token };
  const roll = Array.isArray(e['roll']) ? (e['roll'] as { seat: string; vote: string }[]) : [];
  const votes = Object.fromEntries(roll.map((each) => [each.seat, each.vote]));
  const all: Record<string, unknown> = { revision: 1, ...e, by, votes, pin };
  const contents = { type, ...Object.fromEntries(names.split(' ').map((name) => [name, all[name] ?? null])) };
  return { ...event, act: digestOf(canonical(contents)).slice(7, 23) };
};

const pinOf = (log: readonly Commit[], stream: string, change: JsonValue | undefined) => {
  const pins = log
    .filter((commit) => commit.stream === stream)
    .flatMap(({ events }) => events)
    .filter((event) => event['change'] === change && typeof event['pinned'] === 'object')
    .map((event) => event['pinned'] as { policy: number; rule: string } | null);
  const pin = pins.at(-1);
  return pin === null || pin === undefined ? undefined : `${pin.policy}/${pin.rule}`;
};

/** Returns the types of events with a name of an act that {@link renamed} does not make anew: each of their fields would seem judged. */
export const notRenamed = (log: readonly Commit[]): readonly string[] =>
  log.flatMap(({ stream, events }, index) =>
    events.flatMap((event) => {
      const { act } = event;
      if (typeof act !== 'string') return [];
      const pin = pinOf(log.slice(0, index + 1), stream, event['change']);
      return renamed({ ...event, act: '' }, pin)['act'] === act ? [] : [typeOf(event)];
    }),
  );

/** Chooses events by type, over all logs: the first, every `every`-th, and each with a field that none of its type had before. */
export class Sample {
  readonly #every: number;
  readonly #counts = new Map<string, number>();
  readonly #fields = new Set<string>();

  constructor(every: number) {
    this.#every = every;
  }

  has(type: string, fields: readonly string[] = []): boolean {
    const count = this.#counts.get(type) ?? 0;
    this.#counts.set(type, count + 1);
    const isNew = fields.some((field) => !this.#fields.has(field));
    for (const field of fields) this.#fields.add(field);
    return isNew || count % this.#every === 0;
  }
}

/** Yields logs with one field of one event changed, for every field and every other value; `pool` has values from elsewhere. */
export const withOtherFields = function* (
  original: Original,
  sample: Sample,
  pool: ReadonlyMap<string, readonly JsonValue[]>,
): Generator<Mutant> {
  const { log } = original;
  for (const [index, commit] of log.entries()) {
    for (const [place, event] of commit.events.entries()) {
      const type = typeOf(event);
      const fields = pathsOf(event).map((path) => fieldAt(type, path));
      if (!sample.has(type, fields)) continue;
      const pin = pinOf(log.slice(0, index + 1), commit.stream, event['change']);
      for (const path of pathsOf(event)) {
        if (path[0] === 'type' || path[0] === 'v') continue;
        const value = at(event, path);
        const elsewhere = path.length <= 2 ? (pool.get(`${type}.${path.join('.')}`) ?? []) : [];
        for (const other of [...others(value), ...elsewhere]) {
          if (canonical(other) === canonical(value)) continue;
          const changed = put(event, path, other) as JsonObject;
          const edited = path[0] === 'act' ? changed : renamed(changed, pin);
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
export const withOtherFrames = function* (original: Original, sample: Sample): Generator<Mutant> {
  for (const [index, commit] of original.log.entries()) {
    if (!sample.has(`commit ${typeOf(commit.events[0] ?? {})}`)) continue;
    const yielded = (field: string, other: Partial<Commit>) =>
      original.with(
        index,
        [{ ...commit, ...other }],
        `${commit.stream}@${commit.version} with another ${field}`,
        field === 'actor' ? `commit.actor.${typeOf(commit.events[0] ?? {})}` : `commit.${field}`,
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
