import * as z from 'zod';
import { localDateOf } from '../../domain/kernel/zone.ts';
import type { DemoCity } from './city.ts';
import { requestFor } from './http.ts';

type Fields = Readonly<Record<string, string>>;

const Outbox = z.array(z.object({ to: z.string(), change: z.string().nullable(), links: z.array(z.string()) }));

const mailedLink = async ({ url }: DemoCity, office: string, change: string): Promise<string> => {
  const mails = Outbox.parse((await requestFor(200, 'GET', `${url}/dev/outbox.json`)).json);
  const mail = mails.findLast((each) => each.to.includes(`${office}@`) && each.change === change && each.links.length > 0);
  if (mail === undefined) throw new Error(`a mail with a link to the ${office} about ${change} is missing`);
  return mail.links[0] ?? '';
};

const sendTo = async (city: DemoCity, link: string, fields: Fields, status = 303) => {
  const answer = await requestFor(status, 'POST', link, { body: new URLSearchParams(fields), headers: { origin: city.url } });
  await city.settle();
  return answer;
};

const decide = async (city: DemoCity, office: string, change: string, fields: Fields, status?: number) => {
  const link = await mailedLink(city, office, change);
  await requestFor(200, 'GET', link, { headers: { accept: 'text/html' } });
  const [key = '', n = ''] = change.split('/');
  const { revision, digest } = await city.ask('GET', '/v1/changes/{key}/{n}', { params: { key, n } });
  return sendTo(city, link, { revision: String(revision), digest, ...fields }, status);
};

/** A vote of today with so many yes, all others no, on terms. `status`: of the answer, if it is to be refused. */
interface Vote {
  readonly yes: number;
  readonly fileNumber: string;
  readonly purpose?: 'adopt' | 'override';
  readonly audience?: string;
  readonly conditions?: string;
  readonly status?: number;
}

export const certifyVote = (city: DemoCity, change: string, { yes, status, purpose = 'adopt', ...fields }: Vote) => {
  const votes = Object.fromEntries(city.seats.map((seat, index) => [`vote.${seat}`, index < yes ? 'yes' : 'no']));
  const [mover = '', seconder = ''] = city.seats;
  const meetingDate = localDateOf(city.clock.now(), city.zone);
  return decide(city, 'clerk', change, { purpose, meetingDate, mover, seconder, ...votes, ...fields }, status);
};

/** Confirms, for the member who presides, the certificate that waits. */
export const confirmCertificate = (city: DemoCity, change: string) => decide(city, 'at-large-a', change, { decision: 'confirm' });

export const signChange = (city: DemoCity, office: string, change: string, terms: Fields = {}) =>
  decide(city, office, change, { decision: 'approve', ...terms });

export const veto = (city: DemoCity, change: string, comment: string) =>
  decide(city, 'mayor', change, { decision: 'refuse', comment });

export const revokeApproval = async (city: DemoCity, office: string, change: string, reason: string) =>
  sendTo(city, `${await mailedLink(city, office, change)}/revoke`, { reason });
