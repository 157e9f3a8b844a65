import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { commitmentOf } from '../../domain/kernel/digest.ts';
import type { Side } from '../store/side.ts';

/** Where the texts of officials lie, by their commitment. */
const KIND = 'text';
const Kept = z.strictObject({ salt: z.string(), text: z.string() });

/**
 * Keeps an official's free text where it can be redacted and gives the commitment that stands in the event in its place. The
 * salt is derived from `key`, so that the same text in the same place gives the same commitment and a form sent twice is one act.
 */
export const keepText = async (side: Side, key: Uint8Array, place: string, text: string): Promise<string> => {
  const salt = createHmac('sha256', key).update(`${place}\n${text}`).digest();
  const commitment = commitmentOf(salt, text);
  await side.put(KIND, commitment, { salt: salt.toString('base64'), text });
  return commitment;
};

/** The text behind a commitment; undefined once it was redacted. A text that does not match its commitment is not shown. */
export const readText = async (side: Side, commitment: string): Promise<string | undefined> => {
  const kept = await side.get(KIND, commitment);
  const parsed = Kept.safeParse(kept);
  if (!parsed.success) return undefined;
  const { salt, text } = parsed.data;
  const bytes = Buffer.from(salt, 'base64');
  return bytes.length === 32 && commitmentOf(bytes, text) === commitment ? text : undefined;
};
