import { ConfigurationSet, EmailIdentity, EmailSendingEvent, EventDestination, Identity } from 'aws-cdk-lib/aws-ses';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { GateFunction } from './gateFunction.ts';

export interface MailProps {
  /** The sender, with or without a name: `Aldergate <aldergate@city.example>`. */
  readonly from: string;
  /** Who hears of mails that did not arrive: an official who was not reached does not decide. */
  readonly bounces: ITopic;
}

const domainOf = (from: string): string => from.slice(from.lastIndexOf('@') + 1).replace(/>$/, '');

/** The city's mail domain at SES, and what watches the mails. The records that prove the domain are set by whoever runs its DNS. */
export class Mail extends Construct {
  readonly identity: EmailIdentity;
  readonly configuration: ConfigurationSet;

  constructor(scope: Construct, id: string, { from, bounces }: MailProps) {
    super(scope, id);
    this.configuration = new ConfigurationSet(this, 'Configuration', { reputationMetrics: true });
    this.configuration.addEventDestination('Bounces', {
      destination: EventDestination.snsTopic(bounces),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT, EmailSendingEvent.REJECT],
    });
    this.identity = new EmailIdentity(this, 'Domain', { identity: Identity.domain(domainOf(from)) });
  }

  /** Lets a function send in the city's name. */
  allowSending(target: GateFunction): void {
    const { stack } = this.configuration;
    target.allow(
      ['ses:SendEmail', 'ses:SendRawEmail'],
      [
        this.identity.emailIdentityArn,
        stack.formatArn({ service: 'ses', resource: 'configuration-set', resourceName: this.configuration.configurationSetName }),
      ],
    );
  }
}
