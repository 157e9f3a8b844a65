import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { actorsOf } from './actors.ts';
import { firstDecision } from './firstDecision.ts';
import type { GateOnAws } from './gateOnAws.ts';
import type { StartEnvironment } from './lambdas.ts';
import { settle, withGateOnAws } from './opened.ts';
import { readersPattern, startReader } from './reader.ts';

const FOREIGN = { isForeign: true };

/** As SES publishes a mail that came back on the account's bus. */
const returned = (configuration: string, messageId: string, emailAddress: string) => ({
  Source: 'aws.ses',
  DetailType: 'Email Bounced',
  Detail: JSON.stringify({
    eventType: 'Bounce',
    bounce: {
      bounceType: 'Permanent',
      bounceSubType: 'General',
      bouncedRecipients: [{ emailAddress, action: 'failed', status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 no such user' }],
      timestamp: '2026-01-01T00:00:00.000Z',
    },
    mail: { messageId, destination: [emailAddress], tags: { 'ses:configuration-set': [configuration] } },
  }),
});

/**
 * Tests that play a city's year on an AWS of others (moto): DynamoDB and its stream, S3, the bus with its patterns, SES and the secrets.
 * KMS, whose Ed25519 keys moto lacks, and the permissions are this project's own.
 */
export const foreignStory = (start?: StartEnvironment): void => {
  let gate: GateOnAws;
  let actors: ReturnType<typeof actorsOf>;
  let heard: () => Promise<readonly JsonValue[]>;
  let reader: Awaited<ReturnType<typeof startReader>>;

  withGateOnAws(
    (opened) => {
      ({ gate, actors } = opened);
    },
    start,
    FOREIGN,
  );
  const moto = () => gate.moto ?? expect.fail('no foreign AWS');
  beforeAll(async () => {
    heard = await moto().rule('EventsBus', 'answers', readersPattern());
  });

  firstDecision(() => ({ gate, actors }));

  test('the bucket has what the functions put there, byte for byte', async () => {
    const { objects } = gate.cloud;
    expect(objects.size).toBeGreaterThan(0);
    for (const [place, bytes] of objects) expect(await moto().object(place), place).toStrictEqual(bytes);
  });

  test('the rule of another account takes the answers that changed, and its program leaves on what is on', async () => {
    const events = await heard();
    expect(events.map((event) => (event as { readonly 'detail-type': string })['detail-type'])).toStrictEqual(
      events.map(() => 'aldergate.derived.AnswerChanged.v1'),
    );
    expect(events.length).toBeGreaterThan(1);
    reader = await startReader(gate, actors.token());
    for (const event of events) await reader.handler(event);
    expect(reader.off).toStrictEqual([]);
    await reader.stop();
  });

  test('a mail that came back reaches notify by the account’s bus, if it is of this stage', async () => {
    const messageId = (await gate.cloud.inbox())[0]?.messageId ?? expect.fail('no mail');
    const lines = () => gate.log.filter((line) => line.includes('"mail came back"')).length;
    const publish = async (configuration: string) => {
      await moto().call('events', 'AWSEvents.PutEvents', { Entries: [returned(configuration, messageId, 'hm@city.example')] });
      await gate.pump();
    };
    await publish('ConfigurationOfAnotherStage');
    expect(lines()).toBe(0);
    await publish('MailConfiguration');
    expect(lines()).toBe(1);
  });

  describe('restored to a point in time, into another account', () => {
    let folder: string;
    let fresh: GateOnAws;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'aldergate-foreign-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));
    withGateOnAws(
      (opened) => {
        fresh = opened.gate;
      },
      start,
      FOREIGN,
    );

    test('the archive of the restored table is the archive of the table, and the other gate answers by it', async () => {
      await settle(gate);
      const [whole, restored, seen] = ['whole', 'restored', 'seen'].map((name) => join(folder, name)) as [string, string, string];
      const logFile = async (name: string) => (await gate.request('GET', `/log/${name}`)).body;
      writeFileSync(seen, await logFile('checkpoint'));
      const names = { SourceTableName: 'CommitsTable', TargetTableName: 'restored-commits', UseLatestRestorableTime: true };
      await moto().call('dynamodb', 'DynamoDB_20120810.RestoreTableToPointInTime', names);
      await gate.operate('archive.ts', 'export', whole);
      await gate.operate('archive.ts', 'export', restored, '--commits', 'restored-commits', '--logged');
      expect(readFileSync(restored)).toStrictEqual(readFileSync(whole));

      const trust = ['--expect', seen, '--old-key', (await logFile('vkey')).trim()];
      expect(await fresh.operate('archive.ts', 'import', restored, ...trust)).toMatch(/^imported \d+ commits$/m);
      await settle(fresh);
      expect(fresh.cloud.published).toStrictEqual([]);
      expect(fresh.cloud.mails).toStrictEqual([]);
      const others = actorsOf(fresh);
      others.hasToken(await fresh.operate('firstToken.ts'));
      expect(await others.isOn('acme')).toBe(true);
      expect((await others.operator('GET', '/v1/features')).json).toMatchObject({ items: [{ key: 'acme', enabled: true }] });
    });
  });

  test('the mayor revokes by link: off at once, on the bus, and the other account’s program switches it off', async () => {
    const mayor = await actors.linkOf('hm');
    const { statusCode } = await actors.submit(`${mayor}/revoke`, { reason: 'Not like this.' });
    expect(statusCode, gate.log.slice(-5).join('')).toBe(303);
    expect(await actors.isOn('acme')).toBe(false);
    await settle(gate);
    const events = await heard();
    expect(events.at(-1)).toMatchObject({ detail: { subject: 'acme', data: { onFor: 'none', variant: 'revoked' } } });
    reader = await startReader(gate, actors.token());
    for (const event of events) await reader.handler(event);
    expect(reader.off).toStrictEqual(events.map(() => 'acme'));
    await reader.stop();
  });
};
