import { describe } from 'vitest';
import { motoMissing } from '../../infra/aws/support/cloud/moto.ts';
import { foreignStory } from '../../infra/aws/support/foreignStory.ts';
import { plainEnvironment } from '../../infra/aws/support/lambdas.ts';
import { realRuntime, runtimeMissing } from '../../infra/aws/support/realRuntime.ts';

// The bundles on an AWS of others, in processes of their own and under Lambda's own runtime.

const WAYS = [
  ['on an AWS of others,', motoMissing(), plainEnvironment],
  ['under Lambda’s own runtime, on an AWS of others,', runtimeMissing() ?? motoMissing(), realRuntime],
] as const;

for (const [name, missing, start] of WAYS) {
  if (missing !== undefined) console.warn(`SKIPPED: the bundles did not run ${name} ${missing}`);
  describe.skipIf(missing !== undefined)(missing ?? name, () => foreignStory(start));
}
