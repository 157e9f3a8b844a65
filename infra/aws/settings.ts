import type { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { isZone } from '../../domain/kernel/zone.ts';
import { CityContact, CityName, UNNAMED_CITY } from '../../functions/gate/city.ts';

const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

const DeploymentSettings = z
  .object({
    /**
     * Names the stacks, so that one account can hold a stage to try things out beside the one that counts. So short that CloudFormation
     * cuts nothing off the name of the sequencer's role (64 characters), by which the key of the log knows it.
     */
    stage: z.string().regex(/^[a-z][a-z0-9-]{0,11}$/),
    /** The city's own name for the gate; absent: the name that CloudFront gives it, which goes when the stack goes. */
    domain: z.string().regex(HOST, 'is not a domain such as gate.city.example').optional(),
    /** The certificate of the domain: of ACM, in us-east-1, where CloudFront looks for it. */
    certificate: z
      .string()
      .regex(/^arn:aws:acm:us-east-1:\d{12}:certificate\/[a-z0-9-]+$/, 'is not the ARN of a certificate in us-east-1')
      .optional(),
    /** The name of the public log; absent: from the address. Said by a city whose log began under another address. */
    logOrigin: z
      .string()
      .regex(/^[\x21-\x2a\x2c-\x7e]+$/, 'cannot name a log')
      .optional(),
    /** Which key signs the public log, counted from 1; one more hands over to a new one. */
    logKey: z.coerce.number().int().min(1).max(9).default(1),
    timeZone: z.string().refine(isZone, 'is not an IANA time zone such as America/Denver'),
    /** The city's name on every page, mail and packet. */
    city: CityName.default(UNNAMED_CITY),
    /** Whom to call or write, shown on every page and mail. */
    contact: CityContact.optional(),
    /** Receives drift, silence and faults. */
    itMail: z.email().optional(),
    mailFrom: z.string().regex(/@[a-z0-9.-]+>?$/i, 'is not an address of mail'),
    /** What is proven to SES: the sender's domain, or for a city that cannot write to its DNS just the one address. */
    mailIdentity: z.enum(['domain', 'address']).default('domain'),
    /** Who is told of incidents and alarms; absent: the topics have no subscriber yet. */
    alarmEmail: z.email().optional(),
    /** The version of the origin secret that CloudFront shows, set once a rotation. Default: the version that is current at the deployment. */
    originSecretVersion: z
      .string()
      .regex(/^[A-Za-z0-9-]{32,64}$/, 'is not a version of a secret')
      .optional(),
    /** Has X-Ray follow what people wait for, while somebody looks for lost time. */
    tracing: z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]).default(false),
    /** What the account may cost a month, in dollars, before somebody is told. */
    budgetUsd: z.coerce.number().int().min(1).default(100),
  })
  .refine(({ domain, certificate }) => (domain === undefined) === (certificate === undefined), {
    path: ['certificate'],
    error: 'domain and certificate are given together',
  });
export type DeploymentSettings = z.infer<typeof DeploymentSettings>;

const NAMES = Object.keys(DeploymentSettings.shape);

/** What a deployment is told in `cdk.json` or by `--context name=value`. Throws with the name of what cannot be used. */
export const settingsOf = (app: App): DeploymentSettings => {
  const given = Object.fromEntries(NAMES.map((name) => [name, app.node.tryGetContext(name) as unknown]));
  const parsed = DeploymentSettings.safeParse(given);
  if (!parsed.success) throw new Error(`the context cannot be used: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};
