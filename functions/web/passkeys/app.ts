import type { Context, Hono } from 'hono';
import { pagesApp } from '../site/pagesApp.ts';
import { decideWithPasskey } from './decide.ts';
import { postEnrol, postPermit, postProve } from './enrol.ts';
import { type PasskeyDeps, readPasskeyHolder } from './holder.ts';
import { listPage } from './listPage.ts';
import { postRemove, removalPage } from './remove.ts';
import { postReset, resetPage } from './reset.ts';
import { confirmWithPasskey } from './roster.ts';

const OWN_PATH = /^\/d\/[^/]+\/passkey(?:\/|$)/;

/** Whether an address is one of these pages, and not of the site without the library. */
export const isPasskeyPath = (path: string): boolean => OWN_PATH.test(path);

/** The pages about passkeys, behind officials' links: the one part of the gate that reads what authenticators send. */
export const passkeyApp = (deps: PasskeyDeps): Hono => {
  const { app, route } = pagesApp(deps);
  const list = async (context: Context): Promise<Response> => {
    const official = await readPasskeyHolder(deps, context);
    const remove = context.req.query('remove');
    return remove === undefined ? listPage(deps, context, official) : removalPage(deps, context, official, remove);
  };
  route('/d/:token/passkey', { GET: list });
  route('/d/:token/passkey/decide', { POST: (context) => decideWithPasskey(deps, context) });
  route('/d/:token/passkey/roster', { POST: (context) => confirmWithPasskey(deps, context) });
  route('/d/:token/passkey/enrol', { POST: (context) => postEnrol(deps, context) });
  route('/d/:token/passkey/prove', { POST: (context) => postProve(deps, context) });
  route('/d/:token/passkey/permit', { POST: (context) => postPermit(deps, context) });
  route('/d/:token/passkey/remove', { POST: (context) => postRemove(deps, context) });
  route('/d/:token/passkey/reset', {
    GET: (context) => resetPage(deps, context),
    POST: (context) => postReset(deps, context),
  });
  return app;
};
