import type { Context } from 'hono';
import { TOGETHER_MAX } from '../../../../../domain/feature/events.ts';
import { changeId } from '../../../../../domain/feature/keys.ts';
import { TERM_FIELDS, termsDigest } from '../../../../../domain/feature/terms.ts';
import { attestedBy } from '../../../../../domain/roster/bodies.ts';
import { badField } from '../../../http/input.ts';
import { refused } from '../../../http/problems.ts';
import type { LinkDeps } from '../../deps.ts';
import {
  errorSummary,
  type Fault,
  faultsProblem,
  fieldId,
  hidden,
  hiddenFields,
  type Input,
  oneOf,
  readForm,
  readOwnForm,
  type SentBack,
  wantsPage,
} from '../../forms.ts';
import { empty, type Html, html, plainText, untrustedText, visuallyHidden } from '../../html.ts';
import { linkPath, type Person } from '../../links.ts';
import { bodySlotsOf, type CalledSeat, type CityLocale, changeLink, type Locale } from '../../locale.ts';
import { localeOfPerson, render, seeOther } from '../../page.ts';
import { effectEnd, effectList, termsFields, termsList } from '../../parts/terms.ts';
import { boundTo, dayHint, meetingFields, noteField, prefilled, withVotes } from '../decide/forms.ts';
import { orderDecision, refuse, tryDecision } from '../decide/order.ts';
import {
  backToForm,
  certificateRows,
  certificateSentence,
  EDIT,
  lastStep,
  passkeysFor,
  plainForm,
  shortfall,
} from '../decide/review.ts';
import { type Outcome, outcomeNote, partlyRecorded } from '../decide/several.ts';
import {
  type CertificateForm,
  MEETING_FIELDS,
  readCertificate,
  type Situation,
  seatsCalled,
  situationOf,
} from '../decide/situation.ts';

// One vote on several changes: one resolution, one roll call, and a certificate of each change with its own words and terms.

export const deskPath = (context: Context): string => `${linkPath(context)}/desk`;

const situationOn = (deps: LinkDeps, { link, now }: Person, body: string, change: string) =>
  situationOf(deps, { ...link, now }, { body, instrument: 'certification' }, change);

const SHARED: readonly string[] = [...MEETING_FIELDS, 'comment'];
const OWN: readonly string[] = ['revision', 'digest', 'documents', 'rules', ...TERM_FIELDS];

/** The field with the changes whose terms the form shows. On a long agenda it shows only these, so that the page stays small. */
const ASKED = 'own';
const TERMS_SHOWN_MAX = 10;

const ownField = (name: string, change: string): string => `${name}.${change}`;
const isOwn = (name: string): boolean => OWN.some((own) => name.startsWith(`${own}.`)) && name.includes('/');

const readConsent = (body: Uint8Array): ReturnType<typeof readForm> =>
  readForm(
    body,
    (name) => SHARED.includes(name) || ['body', 'change', ASKED, EDIT].includes(name) || name.startsWith('vote.') || isOwn(name),
    ['change', 'audience', ASKED],
  );

const changesIn = (input: Input): readonly string[] => [...new Set(input.get('change') ?? [])];

const certificateInput = (input: Input, change: string): Input =>
  new Map([
    ...[...input].filter(([name]) => SHARED.includes(name) || name.startsWith('vote.')),
    ['purpose', ['adopt']] as const,
    ...OWN.flatMap((name) => {
      const values = input.get(ownField(name, change));
      return values === undefined ? [] : [[name, values] as const];
    }),
  ]);

interface ConsentCertificate {
  readonly change: string;
  readonly read: CertificateForm;
}

/** Reads the certificates. A fault in the shared fields is reported once, every other at its change. */
const readCertificates = (
  input: Input,
  seats: readonly CalledSeat[],
  zone: string,
): { readonly certificates: readonly ConsentCertificate[]; readonly faults: readonly Fault[] } => {
  const strange = [...input.keys()].filter(
    (name) => name.startsWith('vote.') && !seats.some(({ seat }) => name === `vote.${seat}`),
  );
  const faults = new Map<string, Fault>(strange.map((name) => [name, { name, code: 'unknown', slots: { name } }] as const));
  const certificates = changesIn(input).flatMap((change): ConsentCertificate[] => {
    const own: Fault[] = [];
    const read = readCertificate(certificateInput(input, change), seats, zone, own);
    if (own.length === 0) return [{ change, read }];
    for (const fault of own) {
      const name = OWN.includes(fault.name) ? ownField(fault.name, change) : fault.name;
      faults.set(name, { ...fault, name });
    }
    return [];
  });
  return { certificates, faults: [...faults.values()] };
};

type FilledIn = ConsentCertificate & { readonly situation: Situation };

const idOf = ({ link }: Situation): string => changeId(link.key, link.n);

const cardId = (change: string): string => fieldId('c', change);

const changeCard = (
  { words, say }: Locale,
  { latest, link }: Situation,
  id: Html,
  note: Html,
  terms: Html,
  isFirstAsked = false,
): Html => html`
<li class="card" id="${cardId(changeId(link.key, link.n))}"${isFirstAsked && html` tabindex="-1" autofocus`}><h3>${untrustedText(latest.notice.title)}</h3>${note}
<p class="fine">${id} · ${say(words.change.revision, { n: latest.revision })} · <code>${latest.digest}</code></p>${terms}</li>`;

const reviewPage = (
  context: Context,
  locale: CityLocale,
  input: Input,
  [first, ...others]: [FilledIn, ...FilledIn[]],
): Response | Promise<Response> => {
  const { count } = locale;
  const texts = locale.words.desk.consent;
  const { comment, votes } = first.read;
  const path = deskPath(context);
  const cards = [first, ...others].map(({ situation, read }) =>
    changeCard(
      locale,
      situation,
      html`<code>${idOf(situation)}</code>`,
      shortfall(locale, situation, read),
      termsList(locale, read.terms),
    ),
  );
  return lastStep(context, locale, {
    form: plainForm(locale.href(`${path}/consent`), hiddenFields(withVotes(input, votes)), texts.submit),
    heading: html`<h1>${count(texts, 'heading', cards.length)}</h1>
<p class="lead"><b>${certificateSentence(locale, first.situation, first.read)}</b></p>
<h2>${texts.changes}</h2><ul class="plain waits">${cards}</ul>`,
    lead: texts.swear,
    details: html`<dl class="facts">${certificateRows(locale, first.situation, first.read)}</dl>
${comment !== '' && html`<p class="says words">${untrustedText(comment)}</p>`}`,
    back: backToForm(locale, locale.href(`${path}/review`), input),
  });
};

const termsAsked = (locale: Locale, { effect, latest }: Situation, id: string): Html => {
  const { words, say } = locale;
  const box = html`<input type="checkbox" name="${ASKED}" value="${id}">`;
  return html`<p>${say(words.effect.atMost, { end: effectEnd(locale, effect, true) })}</p>
<label class="pick">${box}<span>${words.desk.consent.ownTerms}${visuallyHidden(untrustedText(latest.notice.title))}</span></label>`;
};

interface SentAgenda extends SentBack {
  readonly done?: readonly Outcome[];
}

interface Agenda {
  readonly body: string;
  readonly changes: readonly string[];
}
const agendaIn = (input: Input): Agenda => ({ body: oneOf(input, 'body'), changes: changesIn(input) });

const servesBody = ({ roster, link, live }: Person, body: string): boolean =>
  roster !== null && live && attestedBy(roster, link.body).includes(body);

const differs = (situations: readonly Situation[]): boolean =>
  new Set(situations.map(({ view }) => (view.terms === null ? '' : termsDigest(view.terms)))).size > 1;

const show = async (
  deps: LinkDeps,
  context: Context,
  person: Person,
  { body, changes }: Agenda,
  { input = new Map(), faults = [], done = [] }: SentAgenda = {},
): Promise<Response> => {
  const status = faults.length > 0 ? 422 : done.length > 0 ? 409 : 200;
  const locale = localeOfPerson(context, person);
  const { words, say, count, list } = locale;
  const texts = words.desk.consent;
  const asked = servesBody(person, body) ? changes.slice(0, TOGETHER_MAX) : [];
  const found = await Promise.all(asked.map((change) => situationOn(deps, person, body, change)));
  const situations = found.filter((situation) => situation !== undefined);
  const unknown = changes.filter((_, index) => found[index] === undefined);
  const form = { input, faults, prefix: 'c' };
  const ownFields = situations.flatMap((each) => TERM_FIELDS.map((name) => ownField(name, idOf(each))));
  const errors = errorSummary(locale, form, [...SHARED, ...ownFields], []);
  const back = html`<p><a href="${locale.href(deskPath(context))}">${words.desk.title}</a></p>`;
  const missing =
    unknown.length === 0 ? empty : html`<p class="note">${say(texts.notThere, { changes: untrustedText(list(unknown)) })}</p>`;
  const [first] = situations;
  if (first === undefined) {
    const nothing = html`<h1>${texts.none}</h1>${missing}${back}`;
    return render(context, locale, { title: texts.none, status, body: nothing });
  }
  const asksFor = input.get(ASKED) ?? [];
  const cards = situations.map(async (situation) => {
    const id = idOf(situation);
    const outcome = done.find(({ change }) => change === id);
    const note = outcome === undefined ? empty : await outcomeNote(deps, person, locale, { ...outcome, situation });
    const { view, effect } = situation;
    const asks = view.terms !== null || asksFor.includes(id) || input.has(ownField('from', id));
    const terms =
      asks || situations.length <= TERMS_SHOWN_MAX
        ? termsFields(locale, form, view.terms, effectList(locale, effect), {
            effectIs: 'folded',
            name: (term) => ownField(term, id),
            of: untrustedText(situation.latest.notice.title),
          })
        : termsAsked(locale, situation, id);
    const own = html`${hidden('change', id)}${boundTo(situation, true, (field) => ownField(field, id))}`;
    return changeCard(locale, situation, changeLink(locale, id), note, html`${own}${terms}`, id === asksFor[0]);
  });
  const isPart = done.some(({ result }) => result.ok);
  const failed = situations.filter((each) => done.some(({ change, result }) => change === idOf(each) && !result.ok));
  const left = failed.map(
    (each) =>
      html`<li><a href="#${cardId(idOf(each))}">${words.several.refused}: ${untrustedText(each.latest.notice.title)}</a></li>`,
  );
  const what = isPart
    ? html`<h2>${words.several.partly}</h2><p>${words.several.partlyLead}</p>`
    : html`<h2>${words.problem.heading}</h2>`;
  const refused =
    done.some(({ result }) => !result.ok) &&
    html`<div class="errors" id="errors" role="alert" tabindex="-1" autofocus>${what}${left.length > 0 && html`<ul>${left}</ul>`}</div>`;
  const { certify } = words.decide;
  const meeting = prefilled(first, form);
  const heading = count(texts, 'heading', situations.length);
  return render(context, locale, {
    title: plainText(heading),
    status,
    ...(isPart && { refused: words.several.partly }),
    body: html`${errors}${refused}
<p class="eyebrow calm">${say(words.desk.body, bodySlotsOf(locale, body))}</p>
<h1>${heading}</h1><p class="lead">${texts.lead}</p>${missing}
<form class="card" method="post" action="${locale.href(`${deskPath(context)}/review`)}">${hidden('body', body)}
<h2>${texts.meeting}</h2>
${meetingFields(locale, first, meeting, { hint: dayHint(locale, ...situations), note: noteField(locale, meeting) })}
<h2>${texts.changes}</h2>${differs(situations) && html`<p class="note">${texts.termsDiffer}</p>`}
<ul class="plain waits">${await Promise.all(cards)}</ul>
<p class="hint">${words.decide.form.reviewFirst}</p><button type="submit">${certify.review}</button></form>${back}`,
  });
};

const TOO_FEW_OR_MANY: Fault = { name: 'change', code: 'changes', slots: { n: String(TOGETHER_MAX) } };

export const nothingTicked = (deps: LinkDeps, context: Context, person: Person): Promise<Response> =>
  show(deps, context, person, { body: '', changes: [] }, { faults: [TOO_FEW_OR_MANY] });

export const consentForm = (deps: LinkDeps, context: Context, person: Person): Promise<Response> => {
  const { body = [], change = [] } = context.req.queries();
  return show(deps, context, person, { body: body[0] ?? '', changes: [...new Set(change)] });
};

const readAgenda = async (
  deps: LinkDeps,
  context: Context,
  person: Person,
  sent: ReturnType<typeof readConsent>,
): Promise<(Agenda & { readonly certificates: readonly ConsentCertificate[] }) | Response> => {
  const { input } = sent;
  const agenda = agendaIn(input);
  const { body, changes } = agenda;
  const { roster, zone } = person;
  if (body === '') throw badField('/body', 'names no body', 'invalid-form');
  if (!servesBody(person, body))
    throw refused('not-in-office', { detail: 'this link does not certify the votes of this body', status: 409 });
  const read =
    changes.length === 0 || changes.length > TOGETHER_MAX
      ? { certificates: [], faults: [TOO_FEW_OR_MANY] }
      : readCertificates(input, seatsCalled(roster, body, person, input), zone);
  const faults = [...sent.faults, ...read.faults];
  if (faults.length === 0) return { ...agenda, certificates: read.certificates };
  return wantsPage(context) ? show(deps, context, person, agenda, { input, faults }) : faultsProblem(faults);
};

export const consentReview = async (deps: LinkDeps, context: Context, person: Person): Promise<Response> => {
  const sent = readConsent(await readOwnForm(context, deps.ports.url));
  const { input } = sent;
  if (input.has(EDIT) || input.has(ASKED)) return show(deps, context, person, agendaIn(input), { input });
  const agenda = await readAgenda(deps, context, person, sent);
  if (agenda instanceof Response) return agenda;
  const { body, certificates } = agenda;
  const tried = await Promise.all(certificates.map((each) => decideOne(deps, person, body, each, tryDecision)));
  const failed = tried.filter(({ result }) => !result.ok);
  if (failed.length > 0) return notAll(deps, context, person, input, failed);
  const [first, ...others] = tried.flatMap(({ situation, ...each }) => (situation === undefined ? [] : [{ ...each, situation }]));
  if (first === undefined) throw new Error('broken invariant: an agenda without a change');
  const locale = localeOfPerson(context, person);
  return reviewPage(context, locale, input, [first, ...others]);
};

const NO_VOTE = refuse('unknown-requirement', 'this body votes on no such change');

type Certified = ConsentCertificate & Outcome;

const decideOne = async (
  deps: LinkDeps,
  person: Person,
  body: string,
  certificate: ConsentCertificate,
  decide: typeof tryDecision,
): Promise<Certified> => {
  const situation = await situationOn(deps, person, body, certificate.change);
  if (situation === undefined) return { ...certificate, situation, result: NO_VOTE };
  const { enrolled } = await passkeysFor(deps, situation);
  return { ...certificate, situation, result: await decide(deps, situation, certificate.read, { enrolled }) };
};

/** Submits each certificate. A rejected one does not stop the others; sending the form again completes the rest. */
const certifyEach = async (
  deps: LinkDeps,
  person: Person,
  body: string,
  certificates: readonly ConsentCertificate[],
): Promise<readonly Certified[]> => {
  const order: typeof tryDecision = (...decision) => orderDecision(...decision, true);
  const done: Certified[] = [];
  for (const certificate of certificates) done.push(await decideOne(deps, person, body, certificate, order));
  return done;
};

export const consentPost = async (deps: LinkDeps, context: Context, person: Person): Promise<Response> => {
  const sent = readConsent(await readOwnForm(context, deps.ports.url));
  const agenda = await readAgenda(deps, context, person, sent);
  if (agenda instanceof Response) return agenda;
  const { input } = sent;
  const done = await certifyEach(deps, person, agenda.body, agenda.certificates);
  if (done.every(({ result }) => result.ok)) {
    const changes = agenda.changes.map((change): [string, string] => ['change', change]);
    const recorded = new URLSearchParams([['file', oneOf(input, 'fileNumber').trim()], ...changes]);
    return seeOther(context, `${deskPath(context)}?${recorded}`);
  }
  return notAll(deps, context, person, input, done);
};

const notAll = async (
  deps: LinkDeps,
  context: Context,
  person: Person,
  input: Input,
  done: readonly Outcome[],
): Promise<Response> =>
  wantsPage(context) ? show(deps, context, person, agendaIn(input), { input, done }) : partlyRecorded(done);
