import { isLike } from '../../../support/permitted.ts';
import type { Cloud } from './cloud.ts';
import { nameIn } from './iam.ts';
import { only, type Part, propertiesOf, type TemplateJson } from './templates.ts';

export interface FromBucket {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

const addedHeaders = (gate: TemplateJson): Readonly<Record<string, string>> => {
  const config = only(gate, 'AWS::CloudFront::ResponseHeadersPolicy').ResponseHeadersPolicyConfig;
  const custom = config.CustomHeadersConfig.Items.map(({ Header, Value }: Part) => [Header, Value]);
  return {
    ...Object.fromEntries(custom),
    'access-control-allow-origin': config.CorsConfig.AccessControlAllowOrigins.Items.join(),
    'content-security-policy': config.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy,
    ...(config.SecurityHeadersConfig.ContentTypeOptions && { 'x-content-type-options': 'nosniff' }),
  };
};

const readable = (records: TemplateJson) =>
  propertiesOf(records, 'AWS::S3::BucketPolicy').flatMap(({ PolicyDocument: { Statement: statements } }) =>
    statements
      .filter(
        ({ Action: action, Effect: effect, Principal: principal }: Part) =>
          effect === 'Allow' && action === 's3:GetObject' && principal.Service === 'cloudfront.amazonaws.com',
      )
      .flatMap(({ Resource: resource }: Part) => [resource].flat().map(nameIn)),
  );

/**
 * Answers a GET as the distribution of a template does where a behaviour leads to a bucket: from the bucket if its policy allows the
 * read and the object is there. Returns undefined where the function has to be asked: no behaviour matches, or it fails over.
 */
export const fromBucket = (
  { gate, records }: { readonly gate: TemplateJson; readonly records: TemplateJson },
  { objects, objectHeaders }: Pick<Cloud, 'objects' | 'objectHeaders'>,
  path: string,
): FromBucket | undefined => {
  const { DistributionConfig: config } = only(gate, 'AWS::CloudFront::Distribution');
  const behaviour = config.CacheBehaviors.find((each: Part) => isLike(each.PathPattern, path));
  if (behaviour === undefined) return undefined;
  const group = config.OriginGroups.Items.find((each: Part) => each.Id === behaviour.TargetOriginId);
  const origin = config.Origins.find((each: Part) => each.Id === group?.Members.Items[0].OriginId);
  if (origin?.OriginAccessControlId === undefined) throw new Error(`${path} does not lead to a bucket`);
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
