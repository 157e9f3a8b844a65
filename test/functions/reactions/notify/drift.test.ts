import { expect, test } from 'vitest';
import { observationAggregate } from '../../../../functions/gate/aggregates.ts';
import { submit } from '../../../../functions/platform/store/submit.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { rosterFile } from '../../openGate.ts';
import { mailing, who } from './mailing.ts';

const IT = 'it@city.example';
const CLERKS_AND_IT = ['clerk', 'deputy-clerk', 'it'];

/** A gate whose city has an IT department, and a way to report what is seen on at the vendor. */
const observed = async (options: Parameters<typeof mailing>[0] = {}) => {
  const world = await mailing({ itMail: IT, ...options });
  const { gate } = world;
  await createToken(gate.ports, { name: 'watch', scopes: ['observe'], agencies: [], person: null });
  let n = 0;
  const see = async (features: Readonly<Record<string, boolean>>, at: string): Promise<void> => {
    n += 1;
    gate.at(at);
    const done = await submit(gate.ports, observationAggregate, {
      stream: 'observation/acme',
      commandId: `observation/${n}`,
      actor: 'token:watch',
      command: () => ({
        type: 'recordObservation' as const,
        at,
        vendor: 'acme',
        source: 'settings export',
        observedAt: at,
        features,
        evidence: null,
      }),
    });
    if (!done.ok) throw new Error(done.rejection.detail);
  };
  return { ...world, see };
};

test('a key seen on without approval is mailed to the clerks and IT, once while it stays on', async () => {
  const { see, mails } = await observed();
  await see({ 'acme.lpr': true, 'acme.audio': false }, '2026-03-02T13:00:00.000Z');
  const first = await mails();
  expect(who(first)).toEqual(CLERKS_AND_IT);
  expect(new Set(first.map(({ subject }) => subject))).toEqual(new Set(['On without permission: acme.lpr']));
  expect(first[0]?.text).toContain('- acme.lpr, seen on March 2, 2026');
  expect(first[0]?.text).toContain('by “settings export”');
  expect(first[0]?.text).toContain('https://gate.example/features/acme.lpr');
  await see({ 'acme.lpr': true }, '2026-03-02T14:30:00.000Z');
  await see({ 'acme.lpr': true }, '2026-03-02T16:00:00.000Z');
  expect(await mails()).toEqual([]);
});

test('a key seen off and on again is a new sighting; one already mailed is not repeated with it', async () => {
  const { see, mails } = await observed();
  await see({ 'acme.lpr': true, 'acme.audio': true }, '2026-03-02T13:00:00.000Z');
  expect((await mails()).map(({ subject }) => subject)).toContain('On without permission: acme.audio and 1 more');
  await see({ 'acme.lpr': false }, '2026-03-02T14:00:00.000Z');
  expect(await mails()).toEqual([]);
  await see({ 'acme.lpr': true, 'acme.audio': true }, '2026-03-02T15:00:00.000Z');
  const again = await mails();
  expect(who(again)).toEqual(CLERKS_AND_IT);
  expect(again[0]?.subject).toBe('On without permission: acme.lpr');
  expect(again[0]?.text).not.toContain('acme.audio');
});

test('an approved key is not drift until its approval ends', async () => {
  const { gate, see, mails } = await observed();
  const { digest } = await gate.notice();
  await gate.certify('acme/1', digest);
  await gate.sign('acme/1', digest);
  await mails();
  await see({ acme: true }, '2026-03-02T13:00:00.000Z');
  expect(await mails()).toEqual([]);
  await gate.revoke('acme/1');
  await mails();
  await see({ acme: true }, '2026-03-02T15:00:00.000Z');
  expect(who(await mails())).toEqual(CLERKS_AND_IT);
});

test('a city without an IT address, and one without a roster in Spanish, are mailed anyway', async () => {
  const { see, mails } = await observed({ itMail: undefined, officials: rosterFile(undefined, { clerk: 'es' }) });
  await see({ acme: true }, '2026-03-02T13:00:00.000Z');
  const sent = await mails();
  expect(who(sent)).toEqual(['clerk', 'deputy-clerk']);
  expect(sent.find(({ to }) => to.startsWith('clerk@'))?.subject).toBe('Encendido sin permiso: acme');
});
