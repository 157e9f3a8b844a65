import { describe, expect, test, vi } from 'vitest';
import { documentStream } from '../../../../domain/documents/decide.ts';
import { factsOf, Notice } from '../../../../domain/feature/notice.ts';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import {
  CommitJudge,
  judgeOutside,
  NoticeVerifier,
  noticeDigests,
  partProblem,
  takeInOrder,
} from '../../../../functions/log/judging.ts';
import { newRecord } from '../../../../functions/platform/store/record.ts';
import { day, notify, withdraw } from '../../../domain/feature/support.ts';
import { city } from '../../../domain/judge/log.ts';
import { enteredBy, signedByAcme } from '../../../support/fixtures/vendor.ts';

const RAW = {
  feature: 'acme',
  kind: 'contract',
  title: 'A contract',
  summary: 'What it is about.',
  endsAt: '2027-03-31',
  impact: { cost: { effect: 'changed', from: 'Nothing.', to: 'A million.' }, purpose: 'unchanged' },
};
const BYTES = Buffer.from(JSON.stringify(RAW));

/**
 * Returns what is wrong with a notice that was read in `zone` at `time` of the day on which the city moved to Denver at noon; without
 * `rules` nothing else is in the log.
 */
const problem = (zone: string, time: string, rules = true) => {
  const at = day(0, time);
  const log = city().zone('America/Denver', day(0, '12:00:00.000')).token('desk', null);
  log.feat(
    notify(at, 1, {
      digest: digestOf(BYTES.toString()),
      notice: factsOf(Notice.parse(RAW), zone),
      provenance: enteredBy(null, at),
    }),
  );
  const verifier = new NoticeVerifier();
  for (const commit of log.commits.slice(0, -1)) if (rules) verifier.learn(commit);
  return verifier.check(log.last, () => BYTES);
};

test('a date is read in the time zone in force, or in one that was replaced a moment before', () => {
  const other = 'the event states other facts than the raw message';
  expect(problem('UTC', '11:59:00.000')).toBeUndefined();
  expect(problem('UTC', '12:01:00.000')).toBeUndefined();
  expect(problem('America/Denver', '12:01:00.000')).toBeUndefined();
  expect(problem('America/Denver', '11:59:00.000')).toBe(other);
  expect(problem('UTC', '12:10:00.000')).toBe(other);
  // That no time zone is on record is the judge's to say.
  expect(problem('America/Denver', '11:59:00.000', false)).toBeUndefined();
});

test('a withdrawal names the change that it withdraws', () => {
  const said = (named: string, body = Buffer.from(JSON.stringify({ withdraw: named }))) => {
    const log = city().feat(
      notify(day(0), 1),
      withdraw(day(1), 1, { digest: digestOf(body.toString()), provenance: enteredBy(null, day(1)) }),
    );
    return new NoticeVerifier().check(log.last, () => body);
  };
  const another = 'the raw message withdraws another change';
  expect([said('acme/2'), said('other/1')]).toEqual([another, another]);
  expect(said('acme/1')).not.toBe(another);
  expect(said('acme/1', Buffer.from('{'))).toMatch(/^the raw message is not JSON/);
  expect(said('acme/1', Buffer.from('null'))).toBe(another);
});

describe('a notice that its vendor signed', () => {
  const at = day(0, '18:00:00.000');
  const { last, commits } = city().feat(notify(at, 1, { digest: digestOf(BYTES), notice: factsOf(Notice.parse(RAW), 'UTC') }));
  const signed = signedByAcme('msg_1', at, BYTES);
  const OTHER = Buffer.from('{}');
  const said = (change: object = {}, raw: Uint8Array | null = BYTES, key = 'acme') => {
    const verifier = new NoticeVerifier();
    for (const commit of commits) if (commit !== last) verifier.learn(commit);
    const event: JsonObject = { ...last.events[0], provenance: signed, ...change };
    const commit = { ...last, stream: `feature/${key}`, events: [event] };
    const problem = verifier.check(commit, () => raw ?? undefined);
    verifier.learn(commit);
    return [problem, verifier.count];
  };
  const by = (over: object) => ({ provenance: { ...signed, ...over } });
  const NONE = { signed: 0, bySecret: 0, enteredByCity: 0 };

  test.each([
    ['with its key', said(), undefined, 'signed'],
    ['with a secret that nobody else has', said(by({ scheme: 'v1', key: 'k9' })), undefined, 'bySecret'],
    ['not at all, since the city entered it', said({ provenance: enteredBy(null, at) }), undefined, 'enteredByCity'],
    ['with a key that it does not have', said(by({ key: 'k9' })), /^acme has no key k9$/, 'signed'],
    [
      'and that lost the signature',
      said(by({ message: { ...signed.message, signature: null } })),
      /signature is missing$/,
      'signed',
    ],
    ['in another message', said(by({ message: signedByAcme('msg_1', at, OTHER).message })), /not of the key k1$/, 'signed'],
    ['without its bytes', said({}, null), /^the raw message sha256:\w+ is missing$/, 'signed'],
    ['beside bytes of no notice', said({ digest: digestOf('{}') }, OTHER), /is not a notice$/, 'signed'],
    ['about another key', said({}, BYTES, 'acme.lpr'), /is about acme$/, 'signed'],
  ])('%s', (_, [found, count], problem, counts) => {
    expect(found).toEqual(problem && expect.stringMatching(problem));
    expect(count).toEqual({ ...NONE, [counts]: 1 });
  });
});

test('the bytes beside a commit are the part of the document that it keeps', () => {
  const part = Buffer.from('the first part');
  const whole = { sha256: digestOf('the whole'), bytes: 20, mediaType: 'text/plain' };
  const kept = { type: 'DocumentPartKept', v: 1, at: day(0) };
  const event = { ...kept, ...whole, part: 1, of: 2, partSha256: digestOf(part.toString()) };
  const commit = { ...city().last, stream: documentStream(event.sha256), events: [event] };
  expect(partProblem(commit, () => part)).toBeUndefined();
  expect(partProblem(commit, () => Buffer.from('another part'))).toContain('is another');
  expect(partProblem(commit, () => undefined)).toContain('is missing');
});

test('of the commits outside the log those that may not stand are named, in whatever order they come', () => {
  const { commits } = city().feat(notify(day(0), 1));
  const stored = commits.map((commit) => newRecord(commit, { state: '{}', stateVersion: 1, attachments: [] }));
  const notices = stored.filter(({ stream }) => stream.startsWith('feature/'));
  const others = stored.filter(({ stream }) => !stream.startsWith('feature/'));
  expect(judgeOutside(new CommitJudge(), others.toReversed())).toEqual([]);
  expect(judgeOutside(new CommitJudge(), [...notices, ...others])).toMatchObject([{ stream: 'feature/acme', version: 1 }]);
});

test('what may never stand is judged once, and again only after something that may', () => {
  const last = city().last;
  const stored = Array.from({ length: 100 }, (_, n) => {
    const commit = { ...last, stream: `feature/acme.n${n}`, version: 1, at: day(n) };
    return newRecord(commit, { state: '{}', stateVersion: 1, attachments: [] });
  });
  const take = vi.fn(({ stream }: (typeof stored)[number]) =>
    stream === 'feature/acme.n99' ? { ok: true as const } : { ok: false as const, code: 'order', detail: 'never' },
  );
  expect(takeInOrder(stored, take)).toHaveLength(99);
  expect(take).toHaveBeenCalledTimes(199);
});

describe('an attestation', () => {
  const at = day(1);
  const POSTED = {
    vendor: 'acme',
    source: 'own',
    observedAt: at,
    features: { acme: { on: true, version: '2' } },
    note: 'nightly',
  };

  /** Returns what is wrong with an attestation of `posted` whose event states `change`. */
  const said = (posted: object = POSTED, change: object = {}, raw?: Uint8Array, bytes = Buffer.from(JSON.stringify(posted))) => {
    const { key, scheme, message } = signedByAcme('msg_1', at, bytes);
    const signed = { digest: digestOf(bytes), key, scheme, message };
    const { vendor: _vendor, ...facts } = { evidence: null, ...POSTED };
    const event = { type: 'ObservationRecorded', v: 1, at, attested: true, person: null, ...facts, signed, ...change };
    const log = city().write('observation/acme/@own', [event], { at, actor: 'vendor:acme', commandId: 'attestation/acme/msg_1' });
    const verifier = new NoticeVerifier();
    for (const commit of log.commits.slice(0, -1)) verifier.learn(commit);
    const problem = verifier.check(log.last, () => raw ?? bytes);
    verifier.learn(log.last);
    return { problem, digests: noticeDigests(log.last), digest: digestOf(bytes), count: verifier.count, signed };
  };

  test('is what the vendor signed, counts, and names its raw message', () => {
    const { problem, digests, digest, count } = said();
    expect([problem, digests, count.signed]).toStrictEqual([undefined, [digest], 1]);
  });

  const facts = 'the event states other facts than the raw message';
  const { signed } = said();
  const other = { ...signed, message: signedByAcme('msg_2', at, Buffer.from('{}')).message };
  test.each<[string, Parameters<typeof said>, string]>([
    ['that states other features', [POSTED, { features: { acme: { on: false, version: '2' } } }], facts],
    ['that states fewer features', [POSTED, { features: {} }], facts],
    ['of another time', [POSTED, { observedAt: day(0) }], facts],
    ['with another note', [POSTED, { note: null }], facts],
    ['with other evidence', [POSTED, { evidence: { sha256: 'ab'.repeat(32), title: 'an export' } }], facts],
    ['of another vendor', [{ ...POSTED, vendor: 'other' }], 'the raw message is about other'],
    ['of another shape', [{ ...POSTED, more: 1 }], 'the raw message is not a report'],
    ['of other bytes', [POSTED, {}, Buffer.from('{}')], 'the raw message is not that of'],
    ['of no JSON', [POSTED, {}, undefined, Buffer.from('{')], 'the raw message is not JSON'],
    ['by another key', [POSTED, { signed: { ...signed, key: 'k9' } }], 'acme has no key k9'],
    ['with another’s signature', [POSTED, { signed: other }], 'the signature is not of the key k1'],
  ])('%s is found', (_, args, problem) => expect(said(...args).problem).toContain(problem));
});
