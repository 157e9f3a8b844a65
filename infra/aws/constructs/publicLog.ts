import { ArnFormat, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { LOG_FOLDER, VKEY_PATH } from '../../../functions/handlers/runtime/publicLog.ts';
import { JUDGED_PATH } from '../../../functions/log/sequencer/judge.ts';
import type { GateFunction } from './gateFunction.ts';

/**
 * The folders of files that never change, which CloudFront reads from the bucket: tiles with entry bundles. Not raw notices and documents:
 * the function that serves them asks whether an order withholds them.
 */
export const BUCKET_FOLDERS = ['tile'] as const;

/** The files of the public log. They are read through CloudFront and not by the bucket's own address: one address, one origin. */
export class PublicLog extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // What a faulty sequencer or an intruder overwrites or deletes stays visible and can be restored.
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.#allowCloudFront();
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Everything in it is public and all its readers come through CloudFront, which logs them.',
    });
  }

  /**
   * Lets the distributions of this account read what never changes. The distribution of the gate cannot be named: it is made after the
   * bucket, and everything in here is public.
   */
  #allowCloudFront(): void {
    const stack = Stack.of(this);
    const distributions = stack.formatArn({
      service: 'cloudfront',
      region: '',
      resource: 'distribution',
      resourceName: '*',
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'CloudFrontReadsFilesOfTheLog',
        principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
        actions: ['s3:GetObject'],
        resources: BUCKET_FOLDERS.map((folder) => this.bucket.arnForObjects(`${LOG_FOLDER}/${folder}/*`)),
        conditions: { ArnLike: { 'aws:SourceArn': distributions } },
      }),
    );
  }

  /** Allows a function to read. Without the permission to list, S3 answers 403 for a missing file. */
  allowReading(target: GateFunction): void {
    this.#allow(target, ['s3:GetObject'], ['*']);
    target.allow(['s3:ListBucket'], [this.bucket.bucketArn]);
  }

  /** Allows a function to write, and to delete staged entries and partial tiles that a full one has replaced. */
  allowWriting(target: GateFunction): void {
    this.allowReading(target);
    this.#allow(
      target,
      ['s3:PutObject'],
      ['checkpoint', 'document/*', JUDGED_PATH, 'notice/*', 'staging/*', 'tile/*', VKEY_PATH],
    );
    this.#allow(target, ['s3:DeleteObject'], ['staging/*', 'tile/*']);
  }

  #allow(target: GateFunction, actions: readonly string[], files: readonly string[]): void {
    const { bucketArn } = this.bucket;
    target.allow(
      actions,
      files.map((file) => `${bucketArn}/${LOG_FOLDER}/${file}`),
    );
    const records = Stack.of(this);
    const { 'Fn::ImportValue': exported } = records.resolve(records.exportValue(bucketArn)) as { 'Fn::ImportValue': string };
    for (const file of files.filter((each) => each.endsWith('*')))
      Validations.of(target.role).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${exported}/${LOG_FOLDER}/${file}]`,
        reason:
          'The files of the log are named by their place in it; this is all of one kind, in a bucket that holds nothing else.',
      });
  }
}
