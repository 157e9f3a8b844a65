import { ArnFormat, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { LOG_FOLDER, VKEY_PATH } from '../../../functions/handlers/runtime/environment.ts';
import { JUDGED_PATH } from '../../../functions/log/sequencer/judge.ts';
import { CHECKPOINT_PATH } from '../../../functions/log/sequencer/ports.ts';
import type { GateFunction } from './gateFunction.ts';

/**
 * The folders of immutable files, which CloudFront reads from the bucket: tiles with entry bundles. Not raw notices and documents:
 * the function that serves them checks whether an order withholds them.
 */
export const BUCKET_FOLDERS = ['tile'] as const;

/** A year, and time to review it. */
const KEPT_DAYS = 400;

interface KeptBucketProps {
  readonly lifecycleRules: readonly LifecycleRule[];
  /** The reason why reads are not logged. */
  readonly unlogged: string;
}

/** A private bucket, open only as its policy allows, versioned and retained. Overwritten and deleted files can be restored. */
export class KeptBucket extends Bucket {
  constructor(scope: Construct, id: string, { lifecycleRules, unlogged }: KeptBucketProps) {
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      lifecycleRules: [...lifecycleRules],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    // Without the policy a retained trail could no longer write.
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    Validations.of(this).acknowledge({ id: 'AwsSolutions-S1', reason: unlogged });
  }
}

/** Removes files and their noncurrent versions after `days` each. */
export const goneAfter = (days: number): LifecycleRule => ({
  expiration: Duration.days(days),
  noncurrentVersionExpiration: Duration.days(days),
});

/**
 * The days for which old versions of files that the sequencer replaces or removes are kept: checkpoints and partial tiles as long as
 * CloudTrail's record of writers; the judge's state, which can be rebuilt, only long enough to examine a fault.
 */
const OLD_VERSIONS_DAYS = [
  [CHECKPOINT_PATH, KEPT_DAYS],
  ['tile/', KEPT_DAYS],
  [JUDGED_PATH, 7],
] as const;

/** The files of the public log. They are read through CloudFront, never at the bucket's own address: one address, one origin. */
export class PublicLog extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new KeptBucket(this, 'Bucket', {
      lifecycleRules: OLD_VERSIONS_DAYS.map(([prefix, days]) => ({
        prefix: `${LOG_FOLDER}/${prefix}`,
        noncurrentVersionExpiration: Duration.days(days),
      })),
      unlogged: 'Everything in it is public and all its readers come through CloudFront, which logs them.',
    });
    this.#allowCloudFront();
  }

  /**
   * Lets every distribution of this account read the immutable files, which are public. The gate's own cannot be named, because it is
   * made after the bucket.
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

  /** Without the permission to list, S3 answers 403 for a missing file. */
  allowReading(target: GateFunction): void {
    this.#allow(target, ['s3:GetObject'], ['*']);
    target.allow(['s3:ListBucket'], [this.bucket.bucketArn]);
  }

  allowWriting(target: GateFunction): void {
    this.allowReading(target);
    this.#allow(target, ['s3:PutObject'], ['checkpoint', 'document/*', JUDGED_PATH, 'notice/*', 'tile/*', VKEY_PATH]);
    this.#allow(target, ['s3:DeleteObject'], ['tile/*']);
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

/**
 * CloudTrail's record of every write to the table of commits: caller, time and key, but not the content. By default CloudTrail records
 * no calls that read or write items, and the alarm about an altered commit could not name the caller.
 */
export class WriteTrail extends Construct {
  constructor(scope: Construct, id: string, { tableArn }: { readonly tableArn: string }) {
    super(scope, id);
    const bucket = new KeptBucket(this, 'Bucket', {
      lifecycleRules: [goneAfter(KEPT_DAYS)],
      unlogged:
        'It holds a log itself, whose files CloudTrail signs: one that was changed or removed is found (aws cloudtrail validate-logs).',
    });
    const cloudTrail = new ServicePrincipal('cloudtrail.amazonaws.com');
    bucket.addToResourcePolicy(
      new PolicyStatement({ principals: [cloudTrail], actions: ['s3:GetBucketAcl'], resources: [bucket.bucketArn] }),
    );
    bucket.addToResourcePolicy(
      new PolicyStatement({
        principals: [cloudTrail],
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`AWSLogs/${Stack.of(this).account}/*`)],
        conditions: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
      }),
    );
    const trail = new CfnTrail(this, 'Trail', {
      s3BucketName: bucket.bucketName,
      isLogging: true,
      enableLogFileValidation: true,
      isMultiRegionTrail: false,
      includeGlobalServiceEvents: false,
      advancedEventSelectors: [
        {
          name: 'Writes to the table of commits',
          fieldSelectors: [
            { field: 'eventCategory', equalTo: ['Data'] },
            { field: 'resources.type', equalTo: ['AWS::DynamoDB::Table'] },
            { field: 'resources.ARN', equalTo: [tableArn] },
            { field: 'readOnly', equalTo: ['false'] },
          ],
        },
      ],
    });
    trail.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    // CloudTrail tries to write when created.
    if (bucket.policy !== undefined) trail.node.addDependency(bucket.policy);
  }
}
