import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { observationStream } from '../../../../domain/observation/state.ts';
import { observationAggregate } from '../../../../functions/gate/aggregates.ts';
import { submit } from '../../../../functions/platform/store/submit.ts';
import { readGauges } from '../../../../functions/reactions/clock/gauges.ts';
import { project } from '../../../../functions/register/project.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { type Gate, NOON, openGate } from '../../openGate.ts';

/** Who reports what is seen on. */
const admitObserver = (gate: Gate) => createToken(gate.ports, { name: 'it', scopes: ['observe'], agencies: [], person: null });

const observe = (gate: Gate, features: Readonly<Record<string, boolean>>) =>
  submit(gate.ports, observationAggregate, {
    stream: observationStream('acme'),
    commandId: `seen ${JSON.stringify(features)}`,
    actor: 'token:it',
    command: (at) => ({
      type: 'recordObservation' as const,
      at,
      vendor: 'acme',
      source: 'console',
      observedAt: at,
      features,
      evidence: null,
    }),
  });

test('nothing waits and nothing drifts in an empty gate', async () => {
  expect(await readGauges((await openGate()).ports, NOON)).toEqual({ oldestPendingDays: 0, openDrifts: 0 });
});

test('the oldest open change counts in days from its first notice', async () => {
  const gate = await openGate();
  await gate.notice();
  await project(gate.ports, 'feature/acme');
  const { oldestPendingDays } = await readGauges(gate.ports, NOON);
  const later = new Date(Date.parse(NOON) + 36 * 3_600_000).toISOString();
  expect((await readGauges(gate.ports, later)).oldestPendingDays - oldestPendingDays).toBeCloseTo(1.5);
});

test('a feature seen on and approved, for every agency or for some, is not drift', async () => {
  const gate = await openGate();
  await admitObserver(gate);
  for (const [feature, audience] of [
    ['acme', null],
    ['acme.lpr', ['Police Department']],
  ] as const) {
    const { change, digest } = await gate.notice({ feature });
    const terms = { ...NO_TERMS, audience };
    await gate.certify(change, digest, { terms });
    await gate.sign(change, digest, { terms });
    await project(gate.ports, `feature/${feature}`);
  }
  await observe(gate, { acme: true, 'acme.lpr': true });
  expect(await readGauges(gate.ports, NOON)).toEqual({ oldestPendingDays: 0, openDrifts: 0 });
});

test('what was seen on without approval is a drift, until it is seen off', async () => {
  const gate = await openGate();
  await admitObserver(gate);
  await gate.notice();
  await project(gate.ports, 'feature/acme');
  await observe(gate, { acme: true, 'acme.lpr': true, 'acme.audio': false });
  expect(await readGauges(gate.ports, NOON)).toMatchObject({ openDrifts: 2 });
  await observe(gate, { acme: false, 'acme.lpr': false });
  expect(await readGauges(gate.ports, NOON)).toMatchObject({ openDrifts: 0 });
});
