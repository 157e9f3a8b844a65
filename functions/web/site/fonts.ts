import { hash } from 'node:crypto';
import { REGULAR } from './fonts/regular.ts';
import { SEMI_BOLD } from './fonts/semiBold.ts';

const fontOf = (name: string, base64: string) => {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return { path: `/assets/${name}.${hash('sha256', bytes).slice(0, 16)}.woff2`, bytes };
};

const regular = fontOf('public-sans-400', REGULAR);
const semiBold = fontOf('public-sans-600', SEMI_BOLD);

/** The site's typeface, Public Sans in two weights. Each path contains a digest of the file, so it can be cached for ever. */
export const FONTS: readonly { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }[] = [regular, semiBold];

/**
 * `optional`: a reader who does not have the font at first paint sees the fallback for the whole visit, and nothing shifts. The
 * fallback is Arial or a metric-compatible font, scaled to Public Sans (mean width of English text; ascender 1900 and descender
 * 450 of 2,000 units, each divided by that scale).
 */
export const fontStyle = `
@font-face{font-family:"Public Sans";font-weight:400;font-display:optional;src:url(${regular.path}) format("woff2")}
@font-face{font-family:"Public Sans";font-weight:600 700;font-display:optional;src:url(${semiBold.path}) format("woff2")}
@font-face{font-family:Stand-in;font-weight:400;size-adjust:105.65%;ascent-override:89.92%;descent-override:21.3%;line-gap-override:0%;src:local("Arial"),local("Liberation Sans"),local("Arimo")}
@font-face{font-family:Stand-in;font-weight:600 700;size-adjust:98.77%;ascent-override:96.19%;descent-override:22.78%;line-gap-override:0%;src:local("Arial Bold"),local("Arial-BoldMT"),local("Liberation Sans Bold"),local("Arimo Bold")}
`;
