import type { App } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import * as z from 'zod';
import { isZone } from '../../domain/kernel/zone.ts';
import { DEFAULT_NOTICE_LIMITS, NoticeLimit } from '../../functions/gate/noticeLimits.ts';
import { CityContact, CityName, CityText, MailSender, UNNAMED_CITY } from '../../functions/gate/ports.ts';
import { WitnessText } from '../../functions/log/sequencer/witnesses.ts';
import { wholeNumber } from '../../functions/platform/wholeNumber.ts';
import {
  BULK_AGE_ABOVE_LEASE,
  BULK_MAX_AGE,
  BulkMaxAge,
  LEASE_SECONDS,
  LeaseSeconds,
  secondsIn,
} from '../../functions/web/api/ofrep/flag.ts';

/** The tag of every resource, with the stage as its value. */
export const STAGE_TAG = 'aldergate-stage';

const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

/** A bus policy is limited to 10 kB. It has each reader's ARN three times, some 2 kB in all. */
const BUS_READERS_MAX = 20;

const isRegion = (text: string): boolean => RegionInfo.regions.some(({ name }) => name === text);

/** An optional setting. `none` removes the value from `cdk.json`, which a command line cannot do otherwise. */
const orNone = <T extends z.ZodType>(schema: T) =>
  z.preprocess((given) => (given === 'none' ? undefined : given), schema.optional());

/** docs/deploy.md describes each setting and its default. The comments here are for readers of the code. */
const DeploymentSettings = z
  .object({
    /** Short because names of roles, functions and schedules are limited to 64 characters. */
    stage: z.string().regex(/^[a-z][a-z0-9-]{0,11}$/),
    domain: orNone(z.string().regex(HOST, 'is not a domain such as gate.city.example')),
    certificate: orNone(
      z.string().regex(/^arn:aws:acm:us-east-1:\d{12}:certificate\/[a-z0-9-]+$/, 'is not the ARN of a certificate in us-east-1'),
    ),
    logOrigin: orNone(z.string().regex(/^[\x21-\x2a\x2c-\x7e]+$/, 'cannot name a log')),
    logKey: wholeNumber(0, 9).optional(),
    logKeyArn: orNone(z.string().regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/, 'is not the ARN of a key')),
    copyRegion: z
      .string()
      .refine((text) => text === 'none' || isRegion(text), 'is not a region such as us-east-2')
      .optional(),
    copyKey: orNone(z.string().regex(/^age1[02-9ac-hj-np-z]{58}$/, 'is not a recipient of age, as age-keygen prints it')),
    copyTo: orNone(z.string().regex(/^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not the ARN of a bucket')),
    handoverBy: z
      .string()
      .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'is not the ARN of a role')
      .optional(),
    timeZone: z.string().refine(isZone, 'is not an IANA time zone such as America/Denver'),
    city: CityName.default(UNNAMED_CITY),
    contact: CityContact.optional(),
    accessibility: CityText.optional(),
    privacy: CityText.optional(),
    itMail: z.email().optional(),
    noticesPerHour: NoticeLimit.default(DEFAULT_NOTICE_LIMITS.perHour),
    noticeBytesPerDay: NoticeLimit.default(DEFAULT_NOTICE_LIMITS.bytesPerDay),
    leaseSeconds: LeaseSeconds.default(LEASE_SECONDS),
    bulkMaxAge: BulkMaxAge.default(BULK_MAX_AGE),
    mailFrom: MailSender,
    /** SES has each identity once per account: `existing` uses one that is already there, such as another stage's. */
    mailIdentity: z.enum(['domain', 'address', 'existing']).default('domain'),
    alarmEmail: z.email().optional(),
    originSecretVersion: orNone(z.string().regex(/^[A-Za-z0-9-]{32,64}$/, 'is not a version of a secret')),
    busReaders: z
      .preprocess(
        (given) => (typeof given === 'string' ? given.split(',').map((each) => each.trim()) : given),
        z.array(z.string().regex(/^\d{12}$/, 'is not the id of an account, which has twelve digits')).max(BUS_READERS_MAX),
      )
      .default([]),
    size: z.enum(['full', 'lean']).default('full'),
    /** The witnesses of the public log, as JSON or its text: `[{"url": "https://…", "vkey": "name+id+key"}]`. */
    witnesses: z
      .union([z.string(), z.array(z.unknown()).transform((list) => JSON.stringify(list))])
      .default('[]')
      .pipe(WitnessText),
    witnessQuorum: wholeNumber(0).default(0),
    /**
     * Whether the tables, the stack `Records` and, without a domain, the stack `Gate` are protected from deletion. Set by the
     * deployment after the first success: a resource protected from the start cannot be cleaned up if its creation fails.
     */
    protect: z
      .stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' })
      .or(z.boolean())
      .default(false),
    trail: z.enum(['own', 'none']).default('own'),
    budgetUsd: wholeNumber(1).default(100),
  })
  .refine(({ domain, certificate }) => (domain === undefined) === (certificate === undefined), {
    path: ['certificate'],
    error: 'domain and certificate are given together',
  })
  .refine(({ logKey, logKeyArn }) => logKey !== 0 || logKeyArn !== undefined, {
    path: ['logKey'],
    error: 'a log has a key: 0 stands for the one of logKeyArn',
  })
  .refine(({ logKey = 0, logKeyArn }) => logKeyArn === undefined || logKey < 2, {
    path: ['logKey'],
    error:
      'the stage would sign with own keys that did not follow logKeyArn: give logKey=0 to sign with logKeyArn, or leave out logKeyArn once the stage has handed over to its own first key',
  })
  .refine(({ logKey = 0, logKeyArn, handoverBy }) => logKeyArn === undefined || handoverBy === undefined || logKey > 0, {
    path: ['handoverBy'],
    error: 'the policy of the key of logKeyArn says who may sign with it',
  })
  .refine(({ witnesses, witnessQuorum }) => witnessQuorum <= witnesses.length, {
    path: ['witnessQuorum'],
    error: 'is more than there are witnesses: nothing would be published',
  })
  .refine(({ bulkMaxAge, leaseSeconds }) => secondsIn(bulkMaxAge) <= leaseSeconds, {
    path: ['bulkMaxAge'],
    error: BULK_AGE_ABOVE_LEASE,
  });
export type DeploymentSettings = z.infer<typeof DeploymentSettings>;

const NAMES = Object.keys(DeploymentSettings.shape);

const unusable = (problem: string): Error => new Error(`the context cannot be used: ${problem}`);

/** Matches the names of settings. Context keys of the CDK itself are not single words. */
const WORD = /^[A-Za-z]+$/;

export const settingsOf = (app: App): DeploymentSettings => {
  const context = app.node.getAllContext() as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(context).find((name) => WORD.test(name) && !NAMES.includes(name));
  if (unknown !== undefined) throw unusable(`${unknown} is none of the settings, which are ${NAMES.join(', ')}`);
  const parsed = DeploymentSettings.safeParse(Object.fromEntries(NAMES.map((name) => [name, context[name]])));
  if (!parsed.success) throw unusable(z.prettifyError(parsed.error));
  return parsed.data;
};

export const ownLogKeysOf = ({ logKey, logKeyArn }: Pick<DeploymentSettings, 'logKey' | 'logKeyArn'>): number =>
  logKey ?? (logKeyArn === undefined ? 1 : 0);

/** The default regions of the copies: CloudFront's, or the other if the gate is there. `cdk bootstrap` prepares both anyway. */
const COPY_REGIONS = ['us-east-1', 'us-west-2'] as const;

/** Returns the region of the copies of a gate in `region`; undefined if none are made. Throws if both are the same or `region` is invalid. */
export const copyRegionOf = ({ copyRegion }: Pick<DeploymentSettings, 'copyRegion'>, region: string): string | undefined => {
  if (!isRegion(region)) throw unusable(`${region}, where the gate is to be, is not a region such as us-east-2`);
  if (copyRegion === region) throw unusable(`copyRegion: ${region} is the region of the gate itself`);
  if (copyRegion !== undefined) return copyRegion === 'none' ? undefined : copyRegion;
  return COPY_REGIONS.find((each) => each !== region);
};
