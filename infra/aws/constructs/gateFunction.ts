import { fileURLToPath } from 'node:url';
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

const pathOf = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export interface GateFunctionProps {
  /** The folder of `functions/` whose `handler.ts` this is. */
  readonly folder: string;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Somebody waits for it, so that it is worth knowing where the time went. */
  readonly traced?: boolean;
}

/** How `functions/<folder>/handler.ts` becomes one file. Read and bundled on this machine, without Docker. */
const BUNDLING: BundlingOptions = {
  format: OutputFormat.ESM,
  mainFields: ['module', 'main'],
  target: 'node24',
  minify: true,
  sourceMap: true,
  sourcesContent: false,
  // What was tested is what runs: the SDK that the runtime happens to bring stays out.
  bundleAwsSDK: true,
  esbuildArgs: { '--alias:@aws-sdk/credential-provider-node': pathOf('infra/aws/lambdaCredentials.ts') },
  // Some packages of the SDK are CommonJS inside and ask for `require`, which a module has to make itself.
  banner: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);",
};

/** One function of the gate, with a role and a log group of its own, and no permission but to write its log. */
export class GateFunction extends Construct {
  readonly lambda: NodejsFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: GateFunctionProps) {
    super(scope, id);
    const { folder, description, environment, memoryMb, timeoutSeconds, traced = false } = props;
    this.logGroup = new LogGroup(this, 'Log', { retention: RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.RETAIN });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]);
    this.lambda = new NodejsFunction(this, 'Function', {
      description,
      entry: pathOf(`functions/${folder}/handler.ts`),
      projectRoot: pathOf(''),
      depsLockFilePath: pathOf('package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      role: this.role,
      logGroup: this.logGroup,
      memorySize: memoryMb,
      timeout: Duration.seconds(timeoutSeconds),
      environment: { ...environment, NODE_OPTIONS: '--enable-source-maps' },
      tracing: traced ? Tracing.ACTIVE : Tracing.DISABLED,
      bundling: BUNDLING,
    });
    this.#argue(traced);
  }

  #argue(traced: boolean): void {
    const argued = Validations.of(this.lambda);
    argued.acknowledge({
      id: 'Serverless-LambdaDLQ',
      reason:
        'Answers are asked for synchronously. A consumer’s event is a nudge: what an event lost does, the sweep a minute later does, and the error raises an alarm.',
    });
    if (traced)
      Validations.of(this.role).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason:
          'xray:PutTraceSegments and xray:PutTelemetryRecords know no resource (the service authorization reference of X-Ray).',
      });
    else
      argued.acknowledge({
        id: 'Serverless-LambdaTracing',
        reason: 'Nobody waits for it; its log and its metrics say what it did and how long it took.',
      });
  }

  /** Adds exact actions on exact resources, under a condition if there is one. */
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
