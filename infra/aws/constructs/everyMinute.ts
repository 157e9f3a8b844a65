import { Duration } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IScheduleTarget, Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { Chore } from '../../../functions/aws/consumerHandler.ts';
import type { GateFunction } from './gateFunction.ts';

const SWEEP: Chore = { task: 'sweep' };

/** Runs a function's chore once a minute. A run that could not be started is not made up for: the next one does the same work. */
export class EveryMinute extends Construct {
  constructor(scope: Construct, id: string, { target: { lambda } }: { readonly target: GateFunction }) {
    super(scope, id);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('scheduler.amazonaws.com') });
    // The CDK's own target would also allow every version and alias.
    role.addToPrincipalPolicy(
      new PolicyStatement({ effect: Effect.ALLOW, actions: ['lambda:InvokeFunction'], resources: [lambda.functionArn] }),
    );
    const target: IScheduleTarget = {
      bind: () => ({
        arn: lambda.functionArn,
        role,
        input: ScheduleTargetInput.fromObject(SWEEP),
        retryPolicy: { maximumRetryAttempts: 0 },
      }),
    };
    new Schedule(this, 'Schedule', { schedule: ScheduleExpression.rate(Duration.minutes(1)), target });
  }
}
