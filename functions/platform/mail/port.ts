/** One mail to one person. */
export interface Message {
  /** Without angle brackets, and the same each time this mail is sent, so that a mail program shows a repeat once. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  /** Plain text. A link stands alone on its line. */
  readonly text: string;
  /** The same content as a page. */
  readonly html: string;
  /** The address at which one POST switches this kind of mail off (RFC 8058); absent for mail that must arrive. */
  readonly unsubscribe?: string;
  readonly language: string;
  /** The change that the mail concerns, `flock.lpr/3`; null if it concerns something else. */
  readonly change: string | null;
  readonly revision: number | null;
}

/**
 * Thrown when a mail is not accepted. `unreachable`: no mail can leave at present, whatever its content; otherwise this message
 * or its address was refused, for now or permanently.
 */
export class NotSent extends Error {
  override readonly name = 'NotSent';
  readonly unreachable: boolean;

  constructor(message: string, { unreachable, cause }: { readonly unreachable: boolean; readonly cause?: unknown }) {
    super(message, { cause });
    this.unreachable = unreachable;
  }
}

/** Sends mail. */
export interface Mailer {
  /** Resolves once the message is accepted for delivery. Throws {@link NotSent}. */
  send(message: Message): Promise<void>;
  close(): Promise<void>;
}

/** Accepts every message and sends none. */
export const SILENT_MAILER: Mailer = { send: async () => undefined, close: async () => undefined };

/** Returns a display name as a quoted string (RFC 5322, section 3.2.4). */
const quoted = (name: string): string => `"${name.replaceAll(/["\\]/g, (special) => `\\${special}`)}"`;

/** Returns the sender `from`, with the city's name before a bare address; a sender with a name stays as it is. */
export const senderOf = (from: string, city: string): string => (from.includes('<') ? from : `${quoted(city)} <${from}>`);
