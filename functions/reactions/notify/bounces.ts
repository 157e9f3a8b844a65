// Storage format of side kind `bounce`: the last bounced mail of each person. Deletable like the directory; contains no address.
import { hash } from 'node:crypto';
import * as z from 'zod';
import { Instant, object, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { directoryEntry, directoryHolders } from '../../gate/directory.ts';
import type { Logger } from '../../platform/logging.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';

const KIND = 'bounce';
const REASON_CHARACTERS_MAX = 200;

const Stored = strictObject(() => ({
  at: Instant,
  kind: z.enum(['bounce', 'complaint', 'reject']),
  /** SHA-256: the record is void once the person's address has changed. */
  address: z.string(),
  reason: z.string(),
}));
/** `reason`: the other mail server's text, untrusted. */
type Bounce = Pick<z.infer<typeof Stored>, 'at' | 'kind' | 'reason'>;

interface BouncePorts {
  readonly sideStore: SideStore;
  readonly clock: () => string;
  readonly logger: Logger;
}

/** Returns the hash of an address, ignoring case, as mail servers do. */
const hashOf = (address: string): string => hash('sha256', address.trim().toLowerCase());

const Recipients = z.array(object(() => ({ emailAddress: z.string(), diagnosticCode: z.string().optional() })));

/** Wire format, in part attacker-controlled: SES's events on the account's bus. */
const SesEvent = object(() => ({
  source: z.literal('aws.ses'),
  detail: z.discriminatedUnion('eventType', [
    z.object({
      eventType: z.literal('Bounce'),
      bounce: z.object({ bounceType: z.string(), bounceSubType: z.string().optional(), bouncedRecipients: Recipients }),
    }),
    z.object({
      eventType: z.literal('Complaint'),
      complaint: z.object({ complainedRecipients: Recipients, complaintFeedbackType: z.string().optional() }),
    }),
    z.object({
      eventType: z.literal('Reject'),
      mail: z.object({ destination: z.array(z.string()) }),
      reject: z.object({ reason: z.string() }),
    }),
  ]),
}));
type Detail = z.infer<typeof SesEvent>['detail'];

interface Returned {
  readonly kind: Bounce['kind'];
  /** Whether later mails to the address will fail too. */
  readonly lasting: boolean;
  readonly to: readonly { readonly address: string; readonly reason: string }[];
}

const returnedOf = (detail: Detail): Returned => {
  if (detail.eventType === 'Reject') {
    const { reason } = detail.reject;
    return { kind: 'reject', lasting: true, to: detail.mail.destination.map((address) => ({ address, reason })) };
  }
  if (detail.eventType === 'Complaint') {
    const { complainedRecipients, complaintFeedbackType: reason = 'complaint' } = detail.complaint;
    return {
      kind: 'complaint',
      lasting: true,
      to: complainedRecipients.map(({ emailAddress: address }) => ({ address, reason })),
    };
  }
  const { bounceType, bounceSubType = '', bouncedRecipients } = detail.bounce;
  const to = bouncedRecipients.map(({ emailAddress: address, diagnosticCode }) => ({
    address,
    reason: diagnosticCode ?? `${bounceType} ${bounceSubType}`.trim(),
  }));
  return { kind: 'bounce', lasting: bounceType !== 'Transient', to };
};

const holderOf = async (sideStore: SideStore, hash: string): Promise<string | undefined> => {
  for (const holder of await directoryHolders(sideStore))
    if (hashOf((await directoryEntry(sideStore, holder))?.email ?? '') === hash) return holder;
  return undefined;
};

export const isFromSes = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && (event as { readonly source?: unknown }).source === 'aws.ses';

/**
 * Records whose mail bounced, since an official who was not reached does not decide. The log line raises an alarm and names the person, never
 * the address. A delay, such as a full mailbox, is only a warning.
 */
export const recordBounces = async ({ sideStore, clock, logger }: BouncePorts, event: unknown): Promise<void> => {
  const parsed = SesEvent.safeParse(event);
  if (!parsed.success) {
    logger({ level: 'error', event: 'mail came back', holder: null, kind: 'unreadable' });
    return;
  }
  const { kind, lasting, to } = returnedOf(parsed.data.detail);
  for (const { address, reason } of to) {
    const hash = hashOf(address);
    const holder = await holderOf(sideStore, hash);
    if (!lasting) {
      logger({ level: 'warn', event: 'mail is late', holder: holder ?? null });
      continue;
    }
    logger({ level: 'error', event: 'mail came back', holder: holder ?? null, kind });
    if (holder === undefined) continue;
    await sideStore.put(KIND, holder, { at: clock(), kind, address: hash, reason: reason.slice(0, REASON_CHARACTERS_MAX) });
  }
};

/** Returns a person's bounce; undefined once the directory has another address. */
export const bounceOf = async (sideStore: SideStore, holder: string): Promise<Bounce | undefined> => {
  const [stored, entry] = await Promise.all([sideStore.get(KIND, holder), directoryEntry(sideStore, holder)]);
  const parsed = Stored.safeParse(stored);
  if (!parsed.success || entry === undefined || parsed.data.address !== hashOf(entry.email)) return undefined;
  const { at, kind, reason } = parsed.data;
  return { at, kind, reason };
};
