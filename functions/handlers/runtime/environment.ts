import * as z from 'zod';
import { object } from '../../../domain/kernel/zodTypes.ts';
import { DEFAULT_NOTICE_LIMITS, NoticeLimit } from '../../gate/noticeLimits.ts';
import { CityContact, CityName, CityText, GateUrl, UNNAMED_CITY } from '../../gate/ports.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { LOG_PREFIX } from '../../web/routes/pages.ts';

const Name = z.string().min(1);

export const Tables = object(() => ({
  ALDERGATE_COMMITS_TABLE: Name,
  ALDERGATE_SIDE_TABLE: Name,
  ALDERGATE_REGISTER_TABLE: Name,
  ALDERGATE_COMMIT_SECRET: Name,
}));

export const CitySettings = object(() => ({
  ALDERGATE_URL: GateUrl,
  // Not validated as a zone: synthesis and the first command do that, and Intl takes 10 ms of a cold start.
  ALDERGATE_TIME_ZONE: Name,
  ALDERGATE_CITY: CityName.default(UNNAMED_CITY),
  ALDERGATE_CONTACT: CityContact.optional(),
  ALDERGATE_ACCESSIBILITY: CityText.optional(),
  ALDERGATE_PRIVACY: CityText.optional(),
  ALDERGATE_NOTICES_PER_HOUR: NoticeLimit.default(DEFAULT_NOTICE_LIMITS.perHour),
  ALDERGATE_NOTICE_BYTES_PER_DAY: NoticeLimit.default(DEFAULT_NOTICE_LIMITS.bytesPerDay),
}));

export const OriginSecretName = object(() => ({ ALDERGATE_ORIGIN_SECRET: Name }));

export const BusName = object(() => ({ ALDERGATE_BUS: Name }));

export const LogBucket = object(() => ({ ALDERGATE_LOG_BUCKET: Name }));

export const MailSettings = object(() => ({ ALDERGATE_MAIL_FROM: z.string().min(3), ALDERGATE_MAIL_CONFIGURATION: Name }));

/** The message names variables, never their values. */
class BadEnvironment extends Error {
  override readonly name = 'BadEnvironment';
}

/** Throws {@link BadEnvironment} at the cold start, so that a bad deployment does not serve. */
export const readEnvironment = <T>(schema: z.ZodType<T>): T => {
  // Without compiling a parser, which takes 2 ms of a cold start.
  const parsed = schema.safeParse(process.env, { jitless: true });
  if (parsed.success) return parsed.data;
  throw new BadEnvironment(`the environment cannot be used: ${z.prettifyError(parsed.error)}`);
};

const ANSWER_MS_MAX = 3_000;

/**
 * Options of every AWS client except DynamoDB's. Without limits the SDK waits for a lost or partial response until Lambda stops the
 * function.
 */
export const BOUNDED = {
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: ANSWER_MS_MAX,
    socketTimeout: ANSWER_MS_MAX,
    throwOnRequestTimeout: true,
  },
} as const;

/** The log's public prefix, so that CloudFront finds the files by the path of a request. */
export const LOG_FOLDER = LOG_PREFIX.slice(1);

/** Stored with the log's files, so that serving them needs no access to the signing key. */
export const VKEY_PATH = 'vkey';

/** Side kind: the size of the newest published checkpoint and the verifier key, so that pages need not read S3. */
const PUBLISHED = 'log-published';
const NEWEST = 'newest';
const KEY = 'vkey';
const Size = z.int().min(0);

/** Naming an older checkpoint is harmless: a newer one contains all of it. */
const FRESH_MS = 5_000;

export const recordPublished = (sideStore: SideStore, size: number): Promise<void> => sideStore.put(PUBLISHED, NEWEST, size);

export const recordVerifierKey = (sideStore: SideStore, vkey: string): Promise<void> => sideStore.put(PUBLISHED, KEY, vkey);

/** `refresh` reads it again if it is older than {@link FRESH_MS}. Undefined before the sequencer's first start. */
export const publishedLog = (sideStore: SideStore) => {
  let [size, vkey, readMs]: [string | undefined, string | undefined, number] = [undefined, undefined, Number.NEGATIVE_INFINITY];
  return {
    checkpoint: () => size,
    vkey: () => vkey,
    refresh: async (): Promise<void> => {
      if (Date.now() - readMs < FRESH_MS) return;
      const [newest, key] = await Promise.all([sideStore.get(PUBLISHED, NEWEST), sideStore.get(PUBLISHED, KEY)]);
      const found = Size.safeParse(newest);
      if (found.success) size = String(found.data);
      vkey = z.string().safeParse(key).data;
      readMs = Date.now();
    },
  };
};
