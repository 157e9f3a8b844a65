import { beforeAll, describe, expect, test } from 'vitest';
import { ORIGIN_SECRET_HEADER } from '../../../functions/handlers/runtime/secrets.ts';
import { resources, type Templates, templates } from './support/templates.ts';

let town: Templates;
beforeAll(() => {
  town = templates();
});

interface Behaviour {
  readonly PathPattern?: string;
  readonly AllowedMethods: readonly string[];
  readonly CachePolicyId: unknown;
  readonly OriginRequestPolicyId?: string;
  readonly Compress: boolean;
  readonly ViewerProtocolPolicy: string;
}
interface Distribution {
  readonly DefaultCacheBehavior: Behaviour;
  readonly CacheBehaviors: readonly Behaviour[];
  readonly CustomErrorResponses: readonly { readonly ErrorCode: number; readonly ErrorCachingMinTTL: number }[];
  readonly Origins: readonly { readonly CustomOriginConfig?: object; readonly OriginCustomHeaders?: readonly object[] }[];
  readonly [name: string]: unknown;
}

const only = (template: Templates['gate'], type: string): Readonly<Record<string, unknown>> => {
  const [found, ...others] = [...resources(template, type).values()];
  expect(others).toHaveLength(0);
  return found?.Properties ?? {};
};
const distribution = ({ gate }: Templates): Distribution =>
  only(gate, 'AWS::CloudFront::Distribution').DistributionConfig as Distribution;

// AWS's own policies, by the ids that its documentation gives them.
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const ALL_VIEWER_EXCEPT_HOST_HEADER = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';

describe('CloudFront', () => {
  test('passes on every method, header, cookie and query, and neither caches nor changes an answer', () => {
    expect(distribution(town).DefaultCacheBehavior).toStrictEqual({
      AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
      CachePolicyId: CACHING_DISABLED,
      Compress: false,
      OriginRequestPolicyId: ALL_VIEWER_EXCEPT_HOST_HEADER,
      TargetOriginId: expect.any(String),
      ViewerProtocolPolicy: 'redirect-to-https',
    });
  });

  test('caches the tiles of the log, which never change, by their path alone and for as long as they say; what an order can withhold it does not', () => {
    expect(distribution(town).CacheBehaviors.map(({ PathPattern, AllowedMethods }) => ({ PathPattern, AllowedMethods }))).toEqual(
      [{ PathPattern: '/log/tile/*', AllowedMethods: ['GET', 'HEAD'] }],
    );
    const { CachePolicyConfig: policy } = only(town.gate, 'AWS::CloudFront::CachePolicy');
    expect(policy).toMatchObject({
      MinTTL: 0,
      DefaultTTL: 0,
      ParametersInCacheKeyAndForwardedToOrigin: {
        CookiesConfig: { CookieBehavior: 'none' },
        HeadersConfig: { HeaderBehavior: 'none' },
        QueryStringsConfig: { QueryStringBehavior: 'none' },
      },
    });
  });

  test('reads them from the bucket, which shows nothing else to CloudFront and nothing to anybody else', () => {
    const [policy, ...others] = [...resources(town.records, 'AWS::S3::BucketPolicy')].flatMap(([id, each]) =>
      id.startsWith('PublicLog') ? [each] : [],
    );
    expect(others).toHaveLength(0);
    const document = policy?.Properties.PolicyDocument as
      | { readonly Statement: readonly { readonly Effect: string }[] }
      | undefined;
    const allowed = (document?.Statement ?? []).filter(({ Effect: effect }) => effect === 'Allow');
    expect(allowed).toMatchObject([
      {
        Action: 's3:GetObject',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Condition: { ArnLike: { 'aws:SourceArn': expect.anything() } },
        Resource: expect.anything(),
      },
    ]);
    expect(JSON.stringify(allowed).match(/\/log\/[a-z*]+/g)).toEqual(['/log/tile']);
    expect(only(town.gate, 'AWS::CloudFront::OriginAccessControl')).toMatchObject({
      OriginAccessControlConfig: { OriginAccessControlOriginType: 's3', SigningBehavior: 'always', SigningProtocol: 'sigv4' },
    });
  });

  test('caches no error', () => {
    const { CustomErrorResponses: responses } = distribution(town);
    expect(responses.map(({ ErrorCode: code }) => code)).toEqual([400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]);
    for (const each of responses) expect(each).toStrictEqual({ ErrorCode: each.ErrorCode, ErrorCachingMinTTL: 0 });
  });

  test('shows the origin secret, which stands in no template, over TLS 1.2', () => {
    const origins = distribution(town).Origins.filter(({ OriginCustomHeaders: headers }) => headers !== undefined);
    expect(origins).toHaveLength(1);
    const [origin] = origins;
    expect(origin?.CustomOriginConfig).toMatchObject({ OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] });
    expect(origin?.OriginCustomHeaders).toMatchObject([{ HeaderName: ORIGIN_SECRET_HEADER }]);
    expect(JSON.stringify(origin?.OriginCustomHeaders)).toMatch(/resolve:secretsmanager:.*OriginSecret.*:SecretString:::/);
  });

  test('writes down no path, no query, no cookie and no address: a path can be an official’s link', () => {
    const { RecordFields: fields } = only(town.edge, 'AWS::Logs::Delivery');
    expect(fields).toContain('sc-status');
    expect(String(fields)).not.toMatch(/uri|c-ip|cookie|referer|user-agent|host|forwarded/i);
    expect(only(town.edge, 'AWS::Logs::DeliverySource')).toMatchObject({ LogType: 'ACCESS_LOGS' });
    expect(distribution(town)).not.toHaveProperty('Logging');
  });
});

describe('the firewall', () => {
  test('is where CloudFront takes one from, and before CloudFront, across regions, without a function that carries its name', () => {
    expect(only(town.guard, 'AWS::WAFv2::WebACL')).toMatchObject({ Scope: 'CLOUDFRONT' });
    expect(distribution(town).WebACLId).toMatchObject({ 'Fn::GetStackOutput': { Region: 'us-east-1' } });
    for (const template of [town.guard, town.edge]) expect(resources(template, 'AWS::Lambda::Function').size).toBe(0);
  });
});
