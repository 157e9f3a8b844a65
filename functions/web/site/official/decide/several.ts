import { problemAnswer } from '../../../http/problems.ts';
import { toResponse } from '../../../http/respond.ts';
import type { LinkDeps } from '../../deps.ts';
import { rejectionText } from '../../forms.ts';
import { empty, type Html, html } from '../../html.ts';
import { hrefsFor, type Person } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { chip } from '../../parts/chip.ts';
import type { Ordered } from './order.ts';
import type { Situation } from './situation.ts';

// The answer to one form for several changes. Each change is decided separately and has its own outcome.

/** `situation`: undefined if the person is not asked to decide the change. */
export interface Outcome {
  readonly change: string;
  readonly situation: Situation | undefined;
  readonly result: Ordered;
}

export const outcomeNote = async (
  deps: LinkDeps,
  person: Person,
  locale: Locale,
  { situation, result }: Outcome,
): Promise<Html> => {
  const { inbox, several } = locale.words;
  if (result.ok) return html`<p>${chip('on', several.recorded)}</p>`;
  const { generation: _generation, ...target } = situation?.link ?? {};
  const href = 'key' in target ? await (await hrefsFor(deps, person))(target) : null;
  const page = href === null ? empty : html`<p><a href="${locale.href(href)}">${inbox.open}</a></p>`;
  return html`<p>${chip('no', several.refused)} ${rejectionText(locale, result.rejection)}</p>${page}`;
};

/** Answers a program. Changes that the answer does not name were recorded. */
export const partlyRecorded = (outcomes: readonly Outcome[]): Response => {
  const failed = outcomes.flatMap(({ change, result }) => (result.ok ? [] : [{ change, ...result.rejection }]));
  const errors = failed.map(({ change, code, detail }) => ({
    pointer: `/change/${change.replaceAll('/', '~1')}`,
    detail: `${code}: ${detail}`,
  }));
  const recorded = outcomes.filter(({ result }) => result.ok).map(({ change }) => change);
  const detail = `recorded: ${recorded.length === 0 ? 'nothing' : recorded.join(', ')}; not recorded: ${errors.length}`;
  return toResponse(problemAnswer(failed[0]?.code ?? 'invalid-form', { detail, errors, status: 409 }));
};
