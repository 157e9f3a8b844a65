import type { Context } from 'hono';
import { linkPath } from '../site/links/link.ts';
import { linkIn } from '../site/page.ts';

/** The address of a person's passkeys, behind the link they came by. */
export const passkeyPath = (context: Context): string => `${linkPath(context)}/passkey`;

/** Back to the list, as it is now. */
export const overview = (context: Context): Response => {
  context.header('Cache-Control', 'no-store');
  return context.redirect(linkIn(context, passkeyPath(context)), 303);
};
