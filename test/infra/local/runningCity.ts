import { expect, onTestFinished } from 'vitest';
import * as z from 'zod';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { type DemoCity, openCity, request } from '../../../infra/demo/city.ts';
import { certifyVote } from '../../../infra/demo/story.ts';

const Mail = z.object({ to: z.string(), subject: z.string(), change: z.string().nullable(), links: z.array(z.string()) });
type Mail = z.infer<typeof Mail>;

type Fields = Readonly<Record<string, string>>;

/** A running gate of the demo's city, as its officials, its operator and the public use it: over HTTP, with a clock of its own. */
export interface RunningCity extends DemoCity {
  readonly admin: (method: string, path: string, json?: unknown) => ReturnType<typeof request>;
  readonly json: (path: string) => Promise<unknown>;
  readonly page: (path: string) => Promise<string>;
  readonly mailsTo: (address: string) => Promise<readonly Mail[]>;
  readonly linkIn: (address: string, subject: RegExp) => Promise<string>;
  readonly submit: (link: string, fields?: Fields) => ReturnType<typeof request>;
  readonly atDay: (day: number) => Promise<void>;
}

/** Opens the city on day 0 of `days`, with the demo's policy. It is closed when the test is over. */
export const runningCity = async (days: number): Promise<RunningCity> => {
  const city = await openCity(days);
  onTestFinished(() => city.close());
  const { url, installation, settle, clock } = city;
  const { token } = await createToken(installation.ports, { name: 'test', scopes: ['admin'], person: null });
  const mailsTo: RunningCity['mailsTo'] = async (address) => {
    const { json } = await request('GET', `${url}/dev/outbox.json`);
    return z
      .array(Mail)
      .parse(json)
      .filter(({ to }) => to.includes(address));
  };
  const html = { headers: { accept: 'text/html' } };
  return {
    ...city,
    mailsTo,
    admin: async (method, path, json) => {
      const answer = await request(method, `${url}${path}`, { token, ...(json !== undefined && { json }) });
      await settle();
      return answer;
    },
    json: async (path) => (await request('GET', `${url}${path}`)).json,
    page: async (path) => (await request('GET', path.startsWith('http') ? path : `${url}${path}`, html)).text,
    linkIn: async (address, subject) => {
      const mail = (await mailsTo(address)).findLast((each) => subject.test(each.subject));
      expect(mail?.links, `a mail to ${address} about ${subject}`).toHaveLength(1);
      return mail?.links[0] ?? '';
    },
    submit: async (link, fields = {}) => {
      const answer = await request('POST', link, {
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: url },
      });
      await settle();
      return answer;
    },
    atDay: async (day) => {
      clock.toDay(day);
      await settle();
    },
  };
};

/** Opens a city whose contract, `northcam/1`, the council has adopted on day 8 and which waits for the mayor. */
export const withTheMayor = async (): Promise<RunningCity> => {
  const city = await runningCity(60);
  await city.post('contract', { effectiveAt: city.clock.dayAt(1), endsAt: city.clock.dateAt(400) });
  await city.settle();
  await city.atDay(8);
  await certifyVote(city, 'northcam/1', { yes: 9, fileNumber: '26-0001' });
  return city;
};
