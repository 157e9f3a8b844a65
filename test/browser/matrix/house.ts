import { formatVerifierKey, verifierKey } from '../../../domain/log/note.ts';
import { openApiDocument } from '../../../functions/web/api/openapi/document.ts';
import { docsApp } from '../../../functions/web/docs/app.ts';
import { passkeyApp } from '../../../functions/web/passkeys/app.ts';
import { appOf } from '../../../functions/web/routes/table.ts';
import { siteApp } from '../../../functions/web/site/app.ts';
import { type City, type CityOptions, openCity } from '../../functions/web/site/support/city.ts';
import { listening } from '../../support/listening.ts';
import { PSEUDO } from '../../support/pseudo.ts';

/** A test city at its own address, with the developers' pages and a right-to-left language. */
export interface Served {
  readonly url: string;
  readonly city: City;
  readonly routes: readonly string[];
  readonly close: () => Promise<void>;
}

export const serve = async (options: CityOptions = {}): Promise<Served> => {
  const server = await listening();
  const { url } = server;
  const city = await openCity({ ...options, url });
  const outbox = async () => [
    { to: 'hc@city.example', subject: 'Certify', change: 'acme/1', revision: 1, links: [`${url}/d/x`] },
  ];
  const docs = docsApp({ ...city.deps, document: () => openApiDocument(url) });
  const site = siteApp({ ...city.deps, outbox, checkpoint: () => '12', vkey: () => VKEY }).route('/', docs);
  const passkeys = passkeyApp({ ...city.deps, mailer: { send: async () => {}, close: async () => {} } });
  server.serve((request) => {
    const app = appOf(new URL(request.url).pathname);
    return (app === 'passkeys' ? passkeys : site).fetch(request, { trial: PSEUDO });
  });
  const gets = [...site.routes, ...passkeys.routes].filter(({ method }) => method === 'GET').map(({ path }) => path);
  return {
    url,
    city,
    routes: [...new Set(gets)].sort(),
    close: async () => {
      await server.close();
      await city.close();
    },
  };
};

/** A well-formed verifier key without a private key. */
const VKEY = formatVerifierKey(verifierKey('gate.example/log', 1, new Uint8Array(32).fill(7)));
