import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { settingsOf } from './settings.ts';
import { EdgeStack } from './stacks/edgeStack.ts';
import { GateStack } from './stacks/gateStack.ts';
import { EDGE_REGION, GuardStack } from './stacks/guardStack.ts';
import { RecordsStack } from './stacks/recordsStack.ts';

export interface GateApp {
  readonly app: App;
  readonly records: RecordsStack;
  readonly guard: GuardStack;
  readonly gate: GateStack;
  readonly edge: EdgeStack;
}

/**
 * Returns the app, not yet synthesised: a stack with what is kept for ever, one with what can be replaced at any time, and two
 * small ones in the region where the firewalls and logs of CloudFront have to be.
 */
export const gateApp = (props?: AppProps): GateApp => {
  const app = new App(props);
  const settings = settingsOf(app);
  const nameOf = (part: string): string => `Aldergate-${settings.stage}-${part}`;
  // A table with a customer-managed key requires a region; the account can stay open.
  const env = { region: process.env.CDK_DEFAULT_REGION ?? 'us-west-2' };
  const edgeEnv = { region: EDGE_REGION };
  const signer = `${nameOf('Gate')}-sequencerRole`;
  const records = new RecordsStack(app, nameOf('Records'), {
    env,
    signer,
    logKey: settings.logKey,
    handoverBy: settings.handoverBy,
    terminationProtection: true,
  });
  const guard = new GuardStack(app, nameOf('Guard'), { env: edgeEnv });
  // Without a domain of its own the address of the gate is its distribution's, and is lost with that.
  const terminationProtection = settings.domain === undefined;
  const gate = new GateStack(app, nameOf('Gate'), { env, settings, records, guard, terminationProtection });
  const edge = new EdgeStack(app, nameOf('Edge'), { env: edgeEnv, settings, gate, guard });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return { app, records, guard, gate, edge };
};
