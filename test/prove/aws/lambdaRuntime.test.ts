// The deployed bundles under Lambda’s own runtime.

import { describe, expect, test } from 'vitest';
import type { actorsOf } from '../../infra/aws/support/actors.ts';
import { busEvent, requestEvent, streamRecord } from '../../infra/aws/support/events.ts';
import { firstDecision } from '../../infra/aws/support/firstDecision.ts';
import type { GateOnAws } from '../../infra/aws/support/gateOnAws.ts';
import { withGateOnAws } from '../../infra/aws/support/opened.ts';
import { realRuntime, runtimeMissing } from '../../infra/aws/support/realRuntime.ts';

const missing = runtimeMissing();
if (missing !== undefined) console.warn(`SKIPPED: the bundles did not run under Lambda’s own runtime. ${missing}`);

describe.skipIf(missing !== undefined)(missing ?? 'under the runtime interface client of Lambda,', () => {
  let gate: GateOnAws;
  let actors: ReturnType<typeof actorsOf>;

  withGateOnAws((opened) => {
    ({ gate, actors } = opened);
  }, realRuntime);

  firstDecision(() => ({ gate, actors }));

  test('each kind of event is taken: of the HTTP API, the stream, the bus and the schedule', async () => {
    const front = await gate.invoke('site', requestEvent('GET', '/', undefined, { accept: 'text/html' }));
    expect(front).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    const records = gate.cloud.written.map((each, index) => streamRecord(each, index));
    const [entry] = gate.cloud.published;
    expect(entry).toBeDefined();
    const before = [gate.cloud.mails.length, gate.cloud.published.length, gate.cloud.written.length];
    for (const name of ['sequencer', 'projector'] as const)
      expect(await gate.invoke(name, { Records: records })).toStrictEqual({ batchItemFailures: [] });
    for (const name of ['notify', 'webhooks'] as const) await gate.invoke(name, busEvent(entry!));
    await gate.sweep();
    // All of it had been done.
    expect([gate.cloud.mails.length, gate.cloud.published.length, gate.cloud.written.length]).toStrictEqual(before);
  });

  test('what a handler throws is the error of its event, and the next event is answered', async () => {
    await expect(gate.invoke('sequencer', { Records: [null] })).rejects.toThrow('TypeError');
    expect(await gate.invoke('sequencer', { Records: [] })).toStrictEqual({ batchItemFailures: [] });
  });

  test('a function that cannot start reports why', async () => {
    const lines: string[] = [];
    const { bundle } = gate.deployment.functions.api;
    const start = { name: 'api', bundle, variables: {}, log: (text: string) => lines.push(text) } as const;
    await expect(realRuntime(start)).rejects.toThrow('ALDERGATE_COMMITS_TABLE');
    expect(lines.join('')).toContain('Init Error');
  });

  test('each log line names its invocation, and no line contains a token, a link or a mail address', async () => {
    await gate.invoke('sequencer', { Records: [streamRecord({ stream: 'feature/acme', version: 1 }, 9_999, 'MODIFY')] });
    const log = gate.log.join('');
    expect(log).toMatch(/"event":"store tampered".*"requestId":"00000000-0000-4000-8000-\d{12}"/);
    expect(log).not.toMatch(/ald_[0-9a-f]|\/d\/[A-Za-z0-9_-]{43}|@city\.example/);
  });
});
