import type { Context } from 'hono';
import { attests } from '../../../domain/roster/bodies.ts';
import { resetsOf } from '../../../domain/roster/state.ts';
import { enrolmentOf } from '../../gate/passkeys.ts';
import { resetPasskeysOf } from '../../gate/personCredentials.ts';
import { refused, refusedBy } from '../http/refused.ts';
import {
  errorSummary,
  type Fault,
  type FormState,
  faultsProblem,
  faultText,
  fieldId,
  oneOf,
  radios,
  readFields,
  wantsPage,
} from '../site/forms.ts';
import { empty, type Html, html } from '../site/html.ts';
import { bodyName } from '../site/locale.ts';
import { type HtmlPage, linkIn, render } from '../site/page.ts';
import { type PasskeyDeps, type PasskeyHolder, passkeyPath, readPasskeyHolder } from './holder.ts';

/** A person whose passkeys can be reset. `seen`: how many resets they have had. */
interface ResettablePerson {
  readonly holder: string;
  readonly name: string;
  readonly office: string;
  readonly seen: number;
}

const asClerk = (official: PasskeyHolder): PasskeyHolder => {
  const { person } = official;
  if (person.roster === null || !person.live || !attests(person.roster, person.link.body))
    throw refused('not-found', { detail: 'only a clerk can do this' });
  return official;
};

const people = async ({ ports }: PasskeyDeps, { locale, person }: PasskeyHolder): Promise<readonly ResettablePerson[]> => {
  const holders = person.roster?.holders ?? [];
  const own = new Set(holders.filter(({ body }) => body === person.link.body).map(({ id }) => id));
  const all = holders
    .filter(({ id }, index) => !own.has(id) && holders.findIndex((other) => other.id === id) === index)
    .map(({ id, name, body }) => {
      const seen = resetsOf(person.rosters, id);
      return { holder: id, name, office: bodyName(locale, person.roster, body), seen };
    });
  const had = await Promise.all(all.map(({ holder, seen }) => enrolmentOf(ports, { holder, generation: seen })));
  return all.filter((_, index) => had[index]?.enrolled);
};

const shown = (
  context: Context,
  { locale }: PasskeyHolder,
  content: Html,
  status: HtmlPage['status'] = 200,
): Response | Promise<Response> => {
  const { passkeys } = locale.words;
  const back = html`<p><a href="${linkIn(context, passkeyPath(context))}">${passkeys.title}</a></p>`;
  const body = html`${content}${back}`;
  return render(context, locale, { title: passkeys.reset.title, body, status });
};

const chooseForm = (
  context: Context,
  official: PasskeyHolder,
  choices: readonly ResettablePerson[],
  form: FormState,
): Response | Promise<Response> => {
  const { locale } = official;
  const { reset } = locale.words.passkeys;
  const lead = html`${errorSummary(locale, form, ['who', 'sure'], [])}<h1>${reset.title}</h1><p class="lead">${reset.lead}</p><p>${reset.own}</p>`;
  if (choices.length === 0) return shown(context, official, html`${lead}<p class="note">${reset.noOne}</p>`);
  const options = choices.map(({ holder, name, office, seen }) => ({ value: `${holder}/${seen}`, label: name, note: office }));
  const sure = fieldId(form.prefix, 'sure');
  const unsure = form.faults.find(({ name }) => name === 'sure');
  const content = html`
<form class="card" method="post" action="${passkeyPath(context)}/reset${linkIn(context, '')}">${radios(locale, form, 'who', reset.choose, options)}
${unsure === undefined ? empty : html`<p class="fault" id="${sure}-fault">${faultText(locale, unsure)}</p>`}
<p><label class="opt"><input type="checkbox" id="${sure}"${unsure === undefined ? empty : html` aria-invalid="true" aria-describedby="${sure}-fault"`} name="sure" value="yes" required${oneOf(form.input, 'sure') === 'yes' ? html` checked` : empty}><span>${reset.sure}</span></label></p>
<button type="submit" class="danger">${reset.button}</button></form>`;
  return shown(context, official, html`${lead}${content}`, form.faults.length === 0 ? 200 : 422);
};

/** Renders the clerk's page for resets. Proposes nothing. */
export const resetPage = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const official = asClerk(await readPasskeyHolder(deps, context));
  return chooseForm(context, official, await people(deps, official), { input: new Map(), faults: [], prefix: 'f' });
};

const done = (context: Context, official: PasskeyHolder): Response | Promise<Response> => {
  const { reset } = official.locale.words.passkeys;
  return shown(context, official, html`<h1>${reset.title}</h1><p class="lead">${reset.done}</p>`);
};

/** Proposes to reset a person's passkeys, publicly and in the clerk's name. Sending the form again is the same proposal. */
export const postReset = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const input = await readFields(context, deps.ports.url, ['who', 'sure']);
  const official = asClerk(await readPasskeyHolder(deps, context));
  const { person } = official;
  const who = oneOf(input, 'who');
  const choices = await people(deps, official);
  const chosen = choices.find(({ holder, seen }) => `${holder}/${seen}` === who);
  const faults: Fault[] = [
    ...(chosen === undefined ? [{ name: 'who', code: 'choice' } as const] : []),
    ...(oneOf(input, 'sure') === 'yes' ? [] : [{ name: 'sure', code: 'sure' } as const]),
  ];
  if (chosen === undefined || faults.length > 0)
    return wantsPage(context) ? chooseForm(context, official, choices, { input, faults, prefix: 'f' }) : faultsProblem(faults);
  const { holder, body, seat } = person.link;
  const ordered = await resetPasskeysOf(deps.ports, { holder: chosen.holder, by: { holder, body, seat }, seen: chosen.seen });
  if (!ordered.ok) throw refusedBy(ordered.rejection);
  deps.logger({ level: 'warn', event: 'a clerk proposed to reset passkeys', holder: chosen.holder, by: holder });
  return done(context, official);
};
