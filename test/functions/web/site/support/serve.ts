import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { siteApp } from '../../../../../functions/web/site/app.ts';
import { type City, type CityOptions, openCity } from './city.ts';

/** A city whose site really listens, at its own address. */
export const serveCity = async (options: CityOptions = {}): Promise<City & { readonly url: string }> => {
  let handle: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 });
  const listen = getRequestListener((request) => handle(request));
  const server = createServer((incoming, outgoing) => void listen(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const city = await openCity({ ...options, url });
  const app = siteApp({
    ...city.deps,
    outbox: async () => [{ to: 'hc@city.example', subject: 'Certify', change: 'acme/1', revision: 1, links: [`${url}/d/x`] }],
  });
  handle = (request) => app.fetch(request);
  return {
    ...city,
    url,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await city.close();
    },
  };
};
