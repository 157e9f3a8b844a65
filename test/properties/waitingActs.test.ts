import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { headWith } from '../../domain/feature/evaluate.ts';
import type { FeatureEvent } from '../../domain/feature/events.ts';
import { presentChange } from '../../domain/feature/present.ts';
import type { ChangeView } from '../../domain/feature/view.ts';
import { localMoment } from '../../domain/kernel/zone.ts';
import { holdersOf } from '../../domain/roster/holders.ts';
import type { Roster } from '../../domain/roster/schema.ts';
import { emptyRegister } from '../../functions/register/project.ts';
import { facetOf, rowOf } from '../../functions/register/rows.ts';
import { LATER_VOTES, PersonalActs, WAITING_ACTS } from '../../functions/register/waiting.ts';
import { viewsAfter } from '../domain/feature/viewed.ts';
import { ROSTERS } from './feature/commandsOf.ts';
import { type Run, run } from './feature/run.ts';
import { assertUntil, boundScene, KEYS, longStory } from './feature/steps.ts';

const RUNS = Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 40);

const viewsOf = ({ events, states, now }: Run, key: string): readonly ChangeView[] => {
  const state = states.get(key);
  if (state === undefined) return [];
  return [...viewsAfter(events.get(key) ?? []).values()]
    .map((view) => presentChange({ view, state }, now))
    .filter(({ status }) => status === 'pending' || status === 'vetoed');
};

/** What was done on the wording and under the rule that stand. */
const actsOn = (events: readonly FeatureEvent[], change: number): readonly FeatureEvent[] => {
  const own = events.filter((event) => event.change === change);
  const binding = own.findLastIndex(
    ({ type }) => type === 'ChangeNotified' || type === 'ChangeRevised' || type === 'PolicyPinned',
  );
  return own.slice(binding + 1);
};

/** Who entered the wording that stands, if the city did. */
const enteredBy = (events: readonly FeatureEvent[], change: number) => {
  const wording = events.findLast(
    (event) => event.change === change && (event.type === 'ChangeNotified' || event.type === 'ChangeRevised'),
  );
  return wording !== undefined && 'provenance' in wording ? wording.provenance.person : null;
};

/** Who counts in which requirement, by the acts: who voted as each roll call has it now, signed or balloted; and who certified in any. */
const counted = (acts: readonly FeatureEvent[]) => {
  const clerks: string[] = [];
  const votes = new Map<string, { readonly second: boolean; readonly voters: readonly string[] }[]>();
  const single = new Map<string, string[]>();
  for (const act of acts) {
    if (act.type === 'VoteCertified') {
      clerks.push(act.holder);
      const voters = act.roll.flatMap(({ holder, vote }) =>
        holder !== null && ['yes', 'no', 'abstain'].includes(vote) ? [holder] : [],
      );
      const known = votes.get(act.requirement) ?? [];
      const hasSecond = known.some(({ second }) => second);
      const second = act.purpose === 'override' || (act.purpose === 'correct' && hasSecond);
      // A record of the first vote replaces the one before, and a corrected second vote all second votes.
      const kept = known.filter((each) => act.purpose === 'override' || each.second !== second);
      votes.set(act.requirement, [...kept, { second, voters }]);
    } else if (act.type === 'SignatureGiven' || act.type === 'BallotCast') {
      const before = act.decision === 'take-back' ? [] : [...(single.get(act.requirement) ?? []), act.holder];
      single.set(act.requirement, before);
    }
  }
  const personsOf = (id: string): readonly string[] => [
    ...(votes.get(id) ?? []).flatMap(({ voters }) => voters),
    ...(single.get(id) ?? []),
  ];
  return { clerks, personsOf };
};

/** What waits for whom, from the events and the views of them: `holder seat key/n requirement asks until`. */
const expected = (told: Run, key: string, roster: Roster): readonly string[] => {
  const day = localMoment(told.now, 'UTC');
  const events = told.events.get(key) ?? [];
  return viewsOf(told, key).flatMap((view) => {
    const { veto, confirmation, requirements, number } = view;
    const acts = actsOn(events, number);
    const entered = enteredBy(events, number);
    const words = view.revisions.at(-1);
    const waits = confirmation?.until ?? veto?.until ?? view.closesAt;
    const end = [waits, words?.notice.endsAt].filter((each) => typeof each === 'string').sort()[0] ?? null;
    const vetoed = requirements.find(({ id }) => id === veto?.requirement)?.rule;
    return requirements.flatMap(({ id, rule, status, deadlineAt }) => {
      const line = (asks: string, until: string | null) => (seat: string, holder: string) =>
        `${holder} ${seat} ${key}/${number} ${id} ${asks} ${until}`;
      const holders = (body: string) => [...holdersOf(roster, body, day)].filter(([, holder]) => holder.id !== entered);
      if (confirmation !== null && !confirmation.disputed && confirmation.requirement === id) {
        const named = veto === null ? rule.confirmedBy : vetoed?.override?.confirmedBy;
        // Who disputed, and who certified what waits.
        const barred = acts.flatMap((act) =>
          (act.type === 'ConfirmationGiven' && act.decision === 'dispute') ||
          (act.type === 'VoteCertified' && act.act === confirmation.certificate)
            ? [act.holder]
            : [],
        );
        return holders(named?.split('/')[0] ?? '')
          .filter(([seat, holder]) => (named?.split('/')[1] ?? seat) === seat && !barred.includes(holder.id))
          .map(([seat, holder]) => line('confirm', end)(seat, holder.id));
      }
      const overrides = vetoed?.override?.requirement === id;
      if (!overrides && (status !== 'open' || (veto !== null && rule.instrument !== 'advice'))) return [];
      const until = overrides || deadlineAt === null || (end !== null && end < deadlineAt) ? end : deadlineAt;
      const answered = acts.flatMap((act) =>
        (act.type === 'BallotCast' || act.type === 'AdviceGiven') && act.requirement === id ? [act.seat] : [],
      );
      const { clerks, personsOf } = counted(acts);
      const others = requirements.flatMap((each) => (each.id === id ? [] : personsOf(each.id)));
      const taken = rule.instrument === 'certification' ? [...others, ...personsOf(id)] : [...others, ...clerks];
      const counts = rule.instrument === 'advice' ? [] : taken;
      const office = rule.instrument === 'certification' ? (roster.bodies[rule.body]?.attestedBy ?? '') : rule.body;
      return holders(office)
        .filter(([seat, holder]) => !answered.includes(seat) && !counts.includes(holder.id))
        .map(([seat, holder]) => line(overrides ? 'override' : 'decide', until)(seat, holder.id));
    });
  });
};

/** Compares what the facets say of a run with what the events say; returns in which ways something was asked for. */
const compare = (told: Run, roster: Roster): readonly string[] => {
  const rows = KEYS.map((key) => {
    const state = told.states.get(key);
    if (state === undefined) throw new Error(`${key} has a state`);
    return rowOf({ ...emptyRegister(key), state }, [headWith(state)], {}, told.now);
  });
  const groups = facetOf(WAITING_ACTS, rows);
  const found = [...new Set(roster.holders.map(({ id }) => id))].flatMap((holder) => {
    const acts = PersonalActs.of(groups, holder, roster, localMoment(told.now, 'UTC'));
    const all = acts.slice(0, acts.length);
    expect(all.map(({ until }) => until ?? '~')).toEqual(all.map(({ until }) => until ?? '~').sort());
    for (const from of [0, 1, 5]) expect(acts.slice(from, from + 2)).toEqual(all.slice(from, from + 2));
    return all.map(
      ({ key, change, rule, asks, until, who }) =>
        `${who.holder.id} ${who.seat} ${key}/${change.number} ${rule.id} ${asks} ${until}`,
    );
  });
  expect(found.sort()).toEqual(KEYS.flatMap((key) => expected(told, key, roster)).sort());
  const later = [...facetOf(LATER_VOTES, rows)].flatMap(([body, votes]) =>
    votes.map(({ key, change, rule }) => `${body} ${key}/${change.number} ${rule.id}`),
  );
  const waits = KEYS.flatMap((key) =>
    viewsOf(told, key).flatMap(({ number, requirements }) =>
      requirements
        .filter(({ instrument, status }) => instrument === 'certification' && status === 'waiting')
        .map(({ id, body }) => `${body} ${key}/${number} ${id}`),
    ),
  );
  expect(later.sort()).toEqual(waits.sort());
  return found.flatMap((line) => line.split(' ')[4] ?? []);
};

test('what waits for a person, found from the states by kind of act, is what the events ask of that person', () => {
  const met = new Set<string>();
  const property = fc.property(longStory, boundScene, fc.nat(ROSTERS.length - 1), (story, base, which) => {
    run(story, base, (told, count) => {
      if (![8, 14, 20, 30, story.length].includes(count)) return;
      for (const asks of compare(told, ROSTERS[which] as Roster)) met.add(asks);
    });
  });
  assertUntil(() => met.size === 3, property, RUNS);
  expect([...met].sort()).toEqual(['confirm', 'decide', 'override']);
});
