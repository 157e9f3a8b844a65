import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import { blobsContract } from './blobsContract.ts';

blobsContract('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aldergate-blobs-'));
  return { blobs: folderBlobs(folder), close: () => rm(folder, { recursive: true }) };
});
