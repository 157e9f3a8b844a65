import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { tell } from './story.ts';
import { attach, certify, day, facts, inForce, notify, repin, revise, rollOf, sign, withdraw, wordsOf } from './support.ts';

const KINDS = ['impact-report', 'use-policy'];
const rules = { policy: inForce(policy(rule([council(), mayor()], { documents: KINDS }))) };
const named = (kind: string, content?: string) => ({
  title: 'A document',
  kind,
  url: 'https://vendor.example/document',
  ...(content !== undefined && { sha256: digestOf(content).slice(7) }),
});
type Named = ReturnType<typeof named>;
const story = (documents: readonly Named[] = []) =>
  tell(notify(day(0), 1, { ...rules, notice: facts({ documents: [...documents] }) }));
const by = (at: string, kind: string, content: string, over: object = {}) => attach(at, 1, kind, content, { ...rules, ...over });

describe('a document that the rule asks for', () => {
  test('is missing although the notice names an address, with a hash or without: its bytes are not here', () => {
    for (const document of [named('impact-report'), named('impact-report', 'a report')])
      expect(story([document]).events[0]).toMatchObject({ pinned: { missing: KINDS } });
  });

  test('is attached with its bytes; a missing one prevents every approval, and no refusal', () => {
    story()
      .refuses(certify(day(10), 1, rules), 'documents-missing')
      .goes(by(day(1), 'impact-report', 'a report'), 'DocumentAttached')
      .refuses(certify(day(10), 1, rules), 'documents-missing')
      .yields(certify(day(10), 1, { ...rules, votes: rollOf(6, 3) }), 'VoteCertified', 'ChangeRefused')
      .goes(by(day(2), 'use-policy', 'a policy'), 'DocumentAttached')
      .goes(certify(day(10), 1, rules), 'VoteCertified', 'RequirementMet')
      .goes(sign(day(11), 1, rules), 'SignatureGiven', 'RequirementMet', 'ChangeApproved');
  });

  test('is attached once; another of its kind takes its place until somebody approves', () => {
    const both = story().then(by(day(1), 'impact-report', 'a report'), by(day(1), 'use-policy', 'a policy'));
    both.yields(by(day(2), 'impact-report', 'a report'));
    both
      .yields(by(day(2), 'impact-report', 'a better report'), 'DocumentAttached')
      .then(certify(day(10), 1, rules))
      .refuses(by(day(10), 'impact-report', 'a better report'), 'already-decided')
      .yields(by(day(10), 'impact-report', 'a report'));
  });

  test('is the one that the notice names, where it names one by its hash', () => {
    const documents = [named('impact-report', 'a report'), named('use-policy')];
    story(documents)
      .refuses(by(day(1), 'impact-report', 'another report', { documents }), 'document-refused', '/content')
      .yields(by(day(1), 'impact-report', 'a report', { documents }), 'DocumentAttached')
      .yields(by(day(1), 'use-policy', 'any policy', { documents }), 'DocumentAttached');
  });

  test('comes from the vendor only as its signed notice names it', () => {
    const documents = [named('impact-report', 'a report'), named('use-policy')];
    const sent = { by: 'vendor:acme', documents };
    story(documents)
      .yields(by(day(1), 'impact-report', 'a report', sent), 'DocumentAttached')
      .refuses(by(day(1), 'use-policy', 'any policy', sent), 'document-refused', '/content');
  });

  test('is for exact words: a revision needs its documents anew', () => {
    story()
      .then(by(day(1), 'impact-report', 'a report'), by(day(1), 'use-policy', 'a policy'), revise(day(2), 1, 2, rules))
      .refuses(by(day(3), 'impact-report', 'a report'), 'stale', '/revision')
      .refuses(certify(day(12), 1, { ...rules, revision: 2, digest: wordsOf(1, 2) }), 'documents-missing')
      .yields(by(day(3), 'impact-report', 'a report', { revision: 2, digest: wordsOf(1, 2) }), 'DocumentAttached');
  });

  test('stays where another policy binds the change, which may ask for more', () => {
    const more = { policy: inForce(policy(rule([council(), mayor()], { documents: [...KINDS, 'budget'] })), 2) };
    const bound = story().then(
      by(day(1), 'impact-report', 'a report'),
      by(day(1), 'use-policy', 'a policy'),
      repin(day(2), more),
    );
    expect(bound.events.at(-1)).toMatchObject({ type: 'PolicyPinned', pinned: { missing: ['budget'] } });
    bound
      .goes(by(day(3), 'budget', 'a budget', more), 'DocumentAttached')
      .yields(certify(day(10), 1, more), 'VoteCertified', 'RequirementMet');
  });
});

test('nothing is attached that no rule asks for, to no closed change and to none that no policy binds', () => {
  story().refuses(by(day(1), 'menu', 'a menu'), 'document-refused', '/kind');
  story().refuses(by(day(1), 'constructor', 'a menu'), 'document-refused', '/kind');
  story()
    .then(withdraw(day(1), 1, rules))
    .refuses(by(day(2), 'impact-report', 'a report'), 'closed');
  const unbound = { policy: null };
  tell(notify(day(0), 1, unbound)).refuses(attach(day(1), 1, 'impact-report', 'a report', unbound), 'no-policy');
  story().refuses(attach(day(1), 2, 'impact-report', 'a report', rules), 'unknown-change');
});
