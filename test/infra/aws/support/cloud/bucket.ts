import { createHash } from 'node:crypto';
import { type Answer, type Asked, DENIED, type Judge } from './answer.ts';
import type { Moto } from './moto.ts';

const NO_SUCH_KEY: Answer = { status: 404, xml: '<Error><Code>NoSuchKey</Code></Error>' };
const REFUSED: Answer = { status: 412, xml: '<Error><Code>PreconditionFailed</Code></Error>' };
const BAD_DIGEST: Answer = { status: 400, xml: '<Error><Code>BadDigest</Code></Error>' };
/** Maximum keys of one list answer. S3's own limit is a thousand; a small one shows that callers follow the pages. */
const PAGE = 2;

export interface Buckets {
  readonly objects: Map<string, Buffer>;
  readonly objectHeaders: Map<string, Readonly<Record<string, string>>>;
}

const list = (objects: ReadonlyMap<string, Buffer>, bucket: string, query: URLSearchParams): Answer => {
  const prefix = `${bucket}/${query.get('prefix') ?? ''}`;
  const keys = [...objects.keys()].filter((each) => each.startsWith(prefix)).sort();
  const from = Number(query.get('continuation-token') ?? 0);
  const contents = keys
    .slice(from, from + PAGE)
    .map((each) => `<Contents><Key>${each.slice(bucket.length + 1)}</Key></Contents>`);
  const rest = from + PAGE < keys.length ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : '';
  const cut = `<IsTruncated>${rest !== ''}</IsTruncated>${rest}`;
  return { status: 200, xml: `<ListBucketResult>${cut}${contents.join('')}</ListBucketResult>` };
};

const servedWith = (headers: Asked['headers']): Readonly<Record<string, string>> =>
  Object.fromEntries(['content-type', 'cache-control'].map((name) => [name, String(headers[name])]));

const put = ({ objects, objectHeaders }: Buckets, place: string, { headers, body }: Asked, etag: string | undefined): Answer => {
  const { 'if-none-match': none, 'if-match': match, 'x-amz-checksum-sha256': sum } = headers;
  if ((none === '*' && etag !== undefined) || (match !== undefined && match !== etag)) return REFUSED;
  // What is put without a condition has to come with its sum.
  const isGuarded = none !== undefined || match !== undefined;
  if (!isGuarded && sum !== createHash('sha256').update(body).digest('base64')) return BAD_DIGEST;
  objects.set(place, body);
  objectHeaders.set(place, servedWith(headers));
  return { status: 200, xml: '' };
};

/** Keeps what a foreign S3 took, for CloudFront. */
const noted = ({ objects, objectHeaders }: Buckets, place: string, { method, headers, body }: Asked, answer: Answer) => {
  if (method === 'DELETE' && answer.status === 204) objects.delete(place);
  if (method !== 'PUT' || answer.status !== 200) return answer;
  objects.set(place, body);
  objectHeaders.set(place, servedWith(headers));
  return answer;
};

/**
 * Answers as S3, as far as the gate uses it: objects by bucket and key, put under a condition or with a checksum. `foreign`:
 * answers what is allowed, instead.
 */
export const onObject = async (buckets: Buckets, judge: Judge, asked: Asked, foreign?: Moto): Promise<Answer> => {
  const { objects } = buckets;
  const { pathname, searchParams } = new URL(asked.url, 'http://s3.invalid');
  const [, bucket = '', ...segments] = pathname.split('/');
  const key = segments.join('/');
  if (key === '') {
    if (!judge(asked.caller, 's3:ListBucket', bucket)) return DENIED;
    return foreign === undefined ? list(objects, bucket, searchParams) : foreign.forward(asked);
  }
  const action = { GET: 's3:GetObject', PUT: 's3:PutObject', DELETE: 's3:DeleteObject' }[asked.method] ?? asked.method;
  const place = `${bucket}/${key}`;
  if (!judge(asked.caller, action, place)) return DENIED;
  if (foreign !== undefined) return noted(buckets, place, asked, await foreign.forward(asked));
  const known = objects.get(place);
  const etag = known && `"${createHash('md5').update(known).digest('hex')}"`;
  if (asked.method === 'GET') return known === undefined ? NO_SUCH_KEY : { status: 200, bytes: known, etag };
  if (asked.method === 'PUT') return put(buckets, place, asked, etag);
  objects.delete(place);
  return { status: 204, xml: '' };
};
