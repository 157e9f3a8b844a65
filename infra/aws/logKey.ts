import { parseArgs } from 'node:util';
import { formatVerifierKey } from '../../domain/log/verifierKey.ts';
import { kmsClientFor, kmsSigner } from '../../functions/log/sequencer/kmsSigner.ts';
import { operatorProgram } from './operatorProgram.ts';
import { recordsOutputs, STAGE_OPTIONS } from './outputs.ts';

const OPTIONS = { ...STAGE_OPTIONS, origin: { type: 'string' } } as const;

/** Prints the verifier key of a log whose key is in KMS, before any function runs: a log that moves here is handed over to it first. */
await operatorProgram('node infra/aws/logKey.ts --origin ORIGIN', async () => {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.origin === undefined) return undefined;
  const { LogKey: keyArn } = recordsOutputs(values);
  const kms = kmsClientFor(keyArn, {});
  const { key } = await kmsSigner(kms, keyArn, values.origin);
  kms.destroy();
  console.log(formatVerifierKey(key));
  return 0;
});
