import { CrossStackReferences, Fn, ReferenceStrength, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CopyBucket } from '../constructs/copyBucket.ts';
import { LogKeyReplica } from '../constructs/logKey.ts';
import { writeOutputs } from '../constructs/outputs.ts';
import type { RecordsStack } from './recordsStack.ts';

export interface CopyStackProps extends StackProps {
  readonly records: RecordsStack;
  readonly signer: string;
  /** Whether the copies go to a bucket of this stack. */
  readonly hasBucket: boolean;
}

/** What survives the loss of the gate's region: copies of what it holds, and replicas of the keys that sign its log. */
export class CopyStack extends Stack {
  /** The name of the bucket as stacks of other regions get it, from this stack's output; undefined if there is no bucket. */
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
