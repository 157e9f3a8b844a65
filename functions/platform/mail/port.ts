/** One mail to one person. Its text is plain words; links stand alone on their lines in it. */
export interface Message {
  /** Without angle brackets, the same each time this very message is sent: a recipient's program then shows it once. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same as a page, for programs that show one. */
  readonly html: string;
  /** Where this kind of mail is switched off, by one request without a question (RFC 8058); absent for mail that must arrive. */
  readonly unsubscribe?: string;
  readonly language: string;
  /** The change it is about, `flock.lpr/3`; null for one about something else. */
  readonly change: string | null;
  readonly revision: number | null;
}

/**
 * A mail was not accepted. `unreachable`: nobody was there to take any mail, so it is no fault of this one; else this message or
 * its address was refused, for now or for good.
 */
export class NotSent extends Error {
  override readonly name = 'NotSent';
  readonly unreachable: boolean;

  constructor(message: string, { unreachable, cause }: { readonly unreachable: boolean; readonly cause?: unknown }) {
    super(message, { cause });
    this.unreachable = unreachable;
  }
}

/** Where mail leaves. Resolves once the message is accepted for delivery; throws {@link NotSent}. */
export interface Mailer {
  send(message: Message): Promise<void>;
  close(): Promise<void>;
}
