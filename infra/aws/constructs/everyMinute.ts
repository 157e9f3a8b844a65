import { Duration, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IScheduleTarget, Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { Chore } from '../../../functions/handlers/runtime/consumers.ts';
import type { DeadLetterQueue } from './deadLetterQueue.ts';
import type { GateFunction } from './gateFunction.ts';

const SWEEP: Chore = { task: 'sweep' };

/** A run that Scheduler cannot start is retried once within its minute. The next run does the same work. */
const RETRIES = 1;
const RUN_AGE_SECONDS_MAX = 60;

export interface EveryMinuteProps {
  readonly target: GateFunction;
  /** Receives the runs that could not be started. They need not be repeated, but somebody has to know. */
  readonly undelivered: DeadLetterQueue;
}

/** Runs a function's chore once a minute. */
export class EveryMinute extends Construct {
  constructor(scope: Construct, id: string, { target: { lambda }, undelivered }: EveryMinuteProps) {
    super(scope, id);
    // Only for schedules of this account, so that the service acts for no other one.
    const conditions = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions }) });
    const allow = (action: string, resource: string): boolean =>
      role.addToPrincipalPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions: [action], resources: [resource] }))
        .statementAdded;
    // The CDK's own target would also allow every version and alias.
    allow('lambda:InvokeFunction', lambda.functionArn);
    allow('sqs:SendMessage', undelivered.queueArn);
    const target: IScheduleTarget = {
      bind: () => ({
        arn: lambda.functionArn,
        role,
        input: ScheduleTargetInput.fromObject(SWEEP),
        retryPolicy: { maximumRetryAttempts: RETRIES, maximumEventAgeInSeconds: RUN_AGE_SECONDS_MAX },
        deadLetterConfig: { arn: undelivered.queueArn },
      }),
    };
    new Schedule(this, 'Schedule', { schedule: ScheduleExpression.rate(Duration.minutes(1)), target });
  }
}
