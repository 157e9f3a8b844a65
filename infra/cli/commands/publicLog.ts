import { writeFileSync } from 'node:fs';
import { featureStream } from '../../../domain/feature/keys.ts';
import { LogError } from '../../../domain/log/encoding.ts';
import { inclusionProofFor } from '../../../functions/log/proofs.ts';
import { fsck } from '../../../functions/log/verify/fsck.ts';
import { LogFault } from '../../../functions/log/verify/readLog.ts';
import { CorruptStore } from '../../../functions/platform/store/errors.ts';
import { CommandRefused } from '../../local/errors.ts';
import { publishedPorts } from '../../local/sequencing.ts';
import { assertOutside } from '../../local/settings.ts';
import { allPages } from '../apiClient.ts';
import {
  type ApiClient,
  argument,
  type Command,
  optionalOption,
  REMOTE_OPTIONS,
  type Tools,
  WrongUsage,
  withNoun,
} from '../usage.ts';
import { textsLine } from '../verify/report.ts';
import { logSource } from '../verify/source.ts';

/** Events that close a change: no later decision on it counts. */
const CLOSING = new Set(['ChangeApproved', 'ChangeRefused', 'ChangeLapsed', 'ChangeWithdrawn', 'FeatureRemoved']);

const closingVersion = async (apiClient: ApiClient, key: string, change: string): Promise<number> => {
  const items = await allPages((query) => apiClient.call('GET', '/v1/features/{key}/history', { params: { key }, query }));
  const n = Number(change.slice(key.length + 1));
  const closed = items.find(
    ({ type, change: of, closes }) => (of === change && CLOSING.has(type)) || (Array.isArray(closes) && closes.includes(n)),
  );
  if (closed !== undefined) return closed.version;
  const known = items.some((item) => item.change === change);
  throw new CommandRefused(known ? `${change} is still open: nothing has closed it` : `there is no change ${change}`);
};

const localReceipt = async (tools: Tools, key: string, version: number): Promise<Uint8Array | undefined> =>
  inclusionProofFor(await publishedPorts(tools.local()), featureStream(key), version);

const proofCommand: Command = {
  usage: 'proof KEY/N [--out FILE]',
  does: 'the receipt (c2sp.org/tlog-proof) that the commit which closed a change is in the public log',
  takes: { out: 'string', ...REMOTE_OPTIONS },
  run: async (args, options, tools) => {
    const change = argument(args, 0, 'KEY/N');
    const key = /^([^/]+)\/[1-9][0-9]*$/.exec(change)?.[1];
    if (key === undefined) throw new WrongUsage('a change is KEY/N');
    const version = await closingVersion(tools.apiClient(), key, change);
    const url = optionalOption(options, 'url');
    const bytes =
      url === undefined
        ? await localReceipt(tools, key, version)
        : await logSource(url).get(`proof/${encodeURIComponent(key)}/${version}`);
    if (bytes === undefined) throw new CommandRefused(`commit ${version} of ${key} is not in the public log yet`);
    const out = optionalOption(options, 'out');
    if (out !== undefined) {
      if (url === undefined) assertOutside(tools.local().settings, out);
      writeFileSync(out, bytes);
    }
    const proof = Buffer.from(bytes).toString('utf8');
    return { json: { change, version, proof }, text: out === undefined ? proof.trimEnd() : `wrote ${out}` };
  },
};

const fsckCommand: Command = {
  usage: 'fsck',
  does: 'compares the store with the public log, entry by entry, checks the MAC and the state of every row and the MAC of every record, and names the first that differs',
  run: async (_args, _options, { local, progress }) => {
    try {
      const installation = local();
      const ports = { ...(await publishedPorts(installation)), recordMacs: installation.recordMacs };
      const { rows, size, checkpoints, texts } = await fsck(ports, progress('fsck').tick);
      const json = { ok: true, rows, size, checkpoints, texts };
      const lines = [
        `the store and the public log agree: ${withNoun(size, 'commit')}, ${withNoun(checkpoints, 'checkpoint')}`,
        `every row bears a valid MAC, and its state is what its events give: ${rows} rows; so does every record beside them`,
        textsLine(texts),
        ...texts.missing.map(({ commitment, namedBy }) => `missing: ${commitment} of ${namedBy}`),
      ];
      return { json, text: lines.join('\n') };
    } catch (error) {
      if (!(error instanceof LogFault || error instanceof CorruptStore || error instanceof LogError)) throw error;
      const index = error instanceof LogFault ? (error.index ?? null) : null;
      return { json: { ok: false, index, detail: error.message }, text: error.message, failed: true };
    }
  },
};

export const publicLogCommands: readonly Command[] = [fsckCommand, proofCommand];
