import { type Context, Hono } from 'hono';
import { problemAnswer } from '../http/problems.ts';
import { failure, onSiteError } from '../site/failure.ts';
import { secure } from '../site/headers.ts';
import { tryLanguage } from '../site/page.ts';
import type { Handler } from '../site/route.ts';
import { decideWithPasskey } from './decide.ts';
import type { PasskeyDeps } from './deps.ts';
import { postEnrol, postPermit, postProve } from './enrol.ts';
import { listPage } from './listPage.ts';
import { readOfficial } from './official.ts';
import { postRemove, removalPage } from './remove.ts';
import { postReset, resetPage } from './reset.ts';
import { confirmWithPasskey } from './roster.ts';

const OWN_PATH = /^\/d\/[^/]+\/passkey(?:\/|$)/;

/** Whether an address is one of these pages, and not of the site without the library. */
export const isPasskeyPath = (path: string): boolean => OWN_PATH.test(path);

/** The pages about passkeys, behind officials' links: the one part of the gate that reads what authenticators send. */
export const passkeyApp = (deps: PasskeyDeps): Hono => {
  const app = new Hono();
  app.use(async (context, next) => {
    tryLanguage(context, deps.trial);
    await next();
    secure(context, deps.ports.url);
  });
  const route = (path: string, methods: Readonly<Partial<Record<'GET' | 'POST', Handler>>>): void => {
    for (const [method, handler] of Object.entries(methods)) app.on(method, path, handler);
    const allow = [...Object.keys(methods), ...('GET' in methods ? ['HEAD'] : [])].join(', ');
    app.all(path, (context) =>
      failure(deps, context, problemAnswer('method-not-allowed', { detail: `allowed here: ${allow}`, headers: { allow } })),
    );
  };
  const list = async (context: Context): Promise<Response> => {
    const official = await readOfficial(deps, context);
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
  app.notFound((context) => failure(deps, context, problemAnswer('not-found', { detail: 'no page has this address' })));
  app.onError(onSiteError(deps));
  return app;
};
