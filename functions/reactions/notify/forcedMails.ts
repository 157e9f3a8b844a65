// Mails about notices of changes that the city cannot opt out of, for something that is approved.
import * as z from 'zod';
import { countsAsMaintenance, outdates } from '../../../domain/feature/arrival.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import type { NoticeFacts } from '../../../domain/feature/notice.ts';
import { inForceIn } from '../../../domain/feature/state.ts';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import { latest } from '../../../domain/kernel/order.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { readRosters } from '../../gate/aggregates.ts';
import { fillCount, fillText } from '../../platform/catalogue.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { type ChangeReading, presentChange, readChange } from '../../register/read.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import { clerksOf, type Draft } from './draft.ts';
import { listed } from './driftLetters.ts';
import { type MailDue, putDue, removeDues, tryLater } from './dues.ts';
import type { NotifyPorts } from './ports.ts';
import { attempt } from './post.ts';

/** Side kind: the newest mail about such notices, and what it is about. */
const MAILED = 'forced-mailed';
const NEWEST = 'newest';
const Mailed = strictObject(() => ({ at: z.string(), event: z.string(), dues: z.array(z.string()) }));
/** After one mail the next waits so long, so that a burst of notices makes two mails at most. */
const AT_MOST_EVERY_MS = 3_600_000;
const IN_A_MAIL_MAX = 500;

/** Records that a mail is due if an event is a notice that says that the city cannot opt out. */
export const takeNotice = async ({ sideStore }: NotifyPorts, key: string, event: FeatureEvent): Promise<void> => {
  if (event.type !== 'ChangeNotified' && event.type !== 'ChangeRevised') return;
  if (event.notice.optOut === 'no')
    await putDue(sideStore, event.at, 'forced', { key, at: event.at, sequence: event.change, since: null });
};

/** The same when it is tried again later. */
const nameOf = ({ about: { key, sequence, at } }: MailDue): string => `${key}/${sequence}/${at}`;

interface Found {
  readonly due: MailDue;
  readonly key: string;
  readonly change: string;
  readonly notice: NoticeFacts;
  readonly from: string;
}

/** Undefined if the newest words can be held back, or make nothing untrue that is approved. */
const foundIn = (due: MailDue, { view, state }: ChangeReading, now: string): Found | undefined => {
  const { key, number } = view;
  const { notice, at } = latestOf(view);
  const { status } = presentChange(view, state, now);
  const inForce = inForceIn(state);
  if (notice.optOut !== 'no' || !outdates(notice, key) || status === 'withdrawn') return undefined;
  if (inForce === undefined || inForce.number === number || countsAsMaintenance(state, number)) return undefined;
  return { due, key, change: changeId(key, number), notice, from: latest(at, notice.effectiveAt ?? undefined) };
};

const foundOf = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<readonly Found[]> => {
  const found: Found[] = [];
  for (const due of dues) {
    const { key, sequence: n } = due.about;
    const reading = await ifReadable(readChange(ports, key, n));
    const each = reading && foundIn(due, reading, ports.clock());
    if (each === undefined) await removeDues(ports.sideStore, [due]);
    else found.push(each);
  }
  return found.toSorted((one, other) => (one.key < other.key ? -1 : 1));
};

const letterOf = (words: MailWords, all: readonly Found[], { zone, url }: NotifyPorts): Letter => {
  const { locale, cannotOptOut } = words;
  // A notice and its revision ask for one line: each is of the newest words.
  const found = [...new Map(all.map((each) => [each.change, each])).values()];
  const times = mailTimes(words, zone);
  const items = found.map(({ key, change, from }) => fillText(cannotOptOut.item, { key, change, when: times.dateTime(from) }));
  return {
    subject: fillCount(locale, cannotOptOut, 'subject', found.length, { key: found[0]?.key ?? '', more: found.length - 1 }),
    paragraphs: [
      fillCount(locale, cannotOptOut, 'lead', found.length),
      listed(words, items),
      cannotOptOut.means,
      { text: cannotOptOut.page, url: `${url}/worklist` },
    ],
  };
};

/** What a mail is about is recorded before it leaves: a repeat after a crash is about the same. */
const batchOf = async ({ sideStore, clock }: NotifyPorts, dues: readonly MailDue[]) => {
  const last = Mailed.safeParse(await sideStore.get(MAILED, NEWEST)).data;
  const resumed = dues.filter((due) => last?.dues.includes(nameOf(due)));
  if (last !== undefined && resumed.length > 0) return { event: last.event, dues: resumed };
  const now = clock();
  if (last !== undefined && Date.parse(now) - Date.parse(last.at) < AT_MOST_EVERY_MS) return { event: '', dues: [] };
  const taken = dues.slice(0, IN_A_MAIL_MAX);
  const [first] = taken;
  return { event: first === undefined ? '' : `forced/${nameOf(first)}`, dues: taken };
};

/**
 * To the clerks, about approved features whose vendor says that the city cannot opt out of a change: the first at once, and what comes within
 * an hour after it in one mail more.
 */
export const mailForced = async (ports: NotifyPorts, dues: readonly MailDue[]): Promise<void> => {
  const { sideStore, clock, zone } = ports;
  const batch = await batchOf(ports, dues);
  const found = await foundOf(ports, batch.dues);
  if (found.length === 0) return;
  const now = clock();
  const done = found.map(({ due }) => due);
  await sideStore.put(MAILED, NEWEST, { at: now, event: batch.event, dues: done.map(nameOf) });
  const { inForce } = await readRosters(ports);
  const clerks = inForce === null ? [] : clerksOf(inForce.roster, localMoment(now, zone));
  const write = (words: MailWords): Letter => letterOf(words, found, ports);
  const drafts = clerks.map((holder): Draft => ({ to: { holder }, purpose: 'forced', write }));
  const left = await attempt(ports, batch.event, drafts);
  await (left ? removeDues(sideStore, done) : tryLater(sideStore, done, now));
};
