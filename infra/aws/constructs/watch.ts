import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Dashboard, GraphWidget, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FrontDoor } from './frontDoor.ts';
import type { GateFunction } from './gateFunction.ts';

const PERIOD = Duration.minutes(5);
/** A reader of the stream that is so far behind has lost its nudges for several sweeps. */
const BEHIND_MS_MAX = 5 * 60_000;

/** Lines of the log that somebody has to see, by the function that writes them. */
const WORRIES = {
  tampered: 'store tampered',
  parked: 'commit parked',
  unmet: 'requirement cannot be met',
  unreached: 'no mail address',
  unticked: 'clock could not tick',
  withheld: 'stream is kept out of the public log',
} as const;

/** Alarms and a dashboard for whoever runs the gate. */
export class Watch extends Construct {
  readonly #topic: ITopic;
  readonly #dashboard: Dashboard;

  constructor(scope: Construct, id: string, { topic }: { readonly topic: ITopic }) {
    super(scope, id);
    this.#topic = topic;
    this.#dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.days(1) });
  }

  /** An alarm when a metric is above a number in one period. */
  above(id: string, metric: IMetric, most: number, means: string): void {
    const alarm = new Alarm(this, id, {
      metric,
      threshold: most,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: means,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    this.#dashboard.addWidgets(new GraphWidget({ title: id, left: [metric], width: 8, height: 5 }));
  }

  function(name: string, { lambda }: GateFunction): void {
    const metric = lambda.metricErrors({ period: PERIOD, statistic: 'Sum' });
    this.above(`${name} errors`, metric, 0, `the function ${name} ended with an error; its log says why`);
  }

  reader(name: string, { lambda }: GateFunction): void {
    const metric = lambda.metric('IteratorAge', { period: PERIOD, statistic: 'Maximum' });
    this.above(`${name} is behind, in ms`, metric, BEHIND_MS_MAX, `${name} does not keep up with the stream of commits`);
  }

  queue(name: string, queue: IQueue): void {
    const metric = queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' });
    this.above(`${name} in the queue`, metric, 0, `${name}: AWS gave something up; the sweep should have healed it, look why`);
  }

  worry(worry: keyof typeof WORRIES, { node, logGroup }: GateFunction): void {
    const title = `${node.id} ${worry}`;
    const filter = new MetricFilter(this, `Lines ${title}`, {
      logGroup,
      filterPattern: FilterPattern.stringValue('$.event', '=', WORRIES[worry]),
      metricNamespace: 'Aldergate',
      metricName: `${node.path}/${worry}`.replaceAll(/[^A-Za-z0-9/]/g, '-'),
    });
    this.above(title, filter.metric({ period: PERIOD, statistic: 'Sum' }), 0, `the log says: ${WORRIES[worry]}`);
  }

  door({ stage }: FrontDoor): void {
    this.above('5xx', stage.metricServerError({ period: PERIOD, statistic: 'Sum' }), 0, 'somebody was answered with a 5xx');
    this.above('latency, p99 in ms', stage.metricLatency({ period: PERIOD, statistic: 'p99' }), 5_000, 'answers take seconds');
  }
}
