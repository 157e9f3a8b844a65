import * as z from 'zod';
import { LogError } from '../../../domain/log/errors.ts';
import { parseVerifierKey, type VerifierKey } from '../../../domain/log/verifierKey.ts';

/** A witness (c2sp.org/tlog-witness) that is asked to cosign: the prefix it answers under, and its key of type 4. */
export interface Witness {
  readonly url: string;
  readonly key: VerifierKey;
}

/** Whom the sequencer asks, and how many must have cosigned before a checkpoint is published; 0: publication waits for nobody. */
export interface WitnessPolicy {
  readonly witnesses: readonly Witness[];
  readonly quorum: number;
}

const vkey = z.string().transform((text, context): VerifierKey => {
  try {
    const key = parseVerifierKey(text.trim());
    if (key.type === 4) return key;
    context.addIssue({ code: 'custom', message: 'is not the key of a witness (type 4)' });
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
  return z.NEVER;
});

/** Most witnesses: each is a line of every checkpoint. */
const WITNESSES_MAX = 16;

/** The witnesses as settings name them: `[{"url": "https://…", "vkey": "name+id+key"}]`. */
export const WitnessList = z
  .array(
    z
      .strictObject({ url: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')), vkey })
      .transform(({ url, vkey: key }): Witness => ({ url, key })),
  )
  .max(WITNESSES_MAX);

const parsedJson = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

/** The same as the text of a variable. */
export const WitnessText = parsedJson.pipe(WitnessList);
