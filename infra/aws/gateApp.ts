import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { settingsOf } from './settings.ts';
import { GateStack } from './stacks/gateStack.ts';
import { RecordsStack } from './stacks/recordsStack.ts';

export interface GateApp {
  readonly app: App;
  readonly records: RecordsStack;
  readonly gate: GateStack;
}

/** The app, not yet synthesised: what is kept for ever in one stack, what can be replaced at any time in another. */
export const gateApp = (props?: AppProps): GateApp => {
  const app = new App(props);
  const settings = settingsOf(app);
  // A table with a key of its own wants to know its region; any account will do.
  const env = { region: process.env.CDK_DEFAULT_REGION ?? 'us-west-2' };
  const records = new RecordsStack(app, `Aldergate-${settings.stage}-Records`, { env, terminationProtection: true });
  const gate = new GateStack(app, `Aldergate-${settings.stage}-Gate`, { env, settings, records });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { app, records, gate };
};
