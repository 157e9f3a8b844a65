import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { PUBLISH_DELAY } from '../../../functions/handlers/runtime/metrics.ts';
import type { DeadLetterQueue } from './deadLetterQueue.ts';
import type { FrontDoor } from './frontDoor.ts';
import type { FunctionName } from './functions.ts';
import type { GateFunction } from './gateFunction.ts';
import { ownMetric, type Watch } from './watch.ts';

type Functions = Readonly<Record<FunctionName, GateFunction>>;

const FIVE_MINUTES = Duration.minutes(5);
const AN_HOUR = Duration.hours(1);

/** The most a reader of the stream may be behind, in ms; several sweeps lie within it. */
const BEHIND_MS_MAX = 5 * 60_000;
const LATENCY_MS_MAX = 5_000;
/** An acknowledged commit should be public within a minute; twice that is a fault. */
const PUBLISH_SECONDS_MAX = 120;
/** AWS reviews an account when 5 % of its mails come back, and stops its mail at 10 %. */
const BOUNCE_RATE_MAX = 0.05;
const THROTTLED_REQUESTS_MAX = 50;

const LINES: readonly (readonly [FunctionName, string, string, string])[] = [
  [
    'sequencer',
    'tampered',
    'store tampered',
    'Somebody with rights of the account changed a commit. Find out who (CloudTrail), run fsck against the public log, restore.',
  ],
  [
    'notify',
    'unmet',
    'requirement cannot be met',
    'No one holds a seat that must decide; the change stays off. Put a roster forward.',
  ],
  ['notify', 'unreached', 'no mail address', 'A holder has no address in the directory. Set the roster with one.'],
  [
    'notify',
    'returned',
    'mail came back',
    'An official did not get a mail. The line names the holder: ask them, set the roster with an address that works, reissue the link.',
  ],
  [
    'clock',
    'unticked',
    'clock could not tick',
    'The clock cannot write on a feature; answers are right all the same. The line says why.',
  ],
  [
    'derived',
    'drift',
    'drift',
    'Something is on at a vendor without permission, or for more than is allowed. The line names the feature: open /on-without-permission, have it switched off.',
  ],
  [
    'sequencer',
    'withheld',
    'stream is kept out of the public log',
    'A stream does not continue what was signed; nothing of it enters the log. Treat it as tampering: fsck, CloudTrail, restore.',
  ],
];

const SCHEDULED = ['projector', 'sequencer', 'derived', 'notify', 'webhooks', 'clock'] as const;

/** What no sweep heals of a queue. */
const NOT_HEALED: Readonly<Record<string, string>> = {
  bus: 'The sweep has healed it, but for a mail that came back (source aws.ses), for which notify is invoked with that event again:',
  sequencer: 'The sweep has healed it, but for a record other than INSERT: treat that as tampering (archive.ts check);',
};

const PARKED = 'A commit was given up after five tries. Mend the cause, then invoke this function with {"task":"replay"}.';

const lines = (watch: Watch, functions: Functions): void => {
  for (const [name, worry, event, advice] of LINES) watch.line(`${name} ${worry}`, functions[name], event, advice);
  for (const name of SCHEDULED) watch.line(`${name} parked`, functions[name], 'parked', PARKED);
};

const whatRuns = (watch: Watch, functions: Functions, queues: Readonly<Record<string, DeadLetterQueue>>): void => {
  for (const [name, { lambda }] of Object.entries(functions))
    watch.alarm(`${name} errors`, {
      metric: lambda.metricErrors({ period: FIVE_MINUTES, statistic: 'Sum' }),
      most: 0,
      advice: `The function ${name} ended with an error. Its log says why; a consumer tries again by itself within a minute.`,
    });
  watch.alarm('throttles', {
    metric: Lambda.metricAllThrottles({ period: FIVE_MINUTES, statistic: 'Sum' }),
    most: 0,
    advice: 'Lambda had no room for a call. Ask AWS for a higher limit of concurrent executions in this account.',
  });
  for (const name of ['projector', 'sequencer'] as const)
    watch.alarm(`${name} is behind, in ms`, {
      metric: functions[name].lambda.metric('IteratorAge', { period: FIVE_MINUTES, statistic: 'Maximum' }),
      most: BEHIND_MS_MAX,
      advice: `${name} does not keep up with the stream of commits. Lists are late, answers are not. Look for a commit that fails.`,
    });
  for (const [name, queue] of Object.entries(queues))
    watch.alarm(`${name} in the queue`, {
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: 'Maximum' }),
      most: 0,
      advice: `AWS gave up delivering to ${name}. ${NOT_HEALED[name] ?? 'The sweep has healed it:'} find out why, then purge the queue.`,
    });
  for (const name of SCHEDULED)
    watch.alarm(`the ${name} stands still`, {
      metric: functions[name].lambda.metricInvocations({ period: FIVE_MINUTES, statistic: 'Sum' }),
      most: 1,
      below: true,
      periods: 3,
      advice: `${name} was not run for a quarter of an hour. Look at the schedules in EventBridge Scheduler and at their roles.`,
    });
};

const ofFrontDoor = (watch: Watch, { stage, accessLog }: FrontDoor): void => {
  watch.alarm('5xx', {
    metric: stage.metricServerError({ period: FIVE_MINUTES, statistic: 'Sum' }),
    most: 0,
    advice: 'Somebody was answered with a 5xx. The access log has the request’s id, the function’s log the cause.',
  });
  watch.alarm('latency, p99 in ms', {
    metric: stage.metricLatency({ period: FIVE_MINUTES, statistic: 'p99' }),
    most: LATENCY_MS_MAX,
    advice: 'Answers take seconds. The functions’ REPORT lines show cold starts and the time of each call.',
  });
  watch.alarm('requests turned away', {
    metric: watch.status('requests turned away', accessLog, 429),
    most: THROTTLED_REQUESTS_MAX,
    advice:
      'More came than a route takes. The access log says which route: a flood is for the firewall, a city that grew for the limits.',
  });
};

const theCity = (watch: Watch, { sequencer }: Functions): void => {
  watch.alarm('delay of the log, in s', {
    metric: ownMetric(sequencer, PUBLISH_DELAY),
    most: PUBLISH_SECONDS_MAX,
    advice: 'Commits are public late. Look at the log of the sequencer: KMS, S3, or a history that was just imported.',
  });
  watch.alarm('mails that come back, of all', {
    metric: new Metric({ namespace: 'AWS/SES', metricName: 'Reputation.BounceRate', statistic: 'Maximum', period: AN_HOUR }),
    most: BOUNCE_RATE_MAX,
    advice: 'Too many mails come back; AWS stops the account’s mail at a tenth. Correct the addresses in the roster.',
  });
};

export const gateAlarms = (
  watch: Watch,
  functions: Functions,
  frontDoor: FrontDoor,
  queues: Readonly<Record<string, DeadLetterQueue>>,
): void => {
  theCity(watch, functions);
  ofFrontDoor(watch, frontDoor);
  lines(watch, functions);
  whatRuns(watch, functions, queues);
};
