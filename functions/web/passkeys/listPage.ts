import type { Context } from 'hono';
import { PASSKEYS_MAX } from '../../../domain/access/decide.ts';
import { attests } from '../../../domain/roster/attest.ts';
import { type Passkey, type PasskeyUse, useOf } from '../../gate/passkeys.ts';
import { problemAnswer } from '../http/problems.ts';
import { toResponse } from '../http/respond.ts';
import { wantsPage } from '../site/forms/guard.ts';
import { empty, type Html, html } from '../site/html.ts';
import { linkPath } from '../site/links/link.ts';
import { linkIn, render } from '../site/page.ts';
import { enrolForm } from './enrolForm.ts';
import { type PasskeyDeps, type PasskeyHolder, passkeyPath } from './holder.ts';

const keyRow = (
  context: Context,
  { locale, owned, person }: PasskeyHolder,
  key: Passkey,
  use: PasskeyUse | undefined,
  n: number,
): Html => {
  const { words, say, dateTime, number } = locale;
  const { passkeys } = words;
  const used = use === undefined ? html`${passkeys.neverUsed}` : say(passkeys.used, { when: dateTime(use.at) });
  const name = say(passkeys.listed, { n: number(n) });
  const path = linkIn(context, `${passkeyPath(context)}?remove=${n}`);
  const remove =
    owned.length > 1 && person.holds
      ? html`<a href="${path}">${passkeys.removeButton}<span class="visually-hidden">: ${name}</span></a>`
      : empty;
  return html`
<li><b>${name}</b><br><small>${say(passkeys.since, { when: dateTime(key.enrolled.at) })} ${passkeys.by[key.enrolled.by]}. ${used}. <code>${key.credential.slice(0, 12)}…</code></small> ${remove}</li>`;
};

/** Renders the form by which the person can add a passkey, or why they cannot. */
const adding = (deps: PasskeyDeps, context: Context, official: PasskeyHolder): Html => {
  const { locale, leave, owned, relyingParty, person } = official;
  const { passkeys } = locale.words;
  if (relyingParty === undefined) return html`<p class="note">${passkeys.noRelyingParty}</p>`;
  if (!person.holds) return html`<p class="note">${passkeys.notHolding}</p>`;
  if (leave === undefined) return html`<p class="note">${passkeys.again}</p>`;
  if (owned.length >= PASSKEYS_MAX) return html`<p class="note">${passkeys.full}</p>`;
  const another = leave === 'passkey' ? html`<p>${passkeys.addWith}</p>` : empty;
  const lost = leave === 'passkey' ? html`<p class="fine">${passkeys.lost}</p>` : empty;
  return html`
<h2>${owned.length > 0 ? passkeys.addAnother : passkeys.addHeading}</h2>${another}<p>${passkeys.addFirst}</p>${enrolForm(deps, context, official, relyingParty, leave)}${lost}`;
};

/** Renders a person's passkeys and how to add one. Changes nothing. `refused`: why the last attempt failed. */
export const listPage = async (
  deps: PasskeyDeps,
  context: Context,
  official: PasskeyHolder,
  refused?: string,
): Promise<Response> => {
  const { locale, owned, rule, person } = official;
  const { passkeys } = locale.words;
  const uses = await Promise.all(owned.map(({ credential }) => useOf(deps.ports.sideStore, credential)));
  const list =
    owned.length === 0
      ? html`<p>${passkeys.none}</p>`
      : html`<ul class="plain keys">${owned.map((key, index) => keyRow(context, official, key, uses[index], index + 1))}</ul>`;
  const clerk = person.roster !== null && attests(person.roster, person.link.body) && person.live;
  const wayBack = linkIn(context, linkPath(context));
  const [onwards, back] =
    person.link.purpose === 'passkeys'
      ? [empty, empty]
      : owned.length > 0
        ? [html`<p><a class="go" href="${wayBack}">${passkeys.back}</a></p>`, empty]
        : [empty, html`<li><a href="${wayBack}">${passkeys.back}</a></li>`];
  const body = html`
${refused === undefined ? empty : html`<div class="errors" role="alert" tabindex="-1" autofocus><p>${refused}</p></div>`}
<h1>${passkeys.title}</h1><p class="lead">${passkeys.lead}</p><p>${passkeys.rule[rule]}</p>
${list}${onwards}${adding(deps, context, official)}
<ul class="plain own">${back}${clerk ? html`<li><a href="${linkIn(context, `${passkeyPath(context)}/reset`)}">${passkeys.reset.nav}</a></li>` : empty}</ul>`;
  return render(context, locale, { title: passkeys.title, body, scripted: true, status: refused === undefined ? 200 : 409 });
};

/** Answers that nothing was changed, without the reason: an attacker learns nothing from it. */
export const notDone = async (deps: PasskeyDeps, context: Context, official: PasskeyHolder): Promise<Response> =>
  wantsPage(context)
    ? listPage(deps, context, official, official.locale.words.passkeys.refused)
    : toResponse(problemAnswer('passkey-refused', { detail: 'no passkey of this person has signed this now' }));
