import type { Context } from 'hono';
import { type Answer, problemAnswer } from '../../http/problems.ts';
import { Refused } from '../../http/refused.ts';
import { toResponse } from '../../http/respond.ts';
import { fillText, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { CATALOGUES, type Catalogue } from '../words.ts';
import { faultText } from './field.ts';
import { readOwnForm } from './guard.ts';
import { type Fault, type Input, readForm } from './input.ts';

/** Renders why a form was not recorded, in the reader's words, with the exact reason behind it. */
export const rejectionText = (
  { words }: Pick<Locale, 'words'>,
  { code, detail }: { readonly code: string; readonly detail: string },
): Html => {
  const known = Object.hasOwn(words.problem.code, code) ? words.problem.code[code as keyof Catalogue['problem']['code']] : '';
  return html`${known} <small>${fillText(words.problem.detail, { detail })}</small>`;
};

const faultsAnswer = (faults: readonly Fault[]): Answer => {
  const errors = faults.map((fault) => ({ pointer: `/${fault.name}`, detail: faultText({ words: CATALOGUES.en }, fault) }));
  return problemAnswer('invalid-form', { detail: errors.map(({ detail }) => detail).join(' '), errors });
};

/** Answers 422 with every fault and its field: for a client that does not ask for a page. */
export const faultsProblem = (faults: readonly Fault[]): Response => toResponse(faultsAnswer(faults));

/**
 * Reads a form of the site that is not shown again with its faults, such as a button with hidden fields. Rejects with 403 like
 * `readOwnForm`, and with 422, naming each field, what `readForm` finds.
 */
export const readFields = async (context: Context, url: string, names: readonly string[]): Promise<Input> => {
  const { input, faults } = readForm(await readOwnForm(context, url), (name) => names.includes(name));
  if (faults.length > 0) throw new Refused(faultsAnswer(faults));
  return input;
};
