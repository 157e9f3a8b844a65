import type { Context } from 'hono';

/** Pages load the site's own stylesheet, images and fonts only, submit forms to the site only, and cannot be framed. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Browser features that no page uses, denied so that injected content could not use them either. */
const PERMISSIONS = ['camera', 'display-capture', 'geolocation', 'microphone', 'midi', 'payment', 'serial', 'usb']
  .map((name) => `${name}=()`)
  .join(', ');

/** Allows the site's own script, on pages that ask for a passkey only. */
const SCRIPTED_POLICY = `${POLICY}; script-src 'self'`;
const SCRIPTED = 'scripted';

/** Marks the response as a page with a script. */
export const allowScript = (context: Context): void => context.set(SCRIPTED, true);

/** Sets the headers of every response. `url`: the gate's address; HSTS is set only if it is https. */
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
