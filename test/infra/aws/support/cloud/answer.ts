import type { IncomingHttpHeaders } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly xml?: string;
  readonly bytes?: Buffer;
  readonly etag?: string | undefined;
}

export interface Asked {
  readonly caller: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ReadMail {
  readonly messageId: string;
  readonly destination: { readonly to: readonly string[] };
  readonly subject: string;
  readonly body: { readonly text?: string };
}

export type Judge = (caller: string, action: string, resource: string, keys?: readonly string[]) => boolean;

export const DENIED: Answer = {
  status: 400,
  body: { __type: 'com.amazon.coral.service#AccessDeniedException', message: 'not authorized to perform this' },
};
