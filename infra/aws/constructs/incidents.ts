import { Validations } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

export interface IncidentsProps {
  /** Who is told; absent: nobody yet. */
  readonly email: string | undefined;
  /** The services of AWS that tell. */
  readonly tellers: readonly string[];
}

/** Where the people who run the gate hear of incidents. */
export class Incidents extends Topic {
  constructor(scope: Construct, id: string, { email, tellers }: IncidentsProps) {
    super(scope, id, { displayName: 'Aldergate', enforceSSL: true });
    // A topic with a policy of its own has lost the one that lets the account's services in.
    for (const teller of tellers) this.grantPublish(new ServicePrincipal(teller));
    if (email === undefined) return;
    Validations.of(this.addSubscription(new EmailSubscription(email))).acknowledge({
      id: 'Serverless-SNSRedrivePolicy',
      reason: 'SNS tries a mail for hours; the alarm stays red in the console and on the dashboard whether the mail came or not.',
    });
  }
}
