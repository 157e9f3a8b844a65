import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { GateFunction } from './gateFunction.ts';

export interface LogKeyProps {
  readonly signer: string;
  readonly handoverBy: string | undefined;
}

/** The key that signs the public log. It is made in KMS and never leaves it, and no deployment deletes it. */
export class LogKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, { signer, handoverBy }: LogKeyProps) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: 'Aldergate: signs the public log',
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const { partition, account } = Stack.of(this);
    const sequencer = `arn:${partition}:iam::${account}:role/${signer}*`;
    // An administrator of the account could still change this policy, but CloudTrail records that.
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyTheSequencerSigns',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['kms:Sign'],
        // The policy belongs to this one key.
        resources: ['*'],
        conditions: { ArnNotLike: { 'aws:PrincipalArn': handoverBy === undefined ? sequencer : [sequencer, handoverBy] } },
      }),
    );
  }

  allowSigning(target: GateFunction): void {
    target.allow(['kms:GetPublicKey'], [this.key.keyArn]);
    target.allow(['kms:Sign'], [this.key.keyArn], {
      StringEquals: { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ED25519_SHA_512' },
    });
  }
}
