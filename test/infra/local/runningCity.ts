import { expect, onTestFinished } from 'vitest';
import * as z from 'zod';
import { createToken } from '../../../functions/web/http/tokens.ts';
import { openCity, request } from '../../../infra/demo/city.ts';
import { certifyVote } from '../../../infra/demo/story.ts';

const Mail = z.object({ to: z.string(), subject: z.string(), change: z.string().nullable(), links: z.array(z.string()) });
/**
 * Opens the demo's city on day 0 of `days`, with its policy, as its officials, its operator and the public use it: over HTTP, with a clock
 * of its own. It is closed when the test is over.
 */
const runningCity = async (days: number) => {
  const city = await openCity(days);
  onTestFinished(() => city.close());
  const { url, installation, settle, clock } = city;
  const { token } = await createToken(installation.ports, { name: 'test', scopes: ['admin'], person: null });
  const mailsTo = async (address: string) => {
    const mails = z.array(Mail).parse((await request('GET', `${url}/dev/outbox.json`)).json);
    return mails.filter(({ to }) => to.includes(address));
  };
  const html = { headers: { accept: 'text/html' } };
  return {
    ...city,
    mailsTo,
    admin: async (method: string, path: string, json?: unknown) => {
      const answer = await request(method, `${url}${path}`, { token, ...(json !== undefined && { json }) });
      await settle();
      return answer;
    },
    json: async (path: string) => (await request('GET', `${url}${path}`)).json,
    page: async (path: string) => (await request('GET', path.startsWith('http') ? path : `${url}${path}`, html)).text,
    linkIn: async (address: string, subject: RegExp) => {
      const mail = (await mailsTo(address)).findLast((each) => subject.test(each.subject));
      expect(mail?.links, `a mail to ${address} about ${subject}`).toHaveLength(1);
      return mail?.links[0] ?? '';
    },
    submit: async (link: string, fields: Readonly<Record<string, string>> = {}) => {
      const answer = await request('POST', link, {
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: url },
      });
      await settle();
      return answer;
    },
    atDay: async (day: number) => {
      clock.toDay(day);
      await settle();
    },
  };
};

export type RunningCity = Awaited<ReturnType<typeof runningCity>>;

/** Opens a city whose contract, `northcam/1`, the council has adopted on day 8 and which waits for the mayor. */
export const withTheMayor = async (): Promise<RunningCity> => {
  const city = await runningCity(60);
  await city.post('contract', { effectiveAt: city.clock.dayAt(1), endsAt: city.clock.dateAt(400) });
  await city.settle();
  await city.atDay(8);
  await certifyVote(city, 'northcam/1', { yes: 9, fileNumber: '26-0001' });
  return city;
};
