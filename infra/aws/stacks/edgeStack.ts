import { CrossStackReferences, ReferenceStrength, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { edgeAlarms, Incidents, Watch, watchSpending } from '../constructs/alarms.ts';
import { EdgeLog } from '../constructs/edge.ts';
import type { DeploymentSettings } from '../settings.ts';
import type { GateStack } from './gateStack.ts';
import type { GuardStack } from './guardStack.ts';

interface EdgeStackProps extends StackProps {
  readonly settings: Pick<DeploymentSettings, 'alarmEmail' | 'budgetUsd' | 'size' | 'stage'>;
  readonly gate: GateStack;
  readonly guard: GuardStack | undefined;
}

/** Alarms and logs of CloudFront, in the region of its metrics and logs. */
export class EdgeStack extends Stack {
  constructor(scope: Construct, id: string, { settings, gate, guard, ...props }: EdgeStackProps) {
    super(scope, id, props);
    // Through the outputs of the gate's stack: a strong reference across regions would need custom resources.
    CrossStackReferences.of(this).consume(ReferenceStrength.WEAK);
    const { distribution } = gate.frontDoor.edge;
    new EdgeLog(this, 'AccessLog', { distribution });
    const publishers = ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com'];
    const topic = new Incidents(this, 'Incidents', { email: settings.alarmEmail, publishers });
    edgeAlarms(new Watch(this, 'Watch', { topic, settings }), distribution, guard?.firewall);
    watchSpending(this, 'Budget', { limit: settings.budgetUsd, topic, stage: settings.stage });
  }
}
