import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

const pathOf = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export interface GateFunctionProps {
  /** The file of `functions/handlers` that this runs, without `.ts`. */
  readonly folder: string;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** X-Ray follows its calls. */
  readonly traced?: boolean;
}

const BUNDLES = pathOf('cdk.out/.bundles');

const isRunning = (pid: string): boolean => {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
};

/** What a process that was ended left behind. */
const tidy = (): void => {
  for (const name of readdirSync(BUNDLES))
    if (!isRunning(name.replace(/-.*$/, ''))) rmSync(join(BUNDLES, name), { recursive: true, force: true });
};

/**
 * The folder of all bundles, made at the first question: in one process beside this one, which waits, and all at once. Kept for as long
 * as this process lives, whose files do not change meanwhile.
 */
let made: string | undefined;
const bundles = (): string => {
  if (made !== undefined) return made;
  mkdirSync(BUNDLES, { recursive: true });
  tidy();
  const folder = mkdtempSync(join(BUNDLES, `${process.pid}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  execFileSync(process.execPath, [pathOf('infra/aws/bundle.ts'), folder], { stdio: 'inherit' });
  made = folder;
  return folder;
};

/** A function's folder of code, made when it is synthesised: bundled on this machine, without Docker. */
const codeOf = (folder: string): Code =>
  Code.fromAsset(pathOf(''), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('never-used'),
      // Never run; but the CDK takes two assets for one that differ in nothing of this.
      command: [folder],
      local: {
        tryBundle: (outdir) => {
          cpSync(join(bundles(), folder), outdir, { recursive: true });
          return true;
        },
      },
    },
  });

/** One function of the gate, with a role and a log group of its own, and no permission but to write its log. */
export class GateFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: GateFunctionProps) {
    super(scope, id);
    const { folder, description, environment, memoryMb, timeoutSeconds, traced = false } = props;
    this.logGroup = new LogGroup(this, 'Log', { retention: RetentionDays.THREE_MONTHS, removalPolicy: RemovalPolicy.RETAIN });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]);
    this.lambda = new LambdaFunction(this, 'Function', {
      description,
      code: codeOf(folder),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      role: this.role,
      logGroup: this.logGroup,
      memorySize: memoryMb,
      timeout: Duration.seconds(timeoutSeconds),
      environment: { ...environment, NODE_OPTIONS: '--enable-source-maps' },
      tracing: traced ? Tracing.ACTIVE : Tracing.DISABLED,
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
        reason:
          'X-Ray follows a call a second, which is nearly all of a city’s, and its rate for Lambda cannot be set; the REPORT line of each call has its times already. Context tracing=true switches it on for what people wait for (docs/decisions/0018).',
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
