import type { Context } from 'hono';
import { resetPasskeysOf } from '../../../gate/passkeyResets.ts';
import type { Credentials } from '../../http/credentials.ts';
import { refusedBy } from '../../http/refused.ts';
import { json } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';

type Route = (path: string, handlers: Readonly<Record<string, (context: Context) => Promise<Response>>>) => void;

/** The operator's way to let an official begin anew whose passkeys are lost. It is a public fact, and logged. Scope `admin`. */
export const passkeyRoutes = (route: Route, { ports, log }: ApiDeps, authenticate: Credentials): void => {
  route('/v1/holders/:id/passkeys', {
    DELETE: async (context) => {
      await authenticate((name) => context.req.header(name), 'admin');
      const holder = context.req.param('id') ?? '';
      const done = await resetPasskeysOf(ports, { holder, by: null });
      if (!done.ok) throw refusedBy(done.rejection);
      log({ level: 'warn', event: 'passkeys reset by the operator', holder, resets: done.resets });
      return json({ holder, resets: done.resets });
    },
  });
};
