import * as z from 'zod';
import { localDateOf } from '../../domain/kernel/zone.ts';
import type { DemoCity } from './city.ts';
import { expectThere } from './expect.ts';
import { type Answered, requestFor } from './http.ts';

const Outbox = z.array(z.object({ to: z.string(), change: z.string().nullable(), links: z.array(z.string()) }));

type Fields = Readonly<Record<string, string>>;

/** Returns the newest link that was mailed to an office about a change. */
const mailedLink = async ({ url }: DemoCity, office: string, change: string): Promise<string> => {
  const mails = Outbox.parse((await requestFor(200, 'GET', `${url}/dev/outbox.json`)).json);
  const mail = mails.findLast(
    ({ to, links, ...about }) => to.includes(`${office}@`) && about.change === change && links.length > 0,
  );
  return expectThere(`a mail with a link to the ${office} about ${change}`, mail?.links[0]);
};

const Wording = z.object({ revision: z.number(), digest: z.string() });

/** Returns the revision and digest that a form must name; the page of a link has them in its form. */
const wordingOf = async ({ url, itToken }: DemoCity, change: string): Promise<Fields> => {
  const { json } = await requestFor(200, 'GET', `${url}/v1/changes/${change}`, { token: itToken });
  const { revision, digest } = Wording.parse(json);
  return { revision: String(revision), digest };
};

/** Opens an official's link and sends its form with what the official filled in. */
const sendForm = async (
  city: DemoCity,
  { office, change, status = 303 }: { office: string; change: string; status?: number },
  fields: Fields,
): Promise<Answered> => {
  const link = await mailedLink(city, office, change);
  await requestFor(200, 'GET', link, { headers: { accept: 'text/html' } });
  const form = new URLSearchParams({ ...(await wordingOf(city, change)), ...fields });
  const answer = await requestFor(status, 'POST', link, {
    body: form.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: city.url },
  });
  await city.settle();
  return answer;
};

/** The terms of a decision; each later decision must have the same. */
export interface TermsFields {
  readonly audience?: string;
  readonly conditions?: string;
}

interface Vote extends TermsFields {
  readonly yes: number;
  readonly fileNumber: string;
  readonly purpose?: 'adopt' | 'override';
  readonly status?: number;
}

/** Certifies a roll call of today with the given number of yes votes, all others no. */
export const certifyVote = (
  city: DemoCity,
  change: string,
  { yes, status, purpose = 'adopt', ...fields }: Vote,
): Promise<Answered> => {
  const votes = city.seats.map((seat, index) => [`vote.${seat}`, index < yes ? 'yes' : 'no'] as const);
  const [mover = '', seconder = ''] = city.seats;
  return sendForm(
    city,
    { office: 'clerk', change, ...(status !== undefined && { status }) },
    { purpose, meetingDate: localDateOf(city.clock.now(), city.zone), mover, seconder, ...Object.fromEntries(votes), ...fields },
  );
};

/** Confirms, for the member who presides, the certificate that waits. */
export const confirmCertificate = (city: DemoCity, change: string): Promise<Answered> =>
  sendForm(city, { office: 'at-large-a', change }, { decision: 'confirm' });

/** Signs for the mayor or the auditor, on the terms that stand. */
export const signChange = (city: DemoCity, office: string, change: string, terms: TermsFields = {}): Promise<Answered> =>
  sendForm(city, { office, change }, { decision: 'approve', ...terms });

/** Refuses for the mayor, with a message. */
export const veto = (city: DemoCity, change: string, comment: string): Promise<Answered> =>
  sendForm(city, { office: 'mayor', change }, { decision: 'refuse', comment });

/** Revokes for an office, by the link it approved with. */
export const revokeApproval = async (city: DemoCity, office: string, change: string, reason: string): Promise<void> => {
  const link = await mailedLink(city, office, change);
  await requestFor(303, 'POST', `${link}/revoke`, {
    body: new URLSearchParams({ reason }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: city.url },
  });
  await city.settle();
};
