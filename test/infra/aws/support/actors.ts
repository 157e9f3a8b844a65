import { expect } from 'vitest';
import { localDateOf } from '../../../../domain/kernel/zone.ts';
import { ed25519Signer } from '../../../functions/web/api/world.ts';
import { roll } from '../../../functions/web/site/support/city.ts';
import { CITY_URL, TIME_ZONE } from './city.ts';
import type { GateOnAws } from './gateOnAws.ts';

export const now = (): string => new Date().toISOString();

/** A vote of today, which in the city's time zone is for hours of each day another date than in UTC. */
export const certificateOf = (digest: unknown, timeZone = TIME_ZONE) => {
  const meetingDate = localDateOf(now(), timeZone);
  return { revision: '1', digest: String(digest), purpose: 'adopt', fileNumber: '26-0412', meetingDate, ...roll(3) };
};

export const POLICY = {
  name: 'Council and mayor',
  version: '1',
  rules: [
    {
      id: 'all',
      when: {},
      require: [
        { id: 'council', body: 'council', instrument: 'certification', threshold: { yes: 'majority', of: 'seats' }, quorum: 3 },
        { id: 'mayor', body: 'mayor', instrument: 'signature', after: ['council'] },
      ],
      notice: 'P0D',
      window: 'P90D',
      term: 'P1Y',
    },
  ],
};

const LINK = new RegExp(`^${CITY_URL}(/d/[A-Za-z0-9_-]{43})$`, 'm');

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a route answers is what the test is about.
  readonly json: any;
}

export const actorsOf = (gate: GateOnAws, signer = ed25519Signer(now)) => {
  let token = '';
  const operator = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await gate.request(method, path, text, headers);
    return { status: answer.statusCode, json: JSON.parse(answer.body) };
  };
  return {
    signer,
    publicKey: signer.publicKey,
    hasToken: (made: string) => {
      token = made;
    },
    token: () => token,
    operator,
    isOn: async (key: string) => {
      const { status, json } = await operator('POST', `/ofrep/v1/evaluate/flags/${key}`, { context: {} });
      expect(status).toBe(200);
      return json.value;
    },
    /** What is answered for a key when all are asked for. */
    isOnInBulk: async (key: string) => {
      const { json } = await operator('POST', '/ofrep/v1/evaluate/flags', { context: {} });
      return json.flags.find((flag: { readonly key: string }) => flag.key === key)?.value;
    },
    vendor: async (feature: string): Promise<Answer> => {
      const body = JSON.stringify({ feature, kind: 'new-feature', title: 'A new way to search', summary: 'In plain words.' });
      const { statusCode, body: text } = await gate.request('POST', '/v1/notices', body, signer.headers(body));
      return { status: statusCode, json: JSON.parse(text) };
    },
    linkOf: async (id: string) => {
      const mails = (await gate.cloud.inbox()).filter(({ destination: { to } }) => to.includes(`${id}@city.example`));
      const links = mails.flatMap(({ body: { text = '' } }) => LINK.exec(text)?.[1] ?? []);
      expect(links, `a link for ${id}`).not.toHaveLength(0);
      return links.at(-1) ?? '';
    },
    submit: (path: string, fields: Readonly<Record<string, string>>) =>
      gate.request('POST', path, new URLSearchParams(fields).toString(), {
        origin: CITY_URL,
        accept: 'text/html',
        'content-type': 'application/x-www-form-urlencoded',
      }),
  };
};
