import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { featureStream } from '../../../domain/feature/keys.ts';
import { strictObject } from '../../../domain/kernel/zodTypes.ts';
import { isDate } from '../../../domain/kernel/zone.ts';
import { ifValid } from '../../../domain/log/encoding.ts';
import { formatVerifierKey } from '../../../domain/log/note.ts';
import { parseLogPath } from '../../../domain/log/tile.ts';
import { type InclusionPorts, inclusionProofFor, recordFor } from '../../log/proofs.ts';
import { CHECKPOINT_PATH } from '../../log/sequencer/ports.ts';
import { documentPath, type LogFile, logFilePath, noticePath, readFile } from '../../log/sequencer/publicFiles.ts';
import { IMMUTABLE } from '../../platform/blobs/port.ts';
import type { Logger } from '../../platform/logging.ts';
import { hidingBytes } from '../../register/documents.ts';
import { badParameter, checkKey, checkQuery, pastInstant } from '../http/input.ts';
import { problemAnswer, refused } from '../http/problems.ts';
import { notFound, onError, onlyMethods, toResponse } from '../http/respond.ts';
import { LOG_FILES, LOG_PREFIX } from '../routes/pages.ts';
import { allowedMethods, honoPath } from '../routes/route.ts';

const TEXT = 'text/plain; charset=utf-8';
const RecordQuery = strictObject(() => ({ at: z.string().max(40, 'is not an instant').optional() }));
const VERSION = /^[1-9][0-9]{0,14}$/;

interface LogDeps {
  /** Maximum size of an answer in bytes. A longer tile or entry bundle is served by other means, or not at all. */
  readonly answerBytesMax: number;
  readonly ports: InclusionPorts & { readonly clock: () => string };
  readonly logger: Logger;
}

/** The headers of every answer of the log; pages of other origins may read it. */
export const LOG_HEADERS = {
  'access-control-allow-origin': '*',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
} as const;

/** Adds the CORS headers to refusals: without them, a page would see the 404 of a replaced partial tile as a network failure. */
const open = (refusal: Response): Response => {
  for (const [name, value] of Object.entries(LOG_HEADERS)) refusal.headers.set(name, value);
  return refusal;
};

const missing = (detail: string): Response => open(toResponse(problemAnswer('not-found', { detail })));

const bytes = (body: Uint8Array | ReadableStream<Uint8Array>, contentType: string, cacheControl: string): Response =>
  new Response(body instanceof Uint8Array ? new Uint8Array(body) : body, {
    headers: {
      'content-type': contentType,
      'cache-control': cacheControl,
      ...LOG_HEADERS,
    },
  });

const fileAt = (path: string): LogFile | undefined => ifValid(() => parseLogPath(path));

const immutable = (
  body: Uint8Array | ReadableStream<Uint8Array>,
  length: number,
  cacheControl: string = IMMUTABLE.cacheControl,
): Response => {
  const answer = bytes(body, IMMUTABLE.contentType, cacheControl);
  answer.headers.set('content-length', String(length));
  return answer;
};

/** The bytes never change, but an order can withhold them: a cache may hold them at most this long afterwards. */
const WITHHOLDABLE = 'public, max-age=300';

/**
 * Serves a tile or an entry bundle as a stream. A partial one that a full one has replaced is cut from the full one, or is missing if the
 * cut would be too long: the client then reads the full one (c2sp.org/tlog-tiles). Each path has only one spelling, so no other file can
 * be requested.
 */
const tile =
  ({ ports: { blobs }, answerBytesMax }: LogDeps) =>
  async (context: Context): Promise<Response> => {
    const file = fileAt(context.req.path.slice(LOG_PREFIX.length + 1));
    if (file === undefined) return missing('the log has no such tile');
    const found = await blobs.open(logFilePath(file));
    if (found !== undefined) {
      if (found.bytes > answerBytesMax) throw refused('unavailable');
      return immutable(found.stream, found.bytes);
    }
    const cut = await readFile(blobs, file);
    if (cut === undefined) return missing('the log has no such tile');
    return cut.length > answerBytesMax ? missing('read the full tile, which has replaced this one') : immutable(cut, cut.length);
  };

const SHA256 = /^[0-9a-f]{64}$/;

/** Streams piece by piece, so that many large files at a time do not fill the memory. */
const isNamedBy = async (sha256: string, stream: ReadableStream<Uint8Array>): Promise<boolean> => {
  const hash = createHash('sha256');
  for await (const piece of stream) hash.update(piece);
  return hash.digest('hex') === sha256;
};

/**
 * The bytes may be anything: they are served as data, never as a page, and not at all if they do not match the digest in the address.
 * Rejects with 451 if they are withheld.
 */
const withholdable =
  ({ ports }: LogDeps, what: 'notice' | 'document') =>
  async (context: Context): Promise<Response> => {
    const sha256 = context.req.param('sha256') ?? '';
    const digest = `sha256:${sha256}`;
    const path = what === 'notice' ? noticePath(digest) : documentPath(digest);
    const found = SHA256.test(sha256) ? await ports.blobs.open(path) : undefined;
    if (found === undefined) return missing(`no ${what} with this SHA-256 is in the log`);
    const order = await hidingBytes({ ...ports, store: ports.orders ?? ports.store }, what, digest);
    if (order !== undefined)
      throw refused('withheld', { detail: `withheld since ${order.at}: ${order.authority}, file ${order.fileNumber}` });
    const whole = (await isNamedBy(sha256, found.stream)) ? await ports.blobs.open(path) : undefined;
    if (whole === undefined) return missing(`the ${what} was altered where it is published`);
    const answer = immutable(whole.stream, whole.bytes, WITHHOLDABLE);
    if (what === 'document') answer.headers.set('content-disposition', 'attachment');
    return answer;
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
    const found = await inclusionProofFor(ports, featureStream(key), Number(version));
    return found === undefined ? missing('no such commit is in the public log') : bytes(found, TEXT, 'no-cache');
  };

const record =
  ({ ports, answerBytesMax }: LogDeps) =>
  async (context: Context): Promise<Response> => {
    const key = checkKey(context.req.param('key') ?? '');
    const { at } = checkQuery(RecordQuery, new URL(context.req.url).searchParams);
    // A bare date is ambiguous without the city's time zone, so an instant is required.
    if (at !== undefined && isDate(at)) throw badParameter('at', 'is not an instant such as 2026-04-01T00:00:00Z');
    const instant = at === undefined ? ports.clock() : pastInstant(at, { zone: 'UTC', clock: ports.clock });
    const found = await recordFor(ports, key, instant);
    if (!found.ok && found.because === 'too-long')
      throw refused('too-large', { detail: 'what shows that a commit is late lies too far back; check the whole log' });
    if (!found.ok) throw refused('unavailable');
    const file = new TextEncoder().encode(found.file);
    if (file.length > answerBytesMax)
      throw refused('too-large', { detail: 'the history is longer than one answer; check the whole log' });
    const answer = bytes(file, 'application/json', 'no-cache');
    answer.headers.set('content-disposition', `attachment; filename="${key}-${instant.replaceAll(':', '')}.json"`);
    return answer;
  };

/** Serves the public log (c2sp.org/tlog-tiles): static files, and proofs made from them. Needs no credentials. */
export const logApp = (deps: LogDeps): Hono => {
  const app = new Hono();
  const vkey = new TextEncoder().encode(`${formatVerifierKey(deps.ports.signer.key)}\n`);
  const handlers: { readonly [Path in keyof typeof LOG_FILES]: (context: Context) => Promise<Response> } = {
    '/log/checkpoint': checkpoint(deps),
    '/log/vkey': async () => bytes(vkey, TEXT, 'no-cache'),
    '/log/tile/{path+}': tile(deps),
    '/log/notice/{sha256}': withholdable(deps, 'notice'),
    '/log/document/{sha256}': withholdable(deps, 'document'),
    '/log/proof/{key}/{version}': receipt(deps),
    '/log/record/{key}': record(deps),
  };
  for (const [path, handler] of Object.entries(handlers)) {
    app.get(honoPath(path), handler);
    const others = onlyMethods(allowedMethods(LOG_FILES[path as keyof typeof LOG_FILES]));
    app.all(honoPath(path), (context) => open(others(context)));
  }
  app.notFound(() => open(notFound()));
  const answerError = onError(deps.logger);
  app.onError((error, context) => open(answerError(error, context)));
  return app;
};
