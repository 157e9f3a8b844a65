import type { Context } from 'hono';
import { attestedBy } from '../../../../../domain/roster/bodies.ts';
import { type ProblemCode, problemAnswer } from '../../../http/problems.ts';
import { toResponse } from '../../../http/respond.ts';
import type { LinkDeps } from '../../deps.ts';
import { type Fault, faultsProblem, type Input, oneOf, readOwnForm, rejectionText, wantsPage } from '../../forms.ts';
import { knownHref, type Person } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { localeFor, render, seeOther } from '../../page.ts';
import { type Ordered, orderDecision } from '../decide/form/order.ts';
import { passkeysFor } from '../decide/passkey.ts';
import { EDIT } from '../decide/review.ts';
import {
  type Consent,
  type ConsentCertificate,
  changesIn,
  consentPage,
  consentReviewPage,
  readConsent,
  readConsentCertificates,
} from './consent.ts';
import { CONSENT_MAX, deskPath, situationOn } from './page.ts';

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
