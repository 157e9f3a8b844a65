import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../../infra/aws/bundle.ts';

/** What a cold start of the API may have to read, the SDK in it. */
const API_BYTES_MAX = 450_000;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aldergate-bundle-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the bundle of the API stays small', async () => {
  expect(await bundle('api', join(folder, 'api'))).toBeLessThanOrEqual(API_BYTES_MAX);
});
