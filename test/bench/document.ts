import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCUMENT = join(import.meta.dirname, '../../docs/benchmarks.md');

const opening = (name: string): string => `<!-- measured: ${name} -->`;
const CLOSING = '<!-- end -->';

/** Returns the names of the parts that a document has a place for, in its order. */
export const placesIn = (document: string): readonly string[] =>
  [...document.matchAll(/^<!-- measured: (\S+) -->$/gm)].map(([, name]) => name ?? '');

/** Returns the document with the text of a part in its place. Throws if it has none. */
export const withPart = (document: string, name: string, text: string): string => {
  const from = document.indexOf(`${opening(name)}\n`);
  const to = document.indexOf(CLOSING, from);
  if (from < 0 || to < 0) throw new Error(`docs/benchmarks.md has no place for ${name}`);
  return `${document.slice(0, from)}${opening(name)}\n\n${text}\n\n${document.slice(to)}`;
};

/** Writes the text of a part to its place in docs/benchmarks.md. */
export const writePart = (name: string, text: string): void =>
  writeFileSync(DOCUMENT, withPart(readFileSync(DOCUMENT, 'utf8'), name, text));
