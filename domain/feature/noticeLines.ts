import { canonical } from '../kernel/canonical.ts';
import { type JsonValue, jsonOf } from '../kernel/json.ts';
import { IMPACTS } from '../policy/schema.ts';
import type { NoticeFacts } from './notice.ts';

/** A line of something that is compared with what it was before. `id`: names it in both. */
export interface Line {
  readonly id: string;
  readonly value: JsonValue;
}

export interface ComparedLine<L extends Line> {
  readonly before: L | undefined;
  readonly after: L | undefined;
}

/** Compares two statements line by line, in the order of the later one, then what only the earlier one has: rules, and notices. */
export const compareLines = <L extends Line>(before: readonly L[], after: readonly L[]) => {
  const rows: readonly ComparedLine<L>[] = [
    ...after.map((line) => ({ before: before.find(({ id }) => id === line.id), after: line })),
    ...before.filter(({ id }) => after.every((line) => line.id !== id)).map((line) => ({ before: line, after: undefined })),
  ];
  const isSame = ({ before: old, after: now }: ComparedLine<L>): boolean =>
    old !== undefined && now !== undefined && canonical(old.value) === canonical(now.value);
  return { changed: rows.filter((row) => !isSame(row)), same: rows.filter(isSame) };
};

/** A line of a notice: one of its facts, one of the nine impacts, or a document. */
export type NoticeLine = Line &
  (
    | { readonly of: 'fact'; readonly name: Exclude<keyof NoticeFacts, 'impact' | 'documents'> }
    | { readonly of: 'impact'; readonly name: (typeof IMPACTS)[number] }
    | { readonly of: 'document'; readonly name: string }
  );

/** Returns everything that a notice states, but for its long text, which no event holds. */
export const linesOfNotice = ({ impact, documents, ...facts }: NoticeFacts): readonly NoticeLine[] => [
  ...Object.entries(facts).map(([name, value]) => ({ id: name, of: 'fact' as const, name: name as keyof typeof facts, value })),
  ...IMPACTS.map((name) => ({ id: `impact/${name}`, of: 'impact' as const, name, value: impact[name] })),
  ...documents.map((each) => ({
    id: `document/${each.kind}/${each.title}`,
    of: 'document' as const,
    name: each.title,
    value: jsonOf(each),
  })),
];
