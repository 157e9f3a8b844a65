import { Annotations, App, type AppProps, type Stack, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { copyPlaceOf } from './constructs/copies.ts';
import { copyRegionOf, ownLogKeysOf, STAGE_TAG, settingsOf } from './settings.ts';
import { CopyStack } from './stacks/copyStack.ts';
import { EdgeStack } from './stacks/edgeStack.ts';
import { GateStack } from './stacks/gateStack.ts';
import { EDGE_REGION, GuardStack } from './stacks/guardStack.ts';
import { RecordsStack } from './stacks/recordsStack.ts';

export interface GateApp {
  readonly app: App;
  readonly records: RecordsStack;
  /** Undefined if nothing is kept in another region. */
  readonly copy: CopyStack | undefined;
  /** Undefined in a lean stage. */
  readonly guard: GuardStack | undefined;
  readonly gate: GateStack;
  readonly edge: EdgeStack;
}

const warn = (stack: Stack, id: string, text: string): void => Annotations.of(stack).addWarningV2(`aldergate:${id}`, text);

/** The placeholder domains in the initial `cdk.json` (RFC 2606). */
const EXAMPLE = /\.example>?$/;

/**
 * Returns the app, not yet synthesised: a stack of permanent resources, one in another region for what must survive the loss of the
 * first, one of replaceable resources, and two small ones in the region where CloudFront requires its firewalls and logs.
 */
export const gateApp = (props?: AppProps): GateApp => {
  const app = new App(props);
  const settings = settingsOf(app);
  // A tag for cost allocation: it separates the costs of two stages.
  Tags.of(app).add(STAGE_TAG, settings.stage);
  const nameOf = (part: string): string => `Aldergate-${settings.stage}-${part}`;
  // A table with a customer-managed key requires a region; the account can stay open.
  const env = { region: process.env.CDK_DEFAULT_REGION ?? 'us-west-2' };
  const edgeEnv = { region: EDGE_REGION };
  const signer = `${nameOf('Gate')}-sequencer`;
  const logKeys = ownLogKeysOf(settings);
  const records = new RecordsStack(app, nameOf('Records'), {
    env,
    signer,
    roles: `${nameOf('Gate')}-`,
    logKeys,
    logKeyArn: settings.logKeyArn,
    handoverBy: settings.handoverBy,
    settings,
  });
  const copyRegion = copyRegionOf(settings, env.region);
  const hasBucket = settings.copyTo === undefined;
  const copy =
    copyRegion !== undefined && (hasBucket || logKeys > 0)
      ? new CopyStack(app, nameOf('Copy'), {
          env: { region: copyRegion },
          records,
          signer,
          hasBucket,
          terminationProtection: settings.protect,
        })
      : undefined;
  const copyTo = copyPlaceOf(settings, { copy, region: copyRegion ?? env.region });
  const guard = settings.size === 'lean' ? undefined : new GuardStack(app, nameOf('Guard'), { env: edgeEnv });
  // Without a custom domain the address of the gate is its distribution's, and is lost with it.
  const terminationProtection = settings.protect && settings.domain === undefined;
  const gate = new GateStack(app, nameOf('Gate'), { env, settings, records, guard, copyTo, terminationProtection });
  // The reference is by the name of an output, so the CDK does not see it.
  if (copy !== undefined) gate.addStackDependency(copy);
  const edge = new EdgeStack(app, nameOf('Edge'), { env: edgeEnv, settings, gate, guard });
  if (!settings.protect)
    warn(
      records,
      'unprotected',
      `Nothing protects the stage ${settings.stage} from deletion. Deploy it again with --context protect=true, and keep that in cdk.json.`,
    );
  if (settings.alarmEmail === undefined) warn(gate, 'noAlarms', 'Alarms are sent to no address. Set alarmEmail.');
  if (EXAMPLE.test(settings.mailFrom)) warn(gate, 'noMail', `No mail can leave from ${settings.mailFrom}. Set mailFrom.`);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return { app, records, copy, guard, gate, edge };
};

// `cdk.json` runs this file: `cdk synth`, `cdk diff` and `cdk deploy` start here.
if (import.meta.main) gateApp().app.synth();
