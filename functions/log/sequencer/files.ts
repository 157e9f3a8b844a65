import { decodeBundle, encodeBundle } from '../../../domain/log/bundle.ts';
import { HASH_BYTES } from '../../../domain/log/hash.ts';
import { type Bundle, bundlePath, TILE_WIDTH, type Tile, tilePath } from '../../../domain/log/tile.ts';
import type { Blobs } from '../../platform/blobs/port.ts';

/** Only reading. */
type Source = Pick<Blobs, 'get'>;

/** A tile or an entry bundle of the log. */
export type LogFile = { readonly tile: Tile } | { readonly bundle: Bundle };

const part = (file: LogFile, whole: Uint8Array): Uint8Array =>
  'tile' in file
    ? whole.slice(0, file.tile.width * HASH_BYTES)
    : encodeBundle(decodeBundle(whole, TILE_WIDTH).slice(0, file.bundle.width));

const pathOf = (file: LogFile): string => ('tile' in file ? tilePath(file.tile) : bundlePath(file.bundle));

const wholeOf = (file: LogFile): LogFile =>
  'tile' in file ? { tile: { ...file.tile, width: TILE_WIDTH } } : { bundle: { ...file.bundle, width: TILE_WIDTH } };

const widthOf = (file: LogFile): number => ('tile' in file ? file.tile.width : file.bundle.width);

/** A public file of the log; a partial one that a full one has replaced is cut from that. Undefined where there is neither. */
export const readFile = async (source: Source, file: LogFile): Promise<Uint8Array | undefined> => {
  const there = await source.get(pathOf(file));
  if (there !== undefined || widthOf(file) === TILE_WIDTH) return there;
  const whole = await source.get(pathOf(wholeOf(file)));
  return whole === undefined ? undefined : part(file, whole);
};
