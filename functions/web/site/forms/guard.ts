import type { Context } from 'hono';
import { readBody, requireMediaType } from '../../http/body.ts';
import { refused } from '../../http/refused.ts';

/** Largest form, in bytes: several times a roll call of two hundred seats and a long message. */
const FORM_BYTES_MAX = 128 * 1024;

/**
 * Reads the body of a form sent from the site's own page. Rejects with 403, naming the right address, unless `Origin`, or if absent
 * `Sec-Fetch-Site`, marks it as same-origin; a request with neither is rejected. The Host header is never consulted.
 */
export const readOwnForm = async (context: Context, url: string): Promise<Uint8Array> => {
  const origin = context.req.header('origin');
  const own = origin === undefined ? context.req.header('sec-fetch-site') === 'same-origin' : origin === new URL(url).origin;
  if (!own) throw refused('wrong-origin', { detail: `this form must be sent from ${url}` });
  requireMediaType(context.req.header('content-type') ?? null, 'application/x-www-form-urlencoded');
  return readBody(context.req.raw, FORM_BYTES_MAX);
};

/** Reports whether the client asks for HTML; others get problem documents. */
export const wantsPage = (context: Context): boolean => {
  const accept = context.req.header('accept') ?? '';
  return accept.includes('text/html') || accept.includes('application/xhtml+xml');
};
