import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

/** 43 characters of base64 hold 32 bytes. */
const KEY_CHARACTERS = 43;

/** A private key of the gate. AWS generates it at the first deployment. To move an existing gate to AWS, replace it with the old one. */
export class GateSecret extends Construct {
  readonly secret: Secret;

  constructor(scope: Construct, id: string, { purpose }: { readonly purpose: string }) {
    super(scope, id);
    this.secret = new Secret(this, 'Secret', {
      description: `Aldergate: ${purpose}`,
      generateSecretString: { passwordLength: KEY_CHARACTERS, excludePunctuation: true, requireEachIncludedType: false },
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(this.secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'A new key makes every link that was mailed, or every salt that was given, another: rotation is an act of the operator, described in docs/deploy.md.',
    });
  }
}
