import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { commitmentOf } from '../../domain/kernel/digest.ts';
import type { TextRedacted } from '../../domain/redaction/events.ts';
import { readRedaction } from './redaction.ts';
import type { TextPorts } from './textPorts.ts';

/** Where the texts of officials lie, by their commitment. */
const KIND = 'text';
const Kept = z.strictObject({ salt: z.string(), text: z.string() });

/** What is behind a commitment now: the text, or the redaction that took it away. */
export type OfficialText =
  | { readonly text: string; readonly redaction?: undefined }
  | { readonly text?: undefined; readonly redaction: TextRedacted };

/** Takes a text and its salt away for good; done again it does nothing. Only after its redaction is in the store. */
export const removeText = ({ sideStore }: TextPorts, commitment: string): Promise<void> => sideStore.remove(KIND, commitment);

const saltOf = (key: Uint8Array, place: string, text: string): Buffer =>
  createHmac('sha256', key).update(`${place}\n${text}`).digest();

/** The commitment that {@link keepText} would give, without keeping anything. */
export const nameText = (key: Uint8Array, place: string, text: string): string => commitmentOf(saltOf(key, place, text), text);

/**
 * Keeps an official's free text where it can be redacted and gives the commitment that stands in the event in its place. The
 * salt is derived from `key`, so that the same text in the same place gives the same commitment and a form sent twice is one act.
 * A text that was redacted does not come back: it is looked for before it is kept, and again after, for the case that it was redacted
 * in between.
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
 * What is behind a commitment. The redaction is asked for first, so that a text is not shown from the moment its redaction is in the
 * store. Undefined: missing without one. A text that does not match its commitment is not shown.
 */
export const readText = async (ports: TextPorts, commitment: string): Promise<OfficialText | undefined> => {
  const redaction = await readRedaction(ports.store, commitment);
  if (redaction !== undefined) return { redaction };
  const text = await keptText(ports, commitment);
  return text === undefined ? undefined : { text };
};
