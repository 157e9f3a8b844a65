import type * as z from 'zod';
import { pointerOf } from './jsonFault.ts';

export interface Problem {
  readonly pointer: string;
  readonly detail: string;
}

export const pointerTo = (...path: readonly PropertyKey[]): string => pointerOf(path);

type Issue = z.ZodError['issues'][number];

const isInside = ({ path, code }: Issue): boolean => path.length > 0 || code === 'unrecognized_keys';

const problemsAt = (issue: Issue, above: readonly PropertyKey[]): readonly Problem[] => {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointerTo(...path, key), detail: 'is not a field of this' }));
  const meant = issue.code === 'invalid_union' ? issue.errors.find((branch) => branch.every(isInside)) : undefined;
  return meant === undefined
    ? [{ pointer: pointerTo(...path), detail: issue.message }]
    : meant.flatMap((inner) => problemsAt(inner, path));
};

/** Returns a schema's problems, one per field; of a value that can have several shapes, those inside the shape that it has. */
export const problemsOf = (error: z.ZodError): readonly Problem[] => error.issues.flatMap((issue) => problemsAt(issue, []));

export const repeats = (values: readonly string[]): readonly number[] =>
  values.flatMap((value, index) => (values.indexOf(value) < index ? [index] : []));

const SHOWN_MAX = 5;

export const summaryOf = (problems: readonly Problem[]): string => {
  const shown = problems.slice(0, SHOWN_MAX).map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer} ${detail}`));
  const more = problems.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
};
