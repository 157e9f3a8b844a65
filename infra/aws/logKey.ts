import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { formatVerifierKey } from '../../domain/log/note.ts';
import { kmsClientFor, kmsSigner } from '../../functions/log/sequencer/kmsSigner.ts';
import { operatorProgram } from './operatorProgram.ts';
import { recordsOutputs, STAGE_OPTIONS } from './outputs.ts';

const USAGE = `node infra/aws/logKey.ts --origin ORIGIN
       node infra/aws/logKey.ts --sign HANDOVER.json`;

const OPTIONS = { ...STAGE_OPTIONS, origin: { type: 'string' }, sign: { type: 'string' } } as const;

/** What `aldergate log rotate-key --to VKEY --json` prints. */
const Handover = z.object({ text: z.string(), until: z.iso.datetime() });

/**
 * For a log that moves to AWS and is handed over to its key there, which is in KMS: prints the verifier key of that, or, as arguments of
 * `log rotate-key`, its signature on what that command printed.
 */
await operatorProgram(USAGE, async () => {
  const { values } = parseArgs({ options: OPTIONS });
  const { origin, sign } = values;
  if ((origin === undefined) === (sign === undefined)) return undefined;
  const { LogKey: keyArn } = recordsOutputs(values);
  const kms = kmsClientFor(keyArn, {});
  const signer = await kmsSigner(kms, keyArn, origin ?? 'any');
  if (sign === undefined) console.log(formatVerifierKey(signer.key));
  else {
    const { text, until } = Handover.parse(JSON.parse(readFileSync(sign, 'utf8')));
    console.log(`--until ${until} --signature ${Buffer.from(await signer.sign(Buffer.from(text))).toString('base64')}`);
  }
  kms.destroy();
  return 0;
});
