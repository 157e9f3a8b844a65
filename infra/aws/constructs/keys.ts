import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccountRootPrincipal, AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnReplicaKey, type IKey, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { GateFunction } from './gateFunction.ts';

/** `signer`: the name of the sequencer's role. */
interface LogKeyProps {
  readonly signer: string;
  readonly handoverBy?: string | undefined;
}

/**
 * Denies signing to every principal but the sequencer's role and `handoverBy`, whatever other policies allow. An administrator of the
 * account could still change it, but CloudTrail records that.
 */
const onlySigners = (stack: Stack, { signer, handoverBy }: LogKeyProps): PolicyStatement => {
  const sequencer = `arn:${stack.partition}:iam::${stack.account}:role/${signer}`;
  return new PolicyStatement({
    sid: 'OnlyTheSequencerSigns',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['kms:Sign'],
    // The policy belongs to this one key.
    resources: ['*'],
    conditions: { ArnNotLike: { 'aws:PrincipalArn': handoverBy === undefined ? sequencer : [sequencer, handoverBy] } },
  });
};

/**
 * The key that signs the public log. It is made in KMS and never leaves it, and no deployment deletes it. It is a multi-Region key from the
 * start: KMS cannot convert a single-Region key later.
 */
export class LogKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, props: LogKeyProps) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      description: 'Aldergate: signs the public log',
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      multiRegion: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.key.addToResourcePolicy(onlySigners(Stack.of(this), props));
  }
}

interface LogKeyReplicaProps extends LogKeyProps {
  readonly primary: IKey;
}

/**
 * A replica of a log's key, in case the region of the primary is lost. It is the same key under a separate policy, which lets the same
 * sequencer sign; the operator replaces that policy when another stage takes over (docs/deploy.md).
 */
export class LogKeyReplica extends Construct {
  readonly key: CfnReplicaKey;

  constructor(scope: Construct, id: string, { primary, ...props }: LogKeyReplicaProps) {
    super(scope, id);
    const administrated = new PolicyStatement({
      principals: [new AccountRootPrincipal()],
      actions: ['kms:*'],
      resources: ['*'],
    });
    this.key = new CfnReplicaKey(this, 'Key', {
      description: 'Aldergate: signs the public log once the region of its primary is lost',
      primaryKeyArn: primary.keyArn,
      keyPolicy: new PolicyDocument({ statements: [administrated, onlySigners(Stack.of(this), props)] }),
    });
    this.key.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }
}

/** Allows a function to sign with exactly this key, using only the algorithm that the log's verifiers accept. */
export const allowSigning = (target: GateFunction, keyArn: string): void => {
  target.allow(['kms:GetPublicKey'], [keyArn]);
  target.allow(['kms:Sign'], [keyArn], {
    StringEquals: { 'kms:MessageType': 'RAW', 'kms:SigningAlgorithm': 'ED25519_SHA_512' },
  });
};

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
