import { expect, test } from 'vitest';
import { formatCheckpoint } from '../../../../domain/log/checkpoint.ts';
import { frontierAt, rootOf } from '../../../../domain/log/decide.ts';
import { formatNote } from '../../../../domain/log/note.ts';
import { encodeBundle, hashReader, parseLogPath } from '../../../../domain/log/tile.ts';
import { keyAfter } from '../../../../functions/log/verify/handover.ts';
import { conflictWith } from '../../../../functions/log/verify/history.ts';
import { readLog } from '../../../../functions/log/verify/readLog.ts';
import type { Store } from '../../../../functions/platform/store/port.ts';
import { ORIGIN, trusted } from '../../../domain/log/support/keys.ts';
import { checkpointOver } from '../../../domain/log/support/testLog.ts';

// A checkpoint can name any size up to 2^53-1, of which its server has next to nothing. What reads it ends at the first file that is not
// what it must be, and makes nothing for the rest.

const SIZE = Number.MAX_SAFE_INTEGER;
const zeros = (width: number) => new Uint8Array(width * 32);

/** A server that has every tile, of zeros, and one file in place of each entry bundle. */
const serverOf = (bundle: Uint8Array | undefined) => ({
  get: async (path: string) => {
    const file = path.startsWith('tile/') ? parseLogPath(path) : { bundle };
    return 'tile' in file ? zeros(file.tile.width) : bundle;
  },
});
const unsigned = formatNote({
  text: formatCheckpoint(ORIGIN, SIZE, zeros(1)),
  signatures: [{ name: 'nobody', keyId: 1, signature: new Uint8Array(64) }],
});
const garbage = encodeBundle(Array.from({ length: 256 }, () => Buffer.from('no commit')));

test('signed by the log itself: the first entry that is not in its tile is named', async () => {
  const reader = hashReader(SIZE, ({ width }) => zeros(width));
  const checkpoint = checkpointOver(SIZE, rootOf(frontierAt(SIZE, reader)));
  const first = (bundle: Uint8Array | undefined) => readLog(serverOf(bundle), checkpoint).next();
  await expect(first(undefined)).rejects.toThrow('tile/entries/000 is missing');
  await expect(first(garbage)).rejects.toThrow('is not what was signed');
});

test.each([
  ['no entries', undefined],
  ['entries that are no commits', garbage],
  ['a file that is no bundle', zeros(3)],
])('not signed by the pinned key, over %s: no handover is found', async (_, bundle) => {
  expect(await keyAfter(serverOf(bundle), unsigned, trusted)).toBe(undefined);
});

test('in the place of a published checkpoint: it contradicts everything', async () => {
  const empty = { head: async () => undefined } as unknown as Store;
  expect(await conflictWith({ store: empty, blobs: serverOf(undefined) }, unsigned)).toMatchObject({ kind: 'everything' });
});
