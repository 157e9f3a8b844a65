import type { Context, Hono } from 'hono';
import { PASSKEY_PAGES } from '../routes/pages.ts';
import { pagesApp } from '../site/page.ts';
import { confirmWithPasskey, decideTogetherWithPasskey, decideWithPasskey } from './decide.ts';
import { type PasskeyDeps, readPasskeyHolder } from './holder.ts';
import { listPage, postEnrol, postPermit, postProve, postRemove, removalPage } from './keys.ts';
import { postReset, resetPage } from './reset.ts';

/** Serves the passkey pages behind officials' links. Nothing else in the gate reads what authenticators send. */
export const passkeyApp = (deps: PasskeyDeps): Hono => {
  const list = async (context: Context): Promise<Response> => {
    const official = await readPasskeyHolder(deps, context);
    const remove = context.req.query('remove');
    return remove === undefined ? listPage(deps, context, official) : removalPage(deps, context, official, remove);
  };
  return pagesApp(deps, PASSKEY_PAGES, {
    '/d/{token}/passkey': { GET: list },
    '/d/{token}/passkey/decide': { POST: (context) => decideWithPasskey(deps, context) },
    '/d/{token}/passkey/together': { POST: (context) => decideTogetherWithPasskey(deps, context) },
    '/d/{token}/passkey/confirm': { POST: (context) => confirmWithPasskey(deps, context) },
    '/d/{token}/passkey/enrol': { POST: (context) => postEnrol(deps, context) },
    '/d/{token}/passkey/prove': { POST: (context) => postProve(deps, context) },
    '/d/{token}/passkey/permit': { POST: (context) => postPermit(deps, context) },
    '/d/{token}/passkey/remove': { POST: (context) => postRemove(deps, context) },
    '/d/{token}/passkey/reset': {
      GET: (context) => resetPage(deps, context),
      POST: (context) => postReset(deps, context),
    },
  });
};
