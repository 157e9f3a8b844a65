import { CrossStackReferences, Fn, ReferenceStrength, Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { LogKeyReplica } from '../constructs/keys.ts';
import { goneAfter, KeptBucket } from '../constructs/publicLog.ts';
import { type RecordsStack, writeOutputs } from './recordsStack.ts';

interface CopyStackProps extends StackProps {
  readonly records: RecordsStack;
  readonly signer: string;
  /** True if the copies go to a bucket of this stack. */
  readonly hasBucket: boolean;
}

/** Survives the loss of the gate's region: copies of its data, and replicas of the keys that sign its log. */
export class CopyStack extends Stack {
  /** The name of the bucket for stacks of other regions, read from this stack's output; undefined if there is no bucket. */
  readonly bucketName: string | undefined;

  constructor(scope: Construct, id: string, { records, signer, hasBucket, ...props }: CopyStackProps) {
    super(scope, id, props);
    // Through the outputs of the other stack: a strong reference across regions would need custom resources.
    CrossStackReferences.of(this).consume(ReferenceStrength.WEAK);
    const replicas = records.logKeys.map(({ node, key }) => new LogKeyReplica(this, node.id, { primary: key, signer }));
    const newest = replicas.at(-1);
    const bucket = hasBucket ? new CopyBucket(this, 'Copies').bucket : undefined;
    this.bucketName = bucket && Fn.getStackOutput(this.stackName, 'CopyBucket', this.region);
    writeOutputs(this, {
      ...(newest !== undefined && { LogKeyReplica: newest.key.attrArn }),
      ...(bucket !== undefined && { CopyBucket: bucket.bucketName }),
    });
  }
}

/** The same period as point-in-time recovery of the tables. Each copy holds the whole history, so older ones add nothing. */
const KEPT_DAYS = 35;

/** The copies of a gate, a folder for each day. Overwritten or deleted copies can be restored for the same period again. */
class CopyBucket extends Construct {
  readonly bucket: KeptBucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new KeptBucket(this, 'Bucket', {
      lifecycleRules: [goneAfter(KEPT_DAYS)],
      unlogged:
        'Its public part is public, its private part encrypted to a key that is not in the account; the gate may only add.',
    });
  }
}
