import { CfnOutput, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type CfnStage, HttpApi, HttpNoneAuthorizer, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { LOG_PREFIX } from '../../../functions/log/app.ts';
import type { GateFunction } from './gateFunction.ts';

/** The API's addresses (see `isApiPath`); those of the log are below `/log`, and every other one is the site's. */
const API_PATHS = ['/v1', '/v1/{proxy+}', '/ofrep', '/ofrep/{proxy+}', '/openapi.json', '/healthz', '/readyz'] as const;

/** Requests a second, and at once, that one address may take from all the world together. A city asks some ten. */
const THROTTLE = { rateLimit: 200, burstLimit: 400 };
/** A vendor posts some notices a month: whoever posts more is a fault or a flood. */
const NOTICES_THROTTLE = { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 50 };

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

/** Where the world comes in. */
export class FrontDoor extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', { createDefaultStage: false, description: 'Aldergate' });
    const logGroup = new LogGroup(this, 'AccessLog', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: THROTTLE,
      detailedMetricsEnabled: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(ACCESS_LOG),
      },
    });
    new CfnOutput(this, 'Address', { value: this.api.apiEndpoint });
  }

  /** Leads each address to its function. The functions know their own address before this, so routes come last. */
  open({ api, site, log }: Readonly<Record<'api' | 'site' | 'log', GateFunction>>): void {
    const toApi = new HttpLambdaIntegration('ToApi', api.lambda, { timeout: Duration.seconds(29) });
    const toSite = new HttpLambdaIntegration('ToSite', site.lambda, { timeout: Duration.seconds(29) });
    const toLog = new HttpLambdaIntegration('ToLog', log.lambda, { timeout: Duration.seconds(29) });
    const authorizer = new HttpNoneAuthorizer();
    const routes = [
      ...API_PATHS.flatMap((path) => this.api.addRoutes({ path, integration: toApi, authorizer })),
      ...this.api.addRoutes({ path: '/v1/notices', integration: toApi, authorizer }),
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
    stage.routeSettings = { 'ANY /v1/notices': NOTICES_THROTTLE };
    // Settings of a route are refused before the route is there.
    stage.node.addDependency(...routes);
  }
}
