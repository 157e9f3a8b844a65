import { type Context, Hono } from 'hono';
import { featureStream } from '../../domain/feature/keys.ts';
import { LogError } from '../../domain/log/errors.ts';
import { parseLogPath } from '../../domain/log/tile.ts';
import { formatVerifierKey } from '../../domain/log/verifierKey.ts';
import { badParameter, checkKey } from '../http/input.ts';
import type { Log } from '../http/log.ts';
import { problemAnswer } from '../http/problems.ts';
import { notFound, onError, onlyMethods, toResponse } from '../http/respond.ts';
import { type LogFile, readFile } from '../sequencer/files.ts';
import { CHECKPOINT_PATH } from '../sequencer/ports.ts';
import { type ReceiptPorts, receiptFor } from '../sequencer/receipt.ts';

/** Where the log is served, below the address of the gate. */
export const LOG_PREFIX = '/log';

const FOREVER = 'public, max-age=31536000, immutable';
const TEXT = 'text/plain; charset=utf-8';
const VERSION = /^[1-9][0-9]{0,14}$/;

/** Whether an address is the log's. */
export const isLogPath = (path: string): boolean => path.startsWith(`${LOG_PREFIX}/`);

export interface LogDeps {
  readonly ports: ReceiptPorts;
  readonly log: Log;
}

const missing = (detail: string): Response => toResponse(problemAnswer('not-found', { detail }));

/** The log is there for everyone: pages of others may read it, too. */
const bytes = (body: Uint8Array, contentType: string, cacheControl: string): Response =>
  new Response(new Uint8Array(body), {
    headers: {
      'content-type': contentType,
      'cache-control': cacheControl,
      'access-control-allow-origin': '*',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    },
  });

const fileAt = (path: string): LogFile | undefined => {
  try {
    return parseLogPath(path);
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
};

/** Tiles and bundles never change. Only the one spelling of each path exists, so no file of another name can be asked for. */
const tile =
  ({ ports }: LogDeps) =>
  async (context: Context): Promise<Response> => {
    const file = fileAt(context.req.path.slice(LOG_PREFIX.length + 1));
    const found = file === undefined ? undefined : await readFile(ports.blobs, file);
    return found === undefined ? missing('the log has no such tile') : bytes(found, 'application/octet-stream', FOREVER);
  };

const checkpoint =
  ({ ports }: LogDeps) =>
  async (): Promise<Response> => {
    const found = await ports.blobs.get(CHECKPOINT_PATH);
    return found === undefined ? missing('nothing is published yet') : bytes(found, TEXT, 'no-cache');
  };

const receipt =
  ({ ports }: LogDeps) =>
  async (context: Context): Promise<Response> => {
    const key = checkKey(context.req.param('key') ?? '');
    const version = context.req.param('version') ?? '';
    if (!VERSION.test(version)) throw badParameter('version', 'is not the version of a stream, 1 or more');
    const found = await receiptFor(ports, featureStream(key), Number(version));
    return found === undefined ? missing('no such commit is in the public log') : bytes(found, TEXT, 'no-cache');
  };

/** The public log under `/log/`, c2sp.org/tlog-tiles: static files, and receipts made of them. Needs no credentials. */
export const logApp = (deps: LogDeps): Hono => {
  const app = new Hono();
  const vkey = new TextEncoder().encode(`${formatVerifierKey(deps.ports.signer.key)}\n`);
  const route = (path: string, handler: (context: Context) => Promise<Response>): void => {
    app.get(`${LOG_PREFIX}${path}`, handler);
    app.all(`${LOG_PREFIX}${path}`, onlyMethods('GET'));
  };
  route('/checkpoint', checkpoint(deps));
  route('/vkey', async () => bytes(vkey, TEXT, 'no-cache'));
  route('/tile/*', tile(deps));
  route('/proof/:key/:version', receipt(deps));
  app.notFound(() => notFound());
  app.onError(onError(deps.log));
  return app;
};
