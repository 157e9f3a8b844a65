import { parseArgs } from 'node:util';
import { KMSClient } from '@aws-sdk/client-kms';
import { formatVerifierKey } from '../../domain/log/verifierKey.ts';
import { kmsSigner } from '../../functions/log/sequencer/kmsSigner.ts';

/** Prints the verifier key of a log whose key is in KMS, before any function runs: a log that moves here is handed over to it first. */
const { key, origin } = parseArgs({ options: { key: { type: 'string' }, origin: { type: 'string' } } }).values;
if (key === undefined || origin === undefined) {
  console.error('usage: node infra/aws/logKey.ts --key LOG-KEY --origin ORIGIN');
  process.exitCode = 2;
} else {
  const kms = new KMSClient({});
  console.log(formatVerifierKey((await kmsSigner(kms, key, origin)).key));
  kms.destroy();
}
