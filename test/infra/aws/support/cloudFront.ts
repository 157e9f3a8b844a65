import type { Cloud } from './cloud.ts';
import { nameIn, resources, type TemplateJson } from './templates.ts';

interface Behaviour {
  readonly PathPattern: string;
  readonly TargetOriginId: string;
  readonly ResponseHeadersPolicyId?: unknown;
}

interface Config {
  readonly CacheBehaviors: readonly Behaviour[];
  readonly Origins: readonly { readonly Id: string; readonly DomainName: unknown; readonly OriginAccessControlId?: unknown }[];
  readonly OriginGroups: {
    readonly Items: readonly {
      readonly Id: string;
      readonly Members: { readonly Items: readonly { readonly OriginId: string }[] };
      readonly FailoverCriteria: { readonly StatusCodes: { readonly Items: readonly number[] } };
    }[];
  };
}

interface PolicyStatement {
  readonly Action: unknown;
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Resource: unknown;
}

export interface FromBucket {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

const isLike = (pattern: string, text: string): boolean =>
  pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;

const addedHeaders = (gate: TemplateJson): Readonly<Record<string, string>> => {
  const [policy] = resources(gate, 'AWS::CloudFront::ResponseHeadersPolicy').values();
  // biome-ignore lint/suspicious/noExplicitAny: a part of a template, whose shape AWS documents.
  const config = policy?.Properties.ResponseHeadersPolicyConfig as any;
  const custom = config.CustomHeadersConfig.Items.map(({ Header, Value }: Record<string, string>) => [Header, Value]);
  return {
    ...Object.fromEntries(custom),
    'access-control-allow-origin': config.CorsConfig.AccessControlAllowOrigins.Items.join(),
    'content-security-policy': config.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy,
    ...(config.SecurityHeadersConfig.ContentTypeOptions && { 'x-content-type-options': 'nosniff' }),
  };
};

const readable = (records: TemplateJson): readonly string[] =>
  [...resources(records, 'AWS::S3::BucketPolicy').values()].flatMap(({ Properties: properties }) => {
    const { Statement: statements } = properties.PolicyDocument as { readonly Statement: readonly PolicyStatement[] };
    return statements
      .filter(
        ({ Action: action, Effect: effect, Principal: principal }) =>
          effect === 'Allow' &&
          action === 's3:GetObject' &&
          JSON.stringify(principal) === '{"Service":"cloudfront.amazonaws.com"}',
      )
      .flatMap(({ Resource: resource }) => [resource].flat().map((each) => nameIn(each)));
  });

/**
 * Answers a GET as the distribution of a template does where a behaviour leads to a bucket: from the bucket if its policy allows the
 * read and the object is there. Returns undefined where the function has to be asked: no behaviour matches, or it fails over.
 */
export const fromBucket = (
  { gate, records }: { readonly gate: TemplateJson; readonly records: TemplateJson },
  { objects, objectHeaders }: Pick<Cloud, 'objects' | 'objectHeaders'>,
  path: string,
): FromBucket | undefined => {
  const [distribution] = resources(gate, 'AWS::CloudFront::Distribution').values();
  const config = distribution?.Properties.DistributionConfig as Config;
  const behaviour = config.CacheBehaviors.find(({ PathPattern: pattern }) => isLike(pattern, path));
  if (behaviour === undefined) return undefined;
  const group = config.OriginGroups.Items.find(({ Id: id }) => id === behaviour.TargetOriginId);
  const [primary] = group?.Members.Items ?? [];
  const origin = config.Origins.find(({ Id: id }) => id === primary?.OriginId);
  if (group === undefined || origin?.OriginAccessControlId === undefined) throw new Error(`${path} does not lead to a bucket`);
  const bucket = nameIn(origin.DomainName).replace(/\.s3\..*$/, '');
  const place = `${bucket}${path}`;
  const object = readable(records).some((pattern) => isLike(pattern, place)) ? objects.get(place) : undefined;
  if (object !== undefined && behaviour.ResponseHeadersPolicyId !== undefined)
    return {
      statusCode: 200,
      headers: { ...objectHeaders.get(place), 'content-length': String(object.length), ...addedHeaders(gate) },
      bytes: object,
    };
  // CloudFront may not list the bucket, so a missing object is a 403.
  if (group.FailoverCriteria.StatusCodes.Items.includes(403)) return undefined;
  throw new Error(`${place} is missing, and the distribution does not ask the function`);
};
