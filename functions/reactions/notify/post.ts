import { hash } from 'node:crypto';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { addressOf, type MailAddress } from '../../gate/directory.ts';
import { type LinkPorts, type LinkTarget, makeLink } from '../../gate/links.ts';
import type { CityIdentity } from '../../gate/ports.ts';
import { fillText } from '../../platform/catalogue.ts';
import { Unavailable } from '../../platform/feed/consumer.ts';
import type { Logger } from '../../platform/logging.ts';
import { type Letter, letterHtml, letterText } from '../../platform/mail/letter.ts';
import { type Mailer, type Message, NotSent } from '../../platform/mail/port.ts';
import { type MailWords, wordsFor } from '../../platform/mail/words.ts';
import type { Draft } from './draft.ts';

/** Side kind: which mails were accepted, by Message-ID. */
const SENT = 'sent';

export interface PostPorts extends LinkPorts {
  readonly mailer: Mailer;
  readonly city: CityIdentity;
  readonly url: string;
  readonly clock: () => string;
  readonly logger: Logger;
}

/** The same for the same recipient, event and purpose, so that a mail program shows a repeat once. */
const messageIdOf = (url: string, event: string, { to, purpose }: Draft): string => {
  const recipient = 'holder' in to ? to.holder : { ...to };
  const local = hash('sha256', canonical([recipient, event, purpose])).slice(0, 40);
  return `${local}@${new URL(url).hostname.replaceAll(/[^a-z0-9.-]/gi, '')}`;
};

/** Undefined, with an error in the log, if no address may receive it. Mail to IT is in English. */
const recipientOf = async (ports: PostPorts, { to, purpose, change }: Draft): Promise<MailAddress | undefined> => {
  if (!('holder' in to)) return { email: to.itMail, language: 'en' };
  const addressed = await addressOf(ports, to.holder);
  if (addressed.ok) return addressed.address;
  const event = addressed.problem === 'altered' ? 'mail address altered' : 'no mail address';
  ports.logger({ level: 'error', event, holder: to.holder, purpose, change });
  return undefined;
};

const footer = (words: MailWords, { name, contact }: CityIdentity): Letter['paragraphs'] => [
  fillText(words.sentFor, { city: name }),
  ...(contact === undefined ? [] : [fillText(words.contact, { contact })]),
];

const linkTo = async (ports: PostPorts, target: LinkTarget): Promise<string> =>
  `${ports.url}/${target.purpose === 'weekly' ? 'm' : 'd'}/${await makeLink(ports, target)}`;

const compose = async (ports: PostPorts, draft: Draft, messageId: string): Promise<Message | undefined> => {
  const entry = await recipientOf(ports, draft);
  if (entry === undefined) return undefined;
  const { target, further: targets = [] } = draft;
  const link = target === undefined ? '' : await linkTo(ports, target);
  const further = await Promise.all(targets.map(async (each) => ({ target: each, link: await linkTo(ports, each) })));
  const { email: to, language } = entry;
  const words = wordsFor(language);
  const written = draft.write(words, link, further);
  const letter = { ...written, paragraphs: [...written.paragraphs, ...footer(words, ports.city)] };
  return {
    messageId,
    to,
    subject: letter.subject,
    text: letterText(letter),
    html: letterHtml(letter, language, words),
    language,
    change: draft.change ?? null,
    revision: draft.revision ?? null,
    ...(target?.purpose === 'weekly' && { unsubscribe: link }),
  };
};

const unsent = async (ports: PostPorts, event: string, drafts: readonly Draft[]): Promise<readonly Message[]> => {
  const messages = await Promise.all(
    drafts.map(async (draft) => {
      const messageId = messageIdOf(ports.url, event, draft);
      return (await ports.sideStore.get(SENT, messageId)) === undefined ? compose(ports, draft, messageId) : undefined;
    }),
  );
  // One person may be drafted the same mail twice, such as when two requirements raise one alarm.
  return [...new Map(messages.flatMap((message) => (message === undefined ? [] : [[message.messageId, message]]))).values()];
};

/**
 * Sends the mails of one event, in order. Each is recorded once it is accepted: a mail goes out twice only after a crash in between. A
 * refused mail does not keep the others from leaving: all are tried before this throws. Throws {@link Unavailable} at once when no mail
 * can leave.
 */
export const post = async (ports: PostPorts, event: string, drafts: readonly Draft[]): Promise<void> => {
  const refused: string[] = [];
  const records: Promise<void>[] = [];
  const recorded = async (): Promise<void> => {
    const failed = (await Promise.allSettled(records)).find((record) => record.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  for (const message of await unsent(ports, event, drafts)) {
    try {
      await ports.mailer.send(message);
    } catch (error) {
      if (!(error instanceof NotSent)) throw error;
      refused.push(`${message.messageId}: ${error.message}`);
      if (!error.unreachable) continue;
      await recorded();
      throw new Unavailable(error.message, { cause: error });
    }
    // Records that wait together share a write.
    const record = ports.sideStore.put(SENT, message.messageId, { at: ports.clock() });
    // Awaited below; until then its rejection must not count as unhandled.
    record.catch(() => undefined);
    records.push(record);
  }
  await recorded();
  if (refused.length > 0) throw new Error(`mails were refused: ${refused.join('; ')}`);
};
