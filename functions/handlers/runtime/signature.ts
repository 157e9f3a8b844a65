// Wire format: AWS Signature Version 4,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac } from 'node:crypto';

/** The credentials of a caller; `token` for those that end. */
export interface AwsCredentials {
  readonly id: string;
  readonly secret: string;
  readonly token: string | undefined;
}

/** A request to sign: without a query, on the path `/`, headers by their names in lower case. */
export interface Unsigned {
  readonly method: 'GET' | 'POST';
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Returns the headers of a request with its signature by these credentials at an instant (UTC). */
export const signedHeaders = (
  { method, host, headers, body }: Unsigned,
  { id, secret, token }: AwsCredentials,
  { region, service, at }: { readonly region: string; readonly service: string; readonly at: string },
): Readonly<Record<string, string>> => {
  const time = at.replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const all = { ...headers, host, 'x-amz-date': time, ...(token !== undefined && { 'x-amz-security-token': token }) };
  const sorted = Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1));
  const names = sorted.map(([name]) => name).join(';');
  const canonical = [method, '/', '', ...sorted.map(([name, value]) => `${name}:${value.trim()}`), '', names, sha256(body)].join(
    '\n',
  );
  const scope = [day, region, service, 'aws4_request'];
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n')).toString('hex');
  const credential = `${id}/${scope.join('/')}`;
  return { ...all, authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}` };
};
