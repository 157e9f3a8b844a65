import { CrossStackReferences, ReferenceStrength, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { EdgeLog } from '../constructs/edgeLog.ts';
import type { GateStack } from './gateStack.ts';

export interface EdgeStackProps extends StackProps {
  readonly gate: GateStack;
}

/** What watches the door from where CloudFront counts and writes. Comes after the gate, and nothing depends on it. */
export class EdgeStack extends Stack {
  constructor(scope: Construct, id: string, { gate, ...props }: EdgeStackProps) {
    super(scope, id, props);
    // Through the outputs of the gate's stack: a strong reference across regions would need functions that carry it.
    CrossStackReferences.of(this).consume(ReferenceStrength.WEAK);
    new EdgeLog(this, 'AccessLog', { distribution: gate.door.edge.distribution });
  }
}
