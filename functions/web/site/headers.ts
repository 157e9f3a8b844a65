import type { Context } from 'hono';

/** Nothing is loaded but our own stylesheet and icon; forms go to ourselves; nobody frames a page on which officials decide. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What no page of ours asks a browser for, so that nothing that found its way into one could. */
const PERMISSIONS = ['camera', 'display-capture', 'geolocation', 'microphone', 'midi', 'payment', 'serial', 'usb']
  .map((name) => `${name}=()`)
  .join(', ');

/** On the pages that ask for a passkey, and only there, our own script as well. */
const SCRIPTED_POLICY = `${POLICY}; script-src 'self'`;
const SCRIPTED = 'scripted';

/** This answer is a page with a script. */
export const allowScript = (context: Context): void => context.set(SCRIPTED, true);

/** The headers of every answer of the site. `url`: the address of the gate; only behind https does it ask to be reached by https alone. */
export const secure = (context: Context, url: string): void => {
  const links = /^\/(?:[dn]\/|worklist$)/.test(context.req.path) || context.req.path.startsWith('/m/');
  context.header('Content-Security-Policy', context.get(SCRIPTED) === true ? SCRIPTED_POLICY : POLICY);
  context.header('Referrer-Policy', links ? 'same-origin' : 'strict-origin-when-cross-origin');
  context.header('X-Content-Type-Options', 'nosniff');
  context.header('X-Frame-Options', 'DENY');
  context.header('Cross-Origin-Opener-Policy', 'same-origin');
  context.header('Cross-Origin-Resource-Policy', 'same-origin');
  context.header('Permissions-Policy', PERMISSIONS);
  if (links) context.header('X-Robots-Tag', 'noindex, nofollow');
  if (url.startsWith('https://')) context.header('Strict-Transport-Security', 'max-age=31536000');
};
