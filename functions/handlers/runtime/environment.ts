import * as z from 'zod';
import { object } from '../../../domain/kernel/lazyObject.ts';
import { DEFAULT_NOTICE_LIMITS, NoticeLimit } from '../../gate/noticeLimits.ts';
import { CityContact, CityName, GateUrl, UNNAMED_CITY } from '../../gate/ports.ts';

const Name = z.string().min(1);

/** The names of the tables, and of the secret with the keys that authenticate their rows. */
export const Tables = object(() => ({
  ALDERGATE_COMMITS_TABLE: Name,
  ALDERGATE_SIDE_TABLE: Name,
  ALDERGATE_REGISTER_TABLE: Name,
  ALDERGATE_COMMIT_SECRET: Name,
}));

/**
 * The city's settings: the gate's address, the IANA time zone, the name of the public log if it is not the
 * address, the city's name and whom to contact; how much one sender of notices may deliver, for the functions that accept them.
 */
export const CitySettings = object(() => ({
  ALDERGATE_URL: GateUrl,
  // That it is a zone was checked when the stacks were made; the first command checks it again. Asking Intl takes 10 ms of a cold start.
  ALDERGATE_TIME_ZONE: Name,
  ALDERGATE_LOG_ORIGIN: Name.optional(),
  ALDERGATE_CITY: CityName.default(UNNAMED_CITY),
  ALDERGATE_CONTACT: CityContact.optional(),
  ALDERGATE_NOTICES_PER_HOUR: NoticeLimit.default(DEFAULT_NOTICE_LIMITS.perHour),
  ALDERGATE_NOTICE_BYTES_PER_DAY: NoticeLimit.default(DEFAULT_NOTICE_LIMITS.bytesPerDay),
}));

/** The secret with the value that CloudFront shows to functions behind the HTTP API. */
export const OriginSecretName = object(() => ({ ALDERGATE_ORIGIN_SECRET: Name }));

/** The name of the bus. */
export const BusName = object(() => ({ ALDERGATE_BUS: Name }));

/** The name of the bucket with the files of the public log. */
export const LogBucket = object(() => ({ ALDERGATE_LOG_BUCKET: Name }));

/** The sender of mails, and the configuration set of SES that reports which mails came back. */
export const MailSettings = object(() => ({ ALDERGATE_MAIL_FROM: z.string().min(3), ALDERGATE_MAIL_CONFIGURATION: Name }));

/** Receives drift, silence and faults; absent if the city has no such address. */
export const ItMail = object(() => ({ ALDERGATE_IT_MAIL: z.email().optional() }));

/** Thrown when a function is deployed without a variable that it needs. The message names variables, never their values. */
class BadEnvironment extends Error {
  override readonly name = 'BadEnvironment';
}

/** Reads a function's environment at its cold start. Throws {@link BadEnvironment}, so that a bad deployment does not serve. */
export const readEnvironment = <T>(schema: z.ZodType<T>, env: Readonly<Record<string, string | undefined>> = process.env): T => {
  // It is read once: Zod need not compile a parser for it, which takes 2 ms of a cold start.
  const parsed = schema.safeParse(env, { jitless: true });
  if (parsed.success) return parsed.data;
  throw new BadEnvironment(`the environment cannot be used: ${z.prettifyError(parsed.error)}`);
};

/** The longest wait for the start of an answer of a service other than DynamoDB, in ms. They usually answer within a few hundred. */
const ANSWER_MS_MAX = 3_000;

/**
 * The options of every AWS client except DynamoDB's (see platform/store/dynamo/retrying.ts). Without a limit the SDK waits for a lost
 * answer until Lambda stops the function, and the same event fails again and again.
 */
export const BOUNDED = {
  requestHandler: { connectionTimeout: 1_000, requestTimeout: ANSWER_MS_MAX, throwOnRequestTimeout: true },
} as const;
