import { hash } from 'node:crypto';
import { REGULAR } from './fonts/regular.ts';
import { SEMI_BOLD } from './fonts/semiBold.ts';

const fontOf = (name: string, base64: string) => {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return { path: `/assets/${name}.${hash('sha256', bytes).slice(0, 16)}.woff2`, bytes };
};

const regular = fontOf('public-sans-400', REGULAR);
const semiBold = fontOf('public-sans-600', SEMI_BOLD);

/** The site's own type, Public Sans in two weights. An address names its contents, so that it can be kept for ever. */
export const FONTS: readonly { readonly path: string; readonly bytes: Uint8Array<ArrayBuffer> }[] = [regular, semiBold];

/**
 * `optional`: who has not got the type in the first instant reads the page in the stand-in to its end, and nothing ever jumps. The
 * stand-in is Arial or what is drawn to its widths, stretched to Public Sans's (figures: mean width of English text, and the
 * ascender, 1900, and descender, 450, of its 2,000 units, each divided by that stretch).
 */
export const fontStyle = `
@font-face{font-family:"Public Sans";font-weight:400;font-display:optional;src:url(${regular.path}) format("woff2")}
@font-face{font-family:"Public Sans";font-weight:600 700;font-display:optional;src:url(${semiBold.path}) format("woff2")}
@font-face{font-family:Stand-in;font-weight:400;size-adjust:105.65%;ascent-override:89.92%;descent-override:21.3%;line-gap-override:0%;src:local("Arial"),local("Liberation Sans"),local("Arimo")}
@font-face{font-family:Stand-in;font-weight:600 700;size-adjust:98.77%;ascent-override:96.19%;descent-override:22.78%;line-gap-override:0%;src:local("Arial Bold"),local("Arial-BoldMT"),local("Liberation Sans Bold"),local("Arimo Bold")}
`;
