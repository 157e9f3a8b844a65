import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';

/**
 * Requests in five minutes that one address of the internet may make. A city hall is one such address: 50 systems that ask once a
 * minute are 250, and everybody's pages come on top.
 */
const FROM_ONE_ADDRESS = 3_000;
/** The same where a request costs a signature's check or could guess at a link: people and vendors make some ten. */
const AT_THE_COUNTER = 300;

/** The rules of AWS's list that read bodies. They are counted and let through: what vendors write about software looks like this. */
const BODY_RULES = ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY'] as const;

type Statement = CfnWebACL.StatementProperty;

const startsWith = (searchString: string): Statement => ({
  byteMatchStatement: {
    fieldToMatch: { uriPath: {} },
    positionalConstraint: 'STARTS_WITH',
    searchString,
    textTransformations: [{ priority: 0, type: 'NONE' }],
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

/** No samples: they are whole requests, and a path can be an official's link. The counts say which rule it was. */
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

/** The name under which WAF counts what the whole firewall did. */
const METRIC = 'Aldergate';

/**
 * What CloudFront asks before it takes a request. It looks at who asks, how often and for which path, never at what a body says: a
 * vendor's words are data here, and a notice that a firewall cut would be one that the city never heard.
 */
export class Firewall extends Construct {
  readonly acl: CfnWebACL;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.acl = new CfnWebACL(this, 'Acl', {
      description: 'Aldergate',
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      rules: [
        blocks('FromOneAddress', 0, fromOneAddress(FROM_ONE_ADDRESS)),
        blocks(
          'AtTheCounter',
          1,
          fromOneAddress(AT_THE_COUNTER, { orStatement: { statements: [startsWith('/d/'), startsWith('/v1/notices')] } }),
        ),
        asListed('KnownForAttacks', 2, ofAws('AWSManagedRulesAmazonIpReputationList')),
        asListed('KnownBadInputs', 3, ofAws('AWSManagedRulesKnownBadInputsRuleSet', BODY_RULES)),
      ],
      visibilityConfig: visibleAs(METRIC),
    });
  }

  /** Requests that were refused. */
  blocked(options: MetricOptions): Metric {
    return new Metric({
      ...options,
      namespace: 'AWS/WAFV2',
      metricName: 'BlockedRequests',
      dimensionsMap: { WebACL: METRIC, Rule: 'ALL' },
    });
  }
}
