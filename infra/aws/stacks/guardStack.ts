import { CrossStackReferences, ReferenceStrength, Stack, type StackProps } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { strictAreasOf } from '../../../functions/web/routes/table.ts';

/** The region of CloudFront's firewalls, metrics and logs, whatever the region of the gate. */
export const EDGE_REGION = 'us-east-1';

export class GuardStack extends Stack {
  readonly firewall: Firewall;

  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    this.firewall = new Firewall(this, 'Firewall');
    // CloudFormation reads the output of the stack itself: a strong reference across regions would need custom resources.
    CrossStackReferences.of(this.firewall.acl).produce(ReferenceStrength.WEAK);
  }
}

/**
 * The limit of requests from one address in five minutes. A city hall is one address: 50 systems that ask once a minute
 * make 250, and its staff also read pages.
 */
const FROM_ONE_ADDRESS = 3_000;
/** The same for the strict areas, where a request costs a signature check or could guess a link. */
const AT_THE_COUNTER = 300;

/**
 * The rules of AWS's managed list that inspect bodies. They count and do not block: a vendor's text about software can look like
 * an attack.
 */
const BODY_RULES = ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY'] as const;

type Statement = CfnWebACL.StatementProperty;

/** Decodes the path, as happens on its way to the functions. Resolving its dots only makes this match more paths. */
const inStrictAreas = (): Statement => ({
  regexMatchStatement: {
    fieldToMatch: { uriPath: {} },
    regexString: `^(?:${strictAreasOf()
      .join('|')
      .replaceAll(/\{\w+\}/g, '[^/]+')})(?:/|$)`,
    textTransformations: [
      { priority: 0, type: 'URL_DECODE' },
      { priority: 1, type: 'NORMALIZE_PATH' },
    ],
  },
});

const fromOneAddress = (limit: number, scopeDownStatement?: Statement): Statement => ({
  rateBasedStatement: {
    aggregateKeyType: 'IP',
    evaluationWindowSec: 300,
    limit,
    ...(scopeDownStatement && { scopeDownStatement }),
  },
});

const ofAws = (name: string, counted: readonly string[] = []): Statement => ({
  managedRuleGroupStatement: {
    vendorName: 'AWS',
    name,
    ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
  },
});

/** Keeps no samples: they are whole requests, and a path can be an official's link. Each rule is still counted. */
const visibleAs = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  cloudWatchMetricsEnabled: true,
  sampledRequestsEnabled: false,
  metricName,
});

const blocks = (name: string, priority: number, statement: Statement): CfnWebACL.RuleProperty => ({
  name,
  priority,
  statement,
  action: { block: {} },
  visibilityConfig: visibleAs(name),
});

const asListed = (name: string, priority: number, statement: Statement): CfnWebACL.RuleProperty => ({
  name,
  priority,
  statement,
  overrideAction: { none: {} },
  visibilityConfig: visibleAs(name),
});

/**
 * The firewall of CloudFront. It judges a request by its address, rate and path, never by its body: the city would never receive
 * a notice that a firewall dropped.
 */
export class Firewall extends Construct {
  readonly acl: CfnWebACL;
  readonly #metric: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#metric = Stack.of(this).stackName;
    this.acl = new CfnWebACL(this, 'Acl', {
      description: 'Aldergate',
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      rules: [
        blocks('FromOneAddress', 0, fromOneAddress(FROM_ONE_ADDRESS)),
        blocks('AtTheCounter', 1, fromOneAddress(AT_THE_COUNTER, inStrictAreas())),
        asListed('KnownForAttacks', 2, ofAws('AWSManagedRulesAmazonIpReputationList')),
        asListed('KnownBadInputs', 3, ofAws('AWSManagedRulesKnownBadInputsRuleSet', BODY_RULES)),
      ],
      visibilityConfig: visibleAs(this.#metric),
    });
  }

  blocked(options: MetricOptions): Metric {
    return new Metric({
      ...options,
      namespace: 'AWS/WAFV2',
      metricName: 'BlockedRequests',
      dimensionsMap: { WebACL: this.#metric, Rule: 'ALL' },
    });
  }
}
