import { describe, expect, test } from 'vitest';
import { documentsDigest } from '../../../domain/feature/evolve/words.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { APPROVES, bound, PASSES, under } from './story.ts';
import { attach, certify, date, day, facts, inForce, repin, revise, rollOf, sign, withdraw, wordsOf } from './support.ts';

const KINDS = ['impact-report', 'use-policy'];
const { notified } = under(bound([council(), mayor()], { documents: KINDS }));
const named = (kind: string, content?: string) => ({
  title: 'A document',
  kind,
  url: 'https://vendor.example/document',
  ...(content !== undefined && { sha256: digestOf(content).slice(7) }),
});
const story = (...documents: ReturnType<typeof named>[]) => notified({ notice: facts({ documents }) });
const report = (n: number, content = 'a report', over: object = {}) => attach(day(n), 1, 'impact-report', content, over);
const use = (n: number, over: object = {}) => attach(day(n), 1, 'use-policy', 'a policy', over);
const second = { revision: 2, digest: wordsOf(1, 2) };

describe('a document that the rule asks for', () => {
  test.each([named('impact-report'), named('impact-report', 'a report')])(
    'is missing although the notice names an address, with a hash or without: its bytes are not here',
    (document) => expect(story(document).events[0]).toMatchObject({ pinned: { missing: KINDS } }),
  );

  test('is attached with its bytes; a missing one prevents every approval, and no refusal', () => {
    story()
      .refuses(certify(day(10), 1), 'documents-missing')
      .goes(report(1), 'DocumentAttached')
      .refuses(certify(day(10), 1), 'documents-missing')
      .yields(certify(day(10), 1, { votes: rollOf(6, 3) }), 'VoteCertified', 'ChangeRefused')
      .goes(use(2), 'DocumentAttached')
      .goes(certify(day(10), 1), ...PASSES)
      .goes(sign(day(11), 1), ...APPROVES);
  });

  test('is attached once; another of its kind takes its place until somebody approves', () => {
    story()
      .then(report(1), use(1))
      .yields(report(2))
      .yields(report(2, 'a better report'), 'DocumentAttached')
      .then(certify(day(10), 1))
      .refuses(report(10, 'a better report'), 'already-decided')
      .yields(report(10));
  });

  test('that took the place of another since a form showed it prevents the approval by that form, and no refusal', () => {
    const shown = documentsDigest({
      documents: { 'impact-report': digestOf('a report').slice(7, 25), 'use-policy': digestOf('a policy').slice(7, 25) },
    });
    const on = { seen: shown };
    const recorded = (over: object) => story().then(report(1), use(1), certify(day(10), 1, over)).events;
    expect(recorded(on)).toEqual(recorded({}));
    story()
      .then(report(1), use(1))
      .yields(certify(day(10), 1, on), ...PASSES)
      .then(report(2, 'a better report'))
      .refuses(certify(day(10), 1, on), 'stale', '/documents')
      .yields(certify(day(10), 1, { ...on, votes: rollOf(6, 3) }), 'VoteCertified', 'ChangeRefused')
      .then(certify(day(10), 1))
      .refuses(sign(day(11), 1, on), 'stale', '/documents')
      .yields(sign(day(11), 1, { ...on, decision: 'refuse' }), 'SignatureGiven', 'ChangeVetoed');
  });

  test('is the one that the notice names, where it names one by its hash, and comes from the vendor only so', () => {
    const documents = [named('impact-report', 'a report'), named('use-policy')];
    const sent = { by: 'vendor:acme', documents };
    story(...documents)
      .refuses(report(1, 'another report', { documents }), 'document-refused', '/content')
      .yields(report(1, 'a report', { documents }), 'DocumentAttached')
      .yields(use(1, { documents }), 'DocumentAttached')
      .yields(report(1, 'a report', sent), 'DocumentAttached')
      .refuses(use(1, sent), 'document-refused', '/content');
  });

  test('was there by the day of the meeting, also the one that took its place, whatever policy binds the change', () => {
    const on = (n: number, over = {}) => certify(day(13), 1, { meetingDate: date(n), ...over });
    const early = ['meeting-before-revision', '/meetingDate'] as const;
    const held = story().then(report(1), use(5));
    held.refuses(on(4), ...early).yields(on(5), ...PASSES);
    held.yields(on(5, { late: [{ since: day(0), from: day(2) }] }), ...PASSES);
    held.then(report(6, 'a better report')).refuses(on(5), ...early);
    const rules = bound([council(), mayor()], { documents: KINDS });
    const newer = { policy: { ...rules.policy, number: 2 } };
    under({})
      .notified(rules)
      .then(report(1, 'a report', rules), use(5, rules), repin(day(6), newer))
      .refuses(on(4, newer), ...early)
      .yields(on(5, newer), ...PASSES);
  });

  test('is for exact words: a revision needs its documents anew', () => {
    story()
      .then(report(1), use(1), revise(day(2), 1, 2))
      .refuses(report(3), 'stale', '/revision')
      .refuses(certify(day(12), 1, second), 'documents-missing')
      .yields(report(3, 'a report', second), 'DocumentAttached');
  });

  test('stays where another policy binds the change, which may ask for more', () => {
    const more = { policy: inForce(policy(rule([council(), mayor()], { documents: [...KINDS, 'budget'] })), 2) };
    const rules = bound([council(), mayor()], { documents: KINDS });
    const repinned = under({})
      .notified(rules)
      .then(report(1, 'a report', rules), use(1, rules), repin(day(2), more));
    expect(repinned.events.at(-1)).toMatchObject({ type: 'PolicyPinned', pinned: { missing: ['budget'] } });
    repinned.goes(attach(day(3), 1, 'budget', 'a budget', more), 'DocumentAttached').yields(certify(day(10), 1, more), ...PASSES);
  });

  test('is asked for no more once another policy binds the change that does not', () => {
    const fewer = { policy: inForce(policy(rule([council(), mayor()])), 2) };
    const asked = under({}).notified(bound([council(), mayor()], { documents: KINDS }));
    asked.then(repin(day(2), fewer)).yields(certify(day(10), 1, fewer), ...PASSES);
  });
});

test('nothing is attached that no rule asks for, to no closed change and to none that no policy binds', () => {
  story()
    .refuses(attach(day(1), 1, 'menu', 'a menu'), 'document-refused', '/kind')
    .refuses(attach(day(1), 1, 'constructor', 'a menu'), 'document-refused', '/kind')
    .refuses(attach(day(1), 2, 'impact-report', 'a report'), 'unknown-change')
    .then(withdraw(day(1), 1))
    .refuses(report(2), 'closed');
  under({ policy: null }).notified().refuses(report(1), 'no-policy');
});
