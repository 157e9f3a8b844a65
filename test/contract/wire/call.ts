import type { IncomingHttpHeaders } from 'node:http';

export type Service = 'DynamoDB' | 'EventBridge' | 'KMS' | 'S3' | 'SecretsManager' | 'SES';

/** One call of the SDK as seen on the wire. */
export interface Call {
  readonly service: Service;
  readonly operation: string;
  /** The table or index that a DynamoDB call names. */
  readonly table?: string;
  /** The first key in the call, such as the stream; the key of an object of S3. */
  readonly key?: string;
}

/** Services with a JSON protocol name themselves and the operation in a header. */
const TARGETS: Readonly<Record<string, Service>> = {
  AWSEvents: 'EventBridge',
  DynamoDB_20120810: 'DynamoDB',
  TrentService: 'KMS',
  secretsmanager: 'SecretsManager',
};

const MAILS = '/v2/email/outbound-emails';

/** Recognises the other services by method and address; the key of S3 is the path after the bucket. */
const restCall = (method: string, url: string): Call => {
  const { pathname, searchParams } = new URL(url, 'http://aws.invalid');
  if (pathname.endsWith(MAILS)) return { service: 'SES', operation: 'SendEmail' };
  if (searchParams.has('list-type')) return { service: 'S3', operation: 'ListObjectsV2' };
  const [, , ...key] = pathname.split('/');
  return { service: 'S3', operation: `${method.charAt(0)}${method.slice(1).toLowerCase()}Object`, key: key.join('/') };
};

interface TableCall {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly Key?: { readonly pk?: { readonly S?: string } };
  readonly Item?: { readonly pk?: { readonly S?: string } };
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>;
}

/** Returns the table and key that a request to DynamoDB touches. */
const touched = (body: Buffer): Pick<Call, 'table' | 'key'> => {
  const {
    TableName,
    IndexName,
    RequestItems,
    Key,
    Item,
    ExpressionAttributeValues: values,
  } = JSON.parse(body.toString()) as TableCall;
  const table = TableName ?? Object.keys(RequestItems ?? {}).at(0) ?? '';
  const key = Key?.pk?.S ?? Item?.pk?.S ?? values?.[':stream']?.S ?? values?.[':kind']?.S;
  return { table: IndexName === undefined ? table : `${table}/${IndexName}`, ...(key !== undefined && { key }) };
};

interface Request {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Returns the call in a request to AWS. Throws on a service that the gate does not use. */
export const callOf = ({ method = 'GET', url = '/', headers }: Request, body?: Buffer): Call => {
  const [target = '', operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
  if (target === '') return restCall(method, url);
  const service = TARGETS[target];
  if (service === undefined) throw new Error(`a call to ${target}, which is not known here`);
  return { service, operation, ...(service === 'DynamoDB' && body !== undefined && touched(body)) };
};
