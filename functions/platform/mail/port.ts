import type { SendMailOptions } from 'nodemailer';

export interface Message {
  /** Without angle brackets, and the same each time, so that a mail program shows a repeat once. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  /** A link stands alone on its line. */
  readonly text: string;
  readonly html: string;
  /** At which one POST switches this kind of mail off (RFC 8058); absent for mail that must arrive. */
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
 * `unreachable`: no mail can leave at present; otherwise it is this message that was not taken. `why`: without what the server says of
 * addresses, for everybody to read. `later`: resolves if it is taken after all.
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
   * Resolves once the message is accepted. Throws {@link NotSent}, also while the server takes long over it: a later call with the same
   * id learns how that ended.
   */
  send(message: Message): Promise<void>;
  close(): Promise<void>;
}

/** RFC 5322, section 3.2.4. */
const quoted = (name: string): string => `"${name.replaceAll(/["\\]/g, (special) => `\\${special}`)}"`;

/** With the city's name before a bare address. */
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
  // No content of a message can make the server read a file or fetch an address.
  disableFileAccess: true,
  disableUrlAccess: true,
});
