import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { closed } from '../../../../support/listened.ts';
import { type Asked, DENIED, type Judge, type ReadMail } from './answer.ts';
import type { Moto } from './moto.ts';

// Asked for the way CommonJS does: its default export is read differently by Node and by vitest.
const { default: startSes } = createRequire(import.meta.url)('aws-ses-v2-local') as typeof import('aws-ses-v2-local');

export interface SentMail {
  readonly id: string;
  readonly raw: Buffer;
  readonly configuration: string;
  readonly to: readonly string[];
}

/** The address in the `From` of a message, as SES reads it for its condition. */
const senderOf = (raw: Buffer) => /^From: .*?<?([^\s<>]+@[^\s<>]+)>?$/im.exec(raw.toString())?.[1] ?? '';

const startServer = async () => {
  const server: Server = await startSes({ host: '127.0.0.1', port: 0 });
  if (!server.listening) await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint,
    inbox: async () => ((await (await fetch(`${endpoint}/store`)).json()) as { readonly emails: readonly ReadMail[] }).emails,
    stop: () => closed(server),
  };
};

/** SES: a server of its own judges and keeps the mails. It keeps them for its process; a second one there sees them, too. */
export const openMail = async (foreign?: Moto) => {
  const { endpoint, inbox, stop } = foreign ?? (await startServer());
  const mails: SentMail[] = [];
  return {
    mails,
    inbox,
    send: async (judge: Judge, { caller, url, headers, body }: Asked) => {
      const { Content: content, ConfigurationSetName: configuration, Destination: to } = JSON.parse(body.toString());
      const arn = `arn:AWS::Partition:ses:us-west-2:AWS::AccountId:configuration-set/${configuration}`;
      const raw = Buffer.from(content.Raw.Data, 'base64');
      if (!judge(caller, 'ses:SendRawEmail', arn, [senderOf(raw)])) return DENIED;
      const passed = { 'content-type': 'application/json', authorization: String(headers.authorization) };
      const response = await fetch(`${endpoint}${url}`, { method: 'POST', headers: passed, body: new Uint8Array(body) });
      const answer = (await response.json()) as { readonly MessageId?: string };
      if (response.status === 200) mails.push({ id: answer.MessageId ?? '', raw, configuration, to: to.ToAddresses });
      return { status: response.status, body: answer };
    },
    close: async () => {
      if (foreign === undefined) await stop();
    },
  };
};
