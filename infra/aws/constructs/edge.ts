import { Annotations, ArnFormat, Duration, Fn, Names, SecretValue, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type CfnStage, HttpApi, HttpNoneAuthorizer, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  HttpVersion,
  OriginRequestPolicy,
  OriginSslPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, OriginGroup, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDelivery, CfnDeliveryDestination, CfnDeliverySource, type LogGroup } from 'aws-cdk-lib/aws-logs';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { ORIGIN_SECRET_HEADER } from '../../../functions/handlers/runtime/secrets.ts';
import { LOG_HEADERS } from '../../../functions/web/log/app.ts';
import { LOG_PREFIX } from '../../../functions/web/routes/pages.ts';
import { APPS, type App, leadsOf } from '../../../functions/web/routes/table.ts';
import type { DeploymentSettings } from '../settings.ts';
import { type GateFunction, KeptLog } from './gateFunction.ts';
import type { GateSecret } from './keys.ts';
import { BUCKET_FOLDERS } from './publicLog.ts';

/** Excludes path, query and the reader's address: a path can be an official's link. */
const FIELDS = [
  'date',
  'time',
  'x-edge-location',
  'x-edge-request-id',
  'cs-method',
  'sc-status',
  'sc-bytes',
  'time-taken',
  'x-edge-result-type',
  'x-edge-detailed-result-type',
  'ssl-protocol',
  'cs-protocol-version',
] as const;

const NAME_CHARACTERS_MAX = 60;

/** The access log of CloudFront, which is delivered from us-east-1 only. */
export class EdgeLog extends Construct {
  constructor(scope: Construct, id: string, { distribution }: { readonly distribution: Distribution }) {
    super(scope, id);
    const stack = Stack.of(this);
    const logGroup = new KeptLog(this, 'Log');
    // Without the `:*` that CloudFormation appends to the ARN of a log group, which would not match any stream.
    const group = stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: logGroup.logGroupName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    logGroup.addToResourcePolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
        resources: [`${group}:log-stream:*`],
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    );
    // CloudFormation requires a name for these two.
    const name = Names.uniqueResourceName(this, { maxLength: NAME_CHARACTERS_MAX });
    const source = new CfnDeliverySource(this, 'Source', {
      name,
      logType: 'ACCESS_LOGS',
      resourceArn: distribution.distributionArn,
    });
    const destination = new CfnDeliveryDestination(this, 'Destination', {
      name,
      destinationResourceArn: group,
      outputFormat: 'json',
    });
    const delivery = new CfnDelivery(this, 'Delivery', {
      deliverySourceName: name,
      deliveryDestinationArn: destination.attrArn,
      recordFields: [...FIELDS],
    });
    delivery.addResourceDependency(source);
  }
}

/** Errors that CloudFront would otherwise cache by path and serve to other clients, who may have other rights. */
const NEVER_KEPT = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504] as const;
/** The origin timeout. The API answers within 29 s. */
const ANSWER_SECONDS = 30;

interface EdgeProps {
  readonly api: string;
  readonly originSecret: GateSecret;
  readonly logFiles: IBucket;
  /** If undefined, requests from one address are not limited. */
  readonly webAclArn: string | undefined;
  readonly settings: Pick<DeploymentSettings, 'domain' | 'certificate' | 'originSecretVersion'>;
}

/** Returns a reference to the secret, which CloudFormation resolves: no template contains its value. */
const shown = ({ secret }: GateSecret, versionId: string | undefined): string =>
  SecretValue.secretsManager(secret.secretArn, versionId === undefined ? {} : { versionId }).unsafeUnwrap();

/** Statuses of the bucket at which CloudFront falls back to the log's function: a full tile may have replaced a partial one. */
const NOT_IN_BUCKET = [403, 404, 500, 503];

/**
 * CloudFront in front of the API. It applies the firewall, serves and caches the immutable files of the public log, and passes on
 * everything else unchanged in both directions, except the host name, which no function trusts.
 */
class Edge extends Construct {
  readonly distribution: Distribution;
  readonly url: string;

  constructor(scope: Construct, id: string, { api, originSecret, logFiles, webAclArn, settings }: EdgeProps) {
    super(scope, id);
    const { domain, certificate, originSecretVersion } = settings;
    const origin = new HttpOrigin(api, {
      originSslProtocols: [OriginSslPolicy.TLS_V1_2],
      readTimeout: Duration.seconds(ANSWER_SECONDS),
      customHeaders: { [ORIGIN_SECRET_HEADER]: shown(originSecret, originSecretVersion) },
    });
    const untouched: BehaviorOptions = {
      origin,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      compress: false,
    };
    const files = this.#filesOf(logFiles, origin);
    this.distribution = new Distribution(this, 'Distribution', {
      comment: 'Aldergate',
      defaultBehavior: untouched,
      additionalBehaviors: Object.fromEntries(BUCKET_FOLDERS.map((folder) => [`${LOG_PREFIX}/${folder}/*`, files] as const)),
      errorResponses: NEVER_KEPT.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      webAclId: webAclArn,
      ...(domain !== undefined &&
        certificate !== undefined && {
          domainNames: [domain],
          minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
          certificate: Certificate.fromCertificateArn(this, 'Certificate', certificate),
        }),
    });
    this.url = `https://${domain ?? this.distribution.distributionDomainName}`;
    this.#argue(domain, webAclArn);
  }

  /**
   * Serves the immutable files of the log from the bucket, by the path of the request alone, without Lambda's response limit of 6 MB.
   * Falls back to the function for missing files.
   */
  #filesOf(bucket: IBucket, api: HttpOrigin): BehaviorOptions {
    // Imported by name, so that the policy of the bucket does not depend on this stack, which depends on the bucket.
    const { bucketName } = bucket;
    const files = Bucket.fromBucketAttributes(this, 'LogFiles', { bucketName, region: Stack.of(this).region });
    Annotations.of(this).acknowledgeWarning(
      '@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac',
      'The construct of the bucket allows CloudFront to read it.',
    );
    const origin = new OriginGroup({
      primaryOrigin: S3BucketOrigin.withOriginAccessControl(files),
      fallbackOrigin: api,
      fallbackStatusCodes: NOT_IN_BUCKET,
    });
    const cachePolicy = new CachePolicy(this, 'Tiles', {
      comment: 'Aldergate: as long as the answer says, by its path alone',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(365),
    });
    return {
      origin,
      cachePolicy,
      responseHeadersPolicy: this.#headersOfFiles(),
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      compress: false,
    };
  }

  #headersOfFiles(): ResponseHeadersPolicy {
    return new ResponseHeadersPolicy(this, 'FileHeaders', {
      comment: 'Aldergate: files of the public log, which other sites may read',
      corsBehavior: {
        accessControlAllowOrigins: ['*'],
        accessControlAllowMethods: ['GET', 'HEAD'],
        accessControlAllowHeaders: ['*'],
        accessControlAllowCredentials: false,
        originOverride: true,
      },
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: LOG_HEADERS['content-security-policy'], override: true },
        contentTypeOptions: { override: true },
      },
      customHeadersBehavior: {
        customHeaders: [
          { header: 'cross-origin-resource-policy', value: LOG_HEADERS['cross-origin-resource-policy'], override: true },
        ],
      },
    });
  }

  #argue(domain: string | undefined, webAclArn: string | undefined): void {
    const argued = Validations.of(this.distribution);
    if (webAclArn === undefined)
      argued.acknowledge({
        id: 'AwsSolutions-CFR2',
        reason: 'A lean stage has no firewall: the limits of the API by route hold, and the budget shows a flood.',
      });
    argued.acknowledge({
      id: 'AwsSolutions-CFR1',
      reason: 'What a city allows is public, and an official decides from wherever they are: no country is shut out.',
    });
    argued.acknowledge({
      id: 'AwsSolutions-CFR3',
      reason:
        'The old kind of log holds whole paths, and a path can be an official’s link. The new kind, with chosen fields, is in EdgeStack.',
    });
    if (domain === undefined)
      argued.acknowledge({
        id: 'AwsSolutions-CFR4',
        reason: 'CloudFront’s own name comes with CloudFront’s own TLS policy. A stage that counts has a domain, and TLS 1.2.',
      });
  }
}

/** Returns the host of an HTTP API, which is known before the API has a route. */
const hostOf = (scope: Construct, apiId: string): string => {
  const { region, urlSuffix } = Stack.of(scope);
  return Fn.join('.', [apiId, 'execute-api', region, urlSuffix]);
};

const THROTTLE = { rateLimit: 100, burstLimit: 200 };

const limits = (perSecond: number, atOnce: number) => ({ ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: atOnce });
/** Limits per route, so that a flood on one leaves the others usable: officials can still decide, and IT still gets answers. */
const OFTEN = { '/ofrep/{proxy+}': limits(200, 400), '/log/{proxy+}': limits(200, 400) } as const;
const STRICT = limits(20, 50);

/** Excludes path and the reader's address: a path can be an official's link. */
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

interface FrontDoorProps extends Pick<EdgeProps, 'originSecret' | 'logFiles' | 'webAclArn' | 'settings'> {}

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
    this.accessLog = new KeptLog(this, 'AccessLog');
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
  open(functions: Readonly<Record<App, GateFunction>>): void {
    const integrations = Object.fromEntries(
      APPS.map((app) => [
        app,
        new HttpLambdaIntegration(`To${app[0]?.toUpperCase()}${app.slice(1)}`, functions[app].lambda, {
          timeout: Duration.seconds(29),
        }),
      ]),
    ) as Record<App, HttpLambdaIntegration>;
    const authorizer = new HttpNoneAuthorizer();
    const leads = leadsOf();
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
    // CloudFormation rejects settings for a route that does not exist yet.
    stage.node.addDependency(...routes);
  }
}
