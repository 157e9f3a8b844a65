// Wire format: the entry bundles of c2sp.org/tlog-tiles, repeated (uint16 big-endian length ‖ entry).
import { fail } from './errors.ts';
import { TILE_WIDTH } from './tile.ts';

export const ENTRY_BYTES_MAX = 65_535;

const LENGTH_BYTES = 2;

/** Throws `bundle-width-wrong`, `entry-too-large`. */
export const encodeBundle = (entries: readonly Uint8Array[]): Uint8Array => {
  if (entries.length < 1 || entries.length > TILE_WIDTH) return fail('bundle-malformed', 'a bundle has 1 to 256 entries');
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + LENGTH_BYTES + entry.length, 0));
  const lengths = new DataView(bytes.buffer);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX) return fail('entry-too-large', `an entry has at most ${ENTRY_BYTES_MAX} bytes`);
    lengths.setUint16(at, entry.length);
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bytes;
};

/**
 * Returns the entries of an attacker-controlled bundle of exactly `width`, as views of its bytes. Throws `bundle-malformed`. They are not
 * yet known to be the log's: compare their leaf hashes with the tile of level 0.
 */
export const decodeBundle = (bytes: Uint8Array, width: number): Uint8Array[] => {
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    return fail('bundle-malformed', 'a bundle has 1 to 256 entries');
  }
  const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  for (let i = 0; i < width; i += 1) {
    if (at + LENGTH_BYTES > bytes.length) return fail('bundle-malformed', `the bundle ends before entry ${i} of ${width}`);
    const start = at + LENGTH_BYTES;
    at = start + lengths.getUint16(at);
    if (at > bytes.length) return fail('bundle-malformed', `the bundle ends within entry ${i} of ${width}`);
    entries.push(new Uint8Array(bytes.buffer, bytes.byteOffset + start, at - start));
  }
  if (at !== bytes.length) return fail('bundle-malformed', `${bytes.length - at} bytes follow the last entry`);
  return entries;
};
