import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { commitmentOf } from '../../domain/kernel/digest.ts';
import { strictObject } from '../../domain/kernel/lazyObject.ts';
import { isHidden, type Redaction } from '../../domain/redaction/state.ts';
import { readRedaction, TEXT_KIND, type TextPorts } from './redactions.ts';

const Kept = strictObject(() => ({ salt: z.string(), text: z.string() }));

/** The current content of a commitment: the text, or the redaction that hides or has removed it. */
export type OfficialText =
  | { readonly text: string; readonly redaction?: undefined }
  | { readonly text?: undefined; readonly redaction: Redaction };

/** Removes a text and its salt permanently. Repeating it has no effect. For a text that no act names. */
export const removeText = ({ sideStore }: Pick<TextPorts, 'sideStore'>, commitment: string): Promise<void> =>
  sideStore.remove(TEXT_KIND, commitment);

const saltOf = (key: Uint8Array, place: string, text: string): Buffer =>
  createHmac('sha256', key).update(`${place}\n${text}`).digest();

/** Returns the commitment that {@link keepText} would return, without storing the text. */
export const nameText = (key: Uint8Array, place: string, text: string): string => commitmentOf(saltOf(key, place, text), text);

const keptText = async ({ sideStore }: TextPorts, commitment: string): Promise<string | undefined> => {
  const parsed = Kept.safeParse(await sideStore.get(TEXT_KIND, commitment));
  if (!parsed.success) return undefined;
  const { salt, text } = parsed.data;
  const bytes = Buffer.from(salt, 'base64');
  return bytes.length === 32 && commitmentOf(bytes, text) === commitment ? text : undefined;
};

const isDisposed = async ({ store }: TextPorts, commitment: string): Promise<boolean> =>
  (await readRedaction(store, commitment))?.status === 'disposed';

/**
 * Stores an official's free text where it can be redacted and returns the commitment that replaces it in the event. The salt is
 * derived from `key`, so that the same text in the same place gives the same commitment and a form sent twice is one act. A text that
 * was disposed of does not return: its redaction is looked up before storing and again after, in case it happens in between. A text that
 * is stored already stays untouched: it is destroyed by nothing but a disposal in the log.
 */
export const keepText = async (ports: TextPorts, key: Uint8Array, place: string, text: string): Promise<string> => {
  const salt = saltOf(key, place, text);
  const commitment = commitmentOf(salt, text);
  if ((await keptText(ports, commitment)) !== undefined || (await isDisposed(ports, commitment))) return commitment;
  await ports.sideStore.put(TEXT_KIND, commitment, { salt: salt.toString('base64'), text });
  if (await isDisposed(ports, commitment)) await ports.sideStore.erase(TEXT_KIND, commitment);
  return commitment;
};

/**
 * Returns the content of a commitment; undefined if it is missing without a redaction. Looks up the redaction first, so that a
 * text is hidden from the moment its redaction is in the store. Never returns a text that does not match its commitment.
 */
export const readText = async (ports: TextPorts, commitment: string): Promise<OfficialText | undefined> => {
  const redaction = await readRedaction(ports.store, commitment);
  if (isHidden(redaction)) return { redaction };
  const text = await keptText(ports, commitment);
  return text === undefined ? undefined : { text };
};

/** Returns the redactions of those of some commitments and digests that an order hides. */
export const readHidden = async (
  { store }: Pick<TextPorts, 'store'>,
  digests: readonly string[],
): Promise<ReadonlyMap<string, { readonly redaction: Redaction }>> => {
  const read = await Promise.all(digests.map(async (digest) => [digest, await readRedaction(store, digest)] as const));
  return new Map(read.flatMap(([digest, redaction]) => (isHidden(redaction) ? [[digest, { redaction }] as const] : [])));
};

/** Reports whether a text that must be there is missing: every one but those that were disposed of. */
export const isMissing = async (ports: TextPorts, commitment: string): Promise<boolean> =>
  !(await isDisposed(ports, commitment)) && (await keptText(ports, commitment)) === undefined;
