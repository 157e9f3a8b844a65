import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { PUBLISH_DELAY } from '../../../functions/handlers/runtime/metrics.ts';
import type { DeploymentSettings } from '../settings.ts';
import type { DeadLetterQueue } from './deadLetterQueue.ts';
import type { FrontDoor } from './frontDoor.ts';
import type { CoreFunction } from './functions.ts';
import type { GateFunction } from './gateFunction.ts';
import { ownMetric, type Watch } from './watch.ts';

type Functions = Readonly<Record<CoreFunction, GateFunction>>;

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

type Line = readonly [from: CoreFunction, worry: string, event: string, advice: string];

/** By what they ask of a person. */
const LINES: Readonly<Record<string, readonly Line[]>> = {
  'history altered': [
    [
      'sequencer',
      'tampered',
      'store tampered',
      'Somebody with rights of the account changed a commit. Find out who (CloudTrail), run fsck against the public log, restore.',
    ],
    [
      'sequencer',
      'withheld',
      'stream is kept out of the public log',
      'A stream does not continue what was signed; nothing of it enters the log. Treat it as tampering: fsck, CloudTrail, restore.',
    ],
  ],
  'officials not reached': [
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
  ],
  'something is on without permission': [
    [
      'derived',
      'drift',
      'drift',
      'Something is on at a vendor without permission, or for more than is allowed. The line names the feature: open /on-without-permission, have it switched off.',
    ],
  ],
  'work not done': [
    [
      'clock',
      'unticked',
      'clock could not tick',
      'The clock cannot write on a feature; answers are right all the same. The line says why.',
    ],
  ],
};

/** In five minutes: the sequencer asks again each minute, and a witness may be away for one. */
const UNWITNESSED_MAX = 2;

const SCHEDULED = ['projector', 'sequencer', 'derived', 'notify', 'webhooks', 'clock'] as const;

const HEALED = 'The sweep has healed it:';

/** What no sweep heals of a queue. */
const NOT_HEALED: Readonly<Record<string, string>> = {
  bus: 'The sweep has healed it, but for a mail that came back (source aws.ses), for which notify is invoked with that event again:',
  sequencer: 'The sweep has healed it, but for a record other than INSERT: treat that as tampering (archive.ts check);',
};

const healed = (names: string): string =>
  names
    .split(' or ')
    .flatMap((name) => NOT_HEALED[name] ?? [])
    .join(' ') || HEALED;

const PARKED = 'A commit was given up after five tries. Mend the cause, then invoke its function with {"task":"replay"}.';

const lines = (watch: Watch, functions: Functions): void => {
  const parked = SCHEDULED.map((name): Line => [name, 'parked', 'parked', PARKED]);
  for (const [group, listed] of Object.entries(LINES)) {
    const all = group === 'work not done' ? [...listed, ...parked] : listed;
    watch.lines(
      group,
      all.map(([name, worry, event, advice]) => ({ id: `${name} ${worry}`, from: functions[name], event, advice })),
    );
  }
};

const unwitnessed = (watch: Watch, { sequencer }: Functions): void =>
  watch.lines('sequencer unwitnessed', [
    {
      id: 'sequencer unwitnessed',
      from: sequencer,
      event: 'checkpoint waits for witnesses',
      most: UNWITNESSED_MAX,
      advice: 'Too few witnesses cosign. The public log stands still, answers do not; /readyz names the witnesses to ask.',
    },
  ]);

const errors = (watch: Watch, functions: Functions): void => {
  const plan = { most: 0, advice: 'Its log says why; a consumer tries again by itself within a minute.' };
  const counted = { period: FIVE_MINUTES, statistic: 'Sum' };
  // An expression takes ten metrics, at the price of ten: a lean stage watches the one metric of all functions of the account.
  if (watch.isLean)
    watch.alarm('errors', {
      ...plan,
      metric: Lambda.metricAllErrors(counted),
      advice: `A function of this account ended with an error. ${plan.advice}`,
    });
  else
    for (const [name, { lambda }] of Object.entries(functions))
      watch.alarm(`${name} errors`, {
        ...plan,
        metric: lambda.metricErrors(counted),
        advice: `The function ${name} ended with an error. ${plan.advice}`,
      });
};

const whatRuns = (watch: Watch, functions: Functions, queues: Readonly<Record<string, DeadLetterQueue>>): void => {
  errors(watch, functions);
  watch.alarm('throttles', {
    metric: Lambda.metricAllThrottles({ period: FIVE_MINUTES, statistic: 'Sum' }),
    most: 0,
    advice: 'Lambda had no room for a call. Ask AWS for a higher limit of concurrent executions in this account.',
  });
  for (const name of ['projector', 'sequencer'] as const)
    watch.detail(`${name} is behind, in ms`, {
      metric: functions[name].lambda.metric('IteratorAge', { period: FIVE_MINUTES, statistic: 'Maximum' }),
      most: BEHIND_MS_MAX,
      advice: `${name} does not keep up with the stream of commits. Lists are late, answers are not. Look for a commit that fails.`,
    });
  const waiting = Object.entries(queues).map(([name, queue]) => [
    name,
    queue.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES, statistic: 'Maximum' }),
  ]);
  watch.alarms(Object.fromEntries(waiting), {
    id: (names) => `${names} in the queue`,
    most: 0,
    advice: (names) => `AWS gave up delivering to ${names}. ${healed(names)} find out why, then purge the queue.`,
  });
  const runs = SCHEDULED.map((name) => [
    name,
    functions[name].lambda.metricInvocations({ period: FIVE_MINUTES, statistic: 'Sum' }),
  ]);
  watch.alarms(Object.fromEntries(runs), {
    id: (names) => `the ${names} stands still`,
    most: 1,
    below: true,
    periods: 3,
    advice: (names) =>
      `${names} was not run for a quarter of an hour. Look at the schedules in EventBridge Scheduler and at their roles.`,
  });
};

const ofFrontDoor = (watch: Watch, { stage, accessLog }: FrontDoor): void => {
  watch.alarm('5xx', {
    metric: stage.metricServerError({ period: FIVE_MINUTES, statistic: 'Sum' }),
    most: 0,
    advice: 'Somebody was answered with a 5xx. The access log has the request’s id, the function’s log the cause.',
  });
  watch.detail('latency, p99 in ms', {
    metric: stage.metricLatency({ period: FIVE_MINUTES, statistic: 'p99' }),
    most: LATENCY_MS_MAX,
    advice: 'Answers take seconds. The functions’ REPORT lines show cold starts and the time of each call.',
  });
  if (watch.isLean) return;
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

export interface GateParts {
  readonly functions: Functions;
  readonly frontDoor: FrontDoor;
  readonly queues: Readonly<Record<string, DeadLetterQueue>>;
  readonly settings: Pick<DeploymentSettings, 'witnessQuorum'>;
}

export const gateAlarms = (watch: Watch, { functions, frontDoor, queues, settings }: GateParts): void => {
  theCity(watch, functions);
  ofFrontDoor(watch, frontDoor);
  lines(watch, functions);
  if (settings.witnessQuorum > 0) unwitnessed(watch, functions);
  whatRuns(watch, functions, queues);
};
