import { Duration } from 'aws-cdk-lib';
import { EventBus as Bus, type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Pattern } from '../../../functions/platform/bus/pattern.ts';
import { SOURCE } from '../../../functions/reactions/relay/catalogue.ts';
import { DeadLetterQueue } from './deadLetterQueue.ts';
import type { GateFunction } from './gateFunction.ts';

/** How long the archive keeps events; the commits, from which they can be made again, are kept for ever. */
const ARCHIVE_DAYS = 400;
/** A nudge that could not be delivered for so long has been overtaken by a hundred sweeps. */
const EVENT_AGE_HOURS = 2;

/** The functions' patterns in the spelling of the CDK, whose type is of arrays that can be written to. */
const patternOf = ({ source, 'detail-type': detailType, detail }: Pattern): EventPattern =>
  ({ source, detailType, detail }) as unknown as EventPattern;

/** The bus on which every event leaves the house, with an archive and a queue for what could not be delivered. */
export class EventBus extends Construct {
  readonly bus: Bus;
  readonly undelivered: DeadLetterQueue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bus = new Bus(this, 'Bus', { description: 'Aldergate: events of features, policies, rosters and vendors' });
    this.bus.archive('Archive', {
      description: 'Aldergate: every event',
      eventPattern: { source: [SOURCE] },
      retention: Duration.days(ARCHIVE_DAYS),
    });
    this.undelivered = new DeadLetterQueue(this, 'Undelivered');
  }

  /** A function looks when an event matches. */
  nudge(id: string, pattern: Pattern, target: GateFunction): void {
    new Rule(this, id, { eventBus: this.bus, eventPattern: patternOf(pattern), targets: [this.#lambda(target)] });
  }

  /** A function is told when an event matches that a service of AWS put on the account's own bus. */
  tellOfAccount(id: string, eventPattern: EventPattern, target: GateFunction): void {
    new Rule(this, id, { eventPattern, targets: [this.#lambda(target)] });
  }

  #lambda({ lambda }: GateFunction): LambdaFunction {
    return new LambdaFunction(lambda, {
      deadLetterQueue: this.undelivered,
      maxEventAge: Duration.hours(EVENT_AGE_HOURS),
      retryAttempts: 10,
    });
  }

  /** People are told when an event matches. */
  tell(id: string, pattern: Pattern, topic: ITopic): void {
    const target = new SnsTopic(topic, { deadLetterQueue: this.undelivered });
    new Rule(this, id, { eventBus: this.bus, eventPattern: patternOf(pattern), targets: [target] });
  }

  /** Lets a function publish here and nowhere else. */
  allowPublishing(target: GateFunction): void {
    target.allow(['events:PutEvents'], [this.bus.eventBusArn]);
  }
}
