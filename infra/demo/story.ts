import { hash } from 'node:crypto';
import * as z from 'zod';
import type { Variant } from '../../domain/feature/evaluate.ts';
import { localDateOf } from '../../domain/kernel/zone.ts';
import { type DemoCity, demoReport, expectSame, request, requestFor } from './city.ts';

type Act = (city: DemoCity) => Promise<unknown>;
/** The day, IT's question (`KEY` or `KEY for AGENCY`) and its answer before and after an act, or after time alone has passed. */
type Row = readonly [day: number, question: string, was: Variant, is: Variant, act?: Act];

export const TODAY = 200;
export const WAITING = { key: 'northcam.lpr.freeform-search', n: 1 } as const;

/** The contract's last day. It has ended two days later: a day in which clocks are put back has 25 hours. */
export const [CONTRACT_DAY, ENDED_DAY] = [170, 172] as const;

const LPR = 'northcam.lpr';
const ALERTS = 'northcam.lpr.hotlist-alerts';
const LOOKUP = 'northcam.lpr.nationwide-lookup';
const SHOPS = 'northcam.lpr.retailer-cameras';
const EXPORT = 'northcam.audit-export';
const PAGE = 'northcam.public-dashboard';
const POLICE = { audience: 'police', conditions: 'Readings are deleted after 30 days.' };

const vote = (change: string, yes: number, fileNumber: string, more: { purpose?: 'override'; status?: number } = {}): Act => {
  return (city) => certifyVote(city, change, { yes, fileNumber, ...more });
};
const sign = (office: string, change: string): Act => {
  return (city) => signChange(city, office, change);
};
const adopt = (change: string, yes: number, fileNumber: string, terms = {}): Act => {
  return async (city) => {
    await certifyVote(city, change, { yes, fileNumber, ...terms });
    await signChange(city, 'mayor', change, terms);
  };
};
const post = (notice: string, field: 'effectiveAt' | 'endsAt', day: number): Act => {
  return (city) => city.post(notice, { [field]: field === 'endsAt' ? city.clock.dateAt(day) : city.clock.dayAt(day) });
};

const postTwice: Act = async (city) => {
  const delivery = city.sign('contract', { endsAt: city.clock.dateAt(CONTRACT_DAY) });
  const first = await requestFor(202, 'POST', `${city.url}/v1/notices`, delivery);
  const again = await requestFor(202, 'POST', `${city.url}/v1/notices`, delivery);
  expectSame('the answer to the same delivery', again.json, first.json);
};

const forge: Act = async ({ url, sign: signed }) => {
  const { body, headers } = signed('plate-readers');
  const altered = new Uint8Array(Buffer.from(Buffer.from(body).toString().replace('at 70 crossings', 'at 90 crossings')));
  await requestFor(401, 'POST', `${url}/v1/notices`, { body: altered, headers });
  await requestFor(401, 'POST', `${url}/v1/notices`, signed('plate-readers', {}, 'recordex'));
};

const postOrphan: Act = async ({ url, sign: signed }) => {
  const { json } = await requestFor(202, 'POST', `${url}/v1/notices`, signed('records-plate-data', {}, 'recordex'));
  expectSame('what is missing above it', (json as { missingAncestors: unknown }).missingAncestors, ['recordex']);
};

const postPlateReaders: Act = async ({ post: posted }) => {
  for (const notice of ['plate-readers', 'hotlist-alerts', 'nationwide-lookup', 'audit-export', 'public-dashboard'])
    await posted(notice);
};

const sendReport: Act = async (city) => {
  const report = demoReport();
  expectSame('another file', (await city.sendReport(`${LPR}/1`, Buffer.from('Nothing changes.'))).status, 409);
  expectSame('the report', (await city.sendReport(`${LPR}/1`, report)).status, 200);
  await city.settle();
  const { text } = await request('GET', `${city.url}/log/document/${hash('sha256', report)}`);
  expectSame('the file that anyone downloads', text, Buffer.from(report).toString());
};

const observe = (features: Readonly<Record<string, boolean>>, drift: readonly string[], closed: readonly string[] = []): Act => {
  return async ({ ask, clock }) => {
    const body = { vendor: 'northcam', source: 'settings page', observedAt: clock.now(), features };
    const found = await ask('POST', '/v1/observations', { body });
    expectSame('what the report shows', [found.drift.map(({ key }) => key), found.closed], [drift, closed]);
  };
};

const expectTasks = async ({ ask, settle }: DemoCity, key: string, expected: readonly string[]): Promise<void> => {
  await settle();
  const { items } = await ask('GET', '/v1/tasks', { query: { vendor: 'northcam', open: 'true' } });
  const found = items.flatMap((task) => (task.key === key ? [`${task.kind}: ${task.because}`] : []));
  expectSame(`what has to be done about ${key}`, found, expected);
};

const findOn: Act = async (city) => {
  await observe({ [LPR]: true, [LOOKUP]: true }, [LOOKUP])(city);
  await expectTasks(city, LOOKUP, ['opt-out: announced', 'switch-off: seen-on']);
};

const findOff: Act = async (city) => {
  const { url, clock, signMessage } = city;
  const said = { vendor: 'northcam', source: 'northcam', observedAt: clock.now(), features: { [LOOKUP]: false } };
  const { json } = await requestFor(200, 'POST', `${url}/v1/attestations`, signMessage(JSON.stringify(said)));
  expectSame('what an attestation closes', (json as { closed: unknown }).closed, []);
  await observe({ [LPR]: true, [LOOKUP]: false }, [], [LOOKUP])(city);
};

const passOnOffer: Act = async (city) => {
  await post('retailer-cameras', 'effectiveAt', 45)(city);
  await expectTasks(city, SHOPS, ['opt-out: not-stated']);
};

const SCRIPT: readonly (string | Row)[] = [
  'No notice names the plate readers yet: what is unknown is off.',
  [0, LPR, 'unknown', 'unknown'],
  'Northcam posts its contract, signed with its own key (v1a): stored, public, pending. Posted again: the same answer.',
  [0, 'northcam', 'unknown', 'pending', postTwice],
  'One altered byte (90 crossings for 70): refused. Signed by another vendor: refused (401 both).',
  [0, LPR, 'unknown', 'unknown', forge],
  'Recordex posts a search tool, signed with a shared secret (v1). Its contract was never put forward.',
  [0, 'recordex.plate-data', 'unknown', 'pending', postOrphan],
  'Northcam posts the plate readers and four things that go with them.',
  [0, LPR, 'unknown', 'pending', postPlateReaders],
  // Council, mayor and auditor approve, each by an own link; only then is a feature on.
  'The clerk certifies a vote of today, but a notice must have been public for a week first: refused (422).',
  [3, 'northcam', 'pending', 'pending', vote('northcam/1', 11, 'R-101', { status: 422 })],
  'Plate readers watch new places, so the rules ask for an impact report. Another file: refused (409). The named one: public.',
  [4, LPR, 'pending', 'pending', sendReport],
  'The council adopts the contract, 11 to 2, and the clerk certifies the roll call. One yes is not enough.',
  [8, 'northcam', 'pending', 'pending', vote('northcam/1', 11, 'R-104')],
  'The mayor signs the contract. The auditor must still countersign.',
  [9, 'northcam', 'pending', 'pending', sign('mayor', 'northcam/1')],
  'The auditor countersigns: the contract is in force.',
  [10, 'northcam', 'pending', 'enabled', sign('auditor', 'northcam/1')],
  'Council (9 to 4) and mayor approve the plate readers, for the police alone, on a condition.',
  [10, LPR, 'pending', 'enabled', adopt(`${LPR}/1`, 9, 'R-105', POLICE)],
  'The parks department asks: the approval is not for it.',
  [10, `${LPR} for parks`, 'audience', 'audience'],
  'Council (8 to 5) and mayor approve a feature: alerts when a wanted plate passes.',
  [12, ALERTS, 'pending', 'enabled', adopt(`${ALERTS}/1`, 8, 'R-106')],
  'Council (13 to 0) and mayor approve the export by which the city audits every search.',
  [13, EXPORT, 'pending', 'enabled', adopt(`${EXPORT}/1`, 13, 'R-107')],
  // A veto that the council overrides, a refusal that stands, and a window that lapses.
  'The council adopts the public page with counts of searches (8 to 5).',
  [14, PAGE, 'pending', 'pending', vote(`${PAGE}/1`, 8, 'R-110')],
  'The mayor vetoes it.',
  [14, PAGE, 'pending', 'vetoed', (city) => veto(city, `${PAGE}/1`, 'Counts alone will be misread.')],
  'The council overrides the veto with the 9 of 13 it takes; the clerk certifies the vote, and nothing changes yet.',
  [21, PAGE, 'vetoed', 'vetoed', vote(`${PAGE}/1`, 9, 'R-114', { purpose: 'override' })],
  'The presiding member confirms the clerk’s record: no one person overturns a veto.',
  [21, PAGE, 'vetoed', 'enabled', (city) => confirmCertificate(city, `${PAGE}/1`)],
  'The council refuses the nationwide lookup, 4 to 9.',
  [22, LOOKUP, 'pending', 'refused', vote(`${LOOKUP}/1`, 4, 'R-115')],
  'IT looks at the vendor and finds the nationwide lookup on all the same: drift, public at once, and a task: switch it off.',
  [23, LOOKUP, 'refused', 'refused', findOn],
  'Northcam attests that it is off. That closes nothing; IT looks again on day 26, and its report does.',
  [26, LOOKUP, 'refused', 'refused', findOff],
  'Northcam passes on an offer: cameras of a chain of shops, from day 45, "nothing needs to be done". A task: ask, and opt out by then.',
  [30, SHOPS, 'unknown', 'pending', passOnOffer],
  "The vendor's date has passed and no one has decided. Silence is not consent.",
  [46, SHOPS, 'pending', 'pending'],
  'Ninety days without a decision: the offer lapses.',
  [121, SHOPS, 'pending', 'lapsed'],
  // Features that were on go off: revoked, outdated by the vendor, or ended. Only a new approval brings them back.
  'The mayor takes back the alerts: off takes one.',
  [122, ALERTS, 'enabled', 'revoked', (city) => revokeApproval(city, 'mayor', `${ALERTS}/1`, 'False alarms at two crossings.')],
  'Northcam will strip the audit export of names on day 140, and no customer can opt out.',
  [130, EXPORT, 'enabled', 'enabled', post('audit-redaction', 'effectiveAt', 140)],
  'Day 140 has passed: what was approved is no longer what runs.',
  [141, EXPORT, 'enabled', 'outdated'],
  'The council refuses the stripped export, 0 to 13. What was approved is gone all the same.',
  [150, EXPORT, 'outdated', 'outdated', vote(`${EXPORT}/2`, 0, 'R-188')],
  'The contract ends, and with it everything beneath it; no job had to run. A task: switch all of it off.',
  [ENDED_DAY, LPR, 'enabled', 'blocked', (city) => expectTasks(city, 'northcam', ['switch-off: ended'])],
  'Northcam posts a renewal. A contract that runs on is a change like any other.',
  [ENDED_DAY, 'northcam', 'expired', 'expired', post('contract-renewal', 'endsAt', 560)],
  'Council (10 to 3) and mayor approve the renewal. The auditor must still countersign.',
  [180, LPR, 'blocked', 'blocked', adopt('northcam/2', 10, 'R-201')],
  'The auditor countersigns: what was approved beneath the contract is on again.',
  [180, LPR, 'blocked', 'enabled', sign('auditor', 'northcam/2')],
  'Northcam posts a search for vehicles in plain words, to start in a week.',
  [190, WAITING.key, 'unknown', 'pending', post('freeform-search', 'effectiveAt', 197)],
];

export interface Step {
  readonly title: string;
  readonly day: number;
  readonly question: string;
  readonly was: Variant;
  readonly is: Variant;
  readonly act: Act | undefined;
}

export const story: readonly Step[] = SCRIPT.flatMap((row, index) => {
  if (typeof row === 'string') return [];
  const [day, question, was, is, act] = row;
  return { title: String(SCRIPT[index - 1]), day, question, was, is, act };
});

/** Asks the gate by OFREP, as IT does, and checks the answer: `true` for `enabled`, an explicit `false` for anything else. */
export const expectAnswer = async ({ ask }: DemoCity, question: string, expected: Variant): Promise<void> => {
  const [key = '', agency] = question.split(' for ');
  const body = { context: agency === undefined ? {} : { agency } };
  const { value, variant } = await ask('POST', '/ofrep/v1/evaluate/flags/{key+}', { params: { key }, body });
  expectSame(`the answer for ${question}`, { value, variant }, { value: expected === 'enabled', variant: expected });
};

/** Plays one step: asks, advances the clock, acts, asks again. Throws if an outcome is not the expected one. */
export const play = async (city: DemoCity, { day, question, was, is, act }: Step): Promise<void> => {
  await expectAnswer(city, question, was);
  city.clock.toDay(day);
  await act?.(city);
  await city.settle();
  await expectAnswer(city, question, is);
};

type Fields = Readonly<Record<string, string>>;

interface Deciding extends Pick<DemoCity, 'url' | 'settle' | 'ask' | 'zone'> {
  readonly seats: readonly string[];
  readonly clock: Pick<DemoCity['clock'], 'now'>;
}

const Outbox = z.array(z.object({ to: z.string(), change: z.string().nullable(), links: z.array(z.string()) }));

/** Returns the link in the newest mail to an office about a change. */
export const mailedLink = async ({ url }: Pick<DemoCity, 'url'>, office: string, change: string): Promise<string> => {
  const mails = Outbox.parse((await requestFor(200, 'GET', `${url}/dev/outbox.json`)).json);
  const mail = mails.findLast((each) => each.to.includes(`${office}@`) && each.change === change && each.links.length > 0);
  if (mail === undefined) throw new Error(`a mail with a link to the ${office} about ${change} is missing`);
  return mail.links[0] ?? '';
};

const sendTo = async (city: Pick<DemoCity, 'url' | 'settle'>, link: string, fields: Fields, status = 303) => {
  const answer = await requestFor(status, 'POST', link, { body: new URLSearchParams(fields), headers: { origin: city.url } });
  await city.settle();
  return answer;
};

export const decide = async (city: Deciding, office: string, change: string, fields: Fields, status?: number) => {
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
  readonly purpose?: 'adopt' | 'override' | 'correct';
  readonly audience?: string;
  readonly conditions?: string;
  readonly comment?: string;
  readonly status?: number;
}

export const certifyVote = (city: Deciding, change: string, { yes, status, purpose = 'adopt', ...fields }: Vote) => {
  const votes = Object.fromEntries(city.seats.map((seat, index) => [`vote.${seat}`, index < yes ? 'yes' : 'no']));
  const [mover = '', seconder = ''] = city.seats;
  const meetingDate = localDateOf(city.clock.now(), city.zone);
  return decide(city, 'clerk', change, { purpose, meetingDate, mover, seconder, ...votes, ...fields }, status);
};

export const confirmCertificate = (city: Deciding, change: string) => decide(city, 'at-large-a', change, { decision: 'confirm' });

export const signChange = (city: Deciding, office: string, change: string, terms: Fields = {}) =>
  decide(city, office, change, { decision: 'approve', ...terms });

export const veto = (city: Deciding, change: string, comment: string) =>
  decide(city, 'mayor', change, { decision: 'refuse', comment });

export const revokeApproval = async (city: Deciding, office: string, change: string, reason: string, more: Fields = {}) =>
  sendTo(city, `${await mailedLink(city, office, change)}/revoke`, { reason, ...more });
