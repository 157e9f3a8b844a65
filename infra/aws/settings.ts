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

/** The policy of a bus has at most 10 kB, of which three times the ARN of each reader are some 2 kB. */
const BUS_READERS_MAX = 20;

const isRegion = (text: string): boolean => RegionInfo.regions.some(({ name }) => name === text);

/** A setting that may be absent. `none` takes away what `cdk.json` has, which a command line cannot do otherwise. */
const orNone = <T extends z.ZodType>(schema: T) =>
  z.preprocess((given) => (given === 'none' ? undefined : given), schema.optional());

const DeploymentSettings = z
  .object({
    /**
     * Part of the names of the stacks and of what is in them, so that one account can hold a stage for tests beside the real one. It is
     * short because those of roles, functions and schedules have at most 64 characters.
     */
    stage: z.string().regex(/^[a-z][a-z0-9-]{0,11}$/),
    /** The domain of the gate. Default: the name that CloudFront gives it, which is lost when the stack is deleted. */
    domain: orNone(z.string().regex(HOST, 'is not a domain such as gate.city.example')),
    /** The certificate of the domain, in ACM in us-east-1, where CloudFront requires it. */
    certificate: orNone(
      z.string().regex(/^arn:aws:acm:us-east-1:\d{12}:certificate\/[a-z0-9-]+$/, 'is not the ARN of a certificate in us-east-1'),
    ),
    /** The origin of the public log. Default: derived from the address. Set it if the log began under another address. */
    logOrigin: orNone(z.string().regex(/^[\x21-\x2a\x2c-\x7e]+$/, 'cannot name a log')),
    /**
     * How many keys of its own the stage has; the last one signs the public log. Raising it by one hands over to a new key. Default: 1,
     * and 0 with `logKeyArn`, which at most one own key may follow.
     */
    logKey: wholeNumber(0, 9).optional(),
    /** A key that exists already and signs the public log before the first own one does: also of another account, also a replica. */
    logKeyArn: orNone(z.string().regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/, 'is not the ARN of a key')),
    /** The region of the stack `Copy`; `none`: there is no such stack. Default: us-east-1, and us-west-2 for a gate in us-east-1. */
    copyRegion: z
      .string()
      .refine((text) => text === 'none' || isRegion(text), 'is not a region such as us-east-2')
      .optional(),
    /** The age recipient to which the private part of a copy is encrypted. Without one no copies are made. */
    copyKey: orNone(z.string().regex(/^age1[02-9ac-hj-np-z]{58}$/, 'is not a recipient of age, as age-keygen prints it')),
    /** The bucket of another account that receives the copies. Default: the bucket of the stack `Copy`. */
    copyTo: orNone(z.string().regex(/^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not the ARN of a bucket')),
    /**
     * The role that may sign with the log's key as well, so that a log can be handed over to it before there is a sequencer. The next
     * deployment without it ends that.
     */
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
    /** The notices an hour, and the bytes of them a day, that one vendor, form or token may deliver; 0: no limit. */
    noticesPerHour: NoticeLimit.default(DEFAULT_NOTICE_LIMITS.perHour),
    noticeBytesPerDay: NoticeLimit.default(DEFAULT_NOTICE_LIMITS.bytesPerDay),
    /** For how long clients may hold a "yes", in seconds. */
    leaseSeconds: LeaseSeconds.default(LEASE_SECONDS),
    /** How old bulk answers may be. */
    bulkMaxAge: BulkMaxAge.default(BULK_MAX_AGE),
    mailFrom: MailSender,
    /**
     * The identity that SES verifies: the sender's domain, or only the address, for a city that cannot change its DNS. `existing`: one that
     * the account has already, such as that of another stage; SES has each name once.
     */
    mailIdentity: z.enum(['domain', 'address', 'existing']).default('domain'),
    /** The address that incidents and alarms are mailed to. Without one the topics have no subscriber. */
    alarmEmail: z.email().optional(),
    /**
     * The version of the origin secret that CloudFront shows, set once a rotation. Default: the version that is current at the
     * deployment.
     */
    originSecretVersion: orNone(z.string().regex(/^[A-Za-z0-9-]{32,64}$/, 'is not a version of a secret')),
    /** The ids of the accounts that may make rules of their own on the bus: a list, or a text with commas between them. */
    busReaders: z
      .preprocess(
        (given) => (typeof given === 'string' ? given.split(',').map((each) => each.trim()) : given),
        z.array(z.string().regex(/^\d{12}$/, 'is not the id of an account, which has twelve digits')).max(BUS_READERS_MAX),
      )
      .default([]),
    /** `lean`: for a town, which gives up what docs/costs.md lists, for less than half of the fixed costs. */
    size: z.enum(['full', 'lean']).default('full'),
    /** Who cosigns the public log, as JSON or its text: `[{"url": "https://…", "vkey": "name+id+key"}]`. */
    witnesses: z
      .union([z.string(), z.array(z.unknown()).transform((list) => JSON.stringify(list))])
      .default('[]')
      .pipe(WitnessText),
    /** How many of them must cosign before a checkpoint is published. */
    witnessQuorum: wholeNumber(0).default(0),
    /**
     * Whether the tables, the stack `Records` and, without a domain, the stack `Gate` are protected from deletion. Set by the
     * deployment after the first success: what is protected from the start cannot be cleaned up when its creation fails.
     */
    protect: z
      .stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' })
      .or(z.boolean())
      .default(false),
    /** The trail of CloudTrail that records writes to the table of commits: one of the stage, or one that the account has already. */
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

/** What the CDK itself puts into a context is no single word. */
const WORD = /^[A-Za-z]+$/;

/** Reads the settings of a deployment from `cdk.json` or `--context name=value`. */
export const settingsOf = (app: App): DeploymentSettings => {
  const context = app.node.getAllContext() as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(context).find((name) => WORD.test(name) && !NAMES.includes(name));
  if (unknown !== undefined) throw unusable(`${unknown} is none of the settings, which are ${NAMES.join(', ')}`);
  const parsed = DeploymentSettings.safeParse(Object.fromEntries(NAMES.map((name) => [name, context[name]])));
  if (!parsed.success) throw unusable(z.prettifyError(parsed.error));
  return parsed.data;
};

/** Returns how many keys of its own sign, or signed, the log of a stage. */
export const ownLogKeysOf = ({ logKey, logKeyArn }: Pick<DeploymentSettings, 'logKey' | 'logKeyArn'>): number =>
  logKey ?? (logKeyArn === undefined ? 1 : 0);

/** The regions of the copies, both prepared by `cdk bootstrap` anyway: CloudFront's, or another one if the gate itself is there. */
const COPY_REGIONS = ['us-east-1', 'us-west-2'] as const;

/** Returns the region of the copies of a gate in `region`; undefined if there are none. Throws if it is the gate's own, or that is none. */
export const copyRegionOf = ({ copyRegion }: Pick<DeploymentSettings, 'copyRegion'>, region: string): string | undefined => {
  if (!isRegion(region)) throw unusable(`${region}, where the gate is to be, is not a region such as us-east-2`);
  if (copyRegion === region) throw unusable(`copyRegion: ${region} is the region of the gate itself`);
  if (copyRegion !== undefined) return copyRegion === 'none' ? undefined : copyRegion;
  return COPY_REGIONS.find((each) => each !== region);
};
