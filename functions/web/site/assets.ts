import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

export const FONTS = ['public-sans-400.2aa192f3e112aeaa.woff2', 'public-sans-600.861749bbd9beaae8.woff2'] as const;

export const fontPath = (file: (typeof FONTS)[number]): string => `/assets/${file}`;

/** Reads a file of `assets/`, which is next to this module and next to each bundle that serves pages. */
const read = (file: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`./assets/${file}`, import.meta.url)));

export const readFont = (file: (typeof FONTS)[number]): Uint8Array<ArrayBuffer> => read(file);

const readText = (file: string): string => new TextDecoder().decode(read(file));

/** In cascade order: of two rules of the same specificity the later one wins. */
const STYLES = ['uswds.min.css', 'frame.css', 'parts.css', 'forms.css', 'figures.css', 'packet.css', 'docs.css'];

export const STYLE = STYLES.map(readText)
  .join('')
  .replaceAll(/\/\*.*?\*\//gs, '')
  .replaceAll(/\s+/g, ' ')
  .replaceAll(/ ?([{};,>]|(?<=[\w-]):) ?/g, '$1')
  .trim();

/** Contains a digest of the stylesheet, so that it can be cached for ever. */
export const STYLE_PATH = `/assets/site.${hash('sha256', STYLE).slice(0, 16)}.css`;

const PASSKEY_SCRIPT = readText('passkeys.js');

export const PASSKEY_SCRIPT_PATH = `/assets/passkeys.${hash('sha256', PASSKEY_SCRIPT).slice(0, 16)}.js`;

const FOREVER = 'public, max-age=31536000, immutable';
/** RFC 9309. Crawlers may read the public register, but nothing behind a link or a token and no page that differs at each instant. */
const ROBOTS = [
  'User-agent: *',
  ...['/d/', '/m/', '/n/', '/dev/', '/worklist', '/v1/', '/ofrep/', '/*?at='].map((path) => `Disallow: ${path}`),
  '',
].join('\n');
const A_DAY = 'public, max-age=86400';

/** `gzip`: the compressed bytes, for assets that block rendering. */
interface Asset {
  readonly type: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly kept: string;
  readonly gzip?: Uint8Array<ArrayBuffer>;
}

export const siteAssets = (): ReadonlyMap<string, Asset> => {
  const icon = { type: 'image/svg+xml', body: read('icon.svg'), kept: A_DAY };
  return new Map<string, Asset>([
    [STYLE_PATH, { type: 'text/css; charset=utf-8', body: STYLE, kept: FOREVER, gzip: new Uint8Array(gzipSync(STYLE)) }],
    [PASSKEY_SCRIPT_PATH, { type: 'text/javascript; charset=utf-8', body: PASSKEY_SCRIPT, kept: FOREVER }],
    ['/assets/icon.svg', icon],
    ['/favicon.ico', icon],
    ['/robots.txt', { type: 'text/plain; charset=utf-8', body: ROBOTS, kept: A_DAY }],
    ...FONTS.map((file) => [fontPath(file), { type: 'font/woff2', body: readFont(file), kept: FOREVER }] as const),
  ]);
};
