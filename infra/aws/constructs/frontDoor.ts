import { CfnOutput, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type CfnStage, HttpApi, HttpNoneAuthorizer, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { APPS, type App, appOf, leadsOf, ROUTES, type RouteTable } from '../../../functions/web/routes/table.ts';
import { Edge, type EdgeProps, hostOf } from './edge.ts';
import type { GateFunction } from './gateFunction.ts';

/** Requests a second, and at once, that a route takes from all the world together when nothing else is said. */
const THROTTLE = { rateLimit: 100, burstLimit: 200 };

const limits = (perSecond: number, atOnce: number) => ({ ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: atOnce });
/**
 * A flood of one kind takes nothing from the others: an official decides while somebody hammers the register, and IT has its answers
 * while somebody posts notices. A vendor posts some a month; officials are some twenty; a city's systems ask some ten times a second.
 */
const ROUTE_THROTTLES = {
  'ANY /v1/notices': limits(20, 50),
  'ANY /d/{proxy+}': limits(20, 50),
  'ANY /ofrep/{proxy+}': limits(200, 400),
  'ANY /log/{proxy+}': limits(200, 400),
} as const;

/** No path and no address of a reader: a path can hold an official's link. */
const ACCESS_LOG = JSON.stringify({
  requestId: '$context.requestId',
  at: '$context.requestTimeEpoch',
  route: '$context.routeKey',
  method: '$context.httpMethod',
  status: '$context.status',
  ms: '$context.responseLatency',
  bytes: '$context.responseLength',
  error: '$context.integrationErrorMessage',
});

export interface FrontDoorProps extends Pick<EdgeProps, 'originSecret' | 'logFiles' | 'webAclArn' | 'settings'> {}

/** Where the world comes in: CloudFront with its firewall, then the API, whose functions serve only what came through CloudFront. */
export class FrontDoor extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly edge: Edge;
  readonly accessLog: LogGroup;

  constructor(scope: Construct, id: string, props: FrontDoorProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', { createDefaultStage: false, description: 'Aldergate' });
    this.accessLog = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      // A metric a route would cost more than the API; the access log has the route of every request.
      detailedMetricsEnabled: false,
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLog),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
    this.edge = new Edge(this, 'Edge', { ...props, api: hostOf(this, this.api.apiId) });
    new CfnOutput(this, 'Domain', { value: this.edge.distribution.distributionDomainName });
  }

  /** Leads each address to its function. The functions know their own address before this, so routes come last. */
  open(functions: Readonly<Record<App, GateFunction>>, table: RouteTable = ROUTES): void {
    const integrations = Object.fromEntries(
      APPS.map((app) => [
        app,
        new HttpLambdaIntegration(`To${app[0]?.toUpperCase()}${app.slice(1)}`, functions[app].lambda, {
          timeout: Duration.seconds(29),
        }),
      ]),
    ) as Record<App, HttpLambdaIntegration>;
    const authorizer = new HttpNoneAuthorizer();
    const leads = new Map<string, App>(leadsOf(table).map(({ path, app }) => [path, app]));
    // A route that has limits of its own must be there by itself.
    for (const [, path = ''] of Object.keys(ROUTE_THROTTLES).map((route) => route.split(' ')))
      if (!leads.has(path)) leads.set(path, appOf(path));
    const routes = [...leads].flatMap(([path, app]) => this.api.addRoutes({ path, integration: integrations[app], authorizer }));
    for (const route of routes)
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'The gate tells callers itself: vendors by signature, systems by token, officials by link; pages are public.',
      });
    const stage = this.stage.node.defaultChild as CfnStage;
    stage.routeSettings = ROUTE_THROTTLES;
    // Settings of a route are refused before the route is there.
    stage.node.addDependency(...routes);
  }
}
