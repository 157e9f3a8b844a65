import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './deadLetterQueue.ts';
import type { GateFunction } from './gateFunction.ts';
import type { CommitsTable } from './tables.ts';

/**
 * A batch that keeps failing is halved until the failing record is alone. That goes to the dead-letter queue, and the sweep takes
 * over.
 */
const RETRIES = 10;
const BATCH = 100;
const RECORD_AGE_HOURS = 6;

export interface StreamConsumerProps {
  readonly consumer: GateFunction;
  readonly commits: CommitsTable;
  /** Patterns of records; one that matches any of them is delivered. */
  readonly only: readonly Record<string, unknown>[];
}

/** Invokes a function by the stream of the commits table. A stream serves two readers well and no more. */
export class StreamConsumer extends Construct {
  readonly setAside: DeadLetterQueue;

  constructor(scope: Construct, id: string, { consumer, commits, only }: StreamConsumerProps) {
    super(scope, id);
    this.setAside = new DeadLetterQueue(this, 'SetAside');
    consumer.allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      [commits.streamArn],
    );
    consumer.allow(['sqs:SendMessage'], [this.setAside.queueArn]);
    const mapping = new EventSourceMapping(this, 'Mapping', {
      target: consumer.lambda,
      eventSourceArn: commits.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: BATCH,
      bisectBatchOnError: true,
      retryAttempts: RETRIES,
      maxRecordAge: Duration.hours(RECORD_AGE_HOURS),
      reportBatchItemFailures: true,
      onFailure: { bind: () => ({ destination: this.setAside.queueArn }) },
      filters: only.map((pattern) => FilterCriteria.filter(pattern)),
    });
    // AWS rejects the mapping until the role may read the stream.
    mapping.node.addDependency(consumer.role);
  }
}
