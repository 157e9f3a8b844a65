import { createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { SignedCheckpoint, type TrustedLog } from '../../../domain/log/checkpoint.ts';
import { type CosignBytes, formatVerifierKey, isKeyName, type VerifierKey, verifierKey } from '../../../domain/log/note.ts';
import {
  cosignatureLine,
  decideAddCheckpoint,
  openAddCheckpoint,
  TLOG_SIZE_MEDIA_TYPE,
  type WitnessRefusal,
} from '../../../domain/log/witness.ts';
import { folderBlobs } from '../../../functions/platform/blobs/folderBlobs.ts';
import { readPlainFile } from '../../../functions/platform/files.ts';
import { messageOf } from '../../../functions/platform/logging.ts';
import { lockFolder } from '../../local/databases.ts';
import { UnusableFolder } from '../../local/errors.ts';
import { makeFolder, writeFileAtomically } from '../../local/folders.ts';
import { aborted, endRequested } from '../../local/loops.ts';
import { generateLogKey } from '../../local/secrets.ts';
import { type Command, optionalOption, requiredOption, trustedLog, WrongUsage } from '../usage.ts';

const PORT = 8788;

const portOf = (given: string | undefined): number => {
  const port = Number(given ?? PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new WrongUsage('--port is a number from 0 to 65535');
  return port;
};

export const witnessCommand: Command = {
  usage: 'witness [FOLDER] --key VKEY[,VKEY…] [--name N] [--port P] [--host H]',
  does: 'runs a witness for public logs, which cosigns a checkpoint only if it continues what was cosigned before (c2sp.org/tlog-witness)',
  takes: { key: 'string', name: 'string', port: 'string', host: 'string' },
  run: async (args, options) => {
    const folder = args[0] ?? 'witness';
    const logs = requiredOption(options, 'key').split(',').map(trustedLog);
    const asked = endRequested();
    const port = portOf(optionalOption(options, 'port'));
    const name = optionalOption(options, 'name');
    const first = name ?? hostname();
    if (!isKeyName(first)) throw new WrongUsage(`--name: ${first} cannot name a key: a name has neither spaces nor plus signs`);
    makeFolder(folder);
    const lock = lockFolder(join(folder, 'witness.lock'));
    let server: Server | undefined;
    try {
      const state = openWitness(folder, name);
      server = witnessServer(state, logs, (error) => console.error(error));
      server.listen(port, optionalOption(options, 'host') ?? '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const where = typeof address === 'object' && address !== null ? address.port : port;
      console.error(
        `witness ${formatVerifierKey(state.key)} listens on port ${where} for ${logs.map(({ origin }) => origin).join(', ')}`,
      );
      await aborted(asked);
    } finally {
      server?.close();
      server?.closeAllConnections();
      lock.release();
    }
    return { json: { ended: true }, text: 'the witness ended' };
  },
};

// Storage format of a witness: its key (PEM, PKCS #8) after a line with the key's name, and for each log the newest checkpoint with its
// cosignature.

export interface WitnessState {
  readonly key: VerifierKey;
  readonly sign: CosignBytes;
  readonly latest: (log: TrustedLog) => Promise<SignedCheckpoint | undefined>;
  /** Stores a checkpoint, durably once it resolves; `false` if the stored one is not `known`. */
  readonly advance: (log: TrustedLog, known: SignedCheckpoint | undefined, next: Uint8Array) => Promise<boolean>;
}

const KEY_FILE = 'witness.key';

/** Throws UnusableFolder under another name than the first: logs that know the key by that one would take no cosignature any more. */
const openKey = (folder: string, asked: string | undefined): { readonly privateKey: KeyObject; readonly name: string } => {
  const path = join(folder, KEY_FILE);
  if (!existsSync(path)) writeFileAtomically(path, `${asked ?? hostname()}\n${generateLogKey()}`, 0o600);
  const [name = '', ...pem] = readPlainFile(path).toString().split('\n');
  try {
    const privateKey = createPrivateKey(pem.join('\n'));
    if (asked === undefined || asked === name) return { privateKey, name };
  } catch (error) {
    throw new UnusableFolder(`${path} holds no key (${messageOf(error)}): put back its backup`);
  }
  throw new UnusableFolder(`the key in ${folder} is known as ${name}: leave --name out, or begin with another folder`);
};

const pathOf = ({ origin }: TrustedLog): string => `${hash('sha256', origin)}.checkpoint`;

/** Opens a witness's folder; the first call creates it and its key. `asked`: the name of its key, at first by default the machine's. */
export const openWitness = (folder: string, asked?: string): WitnessState => {
  makeFolder(folder);
  const { privateKey, name } = openKey(folder, asked);
  const blobs = folderBlobs(folder);
  const raw = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(-32);
  const key = verifierKey(name, 4, new Uint8Array(raw));
  return {
    key,
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
    latest: async (log) => {
      const bytes = await blobs.get(pathOf(log));
      // A witness trusts its own cosignature, even after the signing key is no longer trusted.
      return bytes === undefined ? undefined : SignedCheckpoint.open(bytes, { ...log, keys: [...log.keys, key] });
    },
    advance: (log, known, next) => blobs.replace(pathOf(log), next, known?.bytes),
  };
};

const PATH = '/add-checkpoint';
/** Limit of a request; 63 hashes and a checkpoint with a hundred cosignatures are far below. */
const BODY_BYTES_MAX = 256 * 1024;

interface WitnessAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const text = (status: number, body: string): WitnessAnswer => ({ status, type: 'text/plain; charset=utf-8', body });

const refusal = (refused: WitnessRefusal): WitnessAnswer =>
  'size' in refused
    ? { status: refused.status, type: TLOG_SIZE_MEDIA_TYPE, body: `${refused.size}\n` }
    : text(refused.status, `${refused.detail}\n`);

/**
 * Answers one request. A new checkpoint replaces exactly the stored one that it was compared with, and is cosigned only then, so concurrent
 * requests never get two histories cosigned.
 */
const answerAddCheckpoint = async (
  state: WitnessState,
  logs: readonly TrustedLog[],
  body: Uint8Array,
  seconds: () => number,
): Promise<WitnessAnswer> => {
  const request = openAddCheckpoint(body, logs);
  if (!request.ok) return refusal(request);
  const log = logs.find(({ origin }) => origin === request.checkpoint.origin);
  if (log === undefined) throw new Error('broken invariant: the checkpoint was opened by one of the logs');
  for (;;) {
    const latest = await state.latest(log);
    const decision = decideAddCheckpoint(request, latest);
    if (!decision.ok) return refusal(decision);
    const line = cosignatureLine(decision.checkpoint, state.key, seconds(), state.sign);
    if (await state.advance(log, latest, Buffer.from(`${decision.checkpoint.text}\n${line}`))) return text(200, line);
  }
};

const readBody = async (request: IncomingMessage): Promise<Uint8Array | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const respond = (response: ServerResponse, { status, type, body }: WitnessAnswer): void => {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...(status === 405 && { allow: 'POST' }) });
  response.end(body);
};

/** Returns a witness server (c2sp.org/tlog-witness): `POST /add-checkpoint`. */
export const witnessServer = (
  state: WitnessState,
  logs: readonly TrustedLog[],
  onError: (error: unknown) => void,
  seconds: () => number = () => Math.floor(Date.now() / 1000),
): Server => {
  const answer = async (request: IncomingMessage): Promise<WitnessAnswer> => {
    if ((request.url ?? '').split('?', 1)[0] !== PATH) return text(404, 'a witness has one address: POST /add-checkpoint\n');
    if (request.method !== 'POST') return text(405, 'POST\n');
    const body = await readBody(request);
    return body === undefined ? text(400, 'the body is too large\n') : answerAddCheckpoint(state, logs, body, seconds);
  };
  return createServer({ requestTimeout: 30_000 }, (request, response) => {
    answer(request).then(
      (answered) => respond(response, answered),
      (error: unknown) => {
        onError(error);
        respond(response, text(500, 'the witness failed\n'));
      },
    );
  });
};
