import * as z from 'zod';
import { object } from '../../../domain/kernel/lazyObject.ts';
import { DEFAULT_NOTICE_LIMITS, NoticeLimit } from '../../gate/noticeLimits.ts';
import { CityContact, CityName, CityText, GateUrl, UNNAMED_CITY } from '../../gate/ports.ts';
import { BULK_MAX_AGE, BulkMaxAge, LEASE_SECONDS, LeaseSeconds } from '../../web/api/ofrep/flag.ts';

const Name = z.string().min(1);

export const Tables = object(() => ({
  ALDERGATE_COMMITS_TABLE: Name,
  ALDERGATE_SIDE_TABLE: Name,
  ALDERGATE_REGISTER_TABLE: Name,
  ALDERGATE_COMMIT_SECRET: Name,
}));

export const CitySettings = object(() => ({
  ALDERGATE_URL: GateUrl,
  // That it is a zone was checked when the stacks were made; the first command checks it again. Asking Intl takes 10 ms of a cold start.
  ALDERGATE_TIME_ZONE: Name,
  ALDERGATE_LOG_ORIGIN: Name.optional(),
  ALDERGATE_CITY: CityName.default(UNNAMED_CITY),
  ALDERGATE_CONTACT: CityContact.optional(),
  ALDERGATE_ACCESSIBILITY: CityText.optional(),
  ALDERGATE_PRIVACY: CityText.optional(),
  ALDERGATE_NOTICES_PER_HOUR: NoticeLimit.default(DEFAULT_NOTICE_LIMITS.perHour),
  ALDERGATE_NOTICE_BYTES_PER_DAY: NoticeLimit.default(DEFAULT_NOTICE_LIMITS.bytesPerDay),
}));

/** For how long clients may hold a "yes", and how old bulk answers may be; of the API alone. */
export const Lease = object(() => ({
  ALDERGATE_LEASE_SECONDS: LeaseSeconds.default(LEASE_SECONDS),
  ALDERGATE_BULK_MAX_AGE: BulkMaxAge.default(BULK_MAX_AGE),
}));

export const OriginSecretName = object(() => ({ ALDERGATE_ORIGIN_SECRET: Name }));

export const BusName = object(() => ({ ALDERGATE_BUS: Name }));

export const LogBucket = object(() => ({ ALDERGATE_LOG_BUCKET: Name }));

export const MailSettings = object(() => ({ ALDERGATE_MAIL_FROM: z.string().min(3), ALDERGATE_MAIL_CONFIGURATION: Name }));

export const ItMail = object(() => ({ ALDERGATE_IT_MAIL: z.email().optional() }));

/** The message names variables, never their values. */
class BadEnvironment extends Error {
  override readonly name = 'BadEnvironment';
}

/** Throws {@link BadEnvironment} at the cold start, so that a bad deployment does not serve. */
export const readEnvironment = <T>(schema: z.ZodType<T>, env: Readonly<Record<string, string | undefined>> = process.env): T => {
  // Zod need not compile a parser for it, which takes 2 ms of a cold start.
  const parsed = schema.safeParse(env, { jitless: true });
  if (parsed.success) return parsed.data;
  throw new BadEnvironment(`the environment cannot be used: ${z.prettifyError(parsed.error)}`);
};

const ANSWER_MS_MAX = 3_000;

/** Of every AWS client except DynamoDB's. Without a limit the SDK waits for a lost answer until Lambda stops the function. */
export const BOUNDED = {
  requestHandler: { connectionTimeout: 1_000, requestTimeout: ANSWER_MS_MAX, throwOnRequestTimeout: true },
} as const;
