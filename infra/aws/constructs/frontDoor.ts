import { CfnOutput, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type CfnStage, HttpApi, HttpNoneAuthorizer, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { LOG_PREFIX } from '../../../functions/log/prefix.ts';
import { DESCRIPTION_PATH, DOCS_PATH } from '../../../functions/web/docs/app.ts';
import { Edge, type EdgeProps, hostOf } from './edge.ts';
import type { GateFunction } from './gateFunction.ts';

/** The API's addresses (see `isApiPath`); those of the log are below `/log`, and every other one is the site's. */
const API_PATHS = ['/v1', '/v1/{proxy+}', '/ofrep', '/ofrep/{proxy+}', '/healthz', '/readyz'] as const;

/** The addresses about passkeys (see `isPasskeyPath`), which an HTTP API tells from the site's greedy `/d/{proxy+}`. */
const PASSKEY_PATHS = ['/d/{token}/passkey', '/d/{token}/passkey/{step}'] as const;

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

export interface FrontDoorProps extends Pick<EdgeProps, 'originSecret' | 'webAclArn' | 'settings'> {}

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
  open({ api, site, passkeys, docs, log }: Readonly<Record<'api' | 'site' | 'passkeys' | 'docs' | 'log', GateFunction>>): void {
    const toApi = new HttpLambdaIntegration('ToApi', api.lambda, { timeout: Duration.seconds(29) });
    const toSite = new HttpLambdaIntegration('ToSite', site.lambda, { timeout: Duration.seconds(29) });
    const toPasskeys = new HttpLambdaIntegration('ToPasskeys', passkeys.lambda, { timeout: Duration.seconds(29) });
    const toDocs = new HttpLambdaIntegration('ToDocs', docs.lambda, { timeout: Duration.seconds(29) });
    const toLog = new HttpLambdaIntegration('ToLog', log.lambda, { timeout: Duration.seconds(29) });
    const authorizer = new HttpNoneAuthorizer();
    const routes = [
      ...API_PATHS.flatMap((path) => this.api.addRoutes({ path, integration: toApi, authorizer })),
      ...this.api.addRoutes({ path: '/v1/notices', integration: toApi, authorizer }),
      ...this.api.addRoutes({ path: '/d/{proxy+}', integration: toSite, authorizer }),
      ...PASSKEY_PATHS.flatMap((path) => this.api.addRoutes({ path, integration: toPasskeys, authorizer })),
      ...[DESCRIPTION_PATH, DOCS_PATH, `${DOCS_PATH}/{proxy+}`].flatMap((path) =>
        this.api.addRoutes({ path, integration: toDocs, authorizer }),
      ),
      ...this.api.addRoutes({ path: `${LOG_PREFIX}/{proxy+}`, integration: toLog, authorizer }),
      ...this.api.addRoutes({ path: '/{proxy+}', integration: toSite, authorizer }),
      ...this.api.addRoutes({ path: '/', integration: toSite, authorizer }),
    ];
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
