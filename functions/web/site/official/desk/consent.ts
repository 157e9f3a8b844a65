import type { Context } from 'hono';
import { changeId } from '../../../../../domain/feature/keys.ts';
import { termsDigest } from '../../../../../domain/feature/terms.ts';
import { LocalDate } from '../../../../../domain/kernel/zodTypes.ts';
import { lastMomentOf, localMoment } from '../../../../../domain/kernel/zone.ts';
import { attestedBy } from '../../../../../domain/roster/bodies.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import { type ProblemCode, problemAnswer } from '../../../http/problems.ts';
import { toResponse } from '../../../http/respond.ts';
import type { LinkDeps } from '../../deps.ts';
import {
  errorSummary,
  type Fault,
  type FormState,
  faultsProblem,
  hidden,
  type Input,
  oneOf,
  readForm,
  readOwnForm,
  rejectionText,
  wantsPage,
} from '../../forms.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import { knownHref, type Person } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, calledSeats } from '../../names.ts';
import { type HtmlPage, linkIn, localeFor, render, seeOther } from '../../page.ts';
import { chip } from '../../parts/chip.ts';
import { effectList, termsFields, termsList } from '../../parts/terms.ts';
import { meetingFields, noteField, prefilled, withVotes } from '../decide/forms.ts';
import { type Ordered, orderDecision } from '../decide/order.ts';
import { type CertificateForm, MEETING_FIELDS, readCertificate, TERM_FIELDS } from '../decide/read.ts';
import { backToForm, certificateRows, certificateSentence, EDIT, hiddenFields, passkeysFor } from '../decide/review.ts';
import type { Situation } from '../decide/situation.ts';
import { CONSENT_MAX, deskPath, situationOn } from './page.ts';

const SHARED: readonly string[] = [...MEETING_FIELDS, 'comment'];
const OWN: readonly string[] = ['revision', 'digest', ...TERM_FIELDS];

const ownField = (name: string, change: string): string => `${name}.${change}`;

const isOwn = (name: string): boolean => OWN.some((own) => name.startsWith(`${own}.`)) && name.includes('/');

/** Parses a consent agenda. A repeated field is a fault, except for changes and agencies. */
export const readConsent = (body: Uint8Array): { readonly input: Input; readonly faults: readonly Fault[] } =>
  readForm(
    body,
    (name) => SHARED.includes(name) || ['body', 'change', EDIT].includes(name) || name.startsWith('vote.') || isOwn(name),
    ['change', 'audience'],
  );

/** Returns the changes of a form without duplicates. */
export const changesIn = (input: Input): readonly string[] => [...new Set(input.get('change') ?? [])];

const certificateInput = (input: Input, change: string): Input =>
  new Map([
    ...[...input].filter(([name]) => SHARED.includes(name) || name.startsWith('vote.')),
    ['purpose', ['adopt']] as const,
    ...OWN.flatMap((name) => {
      const values = input.get(ownField(name, change));
      return values === undefined ? [] : [[name, values] as const];
    }),
  ]);

export interface ConsentCertificate {
  readonly change: string;
  readonly read: CertificateForm;
}

/** The inputs for finding the holders of the called seats: those of the day of the meeting if the form names it. */
interface Meeting {
  readonly roster: Roster;
  readonly body: string;
  readonly now: string;
  readonly zone: string;
}

const seatsCalled = ({ roster, body, now, zone }: Meeting, input: Input) => {
  const day = oneOf(input, 'meetingDate').trim();
  return calledSeats(roster, body, LocalDate.safeParse(day).success ? lastMomentOf(day, zone, now) : localMoment(now, zone));
};

/** Reads one certificate for each change. A fault in the shared fields is reported once, every other beside its change. */
export const readConsentCertificates = (
  input: Input,
  meeting: Meeting,
): { readonly certificates: readonly ConsentCertificate[]; readonly faults: readonly Fault[] } => {
  const seats = seatsCalled(meeting, input);
  const strange = [...input.keys()].filter(
    (name) => name.startsWith('vote.') && !seats.some(({ seat }) => name === `vote.${seat}`),
  );
  const faults = new Map<string, Fault>(strange.map((name) => [name, { name, code: 'unknown', slots: { name } }] as const));
  const certificates = changesIn(input).flatMap((change): ConsentCertificate[] => {
    const own: Fault[] = [];
    const read = readCertificate(certificateInput(input, change), seats, meeting.zone, own);
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

const reviewed = ({ say, words }: Locale, terms: Html, { situation: { link, latest }, read }: FilledIn): Html => html`
<li class="card"><h3>${foreign(latest.notice.title)}</h3>
<p class="fine"><code>${changeId(link.key, link.n)}</code> · ${say(words.change.revision, { n: read.revision })} · <code>${read.digest}</code></p>${terms}</li>`;

/** Returns the page that shows one vote on several changes, with one button that sends it. It records nothing. */
export const consentReviewPage = (
  context: Context,
  locale: Locale,
  input: Input,
  certificates: readonly [FilledIn, ...FilledIn[]],
): HtmlPage => {
  const { words, count } = locale;
  const { certify } = words.decide;
  const texts = words.desk.consent;
  const [first] = certificates;
  const { comment, votes } = first.read;
  const path = deskPath(context);
  const message = comment === '' ? empty : html`<p class="says words">${foreign(comment)}</p>`;
  return {
    title: certify.reviewTitle,
    body: html`
<p class="eyebrow">${words.passkeys.sign.eyebrow}</p><h1>${count(texts, 'heading', certificates.length)}</h1>
<p class="lead"><b>${certificateSentence(locale, first.situation, first.read)}</b></p><p>${texts.swear}</p>
<dl class="facts">${certificateRows(locale, first.situation, first.read)}</dl>${message}
<h2>${texts.changes}</h2><ul class="plain waits">${certificates.map((each) => reviewed(locale, termsList(locale, each.read.terms), each))}</ul>
<form method="post" action="${linkIn(context, `${path}/consent`)}">${hiddenFields(withVotes(input, votes))}<p><button type="submit">${texts.submit}</button></p></form>
${backToForm(locale, linkIn(context, `${path}/review`), input)}`,
  };
};

interface CertificationOutcome {
  readonly change: string;
  readonly refused: Html | undefined;
  /** The page on which it is certified by itself, where a passkey can be used; null if no link was made yet. */
  readonly href: string | null;
}

/** A consent agenda: the changes voted on together, and the form as it was sent. */
export interface Consent {
  readonly person: Person;
  readonly body: string;
  readonly situations: readonly Situation[];
  /** Changes that were asked for and cannot be certified here. */
  readonly unknownChanges: readonly string[];
  readonly form: FormState;
  readonly outcomes: readonly CertificationOutcome[];
  readonly status: NonNullable<HtmlPage['status']>;
}

const idOf = ({ link }: Situation): string => changeId(link.key, link.n);

const change = (
  context: Context,
  locale: Locale,
  situation: Situation,
  form: FormState,
  outcomes: readonly CertificationOutcome[],
): Html => {
  const { words, say } = locale;
  const id = idOf(situation);
  const { latest } = situation;
  const outcome = outcomes.find((each) => each.change === id);
  const note =
    outcome === undefined
      ? empty
      : outcome.refused === undefined
        ? html`<p>${chip('on', words.desk.consent.recorded)}</p>`
        : html`<p>${chip('no', words.desk.consent.refused)} ${outcome.refused}</p>${
            outcome.href === null ? empty : html`<p><a href="${linkIn(context, outcome.href)}">${words.desk.open}</a></p>`
          }`;
  return html`
<li class="card"><h3>${foreign(latest.notice.title)}</h3>${note}
<p class="fine"><a href="${linkIn(context, `/changes/${id}`)}"><code>${id}</code></a> · ${say(words.change.revision, { n: latest.revision })} · <code>${latest.digest}</code></p>
${hidden('change', id)}${hidden(ownField('revision', id), String(latest.revision))}${hidden(ownField('digest', id), latest.digest)}${termsFields(locale, form, situation.view.terms, effectList(locale, situation.effect), { effectIs: 'folded', name: (term) => ownField(term, id) })}</li>`;
};

/** Reports whether the changes already have different terms. */
const differs = (situations: readonly Situation[]): boolean =>
  new Set(situations.map(({ view }) => (view.terms === null ? '' : termsDigest(view.terms)))).size > 1;

const certificate = (locale: Locale, situation: Situation, given: FormState): Html => {
  const { certify } = locale.words.decide;
  const form = prefilled(situation, given);
  return html`
<h2>${locale.words.desk.consent.meeting}</h2>
${meetingFields(locale, situation, form, { hint: certify.dateHint, note: noteField(locale, form) })}`;
};

const shownFields = (situations: readonly Situation[]): readonly string[] => [
  ...MEETING_FIELDS,
  'comment',
  ...situations.flatMap((each) => TERM_FIELDS.map((name) => ownField(name, idOf(each)))),
];

/** Renders one resolution for several changes: one roll call and file number, each change on its own digest and terms. */
export const consentPage = (context: Context, locale: Locale, consent: Consent): HtmlPage => {
  const { words, say, count, list, bodySlots } = locale;
  const { person, body, situations, unknownChanges, form, outcomes, status } = consent;
  const texts = words.desk.consent;
  const { certify } = words.decide;
  const [first] = situations;
  const partly = outcomes.some(({ refused }) => refused !== undefined);
  const errors = errorSummary(locale, form, shownFields(situations), []);
  const back = html`<p><a href="${linkIn(context, deskPath(context))}">${texts.back}</a></p>`;
  const missing =
    unknownChanges.length === 0
      ? empty
      : html`<p class="note">${say(texts.notThere, { changes: foreign(list(unknownChanges)) })}</p>`;
  const note = partly
    ? html`<div class="errors" role="alert" tabindex="-1" autofocus><h2>${texts.partly}</h2><p>${texts.partlyLead}</p></div>`
    : empty;
  if (first === undefined)
    return {
      title: texts.title,
      status,
      body: html`${errors}<h1>${texts.title}</h1>${missing}<p class="lead">${texts.none}</p>${back}`,
    };
  return {
    title: texts.title,
    status,
    body: html`${errors}${note}
<p class="eyebrow calm">${say(words.desk.body, bodySlots(bodyName(person.roster, body)))}</p>
<h1>${count(texts, 'heading', situations.length)}</h1><p class="lead">${texts.lead}</p>${missing}
<form class="card" method="post" action="${linkIn(context, `${deskPath(context)}/review`)}">${hidden('body', body)}
${certificate(locale, first, form)}
<h2>${texts.changes}</h2>${differs(situations) ? html`<p class="note">${texts.termsDiffer}</p>` : empty}<ul class="plain waits">${situations.map((each) => change(context, locale, each, form, outcomes))}</ul>
<p class="hint">${certify.reviewFirst}</p><button type="submit">${certify.review}</button></form>${back}`,
  };
};

/** The outcome for one change of a consent agenda. */
export interface Certified {
  readonly change: string;
  readonly result: Ordered;
}

const refusal = (code: ProblemCode, detail: string): Ordered => ({ ok: false, rejection: { code, detail } });

/**
 * Certifies one vote for several changes, each by its own command and conditional append, one after the other. A rejected change
 * does not stop the others; sending the form again completes the rest, since recorded ones are recognised.
 */
export const certifyEach = async (
  deps: LinkDeps,
  person: Person,
  body: string,
  certificates: readonly ConsentCertificate[],
): Promise<readonly Certified[]> => {
  const done: Certified[] = [];
  for (const { change, read } of certificates) {
    const situation = await situationOn(deps, person, body, change);
    if (situation === undefined) {
      done.push({ change, result: refusal('unknown-requirement', 'this body votes on no such change') });
      continue;
    }
    const { enrolled } = await passkeysFor(deps, situation);
    done.push({ change, result: await orderDecision(deps, situation, read, { enrolled }) });
  }
  return done;
};

type Shown = Partial<Pick<Consent, 'form' | 'outcomes' | 'status'>>;

const BLANK = { input: new Map(), faults: [], prefix: 'c' };

const localeOfPerson = (context: Context, person: Person): Locale => localeFor(context, person.zone, person.now, person.language);

/**
 * Renders the consent agenda for these changes of a body as they stand now. Changes that cannot be certified here are named and
 * left out.
 */
const show = async (
  deps: LinkDeps,
  context: Context,
  person: Person,
  { body, changes }: { readonly body: string; readonly changes: readonly string[] },
  shown: Shown = {},
): Promise<Response> => {
  const locale = localeOfPerson(context, person);
  const served = person.roster !== null && attestedBy(person.roster, person.link.body).includes(body);
  const asked = served && person.live ? changes.slice(0, CONSENT_MAX) : [];
  const found = await Promise.all(asked.map((change) => situationOn(deps, person, body, change)));
  const situations = found.filter((situation) => situation !== undefined);
  const unknownChanges = changes.filter((_, index) => found[index] === undefined);
  const consent = {
    person,
    body,
    situations,
    unknownChanges,
    form: BLANK,
    outcomes: [],
    status: 200 as const,
    ...shown,
  };
  return render(context, locale, consentPage(context, locale, consent));
};

const asked = (input: Input) => ({ body: oneOf(input, 'body'), changes: changesIn(input) });

const unreadable = (deps: LinkDeps, context: Context, person: Person, input: Input, faults: readonly Fault[]) =>
  wantsPage(context)
    ? show(deps, context, person, asked(input), { form: { input, faults, prefix: 'c' }, status: 422 })
    : faultsProblem(faults);

/** Renders the consent agenda for the changes ticked on the desk. Records nothing. */
export const consentForm = (deps: LinkDeps, context: Context, person: Person): Promise<Response> => {
  const { searchParams } = new URL(context.req.url);
  const changes = [...new Set(searchParams.getAll('change'))];
  return show(deps, context, person, { body: searchParams.get('body') ?? '', changes });
};

const ownPage = async (deps: LinkDeps, person: Person, body: string, change: string): Promise<string | null> => {
  const situation = await situationOn(deps, person, body, change);
  if (situation === undefined) return null;
  const { generation: _, ...target } = situation.link;
  return knownHref(deps, target);
};

const partly = (done: readonly Certified[]): Response => {
  const errors = done.flatMap(({ change, result }) =>
    result.ok
      ? []
      : [{ pointer: `/change/${change.replaceAll('/', '~1')}`, detail: `${result.rejection.code}: ${result.rejection.detail}` }],
  );
  const recorded = done.filter(({ result }) => result.ok).map(({ change }) => change);
  const code = done.flatMap(({ result }) => (result.ok ? [] : [result.rejection.code]))[0] ?? 'invalid-form';
  const detail = `recorded: ${recorded.length === 0 ? 'nothing' : recorded.join(', ')}; not recorded: ${errors.length}`;
  return toResponse(problemAnswer(code, { detail, errors, status: 409 }));
};

interface Agenda {
  readonly body: string;
  readonly changes: readonly string[];
  readonly certificates: readonly ConsentCertificate[];
}

const readAgenda = async (
  deps: LinkDeps,
  context: Context,
  person: Person,
  { input, faults }: ReturnType<typeof readConsent>,
): Promise<Agenda | Response> => {
  const { body, changes } = asked(input);
  const { roster, now, zone } = person;
  const served = roster !== null && attestedBy(roster, person.link.body).includes(body);
  if (roster === null || !served || !person.live)
    return toResponse(
      problemAnswer('not-in-office', { detail: 'this link does not certify the votes of this body', status: 409 }),
    );
  if (changes.length === 0 || changes.length > CONSENT_MAX)
    return unreadable(deps, context, person, input, [{ name: 'change', code: 'changes', slots: { n: String(CONSENT_MAX) } }]);
  const read = readConsentCertificates(input, { roster, body, now, zone });
  const all = [...faults, ...read.faults];
  return all.length > 0 ? unreadable(deps, context, person, input, all) : { body, changes, certificates: read.certificates };
};

/** Shows one vote on several changes as it would be recorded, or the form again as it was filled in. Records nothing. */
export const consentReview = async (deps: LinkDeps, context: Context, person: Person): Promise<Response> => {
  const sent = readConsent(await readOwnForm(context, deps.ports.url));
  const { input } = sent;
  if (input.has(EDIT)) return show(deps, context, person, asked(input), { form: { ...BLANK, input } });
  const agenda = await readAgenda(deps, context, person, sent);
  if (agenda instanceof Response) return agenda;
  const { body, changes, certificates } = agenda;
  const found = await Promise.all(
    certificates.map(async (each) => ({ ...each, situation: await situationOn(deps, person, body, each.change) })),
  );
  const [first, ...others] = found.flatMap(({ situation, ...each }) => (situation === undefined ? [] : [{ ...each, situation }]));
  if (first === undefined || others.length + 1 < found.length)
    return show(deps, context, person, { body, changes }, { form: { ...BLANK, input }, status: 409 });
  const locale = localeOfPerson(context, person);
  return render(context, locale, consentReviewPage(context, locale, input, [first, ...others]));
};

/**
 * Certifies one vote on several changes, with one event for each. If all are recorded, redirects to the desk; else answers change
 * by change.
 */
export const consentPost = async (deps: LinkDeps, context: Context, person: Person): Promise<Response> => {
  const sent = readConsent(await readOwnForm(context, deps.ports.url));
  const agenda = await readAgenda(deps, context, person, sent);
  if (agenda instanceof Response) return agenda;
  const { input } = sent;
  const { body, changes, certificates } = agenda;
  const done = await certifyEach(deps, person, body, certificates);
  if (done.every(({ result }) => result.ok)) {
    const recorded = new URLSearchParams([
      ['file', oneOf(input, 'fileNumber').trim()],
      ...changes.map((change): [string, string] => ['change', change]),
    ]);
    return seeOther(context, `${deskPath(context)}?${recorded}`);
  }
  if (!wantsPage(context)) return partly(done);
  const locale = localeOfPerson(context, person);
  const outcomes = await Promise.all(
    done.map(async ({ change, result }) => ({
      change,
      refused: result.ok ? undefined : rejectionText(locale, result.rejection),
      href: result.ok ? null : await ownPage(deps, person, body, change),
    })),
  );
  return show(deps, context, person, { body, changes }, { form: { input, faults: [], prefix: 'c' }, outcomes, status: 409 });
};
