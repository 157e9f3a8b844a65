import { problemAnswer } from '../../../http/problems.ts';
import { toResponse } from '../../../http/respond.ts';
import { faultText } from '../../forms/field.ts';
import type { Fault } from '../../forms/input.ts';
import { fillText, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { en } from '../../words/en.ts';
import type { Ordered } from './order.ts';

/** Why something was not recorded. */
export type Refusal = Extract<Ordered, { ok: false }>['rejection'];

/** A refusal in the reader's words, with the exact reason behind it. */
export const refusalText = ({ words }: Pick<Locale, 'words'>, { code, detail }: Refusal): Html => {
  const known = Object.hasOwn(words.problem.code, code)
    ? words.problem.code[code as keyof Locale['words']['problem']['code']]
    : '';
  return html`${known} <small>${fillText(words.problem.detail, { detail })}</small>`;
};

/** A form that cannot be read, for a client that asks for no page: 422, every fault with its field. */
export const faultsProblem = (faults: readonly Fault[]): Response => {
  const errors = faults.map((fault) => ({ pointer: `/${fault.name}`, detail: faultText({ words: en }, fault) }));
  return toResponse(problemAnswer('invalid-form', { detail: errors.map(({ detail }) => detail).join(' '), errors }));
};
