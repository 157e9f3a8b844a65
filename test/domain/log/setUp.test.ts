import { expect, test } from 'vitest';
import { documentStream } from '../../../domain/documents/decide.ts';
import { featureStream } from '../../../domain/feature/keys.ts';
import { isSetUp } from '../../../domain/log/events.ts';
import { observationStream } from '../../../domain/observation/decide.ts';
import { POLICY_STREAM } from '../../../domain/policy/decide.ts';
import { REVOCATION_STREAM } from '../../../domain/revocation/events.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { SETTINGS_STREAM } from '../../../domain/settings/events.ts';

test.each([SETTINGS_STREAM, ROSTER_STREAM, POLICY_STREAM, 'vendor/acme', 'access/token/it'])('%s is set-up', (stream) => {
  expect(isSetUp(stream)).toBe(true);
});

test.each([
  featureStream('acme'),
  documentStream('ab'.repeat(32)),
  observationStream('acme', 'audit', false),
  REVOCATION_STREAM,
  'receipt/acme/msg_1',
  'policy/acme',
  'a/policy',
])('%s is not', (stream) => {
  expect(isSetUp(stream)).toBe(false);
});
