import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { CommitsTable } from './commitsTable.ts';
import { DeadLetterQueue } from './deadLetterQueue.ts';
import type { GateFunction } from './gateFunction.ts';

/** A batch that fails so often is halved until the record that fails is alone; then it is set aside and the sweep takes over. */
const RETRIES = 10;
const BATCH = 100;
const RECORD_AGE_HOURS = 6;

export interface StreamConsumerProps {
  readonly consumer: GateFunction;
  readonly commits: CommitsTable;
  /** Only records that match are delivered; absent: all, also those of tampering. */
  readonly only?: Record<string, unknown>;
}

/** A function that is nudged by the stream of the commits. A stream bears two such readers. */
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
      ...(only && { filters: [FilterCriteria.filter(only)] }),
    });
    // The mapping is refused when the role may not read the stream yet.
    mapping.node.addDependency(consumer.role);
  }
}
