import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** As long as the tables can be restored to any second. Each copy holds the whole history, so older ones add nothing to it. */
const KEPT_DAYS = 35;

/** The copies of a gate, a folder for each day. What is overwritten or deleted can be restored for as long again. */
export class CopyBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [{ expiration: Duration.days(KEPT_DAYS), noncurrentVersionExpiration: Duration.days(KEPT_DAYS) }],
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Its public part is public, its private part encrypted to a key that is not in the account; the gate may only add.',
    });
  }
}
