import { CrossStackReferences, ReferenceStrength, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Firewall } from '../constructs/firewall.ts';

/** Where CloudFront's firewalls, counts and logs live, whatever region the gate is in. */
export const EDGE_REGION = 'us-east-1';

/** The firewall, before the gate: CloudFront takes one from {@link EDGE_REGION} only. */
export class GuardStack extends Stack {
  readonly firewall: Firewall;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    this.firewall = new Firewall(this, 'Firewall');
    // Read from the stack's output by CloudFormation itself: a strong reference across regions would need functions that do it.
    CrossStackReferences.of(this.firewall.acl).produce(ReferenceStrength.WEAK);
  }
}
