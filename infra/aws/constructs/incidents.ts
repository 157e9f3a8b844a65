import { Stack, Validations } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

export interface IncidentsProps {
  /** The address that is notified; without one the topic has no subscriber. */
  readonly email: string | undefined;
  /** The services of AWS that publish to the topic. */
  readonly publishers: readonly string[];
}

/** The topic that notifies the operators of incidents. */
export class Incidents extends Topic {
  constructor(scope: Construct, id: string, { email, publishers }: IncidentsProps) {
    super(scope, id, { displayName: 'Aldergate', enforceSSL: true });
    // A policy of its own replaces the default policy, which would allow the services of the account.
    // For this account only: the topic's name is no secret, and the services act for every account.
    const { partition, account } = Stack.of(this);
    for (const publisher of publishers) {
      const [service] = publisher.split('.');
      const conditions = { ArnLike: { 'aws:SourceArn': `arn:${partition}:${service}:*:${account}:*` } };
      this.grantPublish(new ServicePrincipal(publisher, { conditions }));
    }
    if (email === undefined) return;
    Validations.of(this.addSubscription(new EmailSubscription(email))).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason: 'SNS tries a mail for hours; the alarm stays red in the console and on the dashboard whether the mail came or not.',
    });
  }
}
