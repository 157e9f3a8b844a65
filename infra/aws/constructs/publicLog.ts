import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { VKEY_PATH } from '../../../functions/handlers/runtime/publicLog.ts';
import type { GateFunction } from './gateFunction.ts';

/** The files of the public log. They are read through CloudFront and not by the bucket's own address: one address, one origin. */
export class PublicLog extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // What a sequencer with a fault, or somebody else, wrote over or deleted can be seen and put back.
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Everything in it is public and all its readers come through CloudFront, which logs them.',
    });
  }

  /** To read a file that is not there is an answer only for who may list. */
  allowReading(target: GateFunction): void {
    this.#allow(target, ['s3:GetObject'], ['*']);
    target.allow(['s3:ListBucket'], [this.bucket.bucketArn]);
  }

  /** Deleting is for what was staged and for partial tiles that are outgrown. */
  allowWriting(target: GateFunction): void {
    this.allowReading(target);
    this.#allow(target, ['s3:PutObject'], ['checkpoint', 'staging/*', 'tile/*', VKEY_PATH]);
    this.#allow(target, ['s3:DeleteObject'], ['staging/*', 'tile/*']);
  }

  #allow(target: GateFunction, actions: readonly string[], files: readonly string[]): void {
    const { bucketArn } = this.bucket;
    target.allow(
      actions,
      files.map((file) => `${bucketArn}/${file}`),
    );
    const records = Stack.of(this);
    const { 'Fn::ImportValue': exported } = records.resolve(records.exportValue(bucketArn)) as { 'Fn::ImportValue': string };
    for (const file of files.filter((each) => each.endsWith('*')))
      Validations.of(target.role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${exported}/${file}]`,
        reason:
          'The files of the log are named by their place in it; this is all of one kind, in a bucket that holds nothing else.',
      });
  }
}
