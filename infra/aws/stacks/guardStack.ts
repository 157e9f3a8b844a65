import { CrossStackReferences, ReferenceStrength, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Firewall } from '../constructs/firewall.ts';

/** The region of CloudFront's firewalls, metrics and logs, whatever the region of the gate. */
export const EDGE_REGION = 'us-east-1';

export class GuardStack extends Stack {
  readonly firewall: Firewall;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    this.firewall = new Firewall(this, 'Firewall');
    // CloudFormation reads the output of the stack itself: a strong reference across regions would need custom resources.
    CrossStackReferences.of(this.firewall.acl).produce(ReferenceStrength.WEAK);
  }
}
