import type { Commit } from '../../../../domain/kernel/commit.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';

import { type Mutant, type Original, typeOf } from './original.ts';

/** Yields logs with events of a commit omitted, doubled or reordered, and with whole commits doubled. */
export const rearranged = function* (original: Original): Generator<Mutant> {
  for (const [index, commit] of original.log.entries()) {
    const { stream, version, events } = commit;
    const named = `${stream}@${version}: ${events.map((event) => typeOf(event)).join()}`;
    const with_ = (other: readonly JsonObject[], what: string) =>
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

/** Yields logs with each event moved into every `every`-th commit, first and last there, at the instant of that commit. */
export const movedElsewhere = function* (original: Original, every: number): Generator<Mutant> {
  const { log } = original;
  for (const [from, source] of log.entries())
    for (const [place, event] of source.events.entries())
      for (const [to, target] of log.entries()) {
        if (to === from || (to + from) % every !== 1) continue;
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

/** Yields logs with an event of these types, from anywhere, added alone at every `every`-th position. */
export const added = function* (
  original: Original,
  samples: readonly { readonly commit: Commit; readonly event: JsonObject }[],
  every: number,
): Generator<Mutant> {
  const { log } = original;
  for (const [index, before] of log.entries())
    for (const [place, { commit, event }] of samples.entries()) {
      if ((index + place) % every !== 0) continue;
      for (const actor of new Set([commit.actor, 'clock', 'operator'])) {
        const alone = { ...commit, id: 'forged', at: before.at, actor, events: [{ ...event, at: before.at }] };
        const what = `${typeOf(event)} by ${actor} after ${index}`;
        yield { what, field: '', from: index + 1, commits: [alone, ...log.slice(index + 1)] };
      }
    }
};
