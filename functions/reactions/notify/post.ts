// What a mail is before it is sent, who receives it, and how it leaves.

import { hash } from 'node:crypto';
import * as z from 'zod';
import { featureStream } from '../../../domain/feature/keys.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { plusMs } from '../../../domain/kernel/order.ts';
import { object } from '../../../domain/kernel/zodTypes.ts';
import { type LocalMoment, lastDayOf, localMoment } from '../../../domain/kernel/zone.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { attestedBy, attestingBodies } from '../../../domain/roster/bodies.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { readPolicies, readRosters } from '../../gate/aggregates.ts';
import { addressOf, type MailAddress } from '../../gate/directory.ts';
import { type LinkPorts, type LinkTarget, makeLink } from '../../gate/links.ts';
import type { CityIdentity } from '../../gate/ports.ts';
import { vendorContact } from '../../gate/vendors.ts';
import { fillText } from '../../platform/catalogue.ts';
import { type FeedPorts, Unavailable } from '../../platform/feed/consumer.ts';
import { icsFile } from '../../platform/ics.ts';
import { errorFields, type Logger } from '../../platform/logging.ts';
import { type Letter, letterHtml, letterText, shortened } from '../../platform/mail/letter.ts';
import { type Mailer, type Message, NotSent } from '../../platform/mail/port.ts';
import { type MailWords, wordsFor } from '../../platform/mail/words.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { pagesOf } from '../../platform/store/sideStore.ts';
import { allDone } from '../../platform/turns.ts';
import type { RegisterPorts } from '../../register/rows.ts';
import { ALL, endWaiting, isLate, isTooEarly, noteOutage, noteWaiting, type Waiting, waitingMails } from './waitingMails.ts';

export type Recipient = { readonly holder: string } | { readonly itMail: string };

export interface FurtherLink {
  readonly target: LinkTarget;
  readonly link: string;
}

export interface AskItem {
  readonly key: string;
  readonly lead: string;
  readonly until: string | null;
  readonly dues: NonNullable<Letter['dues']>;
}

export type LinkedItem = AskItem & { readonly link: string };

/** The name of a shared mail: drafts to a person with the same name are joined. */
export interface SharedMail {
  readonly name: string;
  readonly write: (words: MailWords, items: readonly LinkedItem[]) => Letter;
}

/** A mail to one recipient before its language, address and link are known. `vendor`: the contact that it has given. */
export interface Draft {
  readonly to: Recipient | { readonly vendor: string };
  /** The same recipient, event and purpose are the same mail. */
  readonly purpose: string;
  /** Absent: the event for which it is posted. */
  readonly event?: string;
  readonly target?: LinkTarget;
  readonly further?: readonly LinkTarget[];
  readonly change?: string;
  readonly revision?: number;
  readonly write: (words: MailWords, link: string, further: readonly FurtherLink[]) => Letter;
  readonly item?: (words: MailWords) => AskItem;
  readonly together?: SharedMail | undefined;
  /** A later mail goes to its recipients, however much later. */
  readonly lasts?: true;
  /** Mails that this one replaces, unless they were written after `unlessSince`. */
  readonly covers?: readonly MailName[];
  readonly unlessSince?: string;
}

/** A mail that asks a person for something, by a link. */
export type AskDraft = Draft & Required<Pick<Draft, 'event' | 'target'>>;

export const draftsTo = (to: readonly Recipient[], purpose: string, write: Draft['write']): readonly Draft[] =>
  to.map((each) => ({ to: each, purpose, write }));

/** Undefined for a draft to IT or a vendor. */
export const holderOf = ({ to }: Pick<Draft, 'to'>): string | undefined => ('holder' in to ? to.holder : undefined);

interface PostPorts extends LinkPorts {
  readonly mailer: Mailer;
  readonly city: CityIdentity;
  readonly url: string;
  readonly clock: () => string;
  readonly logger: Logger;
}

/** `itMail`: undefined if the city has no such address; then the clerks have IT's mail. */
export interface NotifyPorts extends RegisterPorts, PostPorts, Pick<FeedPorts, 'isReleased' | 'wallMs'> {
  readonly zone: string;
  readonly itMail: string | undefined;
}

/**
 * `waits` while the newest commit of a feature is not in the log, `refused` if the stream cannot be read: the register follows
 * commits before they are judged, and no mail may.
 */
export const judgementOf = async ({ store, isReleased }: NotifyPorts, key: string) => {
  const head = await ifReadable(store.head(featureStream(key)), () => 'refused' as const);
  if (head === 'refused') return head;
  return head !== undefined && (await isReleased(head)) ? 'judged' : 'waits';
};

/** Returns the judged ones of the register's entries; undefined while any waits for the judge. */
export const judgedOnly = async <T extends { readonly key: string }>(
  ports: NotifyPorts,
  said: readonly T[],
): Promise<readonly T[] | undefined> => {
  const standings = await Promise.all(said.map(({ key }) => judgementOf(ports, key)));
  return standings.includes('waits') ? undefined : said.filter((_, index) => standings[index] === 'judged');
};

// Recipients

const inOffice = (roster: Roster, bodies: Iterable<string>, when: LocalMoment): readonly string[] => [
  ...new Set([...bodies].flatMap((body) => [...holdersOf(roster, body, when).values()].map(({ id }) => id))),
];

/** Returns the holders of every body that certifies for another. */
export const clerksOf = (roster: Roster, when: LocalMoment): readonly string[] => inOffice(roster, attestingBodies(roster), when);

export const actingBodies = ({ rules }: Policy, roster: Roster): readonly string[] => {
  const asked = new Set(rules.flatMap(({ require }) => require.map(({ body }) => body)));
  return Object.keys(roster.bodies).filter((id) => asked.has(id) || attestedBy(roster, id).some((body) => asked.has(body)));
};

type OfficePorts = Pick<NotifyPorts, 'store' | 'clock' | 'zone'>;

const recipients = (holders: readonly string[]): readonly Recipient[] => holders.map((holder) => ({ holder }));

export const clerks = async (ports: OfficePorts): Promise<readonly Recipient[]> => {
  const { inForce } = await readRosters(ports);
  return inForce === null ? [] : recipients(clerksOf(inForce.roster, localMoment(ports.clock(), ports.zone)));
};

export const clerksAndIt = async (ports: NotifyPorts): Promise<readonly Recipient[]> => [
  ...(await clerks(ports)),
  ...(ports.itMail === undefined ? [] : [{ itMail: ports.itMail }]),
];

/** Returns those who decide with one of the instruments under any rule of the policy in force, without those who only advise. */
export const deciders = async (
  ports: OfficePorts,
  instruments: readonly string[] = ['signature', 'certification', 'ballots'],
): Promise<readonly Recipient[]> => {
  const [{ inForce }, policy] = await Promise.all([readRosters(ports), readPolicies(ports)]);
  if (inForce === null || policy.inForce === null) return [];
  const required = policy.inForce.policy.rules.flatMap(({ require }) => require);
  const bodies = new Set(required.flatMap(({ body, instrument }) => (instruments.includes(instrument) ? body : [])));
  return recipients(inOffice(inForce.roster, bodies, localMoment(ports.clock(), ports.zone)));
};

// Sending

/** Side kind: when the mails that were accepted were written, by Message-ID. */
const SENT = 'sent';
const Sent = object(() => ({ at: z.string(), lasts: z.literal(true).exactOptional() }));
/** How long sent mails are remembered; a request that lasts longer is mailed once more. */
const SENT_MS = 400 * 86_400_000;
const SWEPT_AT_ONCE = 500;

/** Removes records of mails that no run writes again, except lasting ones. */
export const forgetSent = async ({ sideStore, clock }: Pick<PostPorts, 'sideStore' | 'clock'>): Promise<void> => {
  const before = plusMs(clock(), -SENT_MS);
  for await (const page of pagesOf(sideStore, SENT, { limit: SWEPT_AT_ONCE })) {
    const over = page.filter(({ value }) => {
      const { data } = Sent.safeParse(value);
      return data === undefined || (data.at < before && data.lasts !== true);
    });
    await Promise.all(over.map(({ id }) => sideStore.remove(SENT, id)));
  }
};

type MailName = Pick<Draft, 'to' | 'purpose' | 'event'>;

/** Returns the Message-ID, which is the same for a recipient, event and purpose, so that a mail program shows a repeat once. */
const messageIdOf = (url: string, event: string, { to, purpose, event: own = event }: MailName): string => {
  const recipient = 'holder' in to ? to.holder : { ...to };
  return idAt(url, [recipient, own, purpose]);
};

const idAt = (url: string, names: JsonValue): string =>
  `${hash('sha256', canonical(names)).slice(0, 40)}@${new URL(url).hostname.replaceAll(/[^a-z0-9.-]/gi, '')}`;

const recordedAt = async ({ sideStore }: Pick<PostPorts, 'sideStore'>, id: string): Promise<string | undefined> =>
  Sent.safeParse(await sideStore.get(SENT, id)).data?.at;

type SentPorts = Pick<PostPorts, 'sideStore' | 'url'>;

/** Returns when an accepted mail with this content was written, on its own or as part of another. */
export const sentAt = (ports: SentPorts, mail: MailName): Promise<string | undefined> =>
  recordedAt(ports, messageIdOf(ports.url, '', mail));

export const isSent = async (ports: SentPorts, mail: MailName): Promise<boolean> => (await sentAt(ports, mail)) !== undefined;

/** Reports whether something was mailed within a time. A record in the future, by a fast clock, does not count. */
export const wasWithin = ({ clock }: Pick<PostPorts, 'clock'>, at: string, ms: number): boolean =>
  Math.abs(Date.parse(clock()) - Date.parse(at)) < ms;

/** Returns the recipient; undefined, with an error in the log, if no address may receive it. Mail to IT is in English. */
const recipientOf = async (ports: PostPorts, { to, purpose, change }: Draft): Promise<MailAddress | undefined> => {
  if ('itMail' in to) return { email: to.itMail, language: 'en' };
  if ('vendor' in to) return vendorContact(ports.sideStore, to.vendor);
  const addressed = await addressOf(ports, to.holder);
  if (addressed.ok) return addressed.address;
  const event = addressed.problem === 'altered' ? 'mail address altered' : 'no mail address';
  ports.logger({ level: 'error', event, holder: to.holder, purpose, change });
  return undefined;
};

/** Characters that mail programs show on wide screens. */
const SUBJECT_CHARS_MAX = 70;

const footer = (words: MailWords, { name, contact }: CityIdentity): Letter['paragraphs'] => [
  fillText(words.sentFor, { city: name }),
  ...(contact === undefined ? [] : [fillText(words.contact, { contact })]),
];

const linkTo = async (ports: PostPorts, target: LinkTarget): Promise<string> =>
  `${ports.url}/${target.purpose === 'weekly' ? 'm' : 'd'}/${await makeLink(ports, target)}`;

const calendarOf = ({ url, clock }: PostPorts, dues: NonNullable<Letter['dues']>): string =>
  icsFile(
    dues.map(({ name, until, zone, ...event }) => ({
      ...event,
      uid: `${idAt(url, ['due', name])}`,
      stamp: clock(),
      day: lastDayOf(until, zone),
    })),
  );

const compose = async (ports: PostPorts, draft: Draft, messageId: string): Promise<Message | undefined> => {
  const entry = await recipientOf(ports, draft);
  if (entry === undefined) return undefined;
  const { target, further: targets = [] } = draft;
  const link = target === undefined ? '' : await linkTo(ports, target);
  const further = await Promise.all(targets.map(async (each) => ({ target: each, link: await linkTo(ports, each) })));
  const { email: to, language } = entry;
  const words = wordsFor(language);
  const written = draft.write(words, link, further);
  const subject = shortened(written.subject, SUBJECT_CHARS_MAX);
  const letter = { ...written, subject, paragraphs: [...written.paragraphs, ...footer(words, ports.city)] };
  return {
    messageId,
    to,
    subject,
    text: letterText(letter),
    html: letterHtml(letter, language, words),
    language,
    change: draft.change ?? null,
    revision: draft.revision ?? null,
    // No mail has this id: programs show those that refer to it as one conversation.
    thread: draft.change === undefined ? null : idAt(ports.url, ['change', draft.change]),
    calendar: letter.dues?.length ? calendarOf(ports, letter.dues) : null,
    ...(target?.purpose === 'weekly' && { unsubscribe: link }),
  };
};

/** `ids`: its Message-ID, then those of what it covers. */
interface Unsent {
  readonly message: Message;
  readonly ids: readonly [string, ...string[]];
  readonly draft: Draft;
  readonly at: string;
}

const unsent = async (ports: PostPorts, event: string, drafts: readonly Draft[]): Promise<readonly Unsent[]> => {
  const at = ports.clock();
  const idOf = (name: MailName): string => messageIdOf(ports.url, event, name);
  const mails = await Promise.all(
    drafts.map(async (draft): Promise<readonly Unsent[]> => {
      const own = idOf(draft);
      if ((await recordedAt(ports, own)) !== undefined) return [];
      const message = await compose(ports, draft, own);
      return message === undefined ? [] : [{ message, ids: [own, ...(draft.covers ?? []).map(idOf)], draft, at }];
    }),
  );
  // One person may be drafted the same mail twice, such as when two requirements raise one alarm.
  return [...new Map(mails.flat().map((each) => [each.ids[0], each])).values()];
};

const nameOf = (to: Draft['to']): string => ('holder' in to ? to.holder : 'vendor' in to ? `vendor ${to.vendor}` : 'IT');

/** The first record of a mail stays. */
const noteSent = ({ sideStore }: PostPorts, { ids, draft, at }: Unsent): Promise<unknown> =>
  allDone(ids.map((id) => sideStore.putIfAbsent(SENT, id, { at, ...(draft.lasts && { lasts: true }) })));

/** Reports whether what a mail covers was mailed elsewhere meanwhile. */
const isCovered = async (ports: PostPorts, { ids, draft: { unlessSince = '' } }: Unsent): Promise<boolean> => {
  const records = await Promise.all(ids.slice(1).map((id) => recordedAt(ports, id)));
  return records.some((at = '') => at > unlessSince);
};

/** Attempts in progress by Message-ID, until they are noted or have failed; and what the server takes late, until that is known. */
const attempts = new Map<string, Promise<void>>();
const late = new Set<string>();

/** Reports whether the server may still accept a mail late. */
export const isBeingTaken = ({ url }: SentPorts, mail: MailName): boolean => late.has(messageIdOf(url, '', mail));

/** Once a mail that was not taken is known to have been taken late: at once, since until then a crash would send it again. */
const noteLate = async (ports: PostPorts, mail: Unsent, { later }: NotSent): Promise<void> => {
  try {
    if (later === undefined) return;
    await later;
    await noteSent(ports, mail);
    await endWaiting(ports, await waitingMails(ports), new Set(mail.ids));
  } catch {
    // It was not taken, or a later call finds that it was.
  } finally {
    for (const id of mail.ids) late.delete(id);
  }
};

/**
 * Sends a mail unless it was sent meanwhile, and resolves once it is accepted. Resolves with false if the server is late to accept its
 * content or what it covers was mailed elsewhere: then another mail has to be written. `noted`: resolves once that is recorded.
 */
const sendOnce = async (ports: PostPorts, mail: Unsent) => {
  const { ids, message } = mail;
  const others = () => ids.flatMap((id) => attempts.get(id) ?? []);
  for (let before = others(); before.length > 0; before = others()) await Promise.all(before);
  let noted: Promise<unknown> = Promise.resolve();
  if (ids.some((id) => late.has(id))) return { isTaken: false, noted };
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const id of ids) attempts.set(id, promise);
  try {
    const isTaken = (await recordedAt(ports, ids[0])) !== undefined;
    if (isTaken || (await isCovered(ports, mail))) return { isTaken, noted };
    await ports.mailer.send(message);
    noted = noteSent(ports, mail);
    return { isTaken: true, noted };
  } catch (error) {
    if (error instanceof NotSent && error.later !== undefined) for (const id of ids) late.add(id);
    throw error;
  } finally {
    const leave = (): void => {
      for (const id of ids) attempts.delete(id);
      resolve();
    };
    // It also keeps a rejection from counting as unhandled: the caller awaits it later.
    noted.then(leave, leave);
  }
};

const noteNotTaken = async (
  ports: PostPorts,
  known: Waiting | undefined,
  mail: Unsent,
  { message: error, why }: NotSent,
): Promise<void> => {
  const to = nameOf(mail.draft.to);
  const level = known !== undefined && isLate(ports, known) ? 'error' : 'warn';
  ports.logger({ level, event: 'mail not taken', to, error });
  await noteWaiting(ports, mail.ids[0], known, { to, why });
};

/**
 * Sends the mails of one event, in order. Each is recorded once it is accepted: a mail goes out twice only after a crash in between.
 * Resolves with false if one was not taken: it does not keep the others from leaving, and leaves at a later call once its time has come.
 * Throws {@link Unavailable} at once when no mail can leave. `isTriedAgain`: the gate does so later; false for
 * a mail that its person asks for again, at once.
 */
export const post = async (ports: PostPorts, event: string, drafts: readonly Draft[], isTriedAgain = true): Promise<boolean> => {
  const waiting = await waitingMails(ports);
  const due = drafts.filter((draft) => !isTooEarly(ports, waiting.get(messageIdOf(ports.url, event, draft))));
  let areAllTaken = due.length === drafts.length;
  // Records that wait together share a write.
  const [over, records] = [new Set<string>(), [] as Promise<unknown>[]];
  const recorded = async (): Promise<void> => {
    await allDone(records);
    await endWaiting(ports, waiting, over);
  };
  for (const mail of await unsent(ports, event, due)) {
    try {
      const { isTaken, noted } = await sendOnce(ports, mail);
      records.push(noted);
      areAllTaken &&= isTaken;
      for (const id of [ALL, ...(isTaken ? mail.ids : [])]) over.add(id);
    } catch (error) {
      if (!(error instanceof NotSent)) throw error;
      try {
        if (error.unreachable) {
          await recorded();
          await noteOutage(ports, error);
          throw new Unavailable(error.message, { cause: error });
        }
        areAllTaken = false;
        over.add(ALL);
        if (isTriedAgain) await noteNotTaken(ports, waiting.get(mail.ids[0]), mail, error);
      } finally {
        // Only now, so that it ends what was just noted.
        void noteLate(ports, mail, error);
      }
    }
  }
  await recorded();
  return areAllTaken;
};

/** False also if something else failed, so that others still get theirs; an outage throws and the next run continues. */
export const attempt = async (ports: PostPorts, event: string, drafts: readonly Draft[]): Promise<boolean> => {
  try {
    return await post(ports, event, drafts);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    ports.logger({ level: 'error', event: 'mail not sent', mail: event, ...errorFields(error) });
    return false;
  }
};
