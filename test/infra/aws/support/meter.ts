import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Dynoxide, startDynoxide } from '../../../support/dynoxide.ts';

/** What was asked of DynamoDB, in its units and in requests. */
export interface Units {
  readonly reads: number;
  readonly writes: number;
  readonly requests: number;
}

/** An engine behind a meter. `direct`: its address past the meter. */
export interface Metered extends Dynoxide {
  readonly direct: string;
  /** Returns what was asked since the last call. */
  readonly take: () => Units;
}

interface Value {
  readonly S?: string;
  readonly N?: string;
  readonly B?: string;
  readonly L?: readonly Value[];
  readonly M?: Item;
}
type Item = Readonly<Record<string, Value>>;
interface Keys {
  readonly Keys: readonly Item[];
  readonly ConsistentRead?: boolean;
}
interface Call {
  readonly TableName: string;
  readonly IndexName?: string;
  readonly ConsistentRead?: boolean;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly RequestItems?: Readonly<Record<string, Keys>>;
}
interface Reply {
  readonly Item?: Item;
  readonly Items?: readonly Item[];
  readonly Responses?: Readonly<Record<string, readonly Item[]>>;
}

/** Of an item of DynamoDB, by "DynamoDB item sizes and formats" of its developer guide. */
const bytesOfValue = ({ S, N, B, L, M }: Value): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.ceil(N.replace(/[-.]/g, '').length / 2) + 1;
  if (B !== undefined) return Buffer.byteLength(B, 'base64');
  if (L !== undefined) return L.reduce((sum, each) => sum + 1 + bytesOfValue(each), 3);
  return M === undefined ? 1 : 3 + Object.keys(M).length + bytesOfItem(M);
};
const bytesOfItem = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOfValue(value), 0);

const READ_BYTES = 4_096;
const WRITE_BYTES = 1_024;
const units = (bytes: number, each: number): number => Math.max(1, Math.ceil(bytes / each));
const readUnits = (bytes: number, isConsistent = false): number => units(bytes, READ_BYTES) / (isConsistent ? 1 : 2);

const readsOf = (call: Call, { Item: item, Items: items = [], Responses: found }: Reply): number => {
  if (call.RequestItems === undefined)
    return readUnits(
      item === undefined ? items.reduce((sum, each) => sum + bytesOfItem(each), 0) : bytesOfItem(item),
      call.ConsistentRead,
    );
  return Object.entries(call.RequestItems).reduce((sum, [table, { Keys: keys, ConsistentRead: isConsistent }]) => {
    const items = found?.[table] ?? [];
    const missing = (keys.length - items.length) * readUnits(0, isConsistent);
    return sum + missing + items.reduce((own, each) => own + readUnits(bytesOfItem(each), isConsistent), 0);
  }, 0);
};

/** A new item is an entry of the table's index more; one that is replaced, an entry less and one more where the index has what changed. */
const INDEXED: Readonly<Record<string, string>> = { CommitsTable: 'stamp', RegisterTable: 'changedAt' };

const writesOf = ({ TableName: table, Item: item }: Call, before: Item | undefined, isDone: boolean): number => {
  const own = units(Math.max(bytesOfItem(item ?? {}), bytesOfItem(before ?? {})), WRITE_BYTES);
  return own + (isDone && table in INDEXED ? [before, item].filter((each) => each !== undefined).length : 0);
};

const READS = ['GetItem', 'Query', 'Scan', 'BatchGetItem'];
const WRITES = ['PutItem', 'DeleteItem'];

/** Starts an engine whose requests are counted: in units from the sizes of the items on the wire, since the engines do not agree on them. */
export const startMetered = async (): Promise<Metered> => {
  const engine = await startDynoxide('memory');
  const counted = { reads: 0, writes: 0, requests: 0 };
  const send = async (headers: Readonly<Record<string, string>>, body: Uint8Array<ArrayBuffer>) => {
    const response = await fetch(engine.endpoint, { method: 'POST', headers, body });
    return { status: response.status, text: await response.text() };
  };
  const pass = async (request: IncomingMessage) => {
    const body = new Uint8Array(Buffer.concat(await request.toArray()));
    const headers = Object.fromEntries(
      ['authorization', 'content-type', 'x-amz-date', 'x-amz-target'].map((name) => [name, String(request.headers[name])]),
    );
    const [service = '', operation = ''] = (headers['x-amz-target'] ?? '').split('.');
    const call = JSON.parse(new TextDecoder().decode(body)) as Call;
    const { pk, sk } = call.Key ?? call.Item ?? {};
    const isWrite = WRITES.includes(operation);
    const asked = JSON.stringify({ TableName: call.TableName, Key: { pk, sk }, ConsistentRead: true });
    const before = isWrite
      ? (JSON.parse(
          (await send({ ...headers, 'x-amz-target': `${service}.GetItem` }, new TextEncoder().encode(asked))).text,
        ) as Reply)
      : {};
    const { status, text } = await send(headers, body);
    counted.requests += 1;
    if (isWrite) counted.writes += writesOf(call, before.Item, status === 200);
    else if (READS.includes(operation)) counted.reads += readsOf(call, JSON.parse(text) as Reply);
    else if (operation !== 'CreateTable') throw new Error(`${operation} is not counted`);
    return { status, text };
  };
  const server = createServer((request, response) => {
    void pass(request).then(
      ({ status, text }) => response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text),
      (error: unknown) => response.destroy(error as Error),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    direct: engine.endpoint,
    take: () => {
      const taken = { ...counted };
      Object.assign(counted, { reads: 0, writes: 0, requests: 0 });
      return taken;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await engine.stop();
    },
  };
};
