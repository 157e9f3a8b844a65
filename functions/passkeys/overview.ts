import type { Context } from 'hono';
import { linkIn } from '../site/page.ts';

/** The address of a person's passkeys, behind the link they came by. */
export const pathOf = (context: Context): string => `/d/${context.req.param('token') ?? ''}/passkey`;

/** Back to the list, as it is now. */
export const overview = (context: Context): Response => {
  context.header('Cache-Control', 'no-store');
  return context.redirect(linkIn(context, pathOf(context)), 303);
};
