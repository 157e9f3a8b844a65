import type { Context, Hono } from 'hono';
import type * as z from 'zod';
import type { GatePorts } from '../../gate/ports.ts';
import type { HealthProblem } from '../../platform/health.ts';
import type { Logger } from '../../platform/logging.ts';
import type { Store } from '../../platform/store/port.ts';
import { listFault } from '../../register/derived/records.ts';
import type { Page } from '../../register/lists.ts';
import type { RegisterPorts } from '../../register/rows.ts';
import {
  checkChangeNumber,
  checkInput,
  checkKey,
  checkQuery,
  cursorsOf,
  NO_QUERY,
  parseJson,
  readBody,
  requireMediaType,
} from '../http/input.ts';
import { json, onlyMethods } from '../http/respond.ts';
import type { Caller, Credentials, Scope } from '../http/tokens.ts';
import type { API_OPERATIONS } from '../routes/api.ts';
import {
  type ApiOperation,
  allowedMethods,
  honoPath,
  type Method,
  type ParameterNames,
  REQUEST_BYTES_MAX,
} from '../routes/route.ts';
import { type VerifiedMessage, verifyMessage } from './signature.ts';

/** `key` and `n` are checked; an `id` or a `keyId` is looked up as it is. */
const READ = { key: checkKey, n: checkChangeNumber, id: (text: string) => text, keyId: (text: string) => text } as const;
type ParameterName = keyof typeof READ;

type Infer<T> = T extends z.ZodType ? z.output<T> : undefined;

/** A request that passed the checks of its operation. */
interface ApiRequest<Path extends string, Operation extends ApiOperation> {
  readonly params: { readonly [Name in ParameterNames<Path> & ParameterName]: ReturnType<(typeof READ)[Name]> };
  readonly query: Operation extends { readonly query: infer Q } ? Infer<Q> : undefined;
  /** Parsed by its schema; that of a signed message once its signature is verified. */
  readonly body: Operation extends { readonly body: infer B } ? Infer<B> : undefined;
  readonly bytes: Uint8Array;
  readonly caller: Operation extends { readonly auth: Scope } ? Caller : undefined;
  readonly signed: Operation extends { readonly auth: 'signature' } ? VerifiedMessage : undefined;
  readonly header: (name: string) => string | undefined;
}

/** A handler's answer. `status`: another success status that its operation lists. */
interface Reply<T> {
  readonly body: T;
  readonly status?: 200 | 201 | 202;
  readonly headers?: Readonly<Record<string, string>>;
}

type Answer<Operation extends ApiOperation> = z.input<Operation['answer']>;

/** Answers a checked request. Throws Refused for an act that the caller may not do now. */
type ApiHandler<Path extends string, Operation extends ApiOperation> = (
  request: ApiRequest<Path, Operation>,
) => Promise<Reply<Answer<Operation>>>;

interface OwnProtocol {
  readonly answer: (context: Context) => Promise<Response>;
}

/** One handler for each operation of a table. The compiler checks that none is missing and that each returns what is described. */
type ApiHandlers<Table> = {
  readonly [Path in keyof Table & string]: {
    readonly [M in keyof Table[Path]]: Table[Path][M] extends ApiOperation
      ? ApiHandler<Path, Table[Path][M]> | OwnProtocol
      : never;
  };
};

export type Handlers = ApiHandlers<typeof API_OPERATIONS>;

export const handling = <Path extends keyof Handlers>(make: (deps: ApiDeps) => Pick<Handlers, Path>) => make;

type AnyHandler = ApiHandler<string, ApiOperation> | OwnProtocol;

/** The header that names the newest published checkpoint of the public log, by its size. */
export const CHECKPOINT_HEADER = 'aldergate-checkpoint';

type Naming = Pick<ApiDeps, 'checkpoint'>;

const checkpointHeader = ({ checkpoint }: Naming): Readonly<Record<string, string>> => {
  const size = checkpoint();
  return size === undefined ? {} : { [CHECKPOINT_HEADER]: size };
};

export const naming =
  (deps: Naming) =>
  (response: Response): Response => {
    for (const [name, value] of Object.entries(checkpointHeader(deps))) response.headers.set(name, value);
    return response;
  };

const EMPTY = new Uint8Array(0);

const isScope = (auth: ApiOperation['auth']): auth is Scope => auth !== 'signature' && auth !== 'none';

const callerOf = (
  { auth, orScope }: ApiOperation,
  { authenticate }: BindDeps,
  header: ApiRequest<string, ApiOperation>['header'],
) => (isScope(auth) ? authenticate(header, auth, ...(orScope === undefined ? [] : [orScope])) : undefined);

const paramsOf = (context: Context, path: string): Readonly<Record<string, string | number>> =>
  Object.fromEntries(
    [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [name, READ[name as ParameterName](context.req.param(name) ?? '')]),
  );

type BindDeps = Naming & Pick<ApiDeps, 'authenticate' | 'ports'>;

/** `key`: from the address. The shape of a signed body is checked after its signature. */
const sentIn = async ({ req }: Context, operation: ApiOperation, key: unknown, { ports }: BindDeps) => {
  const { auth, body: schema, bodyBytesMax = REQUEST_BYTES_MAX } = operation;
  if (schema === undefined) return { bytes: EMPTY };
  const header = (name: string) => req.header(name);
  requireMediaType(header('content-type') ?? null, 'application/json');
  const bytes = await readBody(req.raw, bodyBytesMax);
  const value = parseJson(bytes);
  const signed = auth === 'signature' ? await verifyMessage(ports, operation, { value, bytes, header, key }) : undefined;
  return { bytes, signed, body: checkInput(schema, value) };
};

type Checked = ApiHandler<string, ApiOperation>;

/** Answers a page of a list. */
const listed =
  (path: string, handler: Checked, { ports }: BindDeps): Checked =>
  async (request) => {
    const { cursor, limit, ...filter } = request.query as unknown as { cursor?: string; limit: number };
    const { agencies = [] } = (request.caller as Caller | undefined) ?? {};
    const cursors = cursorsOf(path, request.params, filter, agencies);
    const { body } = await handler({ ...request, query: { ...filter, limit, cursor: cursors.read(cursor) } } as never);
    const { items, next } = body as Page<unknown>;
    return { body: { items, next: cursors.write(next), ...(await listFault(ports)) } };
  };

const bound = (path: string, operation: ApiOperation, given: AnyHandler, deps: BindDeps) => {
  if ('answer' in given) return async (context: Context) => naming(deps)(await given.answer(context));
  const handler = operation.isList ? listed(path, given, deps) : given;
  return async (context: Context): Promise<Response> => {
    const header = (name: string) => context.req.header(name);
    const caller = await callerOf(operation, deps, header);
    const params = paramsOf(context, path);
    const query = checkQuery(operation.query ?? NO_QUERY, new URL(context.req.url).searchParams);
    const request = { params, query, ...(await sentIn(context, operation, params['key'], deps)), caller, header };
    const { body, status = operation.status, headers } = await handler(request as never);
    // Adding it afterwards would make the node:http adapter read and sort all headers again.
    return json(body, status, { ...headers, ...checkpointHeader(deps) });
  };
};

export const bind = <Table extends Readonly<Record<string, Readonly<Partial<Record<Method, ApiOperation>>>>>>(
  app: Hono,
  table: Table,
  handlers: ApiHandlers<Table>,
  deps: BindDeps,
): void => {
  for (const [path, operations] of Object.entries(table)) {
    const own = handlers[path] as Readonly<Record<string, AnyHandler>>;
    for (const [method, operation] of Object.entries(operations)) {
      const handler = own[method];
      if (handler === undefined) throw new Error(`broken invariant: ${method} ${path} has no handler`);
      const answer = bound(path, operation, handler, deps);
      app.on(method, honoPath(path), answer);
      if (operation.anyMethod === true) app.all(honoPath(path), answer);
    }
    const otherwise = onlyMethods(allowedMethods(operations));
    app.all(honoPath(path), (context) => naming(deps)(otherwise(context)));
  }
};

export interface ApiDeps {
  readonly ports: GatePorts & RegisterPorts;
  readonly logger: Logger;
  /** How long a client may hold a "yes" of OFREP, in seconds since it sent the request. */
  readonly leaseSeconds: number;
  /**
   * Cached heads for bulk answers that may be somewhat old (see `KeptHeads`). Absent if the store knows what has changed, or if no answer
   * may be old.
   */
  readonly keptHeads?: { readonly store: Store; readonly holds: (streams: readonly string[]) => boolean } | undefined;
  /** Event streams that tell a client to ask again; absent if no process serves them. */
  readonly streams?: { readonly urlFor: (token: string) => string } | undefined;
  readonly checkpoint: () => string | undefined;
  /** Salts the commitments to mail addresses in rosters (see `contactsOf`). */
  readonly rosterSalt: Uint8Array;
  readonly health: () => Promise<readonly HealthProblem[]>;
  /** Authenticates the caller: by API token over HTTP; on its own machine the command line is the operator and needs none. */
  readonly authenticate: Credentials;
}
