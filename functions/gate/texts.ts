import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { commitmentOf } from '../../domain/kernel/digest.ts';
import { strictObject } from '../../domain/kernel/lazyObject.ts';
import type { Place, Redaction } from '../../domain/redaction/state.ts';
import { readHiding, TEXT_KIND, type TextPorts } from './redactions.ts';

const Kept = strictObject(() => ({ salt: z.string(), text: z.string() }));

/** `redaction`: the order that withholds it from the public; then `text` is there for officials only. */
export interface OfficialText {
  readonly text?: string | undefined;
  readonly redaction?: Redaction | undefined;
}

/** Withholding hides from the public, never from those who decide. */
export type Audience = 'public' | 'officials';

/** For a text that no act names. */
export const removeText = ({ sideStore }: Pick<TextPorts, 'sideStore'>, commitment: string): Promise<void> =>
  sideStore.remove(TEXT_KIND, commitment);

const saltOf = (key: Uint8Array, place: string, text: string): Buffer =>
  createHmac('sha256', key).update(`${place}\n${text}`).digest();

/** What {@link keepText} would return; stores nothing. */
export const nameText = (key: Uint8Array, place: string, text: string): string => commitmentOf(saltOf(key, place, text), text);

const keptText = async ({ sideStore }: TextPorts, commitment: string): Promise<string | undefined> => {
  const parsed = Kept.safeParse(await sideStore.get(TEXT_KIND, commitment));
  if (!parsed.success) return undefined;
  const { salt, text } = parsed.data;
  const bytes = Buffer.from(salt, 'base64');
  return bytes.length === 32 && commitmentOf(bytes, text) === commitment ? text : undefined;
};

/**
 * Stores an official's free text and returns the commitment that stands for it in the event. The salt is derived, so that the same text
 * in the same place gives the same commitment and a form sent twice is one act. A text that is stored already stays.
 */
export const keepText = async (ports: TextPorts, key: Uint8Array, place: string, text: string): Promise<string> => {
  const salt = saltOf(key, place, text);
  const commitment = commitmentOf(salt, text);
  if ((await keptText(ports, commitment)) === undefined)
    await ports.sideStore.put(TEXT_KIND, commitment, { salt: salt.toString('base64'), text });
  return commitment;
};

/**
 * Undefined if it is missing without a redaction. Looks up the redaction first, so that a text is hidden from the moment its redaction
 * is stored. Never returns a text that does not match its commitment.
 */
export const readText = async (
  ports: TextPorts,
  { commitment, audience, ...place }: Place & { readonly commitment: string; readonly audience: Audience },
): Promise<OfficialText | undefined> => {
  const redaction = await readHiding(ports.store, commitment, place);
  if (redaction !== undefined && audience === 'public') return { redaction };
  const text = await keptText(ports, commitment);
  return text === undefined && redaction === undefined ? undefined : { text, redaction };
};

/** The orders that hide notices and documents from the public, by digest. */
export const readHidden = async (
  { store }: Pick<TextPorts, 'store'>,
  named: readonly (Place & { readonly commitment: string })[],
): Promise<ReadonlyMap<string, { readonly redaction: Redaction }>> => {
  const read = await Promise.all(
    named.map(async ({ commitment, ...place }) => [commitment, await readHiding(store, commitment, place)] as const),
  );
  return new Map(read.flatMap(([digest, redaction]) => (redaction === undefined ? [] : [[digest, { redaction }] as const])));
};

export const isMissing = async (ports: TextPorts, commitment: string): Promise<boolean> =>
  (await keptText(ports, commitment)) === undefined;
