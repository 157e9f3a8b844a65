import { describe } from 'vitest';
import { motoMissing } from '../../infra/aws/support/cloud/moto.ts';
import { foreignStory } from '../../infra/aws/support/foreignStory.ts';
import { realRuntime, runtimeMissing } from '../../infra/aws/support/realRuntime.ts';

const missing = runtimeMissing() ?? motoMissing();
if (missing !== undefined)
  console.warn(`SKIPPED: the bundles did not run under Lambda’s own runtime on an AWS of others. ${missing}`);

describe.skipIf(missing !== undefined)(missing ?? 'under Lambda’s own runtime, on an AWS of others,', () =>
  foreignStory(realRuntime),
);
