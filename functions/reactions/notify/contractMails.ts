import { changeId, vendorOf } from '../../../domain/feature/keys.ts';
import { daysLeft, lastDayOf } from '../../../domain/kernel/zone.ts';
import { vendorContact } from '../../gate/vendorContacts.ts';
import { vendorName } from '../../gate/vendors.ts';
import { fillCount, fillText } from '../../platform/catalogue.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { CONTRACT_ENDS, type ContractEnd } from '../../register/contractEnds.ts';
import { BY_KEY, isOn } from '../../register/rows.ts';
import type { Draft } from './draft.ts';
import type { NotifyPorts } from './ports.ts';
import { clerksAndIt, signers } from './recipients.ts';
import { morningOf } from './reminders.ts';
import type { Days } from './todoMail.ts';

/** Days before the last day of a contract, beside its last mail; the nearest first. */
const DAYS_BEFORE = [7, 30, 90] as const;

/** The last mail is of the last day, or of the day before if the contract ends before that morning. */
const lastDistance = ({ at }: ContractEnd, zone: string): number => (at <= morningOf(lastDayOf(at, zone), zone) ? 1 : 0);

interface EndingContract extends ContractEnd {
  readonly vendor: string;
  readonly days: number;
  /** How many keys beneath it are on. */
  readonly beneath: number;
}

const subjectOf = (words: MailWords, { vendor, title, days }: EndingContract): string => {
  const { contractEnd, locale } = words;
  return days === 0
    ? fillText(contractEnd.subjectToday, { vendor, title })
    : fillCount(locale, contractEnd, 'subject', days, { vendor, title });
};

const contractLetter = (words: MailWords, contract: EndingContract, { zone, url }: NotifyPorts): Letter => {
  const { contractEnd, locale } = words;
  const { key, n, at, vendor, title, beneath } = contract;
  return {
    subject: subjectOf(words, contract),
    paragraphs: [
      fillText(contractEnd.lead, { vendor, title, change: changeId(key, n), by: mailTimes(words, zone).deadline(at) }),
      beneath === 0 ? contractEnd.alone : fillCount(locale, contractEnd, 'beneath', beneath),
      contractEnd.means,
      contractEnd.after,
      { text: contractEnd.page, url: `${url}/changes/${changeId(key, n)}` },
    ],
  };
};

/** The distance that a contract has come to since the day `after`; after an outage only the nearest. */
const distanceOf = (end: ContractEnd, { after, today }: Days, now: string, zone: string): number | undefined => {
  const days = daysLeft(end.at, now, zone);
  const missed = Math.round((Date.parse(today) - Date.parse(after)) / 86_400_000);
  const distance = [lastDistance(end, zone), ...DAYS_BEFORE].find((each) => days <= each);
  return distance !== undefined && days >= 0 && days + missed > distance ? distance : undefined;
};

const recipientsOf = async (ports: NotifyPorts, vendor: string): Promise<readonly Draft['to'][]> => {
  const named = [...(await clerksAndIt(ports)), ...(await signers(ports))];
  const unique = new Map(named.map((to) => [JSON.stringify(to), to]));
  const contact = await vendorContact(ports.sideStore, vendor);
  return [...unique.values(), ...(contact === undefined ? [] : [{ vendor }])];
};

interface Coming extends ContractEnd {
  readonly distance: number;
}

/** The contracts that have come to one of the distances, as the register has them. */
export const contractsAtTheirDays = async (
  { register, zone }: Pick<NotifyPorts, 'register' | 'zone'>,
  days: Days,
  now: string,
): Promise<readonly Coming[]> => {
  const ends = (await register.facet(CONTRACT_ENDS, { now })).get('') ?? [];
  return ends.flatMap((end) => {
    const distance = end.at > now ? distanceOf(end, days, now, zone) : undefined;
    return distance === undefined ? [] : [{ ...end, distance }];
  });
};

/** To the clerks, IT, those who sign, and the vendor's contact: before a contract ends, and on its last day. */
export const contractDrafts = async (ports: NotifyPorts, end: Coming, now: string): Promise<readonly Draft[]> => {
  const { key, n } = end;
  const rows = (await ports.register.facet(BY_KEY, { prefix: key, now })).get('') ?? [];
  const contract: EndingContract = {
    ...end,
    vendor: await vendorName(ports, key),
    days: daysLeft(end.at, now, ports.zone),
    beneath: rows.filter((row) => row.key !== key && isOn(row)).length,
  };
  const recipients = await recipientsOf(ports, vendorOf(key));
  return recipients.map((to) => ({
    to,
    purpose: 'contract-end',
    change: changeId(key, n),
    write: (words) => contractLetter(words, contract, ports),
  }));
};

/** The same for the same end and distance. */
export const contractEvent = ({ key, n, at, distance }: Coming): string => `contract-end/${changeId(key, n)}/${at}/${distance}`;
