import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { parseStrict } from '../../domain/kernel/json.ts';
import { formatVerifierKey } from '../../domain/log/note.ts';
import { kmsClientFor, kmsSigner } from '../../functions/log/sequencer/kmsSigner.ts';
import { operatorProgram } from './operatorProgram.ts';
import { recordsOutputs, STAGE_OPTIONS } from './outputs.ts';

const USAGE = `node infra/aws/logKey.ts --origin ORIGIN
       node infra/aws/logKey.ts --sign HANDOVER.json`;

const OPTIONS = { ...STAGE_OPTIONS, origin: { type: 'string' }, sign: { type: 'string' } } as const;

/** What `aldergate log rotate-key --to VKEY --json` prints. */
const Handover = z.object({ text: z.string(), until: z.iso.datetime() });

const handoverIn = (file: string): z.infer<typeof Handover> | undefined => {
  const json = parseStrict(readFileSync(file));
  const { data } = Handover.safeParse(json.ok ? json.value : undefined);
  if (data === undefined) console.error(`${file} is not what \`aldergate log rotate-key --json\` prints`);
  return data;
};

/**
 * Hands a log that moves to AWS over to its key in KMS: prints the verifier key of that key or, as arguments of `log rotate-key`, its
 * signature on what that command printed.
 */
await operatorProgram(USAGE, async () => {
  const { values } = parseArgs({ options: OPTIONS });
  const { origin, sign } = values;
  if ((origin === undefined) === (sign === undefined)) return undefined;
  const handover = sign === undefined ? undefined : handoverIn(sign);
  if (sign !== undefined && handover === undefined) return 2;
  const { LogKey: keyArn } = recordsOutputs(values);
  const kms = kmsClientFor(keyArn, {});
  const signer = await kmsSigner(kms, keyArn, origin ?? 'any');
  if (handover === undefined) console.log(formatVerifierKey(signer.key));
  else {
    const { text, until } = handover;
    console.log(`--until ${until} --signature ${Buffer.from(await signer.sign(Buffer.from(text))).toString('base64')}`);
  }
  kms.destroy();
  return 0;
});
