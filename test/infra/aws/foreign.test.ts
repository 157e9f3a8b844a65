import { describe } from 'vitest';
import { motoMissing } from './support/cloud/moto.ts';
import { foreignStory } from './support/foreignStory.ts';

const missing = motoMissing();
if (missing !== undefined) console.warn(`SKIPPED: the bundles did not run against an AWS of others. ${missing}`);

describe.skipIf(missing !== undefined)(missing ?? 'on an AWS of others,', () => foreignStory());
