import { countsAsMaintenance } from '../../../../domain/feature/arrival.ts';
import { type ApprovalEffect, type Limit, type LimitOrigin, limitOriginOf } from '../../../../domain/feature/effect.ts';
import type { ApprovalEnd } from '../../../../domain/feature/evaluate.ts';
import { POLICY_KEY } from '../../../../domain/feature/keys.ts';
import type { FeatureState } from '../../../../domain/feature/state.ts';
import { NO_TERMS, type Terms, termsDigest } from '../../../../domain/feature/terms.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import { endOfLocalDay, lastDayOf, localDateOf, startOfLocalDay } from '../../../../domain/kernel/zone.ts';
import type { Holder } from '../../../../domain/roster/schema.ts';
import { fillText } from '../../../platform/catalogue.ts';
import { checkbox, type FormState, fieldParts, hidden, type Input, isFilledIn, textArea, textField } from '../forms.ts';
import { descriptionItem, empty, type Html, html, join, untrustedText, visuallyHidden } from '../html.ts';
import { boundText, type CityLocale, holderName, type Locale, seatInBody } from '../locale.ts';
import { type OfficialTexts, officialText } from './notice.ts';

export const spanText = (locale: Locale, { from, to }: Holder): Html => {
  const { words, say } = locale;
  const begins = boundText(locale, from);
  return to === undefined
    ? say(words.decide.review.from, { when: begins })
    : say(words.seen.during, { from: begins, to: boundText(locale, to) });
};

export const termText = (locale: CityLocale, term: Holder): Html => {
  const { name, body, seat, acting } = term;
  const who = acting === true ? `${name} (${locale.words.rules.isActing})` : name;
  return html`${seatInBody(locale, body, seat)}: ${who}, ${spanText(locale, term)}`;
};

const SPARE_AGENCIES = 2;
const TERMS: readonly string[] = ['from', 'until', 'audience', 'conditions', 'maintenance'];

export const audienceText = ({ words, list, say }: Locale, audience: readonly string[] | null): Html =>
  audience === null ? html`${words.effect.everyAgency}` : say(words.effect.onlyFor, { agencies: untrustedText(list(audience)) });

export const termsList = (locale: Locale, terms: Terms): Html => {
  const { words, until, dateTime } = locale;
  const { from, audience, conditions, maintenance } = terms;
  const named = words.effect;
  if (termsDigest(terms) === termsDigest(NO_TERMS)) return html`<p>${words.decide.terms.none}</p>`;
  return html`
<dl class="facts">${from !== null && descriptionItem(named.from, dateTime(from))}${terms.until !== null && descriptionItem(named.until, until(terms.until))}
${audience !== null && descriptionItem(named.audience, audienceText(locale, audience))}
${conditions !== null && descriptionItem(named.conditions, untrustedText(conditions), 'words')}
${maintenance && descriptionItem(named.maintenance, named.maintenanceYes)}</dl>`;
};

/** Renders the terms. For the city's rules, which no term ends by default, nothing unless some are set. */
export const termsFact = (locale: Locale, key: string, terms: Terms): Html =>
  key === POLICY_KEY && termsDigest(terms) === termsDigest(NO_TERMS)
    ? empty
    : descriptionItem(locale.words.decide.receipt.terms, termsList(locale, terms));

type TermName = (term: string) => string;
const asItIs: TermName = (term) => term;

export const hiddenTerms = (terms: Terms, name: TermName = asItIs): Html => {
  const { from, until, audience, conditions, maintenance } = terms;
  const one = (term: string, value: string | null): Html => (value === null ? empty : hidden(name(term), value));
  const agencies = (audience ?? []).map((agency) => one('audience', agency));
  const rest = [one('conditions', conditions), one('maintenance', maintenance ? 'yes' : null)];
  return html`${one('from', from)}${one('until', until)}${agencies}${rest}`;
};

/** Returns the form fields of terms; undefined if they begin or end within a day, since a form has only days. */
export const termsInput = ({ from, until, audience, conditions, maintenance }: Terms, zone: string): Input | undefined => {
  const first = from === null ? '' : localDateOf(from, zone);
  const last = until === null ? '' : lastDayOf(until, zone);
  const isWithinADay =
    (from !== null && startOfLocalDay(first, zone) !== from) || (until !== null && endOfLocalDay(last, zone) !== until);
  if (isWithinADay) return undefined;
  return new Map([
    ['from', [first]],
    ['until', [last]],
    ['audience', audience ?? []],
    ['conditions', [conditions ?? '']],
    ['maintenance', [maintenance ? 'yes' : '']],
  ]);
};

const agencyFields = (locale: Locale, form: FormState, name: string): Html => {
  const { words, number } = locale;
  const given = (form.input.get(name) ?? []).filter((agency) => agency !== '');
  const { id, attributes, hint, fault } = fieldParts(locale, form, name, words.decide.terms.audienceHint);
  const fields = [...given, ...Array.from({ length: SPARE_AGENCIES }, () => '')].map((agency, index) => {
    const ownId = index === 0 ? id : `${id}-${index + 1}`;
    const label = fillText(words.decide.terms.agency, { n: number(index + 1) });
    return html`
<input type="text" name="${name}" id="${ownId}" value="${agency}" aria-label="${label}"${attributes}>`;
  });
  return html`
<fieldset class="field"><legend class="label">${words.effect.audience}</legend>${hint}
${fault}${fields}</fieldset>`;
};

/** Renders fields for the first decision, and the standing terms for later ones. `effect`: what a yes allows; `of`: the change, of several. */
export const termsFields = (
  locale: Locale,
  form: FormState,
  standing: Terms | null,
  effect: Html,
  { effectIs, name = asItIs, of }: { readonly effectIs: 'above' | 'folded'; readonly name?: TermName; readonly of?: Html },
): Html => {
  const { effect: named, decide } = locale.words;
  const { terms } = decide;
  const allows = html`<p>${decide.effect.asItStands}</p>${effect}`;
  if (standing !== null)
    return html`<h3>${terms.heading}</h3>${allows}
<p class="hint">${terms.later}</p>${hiddenTerms(standing, name)}`;
  const day = (term: 'from' | 'until', hint: string) =>
    textField(locale, form, name(term), { label: named[term], hint, type: 'date' });
  const { maintenanceLabel: label, maintenanceHint } = terms;
  return html`${effectIs === 'above' && allows}
<details${isFilledIn(form, TERMS.map(name)) && html` open`}><summary>${terms.heading}${of !== undefined && visuallyHidden(of)}</summary>
<p class="hint">${terms.first}</p>${effectIs === 'folded' && allows}
${day('from', terms.fromHint)}${day('until', terms.untilHint)}${agencyFields(locale, form, name('audience'))}
${textArea(locale, form, name('conditions'), { label: named.conditions, hint: terms.conditionsHint })}
${checkbox(locale, form, name('maintenance'), { label, hint: maintenanceHint })}</details>`;
};

const originText = ({ words, say }: Locale, origin: LimitOrigin): Html =>
  say(words.effect.by[origin.by], { ...origin, ...('key' in origin && { key: html`<code>${origin.key}</code>` }) });

const origins = (locale: Locale, limits: readonly { readonly origin: LimitOrigin }[]): Html =>
  limits.length === 0
    ? empty
    : html` <small>${join(
        limits.map(({ origin }) => originText(locale, origin)),
        '; ',
      )}</small>`;

/** Renders an end, and its origin if it is not the approval's own. `atMost`: other decisions may set an earlier one. */
const endText = (locale: Locale, end: Limit<string> | null, atMost = false): Html => {
  const { words, say, until } = locale;
  if (end === null) return html`${words.effect.noEnd}`;
  const { origin } = end;
  const when = until(end.value);
  if (atMost) return say(words.decide.untilAtMost, { when });
  const isOthers = origin.by === 'above' || 'change' in origin;
  return html`${say(words.decide.goesOnUntil, { when })}${isOthers && html`, ${originText(locale, origin)}`}`;
};

export const effectEnd = (locale: Locale, effect: ApprovalEffect, atMost = false): Html => endText(locale, effect.until, atMost);

/** Renders what a yes allows, as parts of a sentence. */
export const allowsText = (locale: Locale, effect: ApprovalEffect, atMost = false): Html => {
  const { words, say, dateTime } = locale;
  const { from, audience } = effect;
  const begins = from === null ? [] : [say(words.decide.review.from, { when: dateTime(from.value) })];
  return join([...begins, audienceText(locale, audience), effectEnd(locale, effect, atMost)], ', ');
};

export const approvalEndText = (locale: Locale, key: string, end: ApprovalEnd | null): Html =>
  endText(locale, end && { value: end.at, origin: limitOriginOf(key, end) });

export const effectList = (locale: Locale, effect: ApprovalEffect): Html => {
  const { words, until, dateTime } = locale;
  const { from, until: end, audience, audiences, conditions, maintenance } = effect;
  const byText = Map.groupBy(conditions, ({ value }) => value);
  const listed = html`${[...byText].map(([text, limits]) => html`<p class="words">${untrustedText(text)}${origins(locale, limits)}</p>`)}`;
  return html`
<dl class="facts effect">${from !== null && descriptionItem(words.effect.from, html`${dateTime(from.value)}${origins(locale, [from])}`)}${descriptionItem(
    words.effect.until,
    end === null ? html`${words.effect.noEnd}` : html`${until(end.value)}${origins(locale, [end])}`,
  )}
${descriptionItem(words.effect.audience, html`${audienceText(locale, audience)}${origins(locale, audiences)}`)}
${descriptionItem(words.effect.conditions, conditions.length === 0 ? html`${words.effect.none}` : listed)}${
  maintenance !== null &&
  descriptionItem(words.effect.maintenance, html`${words.effect.maintenanceYes}${origins(locale, [{ origin: maintenance }])}`)
}</dl>`;
};

export const maintenanceNote = (
  locale: CityLocale,
  { view, state, texts }: { view: ChangeView; state: FeatureState; texts: OfficialTexts },
): Html => {
  const { words, say, dateTime } = locale;
  const { contest } = words.decide;
  if (countsAsMaintenance(state, view.number)) return html`<p class="note done">${words.effect.maintenanceCame}</p>`;
  if (view.contested === null) return empty;
  const { by, at, reason } = view.contested;
  const who = 'token' in by ? contest.token : holderName(locale, by.holder, at);
  const why = reason === null ? empty : html`<p class="says words">${officialText(locale, texts.get(reason))}</p>`;
  return html`<p class="note">${say(contest.done, { who, when: dateTime(at) })}</p>${why}`;
};
