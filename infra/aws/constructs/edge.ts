import { Duration, Fn, SecretValue, Stack, Validations } from 'aws-cdk-lib';
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
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Construct } from 'constructs';
import { ORIGIN_SECRET_HEADER } from '../../../functions/handlers/runtime/originSecret.ts';
import { LOG_PREFIX } from '../../../functions/log/prefix.ts';
import type { Settings } from '../settings.ts';
import type { GateSecret } from './gateSecret.ts';

/** Errors that CloudFront would hand to the next one who asks for the same path, who may be somebody else with other rights. */
const NEVER_KEPT = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504] as const;
/** An API answers within 29 s or not at all. */
const ANSWER_SECONDS = 30;

export interface EdgeProps {
  /** The host of the API. */
  readonly api: string;
  readonly originSecret: GateSecret;
  readonly webAclArn: string;
  readonly settings: Pick<Settings, 'domain' | 'certificate' | 'originSecretVersion'>;
}

/** The value is put into the distribution by CloudFormation, so that it stands in no template. */
const shown = ({ secret }: GateSecret, versionId: string | undefined): string =>
  SecretValue.secretsManager(secret.secretArn, versionId === undefined ? {} : { versionId }).unsafeUnwrap();

/**
 * CloudFront before the API: it asks the firewall, keeps what never changes (the tiles of the public log), and hands on everything else
 * untouched in both directions. The name of the host is not handed on; nothing behind it believes one.
 */
export class Edge extends Construct {
  readonly distribution: Distribution;
  /** Where people, vendors and systems reach the gate, without a slash at the end. */
  readonly url: string;

  constructor(scope: Construct, id: string, { api, originSecret, webAclArn, settings }: EdgeProps) {
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
    this.distribution = new Distribution(this, 'Distribution', {
      comment: 'Aldergate',
      defaultBehavior: untouched,
      additionalBehaviors: { [`${LOG_PREFIX}/tile/*`]: this.#kept(origin) },
      errorResponses: NEVER_KEPT.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      httpVersion: HttpVersion.HTTP2_AND_3,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      priceClass: PriceClass.PRICE_CLASS_100,
      webAclId: webAclArn,
      ...(domain !== undefined &&
        certificate !== undefined && {
          domainNames: [domain],
          certificate: Certificate.fromCertificateArn(this, 'Certificate', certificate),
        }),
    });
    this.url = `https://${domain ?? this.distribution.distributionDomainName}`;
    this.#argue(domain);
  }

  /** A tile is named by what is in it and the same for everybody: nothing of a request but its path matters. */
  #kept(origin: HttpOrigin): BehaviorOptions {
    const cachePolicy = new CachePolicy(this, 'Tiles', {
      comment: 'Aldergate: as long as the answer says, by its path alone',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.days(365),
    });
    return {
      origin,
      cachePolicy,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      compress: false,
    };
  }

  #argue(domain: string | undefined): void {
    const argued = Validations.of(this.distribution);
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

/** The host of an HTTP API, which is known before it has a route. */
export const hostOf = (scope: Construct, apiId: string): string => {
  const { region, urlSuffix } = Stack.of(scope);
  return Fn.join('.', [apiId, 'execute-api', region, urlSuffix]);
};
