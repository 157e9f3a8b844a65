import { expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { LogError } from '../../../../domain/log/encoding.ts';
import { logbookStream } from '../../../../domain/log/events.ts';
import { formatVerifierKey } from '../../../../domain/log/note.ts';
import { WitnessList } from '../../../../functions/log/sequencer/witnesses.ts';
import { noticeDigests } from '../../../../functions/log/verify/attachments.ts';
import { LogLife } from '../../../../functions/log/verify/handover.ts';
import { announced } from '../../../domain/log/support/handover.ts';
import { logKey, ORIGIN, otherLogKey, otherWitnessKey, testKey, witnessKey } from '../../../domain/log/support/keys.ts';

// What is taken from single entries of a log, and from the settings of its witnesses.

test('a handover is taken from the logbook of its log alone, and only if both keys signed it', () => {
  const at = '2026-05-01T12:00:00.000Z';
  const taken = (handover: ReturnType<typeof announced>, stream = logbookStream(ORIGIN)) => {
    const life = new LogLife(ORIGIN);
    life.take({ stream: 'feature/acme', at: '2026-05-02T00:00:00.000Z', events: [] });
    life.take({ stream, at, events: [{ type: 'LogKeyAnnounced', v: 1, ...handover }] });
    expect(life.latest).toBe('2026-05-02T00:00:00.000Z');
    return life.handovers.map(({ key }) => key);
  };
  const good = announced(logKey, otherLogKey);
  expect(taken(good)).toEqual([good.key]);
  expect(taken(good, 'feature/acme')).toEqual([]);
  expect(() => taken(announced(logKey, otherLogKey, [logKey]))).toThrow(LogError);
  expect(() => taken(announced(logKey, otherLogKey, [otherLogKey]))).toThrow(LogError);
  expect(() => taken(good, logbookStream('log.example/other'))).toThrow('of another');
  const [a, b] = [testKey('log.example/other', 1, 8), testKey('log.example/other', 1, 9)];
  expect(taken(announced(a, b), logbookStream('log.example/other'))).toEqual([]);
});

test('the messages that a commit names are those of notices, revisions and withdrawals, in the stream of a feature', () => {
  const digest = digestOf('a body');
  const named = (type: string, stream = 'feature/acme') => noticeDigests({ stream, events: [{ type, digest }] });
  for (const type of ['ChangeNotified', 'ChangeRevised', 'ChangeWithdrawn']) expect(named(type)).toEqual([digest]);
  for (const type of ['DocumentAttached', 'SignatureGiven']) expect(named(type)).toEqual([]);
  expect(named('ChangeNotified', 'roster')).toEqual([]);
  expect(noticeDigests({ stream: 'feature/acme', events: [{ type: 'ChangeNotified', digest: 7 }] })).toEqual([]);
  expect(noticeDigests({ stream: 'observation/acme/own', events: [{ type: 'ChangeNotified', digest }] })).toEqual([]);
});

test('witnesses have an address each and a key of their own', () => {
  const [one, other] = [witnessKey, otherWitnessKey].map(({ key }) => formatVerifierKey(key));
  const issues = (...list: readonly unknown[]) => WitnessList.safeParse(list).error?.issues.map(({ message }) => message);
  expect(WitnessList.parse([{ url: 'https://w.example//', vkey: ` ${one} ` }])).toEqual([
    { url: 'https://w.example', key: witnessKey.key },
  ]);
  expect(issues({ url: 'https://w.example', vkey: one }, { url: 'https://w.example', vkey: other })).toBeUndefined();
  expect(issues({ url: 'https://w.example', vkey: one }, { url: 'https://v.example', vkey: one })).toEqual([
    'names a witness twice',
  ]);
  expect(issues({ url: 'https://w.example', vkey: formatVerifierKey(logKey.key) })).toEqual(['is not a witness key (type 4)']);
  expect(issues({ url: 'ftp://w.example', vkey: one })).toHaveLength(1);
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      url: 'https://w.example',
      vkey: formatVerifierKey(testKey(`w.example/${n}`, 4, n + 20).key),
    }));
  expect(issues(...many(16))).toBeUndefined();
  expect(issues(...many(17))).toHaveLength(1);
});
