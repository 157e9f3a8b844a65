import type { DayStanding, StandingOn } from '../../../domain/observation/audit/judge.ts';
import type { ApiClient, Progress } from '../usage.ts';

const AT_ONCE = 16;
const DAY_MS = 86_400_000;

const ask = async (apiClient: ApiClient, key: string, at: string | undefined): Promise<DayStanding> => {
  const { enabled, status, audience } = await apiClient.call('GET', '/v1/features/{key}', { params: { key }, query: { at } });
  return { on: enabled || status === 'audience', audience };
};

/** A day with a decision has two answers; both count, so that no row is flagged for a time of day that the export lacks. */
const either = (one: DayStanding, other: DayStanding): DayStanding => {
  if (!one.on || !other.on) return one.on ? one : other;
  return {
    on: true,
    audience: one.audience === null || other.audience === null ? null : [...new Set([...one.audience, ...other.audience])],
  };
};

/** Returns the two instants that bound a day of the export; `undefined` for now. */
const endsOf = (day: string, now: number): readonly (string | undefined)[] => {
  const start = Date.parse(`${day}T00:00:00.000Z`);
  if (day === '' || Number.isNaN(start) || start > now) return [undefined];
  const end = start + DAY_MS;
  return [new Date(start).toISOString(), end > now ? undefined : new Date(end).toISOString()];
};

/** Asks the gate what held for these features on these days, each instant once. */
export const standingsOn = async (
  apiClient: ApiClient,
  days: ReadonlyMap<string, ReadonlySet<string>>,
  now: number,
  shown: Progress,
): Promise<StandingOn> => {
  const wanted = [...days].flatMap(([key, each]) =>
    [...new Set([...each].flatMap((day) => endsOf(day, now)))].map((at) => ({ key, at })),
  );
  const answers = new Map<string, DayStanding>();
  const idOf = (key: string, at: string | undefined): string => `${key} ${at}`;
  for (let from = 0; from < wanted.length; from += AT_ONCE) {
    const part = wanted.slice(from, from + AT_ONCE);
    const found = await Promise.all(part.map(({ key, at }) => ask(apiClient, key, at)));
    for (const [i, { key, at }] of part.entries()) answers.set(idOf(key, at), found[i] as DayStanding);
    shown.tick(from + part.length, wanted.length);
  }
  return (key, day) =>
    endsOf(day, now)
      .flatMap((at) => answers.get(idOf(key, at)) ?? [])
      .reduce<DayStanding | undefined>((known, next) => (known === undefined ? next : either(known, next)), undefined);
};
