import { request as requestByHttps } from 'node:https';
import { backoff } from '../../platform/store/backoff.ts';
import { type AwsCredentials, signedHeaders } from './signature.ts';

/**
 * Reads a secret of AWS Secrets Manager; undefined if it, or this version of it, does not exist. Rejects if it cannot be read, with the
 * service's reason and never with a value.
 */
export type ReadSecret = (secretId: string, stage?: 'AWSCURRENT' | 'AWSPREVIOUS') => Promise<string | undefined>;

/** As many tries as the SDK makes by default, each as long as the other clients wait for an answer (clients.ts). */
const TRIES_MAX = 3;
const TRY_MS_MAX = 3_000;
const JITTER = { baseMs: 100, capMs: 1_000 };
/** Longest answer in bytes: a secret has at most 64 KiB. */
const ANSWER_BYTES_MAX = 256 * 1024;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Lambda puts the credentials of a function's role into the environment; they are read at each call, because they may be renewed. */
const credentials = (): AwsCredentials => {
  const { AWS_ACCESS_KEY_ID: id = '', AWS_SECRET_ACCESS_KEY: secret = '', AWS_SESSION_TOKEN: token } = process.env;
  if (id === '' || secret === '') throw new Error('Lambda gave no credentials');
  return { id, secret, token: token === '' ? undefined : token };
};

/** Loads `node:http` only for an endpoint of tests: its import would load undici too, a tenth of the processor time of a cold start. */
const requesterFor = async ({ protocol }: URL): Promise<typeof requestByHttps> =>
  protocol === 'http:' ? (await import('node:http')).request : requestByHttps;

const post = async (url: URL, headers: Readonly<Record<string, string>>, body: string): Promise<Answer> => {
  const send = await requesterFor(url);
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers, signal: AbortSignal.timeout(TRY_MS_MAX) };
    const request = send(url, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > ANSWER_BYTES_MAX) response.destroy(new Error('the answer is too long'));
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
};

const asked = async (body: string): Promise<Answer> => {
  const { AWS_REGION: region = '', AWS_ENDPOINT_URL: endpoint } = process.env;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const url = new URL(endpoint ?? `https://secretsmanager.${region}.${suffix}`);
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' };
  const at = new Date().toISOString();
  const signed = signedHeaders({ method: 'POST', host: url.host, headers, body }, credentials(), {
    region,
    service: 'secretsmanager',
    at,
  });
  return post(url, signed, body);
};

/** The retryable errors among those that come as a 400. */
const THROTTLED = /^(?:Throttling|ThrottlingException|TooManyRequestsException|RequestLimitExceeded)$/;

const typeOf = ({ text }: Answer): string => {
  try {
    const { __type: type = '' } = JSON.parse(text) as { readonly __type?: string };
    return type.slice(type.lastIndexOf('#') + 1);
  } catch {
    return '';
  }
};

/**
 * Reads secrets with a signed request each. A cold start waits for its secrets: the SDK's client would add 15 % to the processor time of
 * one (docs/benchmarks.md).
 */
export const readSecret: ReadSecret = async (secretId, stage = 'AWSCURRENT') => {
  const body = JSON.stringify({ SecretId: secretId, VersionStage: stage });
  for (let tries = 1; ; tries += 1) {
    const answer = await asked(body).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    if (!(answer instanceof Error)) {
      if (answer.status === 200) return (JSON.parse(answer.text) as { readonly SecretString?: string }).SecretString ?? '';
      const type = typeOf(answer);
      if (type === 'ResourceNotFoundException') return undefined;
      const isFinal = answer.status < 500 && answer.status !== 429 && !THROTTLED.test(type);
      if (isFinal || tries >= TRIES_MAX)
        throw new Error(`the secret ${secretId} cannot be read: ${answer.status} ${type} after ${tries} tries`);
    } else if (tries >= TRIES_MAX) {
      throw new Error(`the secret ${secretId} cannot be read after ${tries} tries`, { cause: answer });
    }
    await backoff(tries, JITTER);
  }
};
