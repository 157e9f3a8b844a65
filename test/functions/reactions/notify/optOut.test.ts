import { expect, test } from 'vitest';
import { recordOptOut } from '../../../../functions/gate/feature.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { expectDecidingAreAsked, mailing } from './mailing.ts';

const PROOF = { sha256: 'e'.repeat(64), title: 'A screenshot' };
const SUBJECT = 'Vendor acme, Faces, too: confirm that the city opted out in time';

/** A feature that is on, and an update that takes effect two days later unless the city opts out. */
const announced = async () => {
  const { gate, mails } = await mailing();
  const { digest } = await gate.notice();
  await gate.certify('acme/1', digest);
  await gate.sign('acme/1', digest);
  const update = await gate.notice({
    kind: 'update',
    title: 'Faces, too',
    optOut: 'yes',
    effectiveAt: '2026-03-04T12:00:00.000Z',
  });
  await mails();
  await createToken(gate.ports, { name: 'console', scopes: ['observe'], person: 'auditor' });
  const record = async (evidence: typeof PROOF | null, note: string) => {
    const said = { revision: 1, digest: update.digest, note, evidence, caller: { name: 'console', person: 'auditor' } };
    expect(await recordOptOut(gate.ports, { key: 'acme', n: 2, ...said }, null)).toMatchObject({ ok: true });
    return (await mails()).filter(({ subject }) => subject === SUBJECT);
  };
  return { gate, record };
};

test('a record that is late and shows that it was made in time asks each person in office in a body that decides, by an own link', async () => {
  const { gate, record } = await announced();
  gate.at('2026-03-06T12:00:00.000Z');
  expect(await record(null, 'In the console.')).toEqual([]);
  const asked = await record(PROOF, 'In the console; this shows it.');
  await expectDecidingAreAsked(gate, asked);
});

test('a record in time asks no one', async () => {
  const { gate, record } = await announced();
  gate.at('2026-03-04T11:59:59.000Z');
  expect(await record(PROOF, 'In the console.')).toEqual([]);
});
