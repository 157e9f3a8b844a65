import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type CfnStage, HttpApi, HttpNoneAuthorizer, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { APPS, type App, leadsOf, ROUTES, type RouteTable } from '../../../functions/web/routes/table.ts';
import { Edge, type EdgeProps, hostOf } from './edge.ts';
import type { GateFunction } from './gateFunction.ts';

const THROTTLE = { rateLimit: 100, burstLimit: 200 };

const limits = (perSecond: number, atOnce: number) => ({ ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: atOnce });
/**
 * Limits by route, so that a flood on one takes nothing from the others: officials can decide and IT gets its answers meanwhile. A city's
 * systems ask about ten times a second. A vendor sends a few notices a month, and a city has about twenty officials.
 */
const OFTEN = { '/ofrep/{proxy+}': limits(200, 400), '/log/{proxy+}': limits(200, 400) } as const;
const STRICT = limits(20, 50);

/** Without path and address of the reader: a path can be an official's link. */
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

/**
 * The public entrance: CloudFront with its firewall, then the HTTP API, whose functions answer only requests that came through
 * CloudFront.
 */
export class FrontDoor extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly edge: Edge;
  readonly accessLog: LogGroup;

  constructor(scope: Construct, id: string, props: FrontDoorProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      apiName: Stack.of(this).stackName,
      createDefaultStage: false,
      description: 'Aldergate',
    });
    this.accessLog = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      // A metric for each route would cost more than the API. The access log has the route of every request.
      detailedMetricsEnabled: false,
      accessLogSettings: {
        destination: new LogGroupLogDestination(this.accessLog),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
    this.edge = new Edge(this, 'Edge', { ...props, api: hostOf(this, this.api.apiId) });
  }

  /** Adds the routes, after the functions are made: their environment already contains the public address. */
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
    const leads = leadsOf(table);
    const routes = leads.flatMap(({ path, app }) => this.api.addRoutes({ path, integration: integrations[app], authorizer }));
    for (const route of routes)
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason:
          'The gate authenticates callers itself: vendors by signature, systems by token, officials by link; pages are public.',
      });
    const stage = this.stage.node.defaultChild as CfnStage;
    stage.routeSettings = Object.fromEntries([
      ...leads.filter(({ isStrict }) => isStrict).map(({ path }) => [`ANY ${path}`, STRICT]),
      ...Object.entries(OFTEN).map(([path, limit]) => [`ANY ${path}`, limit]),
    ]);
    // CloudFormation rejects settings of a route that does not exist yet.
    stage.node.addDependency(...routes);
  }
}
