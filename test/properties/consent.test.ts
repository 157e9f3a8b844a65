import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate, headWith } from '../../domain/feature/evaluate.ts';
import type { FeatureEvent } from '../../domain/feature/events.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import type { FeatureState } from '../../domain/feature/state.ts';
import { consented, unconsented } from '../support/consent.ts';
import { objections } from '../support/judged.ts';
import { against } from './feature/against.ts';
import { booksOf, type Run, runTown } from './feature/run.ts';
import { turns } from './feature/sessions.ts';
import { town } from './feature/towns.ts';
import { lifeOf } from './judge/townLife.ts';

// Nothing is on without the consent that the acts of persons make, in small towns with rules of every kind and persons in several seats.
// ALDERGATE_PROPERTY_RUNS makes the stories more.
const { ALDERGATE_PROPERTY_RUNS: times } = process.env;
const [RUNS, JUDGED] = times === undefined ? [320, 40] : [Number(times) * 40, Number(times) * 2];
const PATIENCE_MS = 120_000 + RUNS * 50;
const KEY = 'acme';

const purposeOf = (event: FeatureEvent): string =>
  event.type === 'VoteCertified' ? event.purpose : event.type === 'SignatureGiven' ? event.decision : '';

/** Asserts that an answer that is on says until when time alone leaves it as it is, and not longer. Returns what ends it. */
const foretold = (state: FeatureState, now: string): string => {
  const ask = (t: string) => {
    const { enabled, change } = evaluate(KEY, [headWith(state)], { agencies: ['Police'] }, t);
    return { enabled, change };
  };
  const { effectiveUntil: until, limitedBy } = evaluate(KEY, [headWith(state)], { agencies: ['Police'] }, now);
  const named = [...JSON.stringify(state).matchAll(/"(\d{4}-\d\d-\d\dT[^"]+Z)"/g)].map(([, at = '']) => at);
  for (const t of new Set(named.flatMap((at) => [at, new Date(Date.parse(at) - 1).toISOString()])))
    if (t > now && (until === null || t < until)) expect(ask(t), `${t} before ${until}`).toEqual(ask(now));
  if (until !== null) expect(ask(until), until).not.toEqual(ask(now));
  return limitedBy?.by ?? 'nothing';
};

/** Asserts it of a story, and of each answer `true` on the way; returns how many there were. */
const yesesOf = (told: Run, endings: Set<string>) => {
  const books = booksOf(told);
  expect(unconsented(told.events.get(KEY) ?? [], books)).toEqual([]);
  const events: FeatureEvent[] = [];
  let [yeses, before] = [0, ''];
  for (const { events: made, after, command } of told.decided) {
    events.push(...made);
    const answer = evaluate(KEY, [headWith(after)], { agencies: ['Police'] }, command.at);
    // The same answer rests on the same consent: what ends that is looked for above.
    const text = JSON.stringify(answer);
    if (!answer.enabled || text === before) continue;
    before = text;
    yeses += 1;
    endings.add(foretold(after, command.at));
    expect(against([{ key: KEY, happened: consented(events, books).happened, answer }], command.at)).toEqual([]);
  }
  return yeses;
};

test(
  'nothing is on, and no act is on record, but by the acts of persons as the rules let them count',
  () => {
    const [seen, endings] = [new Set<string>(), new Set<string>()];
    let yeses = 0;
    fc.assert(
      fc.property(town, turns, (drawn, list) => {
        const told = runTown(drawn, list);
        yeses += yesesOf(told, endings);
        for (const event of told.events.get(KEY) ?? []) seen.add(`${event.type} ${purposeOf(event)}`.trim());
      }),
      { numRuns: RUNS },
    );
    // A property that never met them would prove nothing about them.
    expect(yeses).toBeGreaterThan(RUNS / 3);
    expect([...endings].sort()).toEqual(['decision', 'next', 'nothing', 'notice', 'outdated', 'policy', 'removal']);
    expect([...seen]).toEqual(
      expect.arrayContaining([
        'BallotCast',
        'ConfirmationGiven',
        'VoteCertified adopt',
        'VoteCertified override',
        'VoteCertified correct',
        'SignatureGiven take-back',
        'VetoOverridden',
        'ApprovalEnded',
        'ApprovalRevoked',
        'ChangeRevised',
        'PolicyPinned',
      ]),
    );
  },
  PATIENCE_MS,
);

test(
  'the judge accepts what the gate records of such towns, and both only what persons consented to',
  () => {
    const seen = { approvals: 0, rosters: 0 };
    fc.assert(
      fc.property(town, turns, (drawn, list) => {
        const life = lifeOf(drawn, list);
        fc.pre(life !== undefined);
        const { log, books } = life;
        expect(objections(log.bytes)).toEqual([]);
        const commits = log.commits.filter(({ stream }) => stream === featureStream(KEY));
        const events = commits.flatMap(({ events: made }) => made as unknown as readonly FeatureEvent[]);
        expect(unconsented(events, books)).toEqual([]);
        seen.approvals += events.filter(({ type }) => type === 'ChangeApproved').length;
        seen.rosters = Math.max(seen.rosters, books.rosters.size);
      }),
      { numRuns: JUDGED },
    );
    expect(seen.approvals).toBeGreaterThan(JUDGED / 4);
    expect(seen.rosters).toBeGreaterThan(1);
  },
  PATIENCE_MS,
);
