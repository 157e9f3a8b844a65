import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { answerAt, Replay } from '../../../functions/log/verify/replay.ts';
import { answerLines, compareAnswers, pagesOf, type ReadPage } from '../../../infra/cli/verify/answers.ts';
import type { CheckedLog } from '../../../infra/cli/verify/check.ts';
import { approvedAndRevoked } from '../../domain/judge/stories.ts';
import { answering } from '../../support/listening.ts';

const AFTER = '2027-01-01T00:00:00.000Z';
const commits = approvedAndRevoked().bytes;

const logOf = (count: number) => {
  const replay = new Replay('city.example/log');
  for (const [index, bytes] of commits.slice(0, count).entries()) replay.take({ index, bytes });
  return { replay } as CheckedLog;
};
const whole = logOf(commits.length);
const beforeRevocation = logOf(commits.length - 1);

const answerOf = (log: CheckedLog, asOf = AFTER) => {
  const { variant, change, because: _1, reason: _2, pending: _3, fault: _4, ...rest } = answerAt(log.replay, 'acme', asOf);
  return { key: 'acme', ...rest, status: variant, change: change === null ? null : `acme/${change}`, asOf };
};

const gate = (...answers: readonly object[]): ReadPage & { readonly asked: string[] } => {
  const asked: string[] = [];
  const left = [...answers];
  return Object.assign(
    async (path: string) => {
      asked.push(path);
      const answer = left.length > 1 ? left.shift() : left[0];
      return path.startsWith('/?') ? { items: [answer], next: null } : answer;
    },
    { asked },
  );
};
const pause = async () => undefined;
const compare = (read: ReadPage, log: CheckedLog, later = log) => compareAnswers(read, log, async () => later, pause);

describe('the gate beside its log', () => {
  const on = answerOf(beforeRevocation, '2026-03-15T00:00:00.000Z');

  test('the same answers: one page is read', async () => {
    const read = gate(answerOf(whole));
    expect(await compare(read, whole)).toMatchObject({ ok: true, compared: 1, differing: [] });
    expect(read.asked).toEqual(['/?format=json&limit=1000']);
  });

  test('what was committed since the checkpoint is no lie: it is asked again beside the newer log', async () => {
    expect(await compare(gate(answerOf(whole)), beforeRevocation, whole)).toMatchObject({ differing: [] });
    expect(await compare(gate(on, answerOf(whole)), whole)).toMatchObject({ differing: [] });
  });

  test('a yes after the revocation, also one that is dated before it', async () => {
    const lies = [{ ...answerOf(whole), enabled: true, status: 'enabled' }, { ...on, asOf: AFTER }, on];
    for (const lie of lies) {
      const report = await compare(gate(lie), whole);
      expect(report).toMatchObject({ ok: true, differing: [{ key: 'acme', gate: expect.stringContaining('"enabled":true') }] });
      expect(answerLines(report, AFTER).join()).toContain('OTHERWISE THAN ITS LOG for 1 of 1');
    }
  });

  test.each([
    { change: 'acme/2' },
    { digest: `sha256:${'0'.repeat(64)}` },
    { validUntil: AFTER },
    { audience: ['x-pd'] },
    { conditions: ['x'] },
  ])('an answer that differs in %j', async (other) => {
    const report = await compare(gate({ ...answerOf(whole), ...other }), whole);
    expect(report).toMatchObject({ ok: true, differing: [{ key: 'acme' }] });
  });

  test('a feature that is in no log, and one that the gate is silent about', async () => {
    const stranger = { ...on, key: 'other', change: 'other/1', asOf: AFTER };
    expect(await compare(gate(stranger), whole)).toMatchObject({ compared: 2, differing: [{ key: 'acme' }, { key: 'other' }] });
  });

  test('a yes that only the list has, beside a page that is right', async () => {
    const lie = { ...answerOf(whole), enabled: true, status: 'enabled' };
    const read: ReadPage = async (path) => (path.startsWith('/?') ? { items: [lie], next: null } : answerOf(whole));
    expect(await compare(read, whole)).toMatchObject({ ok: true, differing: [{ key: 'acme' }] });
  });

  test.each<[string, (page: number) => unknown]>([
    ['breaks off', (page) => (page === 0 ? { items: [answerOf(whole)], next: 'more' } : undefined)],
    ['has acme twice', () => ({ items: [answerOf(whole), answerOf(whole)], next: null })],
    ['has no end', () => ({ items: [], next: 'more' })],
  ])('a list that %s is refused', async (what, pageOf) => {
    let page = 0;
    await expect(compare(async () => pageOf(page++), whole)).rejects.toThrow(what);
  });

  test('a page that is compressed and never ends is refused before it fills the memory', async () => {
    const megabyte = gzipSync(Buffer.alloc(1 << 20));
    const url = await answering((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      const more = () => void (response.destroyed || response.write(megabyte, more));
      more();
    });
    await expect(pagesOf(url)('/?format=json')).rejects.toThrow('is larger than what a gate answers');
  });

  test('an answer of another day is named, also beside others of now, and where it is given only when asked again', async () => {
    const [stale, other] = [
      { ...on, asOf: '2026-03-15T00:00:00.000Z' },
      { ...answerOf(whole), key: 'zeta' },
    ];
    const list: ReadPage = async (path) => (path.startsWith('/?') ? { items: [stale, other], next: null } : stale);
    const again = gate({ ...answerOf(whole), digest: null }, stale);
    for (const report of [await compare(list, beforeRevocation), await compare(again, beforeRevocation)])
      expect(answerLines(report, AFTER).join()).toContain('WATCH the gate answers as of 2026-03-15');
    expect(answerLines(await compare(gate(answerOf(whole)), whole), AFTER).join()).not.toContain('WATCH');
  });

  test('where no gate answers, that is stated; a clock that is wrong is, too', async () => {
    const nothing = await compare(async () => undefined, whole);
    expect(nothing).toMatchObject({ ok: false });
    expect(answerLines(nothing, AFTER)[0]).toMatch(/^cannot be checked/);
    expect(answerLines(undefined, AFTER)[0]).toMatch(/^cannot be checked/);
    expect(answerLines(await compare(gate(answerOf(whole)), whole), '2027-01-01T00:06:00.000Z').join()).toContain(
      'WATCH the gate',
    );
  });
});
