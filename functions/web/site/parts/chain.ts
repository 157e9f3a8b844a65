import type { Context } from 'hono';
import { type Evaluation, effectiveEnd, evaluate, type Head, mayBeOn, stateIn } from '../../../../domain/feature/evaluate.ts';
import { prefixesOf } from '../../../../domain/feature/keys.ts';
import { counts, requirementsOf, shownApproval } from '../../../../domain/feature/state.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName } from '../names.ts';
import { linkIn } from '../page.ts';
import { chip, toneOfVariant } from './chip.ts';
import { approvalEndText } from './terms.ts';

/** A chain as of `asOf`, root first. `titles`: the title of each key; null if it has none. */
export interface Chain {
  readonly key: string;
  readonly heads: readonly Head[];
  readonly titles: readonly (string | null)[];
  readonly asOf: string;
}

const isOn = ({ variant }: Evaluation): boolean => mayBeOn(variant);

const levelOf = ({ words }: Locale, depth: number): string => {
  const { level, deeper } = words.consent;
  return [level.contract, level.product, level.feature][depth] ?? deeper;
};

const consent = (
  locale: Locale,
  { key, heads, asOf }: Omit<Chain, 'titles'>,
  evaluation: Evaluation,
  roster: Roster | null,
): Html => {
  const { words, say, date, list, bodyList } = locale;
  const state = stateIn(heads.at(-1));
  const standing = state === null ? undefined : shownApproval(state);
  if (state === null || standing?.approved == null) return html`<small>${words.consent.never}</small>`;
  const { at, terms } = standing.approved;
  const bodies = [
    ...new Set(
      requirementsOf(state, standing)
        .filter(counts)
        .map(({ body }) => bodyName(locale, roster, body)),
    ),
  ];
  const end = approvalEndText(locale, key, effectiveEnd(key, heads, asOf, standing.number));
  const only = terms.audience === null ? empty : html`, ${say(words.consent.only, { agencies: foreign(list(terms.audience)) })}`;
  const stands = evaluation.variant === 'revoked' || evaluation.variant === 'removed' ? empty : html`, ${end}${only}`;
  return html`<small>${say(words.consent.by, { bodies: bodyList(bodies), when: date(at) })}${stands}</small>`;
};

const knot = (passes: boolean): Html =>
  passes
    ? html`<svg class="knot on" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><circle cx="16" cy="16" r="12"/><path d="M10.5 16.5l3.8 3.8 7.4-8"/></svg>`
    : html`<svg class="knot no" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><circle cx="16" cy="16" r="12" stroke-dasharray="5 3.4"/><path d="M11.5 11.5l9 9M20.5 11.5l-9 9"/></svg>`;

/** Renders the chain of consent: contract, product, feature, each with its approval and its end, and where the chain breaks. */
export const chainOfConsent = (context: Context, locale: Locale, chain: Chain, roster: Roster | null): Html => {
  const { words } = locale;
  const prefixes = prefixesOf(chain.key);
  const evaluations = prefixes.map((prefix, index) => evaluate(prefix, chain.heads.slice(0, index + 1), {}, chain.asOf));
  const links = prefixes.map((prefix, index) => {
    const evaluation = evaluations[index];
    if (evaluation === undefined) return empty;
    const passes = isOn(evaluation);
    const isLast = index === prefixes.length - 1;
    const title = foreign(chain.titles[index] ?? prefix);
    const name = isLast ? html`<b>${title}</b>` : html`<a href="${linkIn(context, `/features/${prefix}`)}">${title}</a>`;
    const passing = isLast
      ? empty
      : html`<p class="passes">${passes ? words.consent.passes : `${words.consent.stops}. ${words.consent.blocks}`}</p>`;
    return html`
<li class="${passes ? 'passes' : 'stops'}"${isLast ? html` aria-current="true"` : empty}>${knot(passes)}<div><small>${levelOf(locale, index)}</small> ${name} <code>${prefix}</code> ${chip(toneOfVariant(evaluation.variant), words.variant[evaluation.variant])}${consent(locale, { key: prefix, heads: chain.heads.slice(0, index + 1), asOf: chain.asOf }, evaluation, roster)}</div>${passing}</li>`;
  });
  const whole = evaluations.every(isOn);
  return html`
<h2>${words.feature.chain}</h2><p>${whole ? words.consent.verdictOn : words.consent.verdictOff}</p><ol class="consent">${links}</ol>`;
};
