import { existsSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import * as z from 'zod';
import { parseStrict } from '../../domain/kernel/json.ts';
import { problemsOf, summaryOf } from '../../domain/kernel/problems.ts';
import { isZone } from '../../domain/kernel/zone.ts';
import { claimedCheckpoint } from '../../domain/log/checkpoint.ts';
import { isKeyName } from '../../domain/log/note.ts';
import { DEFAULT_NOTICE_LIMITS, NoticeLimit, type NoticeLimits } from '../../functions/gate/noticeLimits.ts';
import {
  CityContact,
  type CityIdentity,
  CityName,
  CityText,
  GateUrl,
  MailSender,
  UNNAMED_CITY,
} from '../../functions/gate/ports.ts';
import { WitnessList, type WitnessPolicy, WitnessText } from '../../functions/log/sequencer/witnesses.ts';
import { readPlainFile } from '../../functions/platform/files.ts';
import { messageOf } from '../../functions/platform/logging.ts';
import { senderOf } from '../../functions/platform/mail/port.ts';
import { type MacKeys, type Macs, macsUnder } from '../../functions/platform/store/mac.ts';
import { wholeNumber } from '../../functions/platform/wholeNumber.ts';
import { LEASE_SECONDS, LeaseSeconds } from '../../functions/web/api/ofrep/flag.ts';
import { logOriginAt } from '../../functions/web/routes/pages.ts';
import { BadSettings, CommandRefused } from './errors.ts';
import { writeFileAtomically } from './folders.ts';

/** The settings file, in the current folder. `ALDERGATE_*` variables override it. */
export const CONFIG_FILE = 'aldergate.config.json';

const ConfigFile = z.strictObject({
  data: z.string().min(1).default('./data'),
  port: wholeNumber(0, 65_535).default(8787),
  host: z.string().min(1).default('127.0.0.1'),
  url: GateUrl.optional(),
  logOrigin: z.string().min(1).refine(isKeyName, 'cannot name a log: a name has neither spaces nor plus signs').optional(),
  timeZone: z.string().refine(isZone, 'is not an IANA time zone such as America/Denver').default('UTC'),
  city: CityName.default(UNNAMED_CITY),
  contact: CityContact.optional(),
  accessibility: CityText.optional(),
  privacy: CityText.optional(),
  itMail: z.email().optional(),
  smtpUrl: z
    .url({ protocol: /^smtps?$/, hostname: /./, error: 'is not an address such as smtps://user:password@mail.city.gov' })
    .optional(),
  mailFrom: MailSender.optional(),
  expectCheckpoint: z.string().min(1).optional(),
  noticesPerHour: NoticeLimit.default(DEFAULT_NOTICE_LIMITS.perHour),
  noticeBytesPerDay: NoticeLimit.default(DEFAULT_NOTICE_LIMITS.bytesPerDay),
  leaseSeconds: LeaseSeconds.default(LEASE_SECONDS),
  witnesses: z.union([WitnessText, WitnessList]).default([]),
  witnessQuorum: wholeNumber(0).default(0),
});
export type ConfigFile = z.input<typeof ConfigFile>;

/** The settings of one installation. `url`: the address that officials and the public use. */
export interface Settings {
  readonly data: string;
  readonly port: number;
  readonly host: string;
  readonly url: string;
  readonly logOrigin: string | undefined;
  readonly timeZone: string;
  readonly city: CityIdentity;
  readonly itMail: string | undefined;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  /** A checkpoint (c2sp.org/tlog-checkpoint) that the log must continue, else the gate does not start. */
  readonly expectCheckpoint: Uint8Array | undefined;
  readonly noticeLimits: NoticeLimits;
  /** For how long clients may hold a "yes". */
  readonly leaseSeconds: number;
  readonly witnesses: WitnessPolicy;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'ALDERGATE_';
/** Settings whose variables have the names common to all servers. */
const SHARED: readonly string[] = ['port', 'host'];

/** Returns the variable of a setting: `timeZone` is `ALDERGATE_TIME_ZONE`. */
const variableOf = (setting: string): string =>
  `${SHARED.includes(setting) ? '' : PREFIX}${setting.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;

const SETTINGS = Object.keys(ConfigFile.shape);

/** The most letters by which a misspelt name differs: other programs may have variables with this prefix. */
const MISSPELT_MAX = 2;

/** Returns the Levenshtein distance of two texts. */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries())
      next.push(Math.min((next[column] ?? 0) + 1, (row[column + 1] ?? 0) + 1, (row[column] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row[to.length] ?? 0;
};

/** Throws {@link BadSettings} for a variable whose name is nearly that of a setting. */
const mustBeSpelt = (env: Environment): void => {
  const known = SETTINGS.map(variableOf);
  const bare = (name: string): string => name.replace(PREFIX, '');
  for (const name of Object.keys(env)) {
    if (!name.startsWith(PREFIX) || known.includes(name)) continue;
    const nearest = known.toSorted((a, b) => distance(bare(a), bare(name)) - distance(bare(b), bare(name)))[0] ?? '';
    if (distance(bare(nearest), bare(name)) <= MISSPELT_MAX)
      throw new BadSettings(`the settings cannot be used: ${name} is no setting; did you mean ${nearest}?`);
  }
};

const fromEnvironment = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    SETTINGS.flatMap((setting) => {
      const value = env[variableOf(setting)];
      return value === undefined || value.trim() === '' ? [] : [[setting, value] as const];
    }),
  );

const readWhole = (path: string): Buffer => {
  try {
    return readPlainFile(path);
  } catch (error) {
    throw new BadSettings(`${path} cannot be read: ${messageOf(error)}`);
  }
};

const readFile = (path: string): Record<string, unknown> => {
  if (!existsSync(path)) return {};
  const parsed = parseStrict(readWhole(path));
  if (!parsed.ok) throw new BadSettings(`${path}: ${parsed.pointer || 'the file'} ${parsed.detail}`);
  const { success, data } = z.record(z.string(), z.unknown()).safeParse(parsed.value);
  if (!success) throw new BadSettings(`${path} is not a JSON object`);
  return data;
};

/** Returns the error for settings, each named by its variable or its field of the file. `setting`: its name and the path in it. */
type Unusable = (...faults: readonly { readonly setting: string; readonly detail: string }[]) => BadSettings;

const unusableIn =
  (env: Environment, path: string): Unusable =>
  (...faults) => {
    const set = fromEnvironment(env);
    const named = faults.map(({ setting, detail }) => {
      const name = setting.split('/', 1)[0] ?? setting;
      return { pointer: Object.hasOwn(set, name) ? `${variableOf(name)} (${setting})` : `${setting} in ${path}`, detail };
    });
    return new BadSettings(`the settings cannot be used: ${summaryOf(named)}`);
  };

/** Returns the bytes of a checkpoint given as its text or as a path. Throws {@link BadSettings} for anything else. */
const checkpointIn = (given: string, unusable: Unusable): Uint8Array => {
  try {
    const note = given.includes('\n') ? Buffer.from(given) : readPlainFile(given);
    claimedCheckpoint(note);
    return note;
  } catch (error) {
    throw unusable({ setting: 'expectCheckpoint', detail: `is no checkpoint: ${messageOf(error)}` });
  }
};

/** Returns the address of the gate, by default the one it listens on; undefined if that is invalid. */
const addressIn = ({ url, host, port }: Pick<z.infer<typeof ConfigFile>, 'url' | 'host' | 'port'>): string | undefined =>
  url ?? GateUrl.safeParse(`http://${host.includes(':') ? `[${host}]` : host}:${port}`).data;

/** Reads the settings: the file in the current folder, then the environment, then the defaults. Throws {@link BadSettings}. */
export const readSettings = (env: Environment, path = CONFIG_FILE): Settings => {
  mustBeSpelt(env);
  const unusable = unusableIn(env, path);
  const parsed = ConfigFile.safeParse({ ...readFile(path), ...fromEnvironment(env) });
  if (!parsed.success)
    throw unusable(...problemsOf(parsed.error).map(({ pointer, detail }) => ({ setting: pointer.slice(1), detail })));
  const given = parsed.data;
  const { data, port, host, logOrigin, timeZone, contact, accessibility, privacy, itMail, smtpUrl, leaseSeconds } = given;
  const { expectCheckpoint: expected, witnesses, witnessQuorum: quorum } = given;
  if (port === 0 && given.url === undefined)
    throw unusable({ setting: 'port', detail: 'is 0, which is any port: then set url, the address that links name' });
  const url = addressIn(given);
  if (url === undefined || !isKeyName(logOrigin ?? logOriginAt(url)))
    throw unusable({ setting: given.url === undefined ? 'host' : 'url', detail: 'is not a host that can name the log' });
  if (quorum > witnesses.length)
    throw unusable({ setting: 'witnessQuorum', detail: `is never reached: ${quorum} of ${witnesses.length} witnesses` });
  return {
    data,
    port,
    host,
    url,
    logOrigin,
    timeZone,
    city: { name: given.city, contact, accessibility, privacy },
    itMail,
    smtpUrl,
    mailFrom: senderOf(given.mailFrom ?? `aldergate@${new URL(url).hostname}`, given.city),
    expectCheckpoint: expected === undefined ? undefined : checkpointIn(expected, unusable),
    noticeLimits: { perHour: given.noticesPerHour, bytesPerDay: given.noticeBytesPerDay },
    leaseSeconds,
    witnesses: { witnesses, quorum },
  };
};

export const keysFile = ({ data }: Pick<Settings, 'data'>): string => join(data, 'keys.json');

export const logFolder = ({ data }: Settings): string => join(data, 'log');

const realPath = (path: string): string =>
  existsSync(path) ? realpathSync(path) : join(realPath(dirname(path)), basename(path));

/** Throws CommandRefused for a path in the data folder: a file written there could replace one of the gate's. */
export const assertOutside = ({ data }: Pick<Settings, 'data'>, path: string): void => {
  const within = relative(realPath(resolve(data)), realPath(resolve(path)));
  if (within.split(sep, 1)[0] === '..' || isAbsolute(within)) return;
  throw new CommandRefused(`${path} is in the data folder, whose files are the gate's own: name a place outside of it`);
};

export const logOrigin = ({ logOrigin: given, url }: Settings): string => given ?? logOriginAt(url);

const runningFile = (data: string): string => join(data, 'running');

/** The settings of the running server that commands on its folder need: its address and its mail. */
const RunningServer = z.strictObject({
  url: GateUrl,
  smtpUrl: z.string().optional(),
  mailFrom: z.string(),
  itMail: z.string().optional(),
});

/** Storage format of the file: the settings as text, and a MAC. Without it, a forger of the file would get the mails and their links. */
const Noted = z.strictObject({ settings: z.string(), keyId: z.string(), tag: z.base64() });

interface FolderKeys {
  readonly commitKeys: MacKeys;
}

const macs = ({ commitKeys }: FolderKeys): Macs => macsUnder(commitKeys, 'running');

/**
 * Stores the server's settings for commands that run without them; its mail server may be set in its unit alone. Only the folder's
 * owner can read the file: a mail server's address has a password. Returns a function that removes it.
 */
export const recordRunningServer = ({ data, url, smtpUrl, mailFrom, itMail }: Settings, secrets: FolderKeys): (() => void) => {
  const noted: z.input<typeof RunningServer> = { url, smtpUrl, mailFrom, itMail };
  const settings = JSON.stringify(noted);
  const { keyId, tag } = macs(secrets).make(settings);
  const file: z.input<typeof Noted> = { settings, keyId, tag: Buffer.from(tag).toString('base64') };
  try {
    rmSync(runningFile(data), { force: true });
    writeFileAtomically(runningFile(data), `${JSON.stringify(file)}\n`, 0o600);
  } catch {
    // On a full disk, commands use only their own settings.
  }
  return () => rmSync(runningFile(data), { force: true });
};

/** Reports whether a server runs on a data folder, or was killed there and not restarted. */
export const isServed = ({ data }: Settings): boolean => existsSync(runningFile(data));

/** Returns the settings of a command, with URL and mail settings of the server that runs on the folder, if one does. */
export const withServerSettings = (settings: Settings, secrets: FolderKeys): Settings => {
  try {
    const { settings: text, keyId, tag } = Noted.parse(JSON.parse(readPlainFile(runningFile(settings.data)).toString()));
    if (macs(secrets).problem({ keyId, tag: Buffer.from(tag, 'base64') }, text) !== undefined) return settings;
    const { url, smtpUrl, mailFrom, itMail } = RunningServer.parse(JSON.parse(text));
    return { ...settings, url, smtpUrl, mailFrom, itMail };
  } catch {
    // No server runs.
    return settings;
  }
};
