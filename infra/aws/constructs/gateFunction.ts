import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage, Duration, RemovalPolicy, Size, Stack, Token, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { bundle } from '../bundle.ts';

const pathOf = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

interface GateFunctionProps {
  readonly folder: string;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly temporaryMb?: number;
}

/**
 * Returns the code of a function, bundled on this machine when the app is synthesised. The image is never used, because bundling
 * either succeeds or throws; the command makes the assets differ.
 */
const codeOf = (name: string): Code =>
  Code.fromAsset(pathOf(''), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('unused'),
      command: [name],
      local: {
        tryBundle: (outdir) => {
          bundle(name, outdir);
          return true;
        },
      },
    },
  });

/** Lambda's limit for the names and values of all variables of a function. */
const VARIABLES_BYTES_MAX = 4_096;
/** The longest name or ARN that is known only at deployment. */
const REFERENCE_BYTES = 128;

/** Throws if Lambda would reject the variables at deployment. */
const mustFit = (name: string, variables: Readonly<Record<string, string>>): void => {
  const bytesOf = (value: string): number => (Token.isUnresolved(value) ? REFERENCE_BYTES : Buffer.byteLength(value));
  const sizes = Object.entries(variables).map(([variable, value]) => [variable, variable.length + bytesOf(value)] as const);
  const bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
  if (bytes <= VARIABLES_BYTES_MAX) return;
  const [longest = '', ...others] = sizes.toSorted(([, one], [, other]) => other - one).map(([variable]) => variable);
  throw new Error(
    `the context cannot be used: the variables of the function ${name} have ${bytes} bytes of the ${VARIABLES_BYTES_MAX} that Lambda allows; the longest are ${longest} and ${others[0]}`,
  );
};

/** A log that is kept for three months, even if nothing writes to it any longer. */
export class KeptLog extends LogGroup {
  constructor(scope: Construct, id: string) {
    super(scope, id, { retention: RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE });
  }
}

export class GateFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: GateFunctionProps) {
    super(scope, id);
    const { folder, description, environment, memoryMb, timeoutSeconds, temporaryMb } = props;
    this.logGroup = new KeptLog(this, 'Log');
    // Without a name CloudFormation makes one from stack, id and 13 characters, and truncates it to 64.
    const name = `${Stack.of(this).stackName}-${folder}`;
    this.role = new Role(this, 'Role', {
      roleName: name,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]);
    const variables = { ...environment, NODE_OPTIONS: '--enable-source-maps' };
    mustFit(folder, variables);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: name,
      description,
      code: codeOf(folder),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      role: this.role,
      logGroup: this.logGroup,
      memorySize: memoryMb,
      timeout: Duration.seconds(timeoutSeconds),
      ...(temporaryMb !== undefined && { ephemeralStorageSize: Size.mebibytes(temporaryMb) }),
      environment: variables,
    });
    const argued = Validations.of(this.lambda);
    argued.acknowledge({
      id: 'Serverless-LambdaDLQ',
      reason:
        'Answers are asked for synchronously. A consumer’s event is a nudge: what an event lost does, the sweep a minute later does, and the error raises an alarm.',
    });
    argued.acknowledge({
      id: 'Serverless-LambdaTracing',
      reason:
        'X-Ray follows a call a second, which is nearly all of a city’s, and its rate for Lambda cannot be set; the REPORT line of each call has its times already (docs/decisions/0018).',
    });
  }

  /**
   * Sets what happens to an event or a scheduled run that fails. By default it is dropped: the next run does the same work, and
   * late retries would only delay it. With `kept`, for events that nothing else repeats, it is retried twice within hours and
   * then kept in that queue.
   */
  whenUnhandled(kept?: DeadLetterQueue): void {
    if (kept === undefined) {
      this.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
      Validations.of(this.lambda).acknowledge({
        id: 'Serverless-LambdaAsyncFailureDestination',
        reason: 'The next run does what this one did not, and the error raises an alarm.',
      });
      return;
    }
    this.allow(['sqs:SendMessage'], [kept.queueArn]);
    this.lambda.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: { bind: () => ({ destination: kept.queueArn }) },
    });
  }

  allow(actions: readonly string[], resources: readonly string[], conditions?: Readonly<Record<string, unknown>>): void {
    this.role.addToPrincipalPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: [...actions],
        resources: [...resources],
        ...(conditions && { conditions }),
      }),
    );
  }
}

export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string) {
    super(scope, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: Duration.days(14) });
    for (const id of ['AwsSolutions-SQS3', 'Serverless-SQSRedrivePolicy'])
      Validations.of(this).acknowledge({
        id,
        reason: 'It is itself the dead-letter queue; what is in it is only a nudge, and a sweep heals what a lost nudge leaves.',
      });
  }
}
