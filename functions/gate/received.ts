import * as z from 'zod';
import { strictObject } from '../../domain/kernel/lazyObject.ts';
import { Digest, FeatureKey } from '../../domain/kernel/zodTypes.ts';
import { INSTRUMENTS } from '../../domain/policy/schema.ts';

/** Wire format. */
export const Received = strictObject(() => ({
  change: z.string(),
  revision: z.int().min(1),
  digest: Digest,
  status: z
    .enum(['pending', 'removed', 'approved'])
    .describe('`removed` for the notice of a removal, which needs no approval; `approved` where these very words are in force.'),
  requirements: z
    .array(
      z.strictObject({
        id: z.string().describe('Names the requirement within the policy.'),
        body: z.string(),
        instrument: z.enum(INSTRUMENTS),
        status: z.enum(['waiting', 'open']).describe('`waiting` while another requirement comes first.'),
      }),
    )
    .describe('What the change needs; empty for a removal, for words in force, and until a policy is adopted.'),
  missingAncestors: z.array(FeatureKey).readonly().describe('Prefixes of the key without an approval in force; they block it.'),
  url: z.string().describe('The public page of the change.'),
})).meta({ id: 'Received', description: 'The answer to a notice; the same for ever for the same delivery.' });
export type Received = z.infer<typeof Received>;
