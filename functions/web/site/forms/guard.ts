import type { Context } from 'hono';
import { readBody, requireMediaType } from '../../http/body.ts';
import { refused } from '../../http/refused.ts';

/** Longest form, in bytes: a roll call of two hundred seats, long minutes and a message fit several times. */
const FORM_BYTES_MAX = 128 * 1024;

/**
 * The body of a form that our own page sent. The browser says where a form comes from (`Origin`, else `Sec-Fetch-Site`); anything
 * that is not our own address, nothing at all included, is refused with 403 and told the right one. Never decided by a Host header.
 */
export const readOwnForm = async (context: Context, url: string): Promise<Uint8Array> => {
  const origin = context.req.header('origin');
  const own = origin === undefined ? context.req.header('sec-fetch-site') === 'same-origin' : origin === new URL(url).origin;
  if (!own) throw refused('wrong-origin', { detail: `this form must be sent from ${url}` });
  requireMediaType(context.req.header('content-type') ?? null, 'application/x-www-form-urlencoded');
  return readBody(context.req.raw, FORM_BYTES_MAX);
};

/** Whether a page is wanted: a client that does not ask for HTML gets problem documents. */
export const wantsPage = (context: Context): boolean => {
  const accept = context.req.header('accept') ?? '';
  return accept.includes('text/html') || accept.includes('application/xhtml+xml');
};
