import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { evaluate } from '../../../../domain/feature/evaluate.ts';
import type { Provenance } from '../../../../domain/feature/events.ts';
import { featureStream, POLICY_KEY } from '../../../../domain/feature/keys.ts';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { hashOf } from '../../../../domain/kernel/commit.ts';
import { latest } from '../../../../domain/kernel/order.ts';
import { LogError } from '../../../../domain/log/encoding.ts';
import { logbookStream } from '../../../../domain/log/events.ts';
import { attachDocument } from '../../../../functions/gate/documents.ts';
import { recordOptOut } from '../../../../functions/gate/feature.ts';
import { evaluateKey, headsAt } from '../../../../functions/gate/heads.ts';
import { intake } from '../../../../functions/gate/intake.ts';
import { endToken, issueToken } from '../../../../functions/gate/tokens.ts';
import { makeVendorForm } from '../../../../functions/gate/vendors.ts';
import type { LogOrder } from '../../../../functions/log/sequencer/judge.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { LogFault } from '../../../../functions/log/verify/readLog.ts';
import { type RecordFile, verifyRecord } from '../../../../functions/log/verify/recordFile.ts';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import type { StoredCommit } from '../../../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../../../functions/platform/store/record.ts';
import { adoptPolicy, policyAdopter } from '../../../../functions/reactions/adoption/policies.ts';
import { readChange } from '../../../../functions/register/project.ts';
import { latestOf } from '../../../../functions/register/views/changeJson.ts';
import { must } from '../../../contract/underTest.ts';
import { STORIES } from '../../../domain/judge/stories.ts';
import { testKey } from '../../../domain/log/support/testLog.ts';
import { council, mayor, policy, rule } from '../../../support/fixtures/city.ts';
import { enteredBy } from '../../../support/fixtures/vendor.ts';
import { shared } from '../../../support/shared.ts';
import { atOnce, deliver } from '../../openGate.ts';
import { acceptAll, bench } from '../sequencer/ports.ts';
import { closed, forged, inStream, LATER, ON, publishedStory, REVOKED, recordText, SEARCH, trusted } from './recordStory.ts';

const DAY = '2026-03-06T00:00:00.000Z';
const OWN = `feature/${SEARCH}`;
const [ACT, OTHER] = ['"holder":"mayor"', '"holder":"somebody"'];

const cutTo = (stream: string, commits: RecordFile['streams'][number]['commits']) =>
  inStream(stream, () => ({ commits, next: null }));

const world = shared(async (atEnd) => {
  const told = await publishedStory(true, atOnce, atEnd);
  return { told, file: await recordText(told.ports, DAY) };
});
let story: Awaited<ReturnType<typeof publishedStory>>;
let text: string;
beforeEach(() => {
  ({ told: story, file: text } = world());
});

const bytes = (of: string): Uint8Array => new TextEncoder().encode(of);
const refusal = (file: Uint8Array) => {
  try {
    return `verified: ${verifyRecord(file, trusted).standing.evaluation.variant}`;
  } catch (error) {
    if (error instanceof LogFault || error instanceof LogError) return error.message;
    throw error;
  }
};

test('the file proves the gate’s answer for that instant, its approvals, its notice, and how far it reaches', async () => {
  const { standing, words, streams, rules, size } = verifyRecord(bytes(text), trusted);
  expect(standing.evaluation).toEqual(await evaluateKey(story.ports, SEARCH, {}, DAY));
  expect(standing.isOn).toBe(true);
  expect(standing.approvals.map(({ body, name, at }) => [body, name, at])).toEqual([
    ['council', 'Holder of clerk', ON],
    ['mayor', 'Holder of mayor', ON],
  ]);
  expect(words).toEqual({ title: 'A new way to search', summary: 'Says what it does in plain words.', description: null });
  expect(size).toBeGreaterThan(8);
  expect(streams.map(({ stream, closed }) => [stream, closed])).toEqual([
    ['feature/acme', false],
    [OWN, true],
    ['revocation', false],
    [logbookStream(trusted.origin), false],
  ]);
  expect(rules).toEqual([
    { stream: 'settings', version: 1, closed: false },
    { stream: 'roster', version: 1, closed: false },
    { stream: 'policy', version: 1, closed: false },
    { stream: 'vendor/acme', version: 1, closed: false },
    { stream: 'feature/aldergate.policy', version: 0, closed: false },
  ]);
});

test.each([
  ['before anybody spoke of it', '2026-03-03T00:00:00.000Z'],
  ['at the very instant of its approval', ON],
  ['just before it was switched off', '2026-03-08T11:59:59.999Z'],
  ['when it was switched off', REVOKED],
  ['today', LATER],
])('%s: as the gate', async (_, at) => {
  const file = await recordText(story.ports, at);
  expect(verifyRecord(bytes(file), trusted).standing.evaluation).toEqual(await evaluateKey(story.ports, SEARCH, {}, at));
});

test('an earlier instant is answered from the same file, a later one is not', async () => {
  const file = bytes(await recordText(story.ports, LATER));
  expect(verifyRecord(file, trusted, DAY).standing.evaluation.variant).toBe('enabled');
  expect(verifyRecord(file, trusted).standing.evaluation.variant).toBe('revoked');
  expect(() => verifyRecord(bytes(text), trusted, LATER)).toThrow('the file covers the time up to');
});

test('of the policy itself an answer stays proven after a later vote on it', async () => {
  const { gate, ports, publish } = await publishedStory();
  const outcome = await adoptPolicy(ports, { ...atOnce, version: 'next' });
  if (!outcome.ok || outcome.status !== 'waiting') throw new Error(JSON.stringify(outcome));
  await gate.decide(outcome.waits);
  await publish();
  await runConsumers(ports, [policyAdopter(ports)]).sweep();
  await publish();
  const file = bytes(await recordText(ports, DAY, POLICY_KEY));
  expect(verifyRecord(file, trusted)).toMatchObject({
    standing: { evaluation: { variant: 'unknown' } },
    streams: [{ stream: `feature/${POLICY_KEY}`, version: 0, closed: true }, {}, {}],
    rules: [{}, {}, { stream: 'policy', version: 1, closed: true }],
  });
});

test('any byte altered is refused', () => {
  const whole = bytes(text);
  for (let at = 0; at < whole.length; at += 307) {
    const altered = whole.slice();
    altered[at] = (altered[at] ?? 0) ^ (1 << (at % 7));
    expect(refusal(altered), `byte ${at}`).not.toMatch(/^verified/);
  }
});

test('a commit that may not stand is refused, though the log holds it', async () => {
  story = await publishedStory(false);
  const head = must(await story.gate.store.head(OWN));
  const approval = commitOf(must((await story.gate.store.history(OWN, { after: 2, limit: 1 })).at(0))).events.at(-1) ?? {};
  const commit = { ...commitOf(head), version: head.version + 1, id: 'forged', commandId: 'forged', prev: hashOf(head.bytes) };
  const forgery = newRecord(
    { ...commit, actor: 'clock', events: [approval] },
    { state: head.state, stateVersion: head.stateVersion, attachments: [] },
  );
  await story.gate.store.append([forgery]);
  await story.publish();
  expect(refusal(bytes(await recordText(story.ports, LATER)))).toContain(`${OWN}@${forgery.version} may not stand`);
  expect(refusal(bytes(await recordText(story.ports, DAY)))).toBe('verified: enabled');
});

test.each(['roster', 'policy', 'settings', 'vendor/acme'])(
  'without the stream %s nothing in the file can be judged',
  (stream) => {
    const emptied = inStream(stream, () => ({ commits: [] }));
    expect(refusal(forged(text, emptied))).toContain('may not stand');
  },
);

describe('sealed again by a forger', () => {
  const own = (edit: Parameters<typeof inStream>[1]) => inStream(OWN, edit);
  const at = (instant: string) => (file: RecordFile) => ({ ...file, at: instant });
  test.each<[string, (file: RecordFile) => object, RegExp]>([
    // So that what follows is not refused for the seal.
    ['nothing else', (file) => file, /^verified: enabled$/],
    [
      'an act of another person',
      own(({ commits }) => ({
        commits: commits.map(({ commit, ...rest }) => ({ ...rest, commit: commit.replaceAll(ACT, OTHER) })),
      })),
      /^(?!verified)/,
    ],
    ['a commit left out in the middle', own(({ commits }) => ({ commits: commits.toSpliced(1, 1) })), /@3 is where .*@2 belongs/],
    [
      'the last commit left out, not what closes the stream',
      own(({ commits }) => ({ commits: commits.slice(0, -1) })),
      /is where/,
    ],
    ['two commits in each other’s place', own(({ commits }) => ({ commits: commits.toReversed() })), /is where/],
    [
      'a receipt of another commit',
      own(({ commits }) => ({ commits: commits.map((each) => ({ ...each, proof: commits[0]?.proof ?? '' })) })),
      /^(?!verified)/,
    ],
    [
      'a notice under a digest that is not its own',
      (file) => ({ ...file, notice: { bytes: 'e30=', digest: file.notice?.digest } }),
      /may not stand: raw-notice/,
    ],
    [
      'a notice of no words in it',
      (file) => ({ ...file, notice: { bytes: 'e30=', digest: hashOf(Buffer.from('{}')) } }),
      /of no words/,
    ],
    ['a stream left out', (file) => ({ ...file, streams: file.streams.slice(1) }), /does not hold the streams/],
    ['an instant to which the closing commit belongs', at(REVOKED), /belongs to the time/],
    ['an instant after the closing commit', at(LATER), /belongs to the time/],
    ['an instant before what the file holds', at('2026-03-01T00:00:00.000Z'), /^(?!verified)/],
  ])('%s', (_, edit, said) => expect(refusal(forged(text, edit))).toMatch(said));

  test('another key', () => {
    expect(() => verifyRecord(bytes(text), { ...trusted, keys: [testKey(trusted.origin, 1, 9).key] })).toThrow(LogError);
    expect(() => verifyRecord(bytes(text), { ...trusted, origin: 'other.example/log' })).toThrow('not of other.example/log');
  });
  test('a tail cut off with its closing commit looks like a shorter life, and the file states so, whichever stream it is', async () => {
    story = await publishedStory();
    await closed(story);
    const whole = await recordText(story.ports, DAY);
    const { streams, rules, open } = verifyRecord(bytes(whole), trusted);
    expect(open).toEqual([]);
    for (const { stream } of [...streams, ...rules]) {
      const { commits } = must((JSON.parse(whole) as RecordFile).streams.find((each) => each.stream === stream));
      const used = [...streams, ...rules].find((each) => each.stream === stream)?.version ?? 0;
      // Down to what counted then, and by one commit more, where what is left may stand.
      for (const kept of [used, used - 1]) {
        const cut = forged(whole, cutTo(stream, commits.slice(0, Math.max(kept, 0))));
        const told = refusal(cut);
        if (!told.startsWith('verified')) expect(told).toMatch(/may not stand/);
        else expect(verifyRecord(cut, trusted).open, `${stream} up to ${kept}`).toContain(stream);
      }
    }
  });
  test('a proof for an earlier checkpoint of the same log, which is signed as well', async () => {
    story = await publishedStory();
    const earlier = JSON.parse(await recordText(story.ports, DAY)) as RecordFile;
    const [first] = must(earlier.streams.find(({ stream }) => stream === OWN)).commits;
    await closed(story);
    const mixed = own(({ commits }) => ({ commits: [first, ...commits.slice(1)] }));
    expect(refusal(forged(await recordText(story.ports, DAY), mixed))).toContain('its proof is for another checkpoint');
  });
  test('passkeys of who acts are missed where the rules ask for them, and open', async () => {
    story = await publishedStory(true, { ...atOnce, passkeys: 'when-enrolled' });
    const { open } = verifyRecord(bytes(await recordText(story.ports, DAY)), trusted);
    expect(open).toEqual(expect.arrayContaining(['access/passkeys/clerk', 'access/passkeys/mayor']));
  });
});

const BOTH = [council(), mayor()];
const RULES = policy(
  rule(BOTH, { id: 'report', when: { key: ['acme.report'] }, documents: ['report'], notice: 'P0D' }),
  rule(BOTH, { id: 'rest', notice: 'P0D', term: 'P1Y' }),
);
const [DESK, SENDER, ANOTHER] = ['1', '2', '3'].map((each) => each.repeat(64)) as [string, string, string];
const OPT_OUT = {
  optOut: 'yes',
  optOutBy: '2026-06-01',
  optOutHow: 'By letter.',
  withoutAction: 'on',
  effectiveAt: '2026-06-02',
};

/** Acts by two tokens, of which one was ended since, by a form and with a document, all in the log. */
const acting = shared(async (atEnd) => {
  const { gate, ports, publish } = await publishedStory(true, RULES, atEnd);
  const issue = (id: string, name: string, scopes: ('notice' | 'observe')[]) =>
    issueToken(gate.ports, id, { name, scopes, agencies: [], person: 'clerk', source: null });
  await issue(DESK, 'desk', ['notice', 'observe']);
  await issue(SENDER, 'sender', ['notice']);
  await issue(ANOTHER, 'other', ['notice']);
  const form = must(await makeVendorForm(gate.ports, 'acme', 'P7D'));
  const enter = async (feature: string, actor: string, provenance: Provenance, more: object = {}) => {
    const delivery = await deliver(gate.ports, { feature, ...more }, randomUUID());
    expect(await intake(gate.ports, { ...delivery, actor, provenance })).toMatchObject({ ok: true });
  };
  const byForm = { ...enteredBy(null, LATER), channel: 'form', by: 'vendor:acme', key: form.id, heardAt: null } as const;
  await enter('acme.heard', 'token:desk', enteredBy('clerk', LATER));
  await enter('acme.form', `form:${form.id}`, byForm);
  await enter('acme.report', 'token:desk', enteredBy('clerk', LATER));
  await enter('acme.late', 'token:desk', enteredBy('clerk', LATER), OPT_OUT);
  const revisionOf = async (key: string) => latestOf(must(await readChange(gate.ports, key, 1)).view);
  const content = Buffer.from('What it changes.');
  const report = { kind: 'report', title: 'Report', mediaType: 'text/plain', content, actor: 'token:sender', counted: null };
  const to = { key: 'acme.report', n: 1, revision: await revisionOf('acme.report') };
  expect(await attachDocument(gate.ports, to, report)).toMatchObject({ ok: true });
  const { revision, digest } = await revisionOf('acme.late');
  const caller = { name: 'desk', person: 'clerk' };
  const optOut = { key: 'acme.late', n: 1, revision, digest, note: 'Asked by letter.', evidence: null, caller };
  expect(await recordOptOut(gate.ports, optOut, null)).toMatchObject({ ok: true });
  expect(await endToken(gate.ports, SENDER)).toBe(true);
  await publish();
  return { gate, ports, document: `document/${digestOf(content).slice('sha256:'.length)}`, form: form.id };
});

const fileOf = (key: string) => recordText(acting().ports, LATER, key);
const verified = (file: string | Uint8Array) =>
  verifyRecord(typeof file === 'string' ? new TextEncoder().encode(file) : file, trusted);

test.each([
  ['a notice that a person entered with a token', 'acme.heard', () => [`access/token/${DESK}`]],
  ['a notice by a form', 'acme.form', () => [expect.stringContaining(`access/form/${acting().form}`)]],
  [
    'a document, by a token that was ended since',
    'acme.report',
    () => [acting().document, `access/token/${DESK}`, `access/token/${SENDER}`],
  ],
  ['an opt-out', 'acme.late', () => [`access/token/${DESK}`]],
])('%s: the file holds what the judge asks for, and nothing of other tokens', async (_, key, named) => {
  const { standing, rules, open } = verified(await fileOf(key));
  expect(standing.evaluation).toEqual(await evaluateKey(acting().gate.ports, key, {}, LATER));
  const names = rules.map(({ stream }) => stream).filter((stream) => /^(?:access|document)\//.test(stream));
  expect(names).toEqual(named());
  // None of them is closed by a later commit that does not count, so only the log shows that no commit was left out.
  expect(open).toEqual(expect.arrayContaining(named()));
});

test('without them, or with one of another kind, no file verifies', async () => {
  const file = await fileOf('acme.report');
  for (const left of [`access/token/${DESK}`, `access/token/${SENDER}`, acting().document]) {
    const without = forged(file, (all) => ({ ...all, streams: all.streams.filter(({ stream }) => stream !== left) }));
    expect(() => verified(without), left).toThrow('may not stand');
  }
  const renamed = forged(file, (all) => ({
    ...all,
    streams: [...all.streams, { stream: 'observation/acme/x', commits: [], next: null }],
  }));
  expect(() => verified(renamed)).toThrow('does not hold the streams');
});

test.each(Object.entries(STORIES))(
  'every feature of an honest story has a file that verifies, and answers as the gate: %s',
  async (_, tell) => {
    const { commits } = tell();
    const place = new Map(commits.map(({ stream, version }, index) => [`${stream}@${version}`, index]));
    const placeOf = ({ stream, version }: StoredCommit) => place.get(`${stream}@${version}`) ?? 0;
    const any = acceptAll();
    // The log has the order of the story.
    const judge: LogOrder = {
      ...any,
      judge: (pending, ...more) =>
        any.judge(
          pending.toSorted((one, other) => placeOf(one) - placeOf(other)),
          ...more,
        ),
    };
    const ports = { ...bench(), judge };
    for (const commit of commits)
      await ports.store.append([newRecord(commit, { state: 'null', stateVersion: 0, attachments: [] })]);
    await sequence(ports);
    const at = latest(commits[0]?.at ?? '', ...commits.map((commit) => commit.at));
    for (const stream of new Set(commits.map((commit) => commit.stream))) {
      if (!stream.startsWith(featureStream(''))) continue;
      const key = stream.slice(featureStream('').length);
      expect(verified(await recordText(ports, at, key)).standing.evaluation, key).toEqual(
        evaluate(key, await headsAt(ports, key, at), {}, at),
      );
    }
  },
);
