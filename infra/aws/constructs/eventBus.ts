import { Duration } from 'aws-cdk-lib';
import { EventBus as Bus, type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Pattern } from '../../../functions/platform/bus/port.ts';
import { DeadLetterQueue } from './deadLetterQueue.ts';
import type { GateFunction } from './gateFunction.ts';

/** How long AWS retries a nudge. The sweeps have done its work long before. */
const EVENT_AGE_HOURS = 2;

const patternOf = ({ source, 'detail-type': detailType, detail }: Pattern): EventPattern =>
  ({ source, detailType, detail }) as unknown as EventPattern;

/** The bus on which every event is published, with a queue for what could not be delivered. Events can be made again from the commits. */
export class EventBus extends Construct {
  readonly bus: Bus;
  readonly undelivered: DeadLetterQueue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bus = new Bus(this, 'Bus', { description: 'Aldergate: events of features, policies, rosters and vendors' });
    this.undelivered = new DeadLetterQueue(this, 'Undelivered');
  }

  nudge(id: string, pattern: Pattern, target: GateFunction): void {
    new Rule(this, id, { eventBus: this.bus, eventPattern: patternOf(pattern), targets: [this.#lambda(target)] });
  }

  onAccountEvent(id: string, eventPattern: EventPattern, target: GateFunction): void {
    new Rule(this, id, { eventPattern, targets: [this.#lambda(target)] });
  }

  #lambda({ lambda }: GateFunction): LambdaFunction {
    return new LambdaFunction(lambda, {
      deadLetterQueue: this.undelivered,
      maxEventAge: Duration.hours(EVENT_AGE_HOURS),
      retryAttempts: 10,
    });
  }

  notify(id: string, pattern: Pattern, topic: ITopic): void {
    const target = new SnsTopic(topic, { deadLetterQueue: this.undelivered });
    new Rule(this, id, { eventBus: this.bus, eventPattern: patternOf(pattern), targets: [target] });
  }

  allowPublishing(target: GateFunction): void {
    target.allow(['events:PutEvents'], [this.bus.eventBusArn]);
  }
}
