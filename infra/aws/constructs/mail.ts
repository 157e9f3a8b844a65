import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { EventBus as Bus, type EventPattern } from 'aws-cdk-lib/aws-events';
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';
import type { DeploymentSettings } from '../settings.ts';
import type { EventBus } from './consumers.ts';
import type { GateFunction } from './gateFunction.ts';

interface MailProps {
  readonly from: string;
  readonly identity: DeploymentSettings['mailIdentity'];
}

const RETURNED = ['Bounce', 'Complaint', 'Reject'];

const addressOf = (from: string): string => from.slice(from.lastIndexOf('<') + 1).replace(/>$/, '');
const domainOf = (from: string): string => from.slice(from.lastIndexOf('@') + 1).replace(/>$/, '');

/**
 * The city's mail identity at SES, and the configuration set that reports returned mails. The city sets the DNS records that
 * prove the domain.
 */
export class Mail extends Construct {
  /** The ARNs of the identity. An existing identity may be the domain or the address, so both are listed. */
  readonly #identities: readonly string[];
  readonly configuration: ConfigurationSet;
  readonly #from: string;

  constructor(scope: Construct, id: string, { from, identity }: MailProps) {
    super(scope, id);
    this.#from = addressOf(from);
    this.configuration = new ConfigurationSet(this, 'Configuration', {
      configurationSetName: Stack.of(this).stackName,
      reputationMetrics: true,
      // A link that decides never travels unencrypted. A mail to a server without TLS bounces, which is reported.
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    });
    this.configuration.addEventDestination('Returned', {
      configurationSetEventDestinationName: 'Returned',
      // SES publishes to the account's default bus only.
      destination: EventDestination.eventBus(Bus.fromEventBusName(this, 'Default', 'default')),
      events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT, EmailSendingEvent.REJECT],
    });
    this.#identities =
      identity === 'existing'
        ? [domainOf(from), addressOf(from)].map((resourceName) =>
            Stack.of(this).formatArn({ service: 'ses', resource: 'identity', resourceName }),
          )
        : [
            this.#verified(identity === 'domain' ? Identity.domain(domainOf(from)) : Identity.email(addressOf(from)))
              .emailIdentityArn,
          ];
  }

  #verified(identity: Identity): EmailIdentity {
    const verified = new EmailIdentity(this, 'Domain', { identity });
    // An account has one identity per name: another stage, such as a restored one, sends through it too.
    verified.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    return verified;
  }

  allowSending(target: GateFunction): void {
    const { stack, configurationSetName } = this.configuration;
    target.allow(
      ['ses:SendEmail', 'ses:SendRawEmail'],
      [
        ...this.#identities,
        stack.formatArn({ service: 'ses', resource: 'configuration-set', resourceName: configurationSetName }),
      ],
      // An identity can be a whole domain: without this a function could send mail as anyone in it.
      { StringEquals: { 'ses:FromAddress': this.#from } },
    );
  }

  reportReturned(target: GateFunction, bus: EventBus): void {
    const { configurationSetName } = this.configuration;
    const pattern: EventPattern = {
      source: ['aws.ses'],
      detail: { eventType: RETURNED, mail: { tags: { 'ses:configuration-set': [configurationSetName] } } },
    };
    bus.onAccountEvent('Returned', pattern, target);
  }
}
