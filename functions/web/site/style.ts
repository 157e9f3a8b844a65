import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  baseStyle,
  checkStyle,
  docsStyle,
  formsStyle,
  officialsStyle,
  packetStyle,
  partsStyle,
  passkeysStyle,
  registerStyle,
} from './style/site.ts';
import { uswdsStyle } from './style/uswds.ts';

const REGULAR = 'public-sans-400.2aa192f3e112aeaa.woff2';
const SEMI_BOLD = 'public-sans-600.861749bbd9beaae8.woff2';

/**
 * The site's typeface, Public Sans in two weights: files in `fonts/`, beside this module and beside the bundle of the site. Each name
 * contains a digest of the file, so it can be cached for ever.
 */
export const FONTS = [REGULAR, SEMI_BOLD] as const;

export const fontPath = (file: (typeof FONTS)[number]): string => `/assets/${file}`;

export const readFont = (file: (typeof FONTS)[number]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`./fonts/${file}`, import.meta.url)));

/**
 * `optional`: a reader who does not have the font at first paint sees the fallback for the whole visit, and nothing shifts. The
 * fallback is Arial or a metric-compatible font, scaled to Public Sans (mean width of English text; ascender 1900 and descender
 * 450 of 2,000 units, each divided by that scale).
 */
const fontStyle = `
@font-face{font-family:"Public Sans";font-weight:400;font-display:optional;src:url(${fontPath(REGULAR)}) format("woff2")}
@font-face{font-family:"Public Sans";font-weight:600 700;font-display:optional;src:url(${fontPath(SEMI_BOLD)}) format("woff2")}
@font-face{font-family:Stand-in;font-weight:400;size-adjust:105.65%;ascent-override:89.92%;descent-override:21.3%;line-gap-override:0%;src:local("Arial"),local("Liberation Sans"),local("Arimo")}
@font-face{font-family:Stand-in;font-weight:600 700;size-adjust:98.77%;ascent-override:96.19%;descent-override:22.78%;line-gap-override:0%;src:local("Arial Bold"),local("Arial-BoldMT"),local("Liberation Sans Bold"),local("Arimo Bold")}
`;

/** The site's only stylesheet. */
export const STYLE =
  `${uswdsStyle}${fontStyle}${baseStyle}${partsStyle}${formsStyle}${registerStyle}${officialsStyle}${packetStyle}${docsStyle}${checkStyle}${passkeysStyle}`.replaceAll(
    '\n',
    '',
  );

/** Contains a digest of the stylesheet, so that it can be cached for ever. */
export const STYLE_PATH = `/assets/site.${createHash('sha256').update(STYLE).digest('hex').slice(0, 16)}.css`;
