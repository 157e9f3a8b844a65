import { parseArgs } from 'node:util';
import { SignedCheckpoint } from '../../domain/log/signedCheckpoint.ts';
import { parseVerifierKey } from '../../domain/log/verifierKey.ts';
import { readLog } from '../../functions/log/verify/readLog.ts';
import { logSource } from '../../infra/cli/verify/source.ts';

// A verifier in a separate process: does what `aldergate verify` does and prints its time and memory as one line of JSON.

const { values, positionals } = parseArgs({
  options: { key: { type: 'string' }, replay: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const key = parseVerifierKey(values.key ?? '');
const source = logSource(positionals[0] ?? '');
const started = performance.now();
const checkpoint = SignedCheckpoint.open((await source.get('checkpoint')) ?? new Uint8Array(), { origin: key.name, keys: [key] });
// Verifying alone does not load the rules of the gate.
const replay = values.replay ? new (await import('../../functions/log/verify/replay.ts')).Replay(key.name) : undefined;
let entries = 0;
for await (const entry of readLog(source, checkpoint)) {
  replay?.take(entry);
  entries += 1;
}
const ms = performance.now() - started;
process.stdout.write(`${JSON.stringify({ entries, ms, peakKiB: process.resourceUsage().maxRSS })}\n`);
