export interface Message {
  /** Without angle brackets, and the same each time this mail is sent, so that a mail program shows a repeat once. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  /** A link stands alone on its line. */
  readonly text: string;
  readonly html: string;
  /** The address at which one POST switches this kind of mail off (RFC 8058); absent for mail that must arrive. */
  readonly unsubscribe?: string;
  readonly language: string;
  /** `flock.lpr/3`; null if the mail concerns no change. */
  readonly change: string | null;
  readonly revision: number | null;
  /** The id that all mails about a change refer to; null if the mail concerns none. */
  readonly thread: string | null;
  /** An iCalendar file with the last days to act; null without one. */
  readonly calendar: string | null;
}

/** `unreachable`: no mail can leave at present, whatever its content; otherwise this message or its address was refused. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
  readonly unreachable: boolean;

  constructor(message: string, { unreachable, cause }: { readonly unreachable: boolean; readonly cause?: unknown }) {
    super(message, { cause });
    this.unreachable = unreachable;
  }
}

export interface Mailer {
  /** Resolves once the message is accepted. Throws {@link NotSent}. */
  send(message: Message): Promise<void>;
  close(): Promise<void>;
}

export const SILENT_MAILER: Mailer = { send: async () => undefined, close: async () => undefined };

/** RFC 5322, section 3.2.4. */
const quoted = (name: string): string => `"${name.replaceAll(/["\\]/g, (special) => `\\${special}`)}"`;

/** With the city's name before a bare address. */
export const senderOf = (from: string, city: string): string => (from.includes('<') ? from : `${quoted(city)} <${from}>`);
