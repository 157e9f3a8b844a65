import type { SendMailOptions } from 'nodemailer';

export interface Message {
  /** Without angle brackets, and stable, so that a mail program shows a repeated mail once. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  /** A link has a line to itself. */
  readonly text: string;
  readonly html: string;
  /** The address whose POST unsubscribes from this kind of mail (RFC 8058); absent for mail that must arrive. */
  readonly unsubscribe?: string;
  readonly language: string;
  /** `acme.lpr/3`. */
  readonly change: string | null;
  readonly revision: number | null;
  /** The id that all mails about a change refer to. */
  readonly thread: string | null;
  /** An iCalendar file with the last days to act. */
  readonly calendar: string | null;
}

/**
 * `unreachable`: no mail can be sent at present; otherwise this message was rejected. `why`: contains no addresses, so anyone may read it.
 * `later`: resolves if the message is accepted after all.
 */
export class NotSent extends Error {
  override readonly name = 'NotSent';
  readonly unreachable: boolean;
  readonly why: string;
  readonly later: Promise<void> | undefined;

  constructor(message: string, about: Pick<NotSent, 'unreachable'> & Partial<Pick<NotSent, 'why' | 'later' | 'cause'>>) {
    super(message, { cause: about.cause });
    this.unreachable = about.unreachable;
    this.why = about.why ?? message;
    this.later = about.later;
  }
}

export interface Mailer {
  /**
   * Resolves once the message is accepted. Throws {@link NotSent}, also if the server takes long: a later call with the same id returns that
   * transfer's result.
   */
  send(message: Message): Promise<void>;
  close(): Promise<void>;
}

/** RFC 5322, section 3.2.4. */
const quoted = (name: string): string => `"${name.replaceAll(/["\\]/g, (special) => `\\${special}`)}"`;

/** Returns the sender, with the city's name before a bare address. */
export const senderOf = (from: string, city: string): string => (from.includes('<') ? from : `${quoted(city)} <${from}>`);

const CHANGE_HEADER = 'X-Aldergate-Change';
const REVISION_HEADER = 'X-Aldergate-Revision';

export const mailOptions = (message: Message, from: string): SendMailOptions => ({
  from,
  to: { name: '', address: message.to },
  subject: message.subject,
  text: message.text,
  html: message.html,
  messageId: `<${message.messageId}>`,
  ...(message.thread !== null && { references: `<${message.thread}>`, inReplyTo: `<${message.thread}>` }),
  ...(message.calendar !== null && {
    attachments: [
      { filename: 'deadline.ics', content: message.calendar, contentType: 'text/calendar; charset=utf-8; method=PUBLISH' },
    ],
  }),
  headers: {
    'Auto-Submitted': 'auto-generated',
    'Content-Language': message.language,
    ...(message.unsubscribe !== undefined && {
      'List-Unsubscribe': `<${message.unsubscribe}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    }),
    ...(message.change !== null && { [CHANGE_HEADER]: message.change }),
    ...(message.revision !== null && { [REVISION_HEADER]: String(message.revision) }),
  },
  // No message content may make the library read a file or fetch an address.
  disableFileAccess: true,
  disableUrlAccess: true,
});
