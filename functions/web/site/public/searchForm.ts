import type { Context } from 'hono';
import { KINDS } from '../../../../domain/policy/schema.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName } from '../names.ts';
import { REASONS, type Search, SUMS, setFilters } from './registerQuery.ts';

/** Most vendors in a list; of more, the id is typed. */
const VENDORS_LISTED = 60;

interface Option {
  readonly value: string;
  readonly label: string;
}

const options = (chosen: string | undefined, all: readonly Option[]): Html =>
  html`${all.map(({ value, label }) => html`<option value="${value}"${value === chosen ? html` selected` : empty}>${label}</option>`)}`;

const select = (name: string, label: string, inner: Html): Html =>
  html`
<div><label for="${name}">${label}</label><select id="${name}" name="${name}">${inner}</select></div>`;

/** The choices of a search. */
export interface Choices {
  readonly vendors: ReadonlyMap<string, string>;
  readonly roster: Roster | null;
  /** Other parameters to keep. */
  readonly kept: Readonly<Record<string, string | undefined>>;
}

const vendorField = ({ words }: Locale, vendor: string | undefined, { vendors }: Choices): Html => {
  if (vendors.size > VENDORS_LISTED)
    return html`
<div><label for="vendor">${words.find.vendorId}</label><input type="text" id="vendor" name="vendor" value="${vendor ?? ''}" maxlength="40" autocomplete="off"></div>`;
  const listed = [...vendors].map(([value, label]) => ({ value, label }));
  return select('vendor', words.find.vendor, html`<option value="">${words.find.anyVendor}</option>${options(vendor, listed)}`);
};

const sumLabels = ({ words: { register } }: Locale) => ({
  all: register.all,
  on: register.onlyOn,
  waiting: register.onlyWaiting,
  off: register.onlyOff,
});

/** Renders search and filters as a form without scripts, with an address that can be shared. */
export const searchForm = (context: Context, locale: Locale, search: Search, choices: Choices): Html => {
  const { words, language } = locale;
  const { q, show, vendor, kind, body } = search;
  const sums = sumLabels(locale);
  const bodies = Object.keys(choices.roster?.bodies ?? {}).map((value) => ({ value, label: bodyName(choices.roster, value) }));
  const hidden = Object.entries({ ...choices.kept, lang: context.req.query('lang') === undefined ? undefined : language });
  return html`
<form class="find" role="search" aria-label="${words.find.legend}" method="get" action="${context.req.path}">${hidden.map(
    ([name, value]) => (value === undefined ? empty : html`<input type="hidden" name="${name}" value="${value}">`),
  )}
<div class="most"><label for="q">${words.find.words}</label><input type="search" id="q" name="q" value="${q ?? ''}" maxlength="200"></div>${vendorField(locale, vendor, choices)}${select(
    'show',
    words.find.state,
    html`${options(
      show,
      SUMS.map((value) => ({ value, label: sums[value] })),
    )}<optgroup label="${words.find.offBecause}">${options(
      show,
      REASONS.map((value) => ({ value, label: words.variant[value] })),
    )}</optgroup>`,
  )}${select(
    'kind',
    words.find.kind,
    html`<option value="">${words.find.anyKind}</option>${options(
      kind ?? undefined,
      KINDS.map((value) => ({ value, label: words.kind[value] })),
    )}`,
  )}${
    bodies.length === 0
      ? empty
      : select('body', words.find.body, html`<option value="">${words.find.anyBody}</option>${options(body, bodies)}`)
  }
<button type="submit">${words.find.go}</button></form>`;
};

const address = (context: Context, edit: (params: URLSearchParams) => void): string => {
  const url = new URL(context.req.url);
  url.searchParams.delete('cursor');
  edit(url.searchParams);
  return `${url.pathname}${url.search}`;
};

/** Renders what to do if nothing was found: links that remove one filter each. */
export const nothingFound = (context: Context, locale: Locale, search: Search): Html => {
  const { words, say } = locale;
  const filters = setFilters(search);
  const labels: Readonly<Record<string, string>> = { ...words.variant, ...sumLabels(locale), ...words.kind };
  const links = filters.map(
    ([name, value]) =>
      html`<li><a href="${address(context, (params) => params.delete(name))}">${say(words.find.without, { filter: html`<bdi>${(name === 'show' || name === 'kind' ? labels[value] : undefined) ?? value}</bdi>` })}</a></li>`,
  );
  const all = address(context, (params) => {
    for (const [name] of filters) params.delete(name);
  });
  return html`
<div class="card"><p><b>${words.find.none}</b> ${words.find.noneHelp}</p><ul>${links}</ul><p><a href="${all}">${words.find.all}</a></p></div>`;
};
