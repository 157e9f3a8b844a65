import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const closed = async (server: Server): Promise<void> => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
};

/** Lets a server listen on a free port of this machine. */
export const listened = async (server: Server, host: '127.0.0.1' | 'localhost' = '127.0.0.1') => {
  server.listen(0, host);
  await once(server, 'listening');
  return { url: `http://${host}:${(server.address() as AddressInfo).port}`, close: () => closed(server) };
};
