import { Annotations, Duration, Stack, Token, Validations } from 'aws-cdk-lib';
import type { DeploymentSettings } from '../settings.ts';
import type { CopyStack } from '../stacks/copyStack.ts';
import type { Watch } from './alarms.ts';
import type { GateFunction } from './gateFunction.ts';

export interface CopyPlace {
  readonly bucketName: string;
  readonly region: string;
  readonly recipient: string;
}

type Settings = Pick<DeploymentSettings, 'copyKey' | 'copyTo'>;

/** Returns the destination of a gate's copies: another account's bucket or that of the stack `Copy`; undefined if none are made. */
export const copyPlaceOf = (
  { copyKey, copyTo }: Settings,
  { copy, region }: { readonly copy: CopyStack | undefined; readonly region: string },
): CopyPlace | undefined => {
  const bucketName = copyTo?.slice(copyTo.lastIndexOf(':') + 1) ?? copy?.bucketName;
  return copyKey === undefined || bucketName === undefined ? undefined : { bucketName, region, recipient: copyKey };
};

export const warnOfNoCopies = (stack: Stack): void =>
  Annotations.of(stack).addWarningV2(
    'aldergate:noCopies',
    'No copies are made: a lost region or account takes the city’s people and everything that is not in the public log. Set copyKey to the recipient that age-keygen prints (docs/aws-copies.md).',
  );

export const copyVariables = ({ bucketName, region, recipient }: CopyPlace, stage: string): Readonly<Record<string, string>> => ({
  ALDERGATE_COPY_KEY: recipient,
  ALDERGATE_COPY_BUCKET: bucketName,
  ALDERGATE_COPY_REGION: region,
  ALDERGATE_COPY_FOLDER: stage,
});

/** Allows a function to add copies of a stage. It cannot read, list or delete one; the bucket keeps overwritten versions. */
export const allowCopying = (target: GateFunction, { bucketName }: CopyPlace, stage: string): void => {
  const stack = Stack.of(target);
  target.allow(['s3:PutObject'], [`arn:${stack.partition}:s3:::${bucketName}/${stage}/*`]);
  const named = Token.isUnresolved(bucketName) ? JSON.stringify(stack.resolve(bucketName)) : bucketName;
  Validations.of(target.role).acknowledge({
    id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${named}/${stage}/*]`,
    reason: 'The files of a copy are named by the day; these are all copies of this stage.',
  });
};

const AN_HOUR = Duration.hours(1);

/** `clock`: logs the age of the copies, even if `copies` does not run. */
export const copyAlarms = (watch: Watch, copies: GateFunction, clock: GateFunction): void => {
  // A lean stage has one alarm for the errors of all functions.
  watch.detail('copies errors', {
    metric: copies.lambda.metricErrors({ period: AN_HOUR, statistic: 'Sum' }),
    most: 0,
    advice: 'No copy could be made. The log of the function copies says why; it tries again each hour.',
  });
  watch.detail('the copies stands still', {
    metric: copies.lambda.metricInvocations({ period: AN_HOUR, statistic: 'Sum' }),
    most: 1,
    below: true,
    periods: 3,
    advice: 'copies was not run for three hours. Look at its schedule in EventBridge Scheduler and at the role of that.',
  });
  watch.lines('copies old', [
    {
      id: 'copies old',
      from: clock,
      event: 'copies are old',
      advice:
        'The newest copy is older than two days. Read the log of the function copies; until it works, make copies with archive.ts export.',
    },
  ]);
};
