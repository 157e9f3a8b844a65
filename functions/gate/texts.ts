import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { commitmentOf } from '../../domain/kernel/digest.ts';
import type { TextRedacted } from '../../domain/redaction/events.ts';
import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { readRedaction } from './redaction.ts';

/** The ports for officials' texts: where they are stored, and where their redactions are recorded. */
export interface TextPorts {
  readonly store: Store;
  readonly sideStore: SideStore;
}

/** Side kind: the texts of officials, by their commitment. */
const KIND = 'text';
const Kept = z.strictObject({ salt: z.string(), text: z.string() });

/** The current content of a commitment: the text, or the redaction that removed it. */
export type OfficialText =
  | { readonly text: string; readonly redaction?: undefined }
  | { readonly text?: undefined; readonly redaction: TextRedacted };

/** Removes a text and its salt permanently. Repeating it has no effect. Call it only after the redaction is in the store. */
export const removeText = ({ sideStore }: TextPorts, commitment: string): Promise<void> => sideStore.remove(KIND, commitment);

const saltOf = (key: Uint8Array, place: string, text: string): Buffer =>
  createHmac('sha256', key).update(`${place}\n${text}`).digest();

/** Returns the commitment that {@link keepText} would return, without storing the text. */
export const nameText = (key: Uint8Array, place: string, text: string): string => commitmentOf(saltOf(key, place, text), text);

/**
 * Stores an official's free text where it can be redacted and returns the commitment that replaces it in the event. The salt is
 * derived from `key`, so that the same text in the same place gives the same commitment and a form sent twice is one act. A
 * redacted text does not return: the redaction is looked up before storing and again after, in case it happens in between.
 */
export const keepText = async (ports: TextPorts, key: Uint8Array, place: string, text: string): Promise<string> => {
  const salt = saltOf(key, place, text);
  const commitment = commitmentOf(salt, text);
  if ((await readRedaction(ports.store, commitment)) !== undefined) return commitment;
  await ports.sideStore.put(KIND, commitment, { salt: salt.toString('base64'), text });
  if ((await readRedaction(ports.store, commitment)) !== undefined) await removeText(ports, commitment);
  return commitment;
};

const keptText = async ({ sideStore }: TextPorts, commitment: string): Promise<string | undefined> => {
  const parsed = Kept.safeParse(await sideStore.get(KIND, commitment));
  if (!parsed.success) return undefined;
  const { salt, text } = parsed.data;
  const bytes = Buffer.from(salt, 'base64');
  return bytes.length === 32 && commitmentOf(bytes, text) === commitment ? text : undefined;
};

/**
 * Returns the content of a commitment; undefined if it is missing without a redaction. Looks up the redaction first, so that a
 * text is hidden from the moment its redaction is in the store. Never returns a text that does not match its commitment.
 */
export const readText = async (ports: TextPorts, commitment: string): Promise<OfficialText | undefined> => {
  const redaction = await readRedaction(ports.store, commitment);
  if (redaction !== undefined) return { redaction };
  const text = await keptText(ports, commitment);
  return text === undefined ? undefined : { text };
};
