import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPolicies, readRosters } from '../../functions/gate/aggregates.ts';
import { recordsCheck } from '../../functions/gate/checks.ts';
import { directoryEntry, directoryHolders } from '../../functions/gate/directory.ts';
import { publishedCheck, sequencerProgress } from '../../functions/log/health.ts';
import { logSigner, type SequencerPorts } from '../../functions/log/sequencer/ports.ts';
import { quorumCheck } from '../../functions/log/sequencer/witnesses.ts';
import { type Consumer, RELEASED_AT_ONCE } from '../../functions/platform/feed/consumer.ts';
import { consumersCheck } from '../../functions/platform/feed/consumers.ts';
import {
  clockCheck,
  type Finding,
  type HealthCheck,
  type HealthProblem,
  healthOf,
  readableCheck,
} from '../../functions/platform/health.ts';
import { alterationsCheck } from '../../functions/platform/ledger.ts';
import type { Logger } from '../../functions/platform/logging.ts';
import { CorruptStore, ifReadable } from '../../functions/platform/store/errors.ts';
import { BUSY_TIMEOUT_MS, isBusy, openFile } from '../../functions/platform/store/sqlite/database.ts';
import { waitingMailsCheck } from '../../functions/reactions/notify/waitingMails.ts';
import { derivedProgress } from '../../functions/register/derived/follow.ts';
import { projector } from '../../functions/register/project.ts';
import { asideCheck, assertSound, brokenSeal, COMMITS_FILE, SIDE_FILES } from './databases.ts';
import { fileDraft } from './folders.ts';
import { DISK_RESERVE_BYTES, type DiskReserve, type Installation } from './installation.ts';
import { readSecrets } from './secrets.ts';
import { isServed, keysFile } from './settings.ts';

const RECORD = "side (kind, id, value) VALUES ('', '', '')";
/** The row to probe each database with. */
const ROWS = {
  [COMMITS_FILE]: "commits (stream, version, bytes, state, state_version) VALUES ('', 0, x'', '', 0)",
  [SIDE_FILES.records]: RECORD,
  [SIDE_FILES.consumers]: RECORD,
};
const LOCKED_PAUSE_MS = 50;
const PROBE = ' '.repeat(4_096);

/**
 * Throws if no row can be written within the time that a writer waits for another, for example on a slow disk, or if the row numbers are
 * used up. Changes nothing, so the server's cache of heads stays valid.
 */
const probeDatabase = async (path: string, row: string): Promise<void> => {
  const database = openFile(path, { timeout: 0 });
  const endMs = performance.now() + BUSY_TIMEOUT_MS;
  try {
    for (;;) {
      try {
        return database.exec(`BEGIN IMMEDIATE; INSERT INTO ${row} ON CONFLICT DO NOTHING; ROLLBACK`);
      } catch (error) {
        if (!isBusy(error) || performance.now() > endMs) throw error;
        await sleep(LOCKED_PAUSE_MS);
      }
    }
  } finally {
    database.close();
  }
};

const folderCheck =
  (folder: string, disk: DiskReserve): HealthCheck =>
  async () => {
    try {
      if (!disk.isBelow()) rmSync(fileDraft(join(folder, '.probe'), PROBE, 0o600));
      for (const [name, row] of Object.entries(ROWS)) await probeDatabase(join(folder, name), row);
      return [];
    } catch {
      return [{ code: 'store-not-writable', detail: 'The data folder takes no writes.' }];
    }
  };

/** Finds damaged pages that no other check reads, in databases that cannot be rebuilt. */
const soundCheck =
  (folder: string): HealthCheck =>
  async () => {
    try {
      for (const name of [COMMITS_FILE, SIDE_FILES.records]) assertSound(join(folder, name), 'quick_check');
      return [];
    } catch (error) {
      if (!(error instanceof CorruptStore)) throw error;
      return [{ code: error.code, detail: `${error.message}.` }];
    }
  };

const diskCheck =
  (disk: DiskReserve): HealthCheck =>
  async () => {
    if (!disk.isBelow()) return [];
    const [leftMb, reserveMb] = [disk.left(), DISK_RESERVE_BYTES].map((bytes) => Math.floor(bytes / 1_048_576));
    const left = `The disk has less than its reserve of ${reserveMb} MB left: ${leftMb} MB.`;
    return [{ code: 'disk-low', detail: `${left} Only officials' decisions are taken.` }];
  };

/** `looked`: whether to read all records, if no server does. */
const sealCheck =
  (sealed: Installation['sealed'], looked: boolean): HealthCheck =>
  async () => {
    const whole = await Promise.all(sealed.map(async (each) => each.isWhole() && (!looked || (await each.verify()))));
    return sealed.flatMap((each, at) => (whole[at] ? [] : [{ code: 'record-altered', detail: brokenSeal(each) }]));
  };

const keysCheck =
  (path: string, { signer }: SequencerPorts): HealthCheck =>
  async () => {
    try {
      const { key } = logSigner(readSecrets(path).log, signer.key.name);
      if (key.id === signer.key.id) return [];
      return [{ code: 'other-keys', detail: 'keys.json holds another log key than the one that signs.' }];
    } catch {
      return [{ code: 'other-keys', detail: 'keys.json is missing or cannot be read.' }];
    }
  };

/**
 * Returns checks of which only the first reports if a database is at fault as a whole: all else follows from that, and reading a
 * file that replaced another would mix it with the other's log.
 */
const ofWholeStore = (look: Installation['lookForFault'], checks: readonly HealthCheck[]): readonly HealthCheck[] => [
  async () => {
    const fault = look();
    return fault === undefined ? [] : [{ code: fault.code, detail: `${fault.message}.` }];
  },
  ...checks.map(
    (check): HealthCheck =>
      async () =>
        look() === undefined ? check() : [],
  ),
];

interface HealthParts {
  readonly installation: Installation;
  readonly logPorts: SequencerPorts;
  /** The consumers except projector, sequencer and webhooks, as in `reportedCheck`. */
  readonly consumers: readonly Consumer[];
  readonly logger: Logger;
  readonly more?: readonly HealthCheck[];
  readonly readsAll?: boolean;
}

/** Returns what is wrong with an installation on one machine, notes included; see `healthOf`. */
export const localHealth = ({
  installation: { settings, ports, disk, lookForFault, ledger, sealed },
  logPorts,
  consumers,
  logger,
  more = [],
  readsAll = false,
}: HealthParts): (() => Promise<readonly HealthProblem[]>) =>
  healthOf(
    ofWholeStore(lookForFault, [
      readableCheck(ports),
      clockCheck(ports),
      folderCheck(settings.data, disk),
      diskCheck(disk),
      ...(readsAll ? [soundCheck(settings.data)] : []),
      keysCheck(keysFile(settings), logPorts),
      publishedCheck(logPorts, readsAll),
      quorumCheck(ports, settings.witnesses),
      ledger.check,
      alterationsCheck(ledger.alterations, ports.sideStore),
      recordsCheck(ports),
      sealCheck(sealed, readsAll),
      consumersCheck(
        { ...ports, logger, isReleased: RELEASED_AT_ONCE },
        [projector(ports), ...consumers, sequencerProgress(ports.sideStore), derivedProgress],
        !readsAll || isServed(settings),
      ),
      waitingMailsCheck(ports),
      asideCheck(settings.data),
      ...more,
    ]),
    ports.clock,
    logger,
  );

const LOOPBACK_HOST = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
/** Matches names that no mail and no browser reaches (RFC 2606). */
const EXAMPLE = /\.example(?![\w.-])/i;

/** Returns which of roster and policy is readable but not in force. */
const missingRules = async (ports: Installation['ports']): Promise<readonly string[]> => {
  const [roster, policy] = await Promise.all([ifReadable(readRosters(ports)), ifReadable(readPolicies(ports))]);
  return [...(roster?.inForce === null ? ['roster'] : []), ...(policy?.inForce === null ? ['policy'] : [])];
};

/**
 * Finds what keeps officials from using a gate that answers correctly: no mail server, example addresses, a loopback URL, no
 * roster or policy.
 */
export const setUpCheck =
  ({ settings, ports }: Pick<Installation, 'settings' | 'ports'>): HealthCheck =>
  async () => {
    const { url, smtpUrl, mailFrom, itMail, city } = settings;
    const found: Finding[] = [];
    if (smtpUrl === undefined)
      found.push({ code: 'no-mail-server', detail: 'No mail server is set: no mail leaves this machine.' });
    if (LOOPBACK_HOST.test(new URL(url).hostname))
      found.push({ code: 'loopback-url', detail: `The links in mails begin with ${url}, which other machines cannot open.` });
    const missing = await missingRules(ports);
    if (missing.length > 0) found.push({ code: 'no-rules', detail: `No ${missing.join(' and no ')} is in force.` });
    const holders = await directoryHolders(ports.sideStore);
    const addresses = await Promise.all(holders.map((holder) => directoryEntry(ports.sideStore, holder)));
    const officials = addresses.filter((address) => address !== undefined && EXAMPLE.test(address.email)).length;
    const named = Object.entries({ url, mailFrom, itMail, contact: city.contact }).flatMap(([name, value]) =>
      value !== undefined && EXAMPLE.test(value) ? [name] : [],
    );
    const examples = [...named, ...(officials === 0 ? [] : [`the addresses of ${officials} officials`])];
    if (examples.length > 0)
      found.push({
        code: 'example-address',
        detail: `Addresses of examples, which end in .example, are still used: ${examples.join(', ')}.`,
      });
    return found;
  };
