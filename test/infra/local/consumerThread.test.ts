import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test, vi } from 'vitest';
import { featureStream } from '../../../domain/feature/keys.ts';
import { Notice } from '../../../domain/feature/notice.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { intake } from '../../../functions/gate/intake.ts';
import { setRoster } from '../../../functions/gate/rosters.ts';
import { recordTimeZone } from '../../../functions/gate/rules.ts';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { readLogIndex } from '../../../functions/log/sequencer/logIndex.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { fsck } from '../../../functions/log/verify/fsck.ts';
import type { LogEntry, Logger } from '../../../functions/platform/logging.ts';
import { listOutbox } from '../../../functions/platform/mail/localMailers.ts';
import type { Mailer } from '../../../functions/platform/mail/port.ts';
import { CorruptStore, StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import type { Store } from '../../../functions/platform/store/port.ts';
import { adoptPolicy } from '../../../functions/reactions/adoption/policies.ts';
import { getRegister } from '../../../functions/register/documents.ts';
import { startConsumers } from '../../../infra/local/consumers.ts';
import { ConsumerThread, errorOf, failureOf } from '../../../infra/local/consumerThread.ts';
import { describeForOperator } from '../../../infra/local/errors.ts';
import { type Installation, mailerOf, openInstallation } from '../../../infra/local/installation.ts';
import { sequencerPorts } from '../../../infra/local/sequencing.ts';
import { logFolder, readSettings } from '../../../infra/local/settings.ts';
import { atOnce, failing, rosterFile } from '../../functions/openGate.ts';
import { roster } from '../../support/fixtures/city.ts';
import { ACME_PUBLIC_KEY, signedByVendor } from '../../support/fixtures/vendor.ts';
import { placeOfTest, searchNotice } from './cityProcess.ts';
import { unheard } from './revokedCity.ts';

const opened = async (clock?: () => string) => openInstallation(readSettings((await placeOfTest()).env, 'no file'), clock);

/** Stops both when the test is over. */
const threadOf = (installation: Installation, logger: Logger) => {
  const thread = new ConsumerThread(installation, logger);
  onTestFinished(async () => {
    await thread.stop();
    await installation.close();
  });
  return thread;
};

test('consumers that end are named, and started again until they run', async () => {
  const installation = await opened();
  const logged: LogEntry[] = [];
  const keys = join(installation.settings.data, 'keys.json');
  const whole = readFileSync(keys);
  writeFileSync(keys, '{}');
  const thread = threadOf(installation, (entry) => void logged.push(entry));
  expect(await thread.ready.catch(describeForOperator)).toContain('keys.json');
  await expect(thread.settle()).rejects.toThrow('ended');
  expect(await thread.check()).toMatchObject([{ code: 'consumers-stuck', detail: expect.stringContaining('keys.json') }]);
  expect(logged).toContainEqual(expect.objectContaining({ level: 'error', event: 'consumers ended' }));
  writeFileSync(keys, whole);
  expect(await addVendor(installation.ports, 'acme', 'Acme Cameras')).toMatchObject({ ok: true });
  await expect.poll(() => thread.settle().then(thread.checkpoint, () => undefined)).toMatch(/^[1-9]/);
  expect(await thread.check()).toHaveLength(1);
});

const openedCity = async (clock?: () => string) => {
  const installation = await opened(clock);
  const { ports } = installation;
  await recordTimeZone(ports);
  expect(await setRoster(ports, rosterFile(), new Uint8Array(32))).toMatchObject({ ok: true });
  expect(await adoptPolicy(ports, atOnce as unknown as JsonValue)).toMatchObject({ ok: true });
  const added = await addVendor(ports, 'acme', 'Acme Cameras', ACME_PUBLIC_KEY);
  const key = added.ok ? added.keys[0]?.id : undefined;
  const send = async (feature: string) => {
    const notice = Notice.parse(searchNotice(feature));
    const [body, id] = [Buffer.from(JSON.stringify(notice)), randomUUID()];
    const provenance = signedByVendor('acme', id, ports.clock(), body, key);
    const by = { vendor: 'acme', deliveryId: id, actor: 'vendor:acme' };
    expect(await intake(ports, { ...by, body, notice, provenance, attachments: [], counted: null })).toMatchObject({ ok: true });
  };
  return { installation, send };
};

test('nothing is followed before the store is compared with the log, which the first answer waits for', async () => {
  const { installation, send } = await openedCity();
  await send('acme.first');
  const before = new Set<unknown>();
  let isCompared = false;
  const sideStore = failing(installation.ports.sideStore, (_method, [kind]) => {
    if (!isCompared) before.add(kind);
    return undefined;
  });
  const running = startConsumers({
    installation: { ...installation, ports: { ...installation.ports, sideStore } },
    mailer: mailerOf(installation),
    logger: () => undefined,
    ...unheard,
    compared: () => {
      isCompared = true;
    },
  });
  await running.stop();
  await installation.close();
  expect(before.size).toBeGreaterThan(0);
  expect([...before].filter((kind) => !String(kind).startsWith('log-'))).toEqual([]);
});

test('a weekly mail that a start finds due leaves once', async () => {
  let now = new Date();
  const { installation, ...city } = await openedCity(() => now.toISOString());
  await city.send('acme.first');
  // A later Monday.
  now = new Date(Date.now() + (8 - now.getUTCDay()) * 86_400_000);
  now.setUTCHours(20);
  const send = vi.fn<Mailer['send']>(() => sleep(100));
  const { promise, resolve } = Promise.withResolvers<void>();
  const mailer = { send, close: async () => undefined };
  const running = startConsumers({ installation, mailer, logger: () => undefined, ...unheard, compared: resolve });
  await promise;
  await running.settle();
  await running.stop();
  await installation.close();
  const sent = send.mock.calls.flatMap(([{ unsubscribe, messageId }]) => (unsubscribe === undefined ? [] : [messageId]));
  expect(sent.length).toBeGreaterThan(0);
  expect(sent).toHaveLength(new Set(sent).size);
});

test('what was published before a start is known before the first answer', async () => {
  const { installation } = await openedCity();
  await sequence(sequencerPorts(installation));
  const next = threadOf(installation, () => undefined);
  await next.compared;
  expect(next.checkpoint()).toMatch(/^[1-9]/);
});

test('consumers that end in the middle of their work lose nothing, and are started again', async () => {
  const { installation, send } = await openedCity();
  const { everything, ports, settings } = installation;
  let newest: Worker | undefined;
  const started = (worker: Worker) => {
    newest = worker;
  };
  process.on('worker', started);
  onTestFinished(() => void process.off('worker', started));
  // No message has the form of null, so the thread throws.
  const ends = [
    { before: () => newest?.terminate(), after: () => undefined },
    { before: () => undefined, after: () => newest?.postMessage(null) },
  ];
  const append: Store['append'] = async (records) => {
    const end = records[0]?.stream === 'log' ? ends.shift() : undefined;
    await end?.before();
    const outcome = await everything.append(records);
    end?.after();
    return outcome;
  };
  const logged: LogEntry[] = [];
  const thread = threadOf({ ...installation, everything: { ...everything, append } }, (entry) => void logged.push(entry));
  const features = ['acme.first', 'acme.second', 'acme.third'];
  for (const feature of features) {
    const left = Math.max(0, ends.length - 1);
    await send(feature);
    await expect.poll(() => ends.length).toBeLessThanOrEqual(left);
  }
  await expect.poll(() => thread.settle().catch(() => 'not yet')).not.toBe('not yet');
  expect(logged.filter(({ event }) => event === 'consumers ended')).toHaveLength(2);
  const mails = await listOutbox(join(settings.data, 'outbox'));
  for (const feature of features) {
    expect(await readLogIndex(ports.sideStore, featureStream(feature), 1), feature).toBeDefined();
    expect(await getRegister(ports.sideStore, feature), feature).toMatchObject({ version: 1 });
    const mailed = mails.filter(({ change, to }) => change === `${feature}/1` && to.includes('clerk@'));
    expect(new Set(mailed.map(({ to }) => to)).size, feature).toBe(mailed.length);
    expect(mailed.length, feature).toBeGreaterThan(0);
  }
  const { recordMacs } = installation;
  await expect(fsck({ ...sequencerPorts(installation), recordMacs })).resolves.toBeDefined();
});

test('a thread that fails while it stops is stopped, and the failure is logged', async () => {
  const installation = await opened();
  const logged: LogEntry[] = [];
  let worker: Worker | undefined;
  process.once('worker', (started) => {
    worker = started;
  });
  const thread = new ConsumerThread(installation, (entry) => void logged.push(entry));
  await thread.ready;
  // No message has this form, so the thread throws.
  worker?.postMessage(null);
  await thread.stop();
  await installation.close();
  expect(logged).toEqual([expect.objectContaining({ level: 'error', event: 'consumers failed while they stopped' })]);
});

test('no mail leaves before its commit is in the log', async () => {
  const installation = await opened();
  const { ports, settings } = installation;
  // A file where the folder of the log should be: nothing can be published.
  writeFileSync(logFolder(settings), '');
  const salt = new Uint8Array(32);
  expect(await setRoster(ports, rosterFile(), salt)).toMatchObject({ ok: true });
  const renamed = rosterFile(roster({ 'district-1': { name: 'Another name' } }));
  expect(await setRoster(ports, renamed, salt)).toMatchObject({ ok: true, waits: true });
  const running = startConsumers({ installation, mailer: mailerOf(installation), logger: () => undefined, ...unheard });
  const asked = async () => (await listOutbox(join(settings.data, 'outbox'))).map(({ to }) => to).sort();
  await running.settle();
  expect(await asked()).toEqual([]);
  rmSync(logFolder(settings));
  await running.settle();
  expect(await asked()).toEqual(['clerk@city.example', 'deputy-clerk@city.example', 'district-1@city.example']);
  await running.stop();
  await installation.close();
});

test.each([
  new CorruptStore('no such row', { code: 'file-exchanged' }),
  new StoreUnavailable('the disk is full', { code: 'disk-low' }),
  new StoreUnavailable('the clock was put back', { code: 'clock-behind' }),
  new StoreUnavailable('the store is locked'),
])('a failure of the store is the same on the other side: %j', (error) => {
  expect(errorOf(structuredClone(failureOf(error)))).toStrictEqual(error);
});
