import { createServer, type IncomingMessage } from 'node:http';
import { callOf } from '../../../contract/faultProxy.ts';
import { listened } from '../../../support/listened.ts';
import { type Answer, type Asked, DENIED, type Judge, type ReadMail } from './cloud/answer.ts';
import { onObject } from './cloud/bucket.ts';
import { type Keys, noKeys, openKms } from './cloud/kms.ts';
import { openMail, type SentMail } from './cloud/mail.ts';
import type { Moto } from './cloud/moto.ts';
import { allows, asksOf } from './iam.ts';
import type { Part } from './templates.ts';

export interface BusEntry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: string;
}

/** AWS as far as the functions use it. DynamoDB and SES are engines behind it; everything else is recorded for the tests. */
export interface Cloud {
  /**
   * Returns the endpoint of one caller, whose name selects its permissions. `operator` may do all that the table of commits does
   * not deny to everyone.
   */
  readonly endpointOf: (caller: string) => string;
  readonly secrets: Map<string, string>;
  readonly keys: Keys;
  readonly objects: Map<string, Buffer>;
  readonly objectHeaders: Map<string, Readonly<Record<string, string>>>;
  readonly written: { readonly stream: string; readonly version: number }[];
  readonly published: BusEntry[];
  readonly mails: readonly SentMail[];
  readonly inbox: () => Promise<readonly ReadMail[]>;
  readonly denied: string[];
  /** The requests to DynamoDB so far, as `CALLER OPERATION`. */
  readonly asked: string[];
  /** `entries`: how many the bus refuses. `put`: decides on each object that is put, by its place; S3 refuses it with what this answers. */
  failing: { entries: number; put?: ((place: string) => Promise<Answer | undefined>) | undefined };
  /** Is asked before each call of a caller to DynamoDB; one that resolves with false is refused, as if its rights had ended. */
  meanwhile: ((caller: string, operation: string) => Promise<boolean>) | undefined;
  readonly close: () => Promise<void>;
}

/** What the names of a city begin with, where many are in one AWS. Permissions are judged without it. */
export const LANE = /\bcase-\d+-/;

/** Also for the value before, of a secret that was never changed. */
const NO_SUCH_SECRET: Answer = { status: 400, body: { __type: 'ResourceNotFoundException', message: 'no such secret' } };

type State = Omit<Cloud, 'endpointOf' | 'close' | 'meanwhile'>;

const askedOf = async (request: IncomingMessage): Promise<Asked> => {
  const [, caller = '', ...rest] = (request.url ?? '').split('/');
  const body = Buffer.concat(await request.toArray());
  return { caller, method: request.method ?? '', url: `/${rest.join('/')}`, headers: request.headers, body };
};

const putEvents = (state: State, entries: readonly BusEntry[]): Answer => {
  const results = entries.map((entry) => {
    if (state.failing.entries > 0) {
      state.failing.entries -= 1;
      return { ErrorCode: 'InternalFailure', ErrorMessage: 'not now' };
    }
    state.published.push(entry);
    return { EventId: `event-${state.published.length}` };
  });
  return { status: 200, body: { FailedEntryCount: results.filter((each) => 'ErrorCode' in each).length, Entries: results } };
};

/** The engine looks at the form of a signature, not whether it fits: the caller's own headers will do. */
const onTable = async (state: State, judge: Judge, engine: string, asked: Asked, operation: string) => {
  const call = JSON.parse(asked.body.toString());
  const asks = asksOf(operation, call);
  state.asked.push(`${asked.caller} ${operation}`);
  if (!asks.every(({ action, resource, keys }) => judge(asked.caller, action, resource, keys))) return DENIED;
  const names = ['authorization', 'content-type', 'x-amz-date', 'x-amz-target'];
  const headers = Object.fromEntries(names.map((name) => [name, String(asked.headers[name])]));
  const response = await fetch(engine, { method: 'POST', headers, body: new Uint8Array(asked.body) });
  const inserts = operation === 'PutItem' && String(call.ConditionExpression).startsWith('attribute_not_exists');
  if (inserts && call.TableName === 'CommitsTable' && response.status === 200)
    state.written.push({ stream: call.Item.pk.S, version: Number(call.Item.sk.N) });
  return { status: response.status, body: await response.json() };
};

/** Publishes on the bus of others, and notes what that took. */
const putForeign = async (state: State, foreign: Moto, asked: Asked, entries: readonly BusEntry[]): Promise<Answer> => {
  const answer = await foreign.forward(asked);
  const { Entries: results } = JSON.parse(String(answer.bytes)) as { readonly Entries: readonly object[] };
  state.published.push(...entries.filter((_, index) => !('ErrorCode' in (results[index] ?? {}))));
  return answer;
};

/**
 * Opens the cloud. Whatever a function is not allowed by its deployed policy is refused and noted. `foreign`: answers what is allowed, but
 * for KMS, whose keys it does not know.
 */
export const openCloud = async (
  engine: string,
  deployed: () => {
    readonly functions: Readonly<Record<string, { readonly statements: readonly Part[] }>>;
    readonly deniedOnCommits: readonly string[];
    readonly stage?: string;
  },
  foreign?: Moto,
  keys: Keys = noKeys(),
): Promise<Cloud> => {
  const { mails, inbox, send, close: closeMail } = await openMail(foreign);
  const secrets = new Map<string, string>();
  const bucket = { objects: new Map<string, Buffer>(), objectHeaders: new Map<string, Readonly<Record<string, string>>>() };
  const lists = { written: [], published: [], denied: [], asked: [] };
  const state: State = { secrets, keys, ...bucket, mails, inbox, ...lists, failing: { entries: 0 } };
  const kms = openKms(keys, () => deployed().stage ?? '');
  const judge: Judge = (caller, action, name, keys = []) => {
    const resource = name.replace(LANE, '');
    const { functions, deniedOnCommits } = deployed();
    const statements = functions[caller]?.statements ?? [];
    const isDenied = resource === 'CommitsTable' && deniedOnCommits.includes(action);
    const allowed = !isDenied && (caller === 'operator' || allows(statements, { action, resource, keys }));
    if (!allowed) state.denied.push(`${caller}: ${action} on ${resource} ${keys.join(' ')}`);
    return allowed;
  };
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const asked = await askedOf(request);
    const { service, operation } = callOf({ ...asked, url: asked.url });
    if (service === 'SES') return send(judge, asked);
    if (service === 'S3')
      return (asked.method === 'PUT' && (await state.failing.put?.(asked.url))) || onObject(state, judge, asked, foreign);
    if (service === 'DynamoDB' && (await cloud.meanwhile?.(asked.caller, operation)) === false) return DENIED;
    if (service === 'DynamoDB') return onTable(state, judge, engine, asked, operation);
    const call = JSON.parse(asked.body.toString());
    if (service === 'KMS') return kms(judge, asked.caller, operation, call);
    if (service === 'EventBridge') {
      if (!judge(asked.caller, 'events:PutEvents', call.Entries[0].EventBusName)) return DENIED;
      return foreign === undefined ? putEvents(state, call.Entries) : putForeign(state, foreign, asked, call.Entries);
    }
    if (service !== 'SecretsManager') throw new Error(`${service} is not in this cloud`);
    if (!judge(asked.caller, `secretsmanager:${operation}`, call.SecretId)) return DENIED;
    if (foreign !== undefined) return foreign.forward(asked);
    if (operation === 'PutSecretValue') {
      secrets.set(call.SecretId, call.SecretString);
      return { status: 200, body: {} };
    }
    const SecretString = call.VersionStage === 'AWSPREVIOUS' ? undefined : secrets.get(call.SecretId);
    return SecretString === undefined ? NO_SUCH_SECRET : { status: 200, body: { SecretString } };
  };
  const server = createServer((request, response) => {
    void answer(request).then(
      ({ status, body, xml, bytes, etag }) => {
        const type = xml === undefined ? 'application/x-amz-json-1.0' : 'application/xml';
        response.writeHead(status, { 'content-type': type, ...(etag !== undefined && { etag }) });
        response.end(bytes ?? xml ?? JSON.stringify(body));
      },
      (error: unknown) => response.destroy(error as Error),
    );
  });
  const { url, close } = await listened(server);
  const cloud: Cloud = {
    ...state,
    meanwhile: undefined,
    endpointOf: (caller) => `${url}/${caller}`,
    close: async () => {
      await close();
      await closeMail();
    },
  };
  return cloud;
};
