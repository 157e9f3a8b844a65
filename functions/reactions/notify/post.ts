import { hash } from 'node:crypto';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { type LinkPorts, makeLink } from '../../gate/links.ts';
import { directoryEntry } from '../../gate/rosters.ts';
import { Unavailable } from '../../platform/feed/consumer.ts';
import type { Log } from '../../platform/logging.ts';
import { letterHtml, letterText } from '../../platform/mail/letter.ts';
import { type Mailer, type Message, NotSent } from '../../platform/mail/port.ts';
import { wordsFor } from '../../platform/mail/words.ts';
import type { Draft } from './draft.ts';

/** Side kind: which mails were accepted, by Message-ID. */
const SENT = 'sent';

export interface PostPorts extends LinkPorts {
  readonly mailer: Mailer;
  readonly url: string;
  readonly clock: () => string;
  readonly log: Log;
}

/** The same for the same person, event and purpose, so that a mail sent twice is shown once. */
const messageIdOf = (url: string, event: string, { holder, purpose }: Draft): string => {
  const local = hash('sha256', canonical([holder, event, purpose])).slice(0, 40);
  return `${local}@${new URL(url).hostname.replaceAll(/[^a-z0-9.-]/gi, '')}`;
};

const compose = async (ports: PostPorts, draft: Draft, messageId: string): Promise<Message | undefined> => {
  const entry = await directoryEntry(ports.sideStore, draft.holder);
  if (entry === undefined) {
    ports.log({ level: 'error', event: 'no mail address', holder: draft.holder, purpose: draft.purpose, change: draft.change });
    return undefined;
  }
  const { target } = draft;
  const weekly = target?.purpose === 'weekly';
  const link = target === null ? '' : `${ports.url}/${weekly ? 'm' : 'd'}/${await makeLink(ports, target)}`;
  const words = wordsFor(entry.language);
  const letter = draft.write(words, link);
  const { change, revision } = draft;
  const { email: to, language } = entry;
  return {
    messageId,
    to,
    subject: letter.subject,
    text: letterText(letter),
    html: letterHtml(letter, language, words),
    language,
    change,
    revision,
    ...(weekly && { unsubscribe: link }),
  };
};

/** The mails that were not accepted yet, in the order of their drafts. */
const unsent = async (ports: PostPorts, event: string, drafts: readonly Draft[]): Promise<readonly Message[]> => {
  const messages = await Promise.all(
    drafts.map(async (draft) => {
      const messageId = messageIdOf(ports.url, event, draft);
      return (await ports.sideStore.get(SENT, messageId)) === undefined ? compose(ports, draft, messageId) : undefined;
    }),
  );
  // One person may be drafted the same mail twice, as when two requirements raise one alarm.
  return [...new Map(messages.flatMap((message) => (message === undefined ? [] : [[message.messageId, message]]))).values()];
};

/**
 * Sends what one event gives reason for, in order. Each mail is noted as soon as it was accepted, so that a repeat sends only what is
 * missing: twice only after a crash between the two. A mail that is refused does not keep the others from leaving; all are tried,
 * then it throws.
 */
export const post = async (ports: PostPorts, event: string, drafts: readonly Draft[]): Promise<void> => {
  const refused: string[] = [];
  const notes: Promise<void>[] = [];
  const noted = async (): Promise<void> => {
    const failed = (await Promise.allSettled(notes)).find((note) => note.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
  for (const message of await unsent(ports, event, drafts)) {
    try {
      await ports.mailer.send(message);
    } catch (error) {
      if (!(error instanceof NotSent)) throw error;
      refused.push(`${message.messageId}: ${error.message}`);
      if (!error.unreachable) continue;
      await noted();
      throw new Unavailable(error.message, { cause: error });
    }
    const note = ports.sideStore.put(SENT, message.messageId, { at: ports.clock() });
    // Looked at below; until then a failure must not count as one that nobody handles.
    note.catch(() => undefined);
    notes.push(note);
  }
  await noted();
  if (refused.length > 0) throw new Error(`mails were refused: ${refused.join('; ')}`);
};
