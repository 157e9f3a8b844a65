import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { evaluate } from '../../../../domain/feature/evaluate.ts';
import type { Provenance } from '../../../../domain/feature/events.ts';
import { featureStream } from '../../../../domain/feature/keys.ts';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { latest } from '../../../../domain/kernel/order.ts';
import { attachDocument } from '../../../../functions/gate/documents.ts';
import { recordOptOut } from '../../../../functions/gate/feature.ts';
import { evaluateKey, headsAt } from '../../../../functions/gate/heads.ts';
import { intake } from '../../../../functions/gate/intake.ts';
import { endToken, issueToken } from '../../../../functions/gate/tokens.ts';
import { makeVendorForm } from '../../../../functions/gate/vendors.ts';
import type { LogOrder } from '../../../../functions/log/sequencer/judge.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { verifyRecord } from '../../../../functions/log/verify/recordFile.ts';
import type { StoredCommit } from '../../../../functions/platform/store/port.ts';
import { newRecord } from '../../../../functions/platform/store/record.ts';
import { readChange } from '../../../../functions/register/project.ts';
import { latestOf } from '../../../../functions/register/views/changeJson.ts';
import { must } from '../../../contract/underTest.ts';
import { STORIES } from '../../../domain/judge/stories.ts';
import { council, mayor, policy, rule } from '../../../support/fixtures/city.ts';
import { enteredBy } from '../../../support/fixtures/vendor.ts';
import { shared } from '../../../support/shared.ts';
import { deliver } from '../../openGate.ts';
import { acceptAll, bench } from '../sequencer/ports.ts';
import { forged, LATER, publishedStory, recordText, trusted } from './recordStory.ts';

const BOTH = [council(), mayor()];
const RULES = policy(
  rule(BOTH, { id: 'report', when: { key: ['acme.report'] }, documents: ['report'], notice: 'P0D' }),
  rule(BOTH, { id: 'rest', notice: 'P0D', term: 'P1Y' }),
);
const [DESK, SENDER, OTHER] = ['1', '2', '3'].map((each) => each.repeat(64)) as [string, string, string];
const OPT_OUT = {
  optOut: 'yes',
  optOutBy: '2026-06-01',
  optOutHow: 'By letter.',
  withoutAction: 'on',
  effectiveAt: '2026-06-02',
};

/** Acts by two tokens, of which one was ended since, by a form and with a document, all in the log. */
const world = shared(async (atEnd) => {
  const { gate, ports, publish } = await publishedStory(true, RULES, atEnd);
  const issue = (id: string, name: string, scopes: ('notice' | 'observe')[]) =>
    issueToken(gate.ports, id, { name, scopes, agencies: [], person: 'clerk', source: null });
  await issue(DESK, 'desk', ['notice', 'observe']);
  await issue(SENDER, 'sender', ['notice']);
  await issue(OTHER, 'other', ['notice']);
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

test('a document that is complete stands beside the log', async () => {
  const { ports, document } = world();
  expect(Buffer.from(must(await ports.blobs.get(document))).toString()).toBe('What it changes.');
});

const fileOf = (key: string) => recordText(world().ports, LATER, key);
const verified = (file: string | Uint8Array) =>
  verifyRecord(typeof file === 'string' ? new TextEncoder().encode(file) : file, trusted);

test.each([
  ['a notice that a person entered with a token', 'acme.heard', () => [`access/token/${DESK}`]],
  ['a notice by a form', 'acme.form', () => [expect.stringContaining(`access/form/${world().form}`)]],
  [
    'a document, by a token that was ended since',
    'acme.report',
    () => [world().document, `access/token/${DESK}`, `access/token/${SENDER}`],
  ],
  ['an opt-out', 'acme.late', () => [`access/token/${DESK}`]],
])('%s: the file holds what the judge asks for, and nothing of other tokens', async (_, key, named) => {
  const { standing, rules, open } = verified(await fileOf(key));
  expect(standing.evaluation).toEqual(await evaluateKey(world().gate.ports, key, {}, LATER));
  const names = rules.map(({ stream }) => stream).filter((stream) => /^(?:access|document)\//.test(stream));
  expect(names).toEqual(named());
  // None of them is closed by a later commit that does not count, so only the log shows that no commit was left out.
  expect(open).toEqual(expect.arrayContaining(named()));
});

test('without them, or with one of another kind, no file verifies', async () => {
  const file = await fileOf('acme.report');
  for (const left of [`access/token/${DESK}`, `access/token/${SENDER}`, world().document]) {
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
      await ports.store.append(newRecord(commit, { state: 'null', stateVersion: 0, attachments: [] }));
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
