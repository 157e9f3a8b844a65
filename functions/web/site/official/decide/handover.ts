import type { Context } from 'hono';
import { localMoment } from '../../../../../domain/kernel/zone.ts';
import { handoverKind } from '../../../../../domain/roster/handover.ts';
import type { RosterState } from '../../../../../domain/roster/state.ts';
import { readRosters } from '../../../../gate/aggregates.ts';
import { fileObjection } from '../../../../gate/handovers.ts';
import { refusedBy } from '../../../http/refused.ts';
import type { LinkDeps } from '../../deps.ts';
import { errorSummary, type FormState, hidden, textArea } from '../../forms/field.ts';
import { readOwnForm, wantsPage } from '../../forms/guard.ts';
import { readForm, sentForm } from '../../forms/input.ts';
import { faultsProblem } from '../../forms/rejection.ts';
import { empty, type Html, html } from '../../html.ts';
import { linkPath, type ObjectLink } from '../../links/link.ts';
import type { Locale } from '../../locale.ts';
import { languageOfHolder, roleName } from '../../names.ts';
import { linkIn, localeFor, render } from '../../page.ts';
import { seeReceipt } from './answers.ts';
import { readObjection } from './form/read.ts';

const FIELDS = ['decision', 'reason'];

const BLANK: FormState = { input: new Map(), faults: [], prefix: 'o' };

const objectionForm = (context: Context, locale: Locale, form: FormState): Html => {
  const { handover } = locale.words.decide;
  return html`
<section aria-labelledby="object"><h2 id="object">${handover.ask}</h2>
<form class="card" method="post" action="${linkIn(context, linkPath(context))}" aria-labelledby="object">
${hidden('decision', 'object')}${textArea(locale, form, 'reason', { label: handover.reason, hint: handover.reasonHint })}
<button type="submit" class="danger">${handover.submit}</button>
</form></section>`;
};

/** Renders what the proposed roster changes for this person. The new address stays with those who confirm it. */
const objectionBody = (
  context: Context,
  locale: Locale,
  link: ObjectLink,
  { inForce, proposal }: RosterState,
  form: FormState,
): Html => {
  const { words, say, dateTime } = locale;
  const { handover } = words.decide;
  if (inForce === null || proposal?.sha256 !== link.sha256) {
    const text = inForce?.sha256 === link.sha256 ? handover.inForce : handover.gone;
    return html`<h1>${handover.title}</h1><p class="lead">${text}</p>`;
  }
  const role = roleName(locale, inForce.roster, link.body, link.seat);
  const kind = handoverKind(inForce, proposal, link, localMoment(locale.now, locale.zone));
  const objection = proposal.objections?.find(({ holder }) => holder === link.holder);
  const end =
    objection === undefined
      ? objectionForm(context, locale, form)
      : html`<p class="note">${say(handover.done, { when: dateTime(objection.at) })}</p>`;
  return html`${errorSummary(locale, form, FIELDS, [])}
<h1>${handover.heading}</h1><p class="lead">${say(handover.lead, { when: dateTime(proposal.since), role })}</p>
<p>${handover[kind]}</p>
${proposal.effectiveAt === undefined ? empty : html`<p>${say(handover.until, { when: dateTime(proposal.effectiveAt) })}</p>`}${end}`;
};

/** Renders the page on which a holder objects to a change of who receives their links. Opening it changes nothing. */
export const objectionPage = async (
  { ports }: LinkDeps,
  context: Context,
  link: ObjectLink,
  form: FormState = BLANK,
): Promise<Response> => {
  const state = await readRosters(ports);
  const own = languageOfHolder(state.inForce?.roster ?? null, link.holder);
  const locale = localeFor(context, ports.zone, ports.clock(), own);
  const body = objectionBody(context, locale, link, state, form);
  const status = form.faults.length === 0 ? 200 : 422;
  return render(context, locale, { title: locale.words.decide.handover.title, body, status });
};

/** Objects to the roster the link names. It needs no passkey: one person is enough to keep things as they are. */
export const postObjection = async (deps: LinkDeps, context: Context, link: ObjectLink): Promise<Response> => {
  const { ports, keys } = deps;
  const form = readForm(await readOwnForm(context, ports.url), (name) => FIELDS.includes(name));
  const sent = sentForm(form, readObjection);
  if (!sent.ok) {
    const { input, faults } = sent;
    return wantsPage(context) ? objectionPage(deps, context, link, { ...BLANK, input, faults }) : faultsProblem(faults);
  }
  const { sha256, holder } = link;
  const done = await fileObjection(ports, { sha256, holder, reason: sent.value }, keys.textKey);
  if (!done.ok) throw refusedBy(done.rejection);
  return seeReceipt(context);
};
