import { problemAnswer } from '../../http/problems.ts';
import { toResponse } from '../../http/respond.ts';
import { fillText, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { type Catalogue, siteEn } from '../words/en.ts';
import { faultText } from './field.ts';
import type { Fault } from './input.ts';

/** Renders why a form was not recorded, in the reader's words, with the exact reason behind it. */
export const rejectionText = (
  { words }: Pick<Locale, 'words'>,
  { code, detail }: { readonly code: string; readonly detail: string },
): Html => {
  const known = Object.hasOwn(words.problem.code, code) ? words.problem.code[code as keyof Catalogue['problem']['code']] : '';
  return html`${known} <small>${fillText(words.problem.detail, { detail })}</small>`;
};

/** Answers 422 with every fault and its field: for a client that does not ask for a page. */
export const faultsProblem = (faults: readonly Fault[]): Response => {
  const errors = faults.map((fault) => ({ pointer: `/${fault.name}`, detail: faultText({ words: siteEn }, fault) }));
  return toResponse(problemAnswer('invalid-form', { detail: errors.map(({ detail }) => detail).join(' '), errors }));
};
