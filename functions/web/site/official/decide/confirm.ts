import type { Context } from 'hono';
import { standingWords } from '../../../../../domain/feature/arrival.ts';
import { decisionToSign } from '../../../../../domain/feature/decisionToSign.ts';
import { advanceTo } from '../../../../../domain/feature/due.ts';
import type { Confirmable } from '../../../../../domain/feature/evolve/lingering.ts';
import { changeId } from '../../../../../domain/feature/keys.ts';
import { type Assertion, challengeOf } from '../../../../../domain/kernel/assertion.ts';
import { canonical } from '../../../../../domain/kernel/canonical.ts';
import { jsonOf } from '../../../../../domain/kernel/json.ts';
import { localMoment } from '../../../../../domain/kernel/zone.ts';
import {
  canConfirm,
  confirmationToSign,
  hasConfirmed,
  isInEffect,
  proposalLapses,
} from '../../../../../domain/roster/confirm.ts';
import { holdsSeat } from '../../../../../domain/roster/holders.ts';
import type { Holder, Roster } from '../../../../../domain/roster/schema.ts';
import { isActOf, type RosterState, type RosterVersion } from '../../../../../domain/roster/state.ts';
import { readRosters } from '../../../../gate/aggregates.ts';
import { orderFeature } from '../../../../gate/feature.ts';
import { rollbackConfirmersFor } from '../../../../gate/links.ts';
import type { Passkey } from '../../../../gate/passkeys.ts';
import type { Audience } from '../../../../gate/redactions.ts';
import {
  type AddressChange,
  addressChanges,
  confirmationPasskeys,
  confirmProposal,
  isConfirmedBy,
  refuseProposal,
} from '../../../../gate/rosters.ts';
import { readRules } from '../../../../gate/rules.ts';
import { fillText } from '../../../../platform/catalogue.ts';
import { readChange } from '../../../../register/project.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import { refused, refusedBy } from '../../../http/problems.ts';
import type { LinkDeps } from '../../deps.ts';
import {
  errorSummary,
  type FormState,
  faultsProblem,
  hidden,
  oneOf,
  readForm,
  readOwnForm,
  requiredCheckbox,
  sentForm,
  textArea,
  wantsPage,
} from '../../forms.ts';
import { empty, type Html, html, untrustedText } from '../../html.ts';
import { linkPath, noteLinkUse, type RollbackLink, type RosterLink } from '../../links.ts';
import { bodyName, type CityLocale, changeLink, holderName, type Locale, seatName, withRoster } from '../../locale.ts';
import { localeOfPerson, render } from '../../page.ts';
import { confirmableOf, confirmationActs, confirmationLead, confirmedIn } from '../../parts/approvalPath.ts';
import { officialText, officialTextsAt, officialTextsOf } from '../../parts/notice.ts';
import { termText } from '../../parts/terms.ts';
import { commitRollbackReason, recordAct } from './order.ts';
import { seeReceipt } from './page.ts';
import { lastStep, type Signable, signingForm } from './review.ts';
import { audienceOf, readConfirmation } from './situation.ts';

// The pages of links that confirm something: a roster, a reset of passkeys, or that a change was rolled back or opted out of.

type ConfirmLink = RosterLink | RollbackLink;

export const ANSWER_FIELDS: readonly string[] = ['decision', 'of', 'reason', 'roster'];
const BLANK: FormState = { input: new Map(), faults: [], prefix: 'f' };

/** `fields`: the form's fields, to be sent again. */
interface Confirming extends Signable {
  readonly inWords: (locale: CityLocale) => Html;
  readonly fields: Html;
  readonly confirm: (assertion?: Assertion) => Promise<Response>;
}

const proposalConfirming = async (
  deps: LinkDeps,
  context: Context,
  link: RosterLink,
  { roster }: ConfirmAnswer,
): Promise<Confirming> => {
  const shown = await readProposed(deps, await readRosters(deps.ports), link);
  // The page showed what differs from the roster of that number.
  if (roster !== '' && shown !== undefined && roster !== String(shown.rules.inForce.number))
    throw refused('stale', {
      detail: `roster ${shown.rules.inForce.number} is in force now, this form was shown under ${roster}`,
    });
  const { purpose, holder, body, seat, sha256 } = link;
  return {
    purpose: [purpose, holder, body, seat, sha256],
    challenge: (issued) => challengeOf(confirmationToSign(link, issued)),
    inWords: (locale) => {
      const digest = fillText(locale.words.decide.roster.digest, { digest: sha256 });
      const subject = shown && subjectOf(locale, shown);
      return html`<p class="lead">${subject?.heading}</p><p>${subject?.lead}</p><p class="fine">${digest}</p>`;
    },
    fields: hidden('roster', roster),
    confirm: async (assertion) => {
      const by = { holder, body, seat, ...(assertion !== undefined && { assertion }) };
      const done = await noteLinkUse(deps, link, confirmProposal(deps.ports, { ...by, sha256 }));
      if (!done.ok) throw refusedBy(done.rejection, { status: done.rejection.code === 'contended' ? 503 : 409 });
      return seeReceipt(context);
    },
  };
};

/** `roster`: the number of the one in force that the form names; '' for none. */
interface ConfirmAnswer {
  readonly of: Confirmable;
  readonly reason: string;
  readonly roster: string;
}

const rollbackConfirming = async (
  deps: LinkDeps,
  context: Context,
  link: RollbackLink,
  { of, reason }: ConfirmAnswer,
): Promise<Confirming> => {
  const { purpose, holder, body, seat, key, n, revision } = link;
  const { view } = await readRolledBack(deps, link);
  const digest = view.revisions.find((each) => each.revision === revision)?.digest ?? '';
  const committed = commitRollbackReason(deps, link, reason);
  const comment = committed.comment ?? '';
  const request = { type: 'confirm-rollback', change: n, of, revision, digest, holder, body, seat, comment } as const;
  return {
    purpose: [purpose, holder, body, seat, key, n, revision],
    challenge: (issued) => challengeOf(decisionToSign(key, seat, request, issued)),
    inWords: ({ words: { decide } }) => {
      const { confirm } = of === 'opt-out' ? decide.optOut : decide.rollback;
      return html`
<p class="lead">${confirm}: ${untrustedText(latestOf(view).notice.title)}</p><p><span class="words">${untrustedText(reason)}</span></p>
<p class="fine"><code>${changeId(key, n)}</code> · ${fillText(decide.roster.digest, { digest })}</p>`;
    },
    fields: html`${hidden('decision', 'confirm')}${hidden('of', of)}${hidden('reason', reason)}`,
    confirm: async (assertion) => {
      const done = await recordAct(deps, link, committed, () =>
        orderFeature(deps.ports, {
          key,
          commandId: `${of}/${changeId(key, n)}/${revision}/${holder}/${body}`,
          actor: `holder:${holder}`,
          request: { ...request, ...(assertion !== undefined && { assertion }) },
        }),
      );
      if (!done.ok) throw refusedBy(done.rejection);
      return seeReceipt(context);
    },
  };
};

export const confirmingOf = async (
  deps: LinkDeps,
  context: Context,
  link: ConfirmLink,
  answer: ConfirmAnswer,
): Promise<Confirming> =>
  link.purpose === 'confirm-roster'
    ? proposalConfirming(deps, context, link, answer)
    : rollbackConfirming(deps, context, link, answer);

const localeOfHolder = async ({ ports }: LinkDeps, context: Context, link: ConfirmLink): Promise<CityLocale> => {
  const { roster } = await readRules(ports);
  return localeOfPerson(context, { zone: ports.zone, now: ports.clock(), roster: roster?.roster ?? null, link });
};

/** `isAgain`: the last signature was rejected. */
export const askForConfirmationPasskey = async (
  deps: LinkDeps,
  context: Context,
  link: ConfirmLink,
  { inWords, ...signable }: Confirming,
  owned: readonly Passkey[],
  isAgain = false,
): Promise<Response> => {
  const locale = await localeOfHolder(deps, context, link);
  const path = linkPath(context);
  const form = signingForm(deps, locale, owned, { ...signable, action: locale.href(`${path}/passkey/confirm`) });
  const { title, lead, change } = locale.words.passkeys.sign;
  const heading = html`<h1>${title}</h1>`;
  const back = html`<p><a href="${locale.href(path)}">${change}</a></p>`;
  return lastStep(context, locale, { isSigned: true, isAgain, form, heading, lead, details: inWords(locale), back });
};

/** Records a confirmation or a refusal. Refusing a proposal needs no passkey; a confirmation needs one if the policy requires it. */
export const postConfirmation = async (deps: LinkDeps, context: Context, link: ConfirmLink): Promise<Response> => {
  const form = readForm(await readOwnForm(context, deps.ports.url), (name) => ANSWER_FIELDS.includes(name));
  const isProposal = link.purpose === 'confirm-roster';
  const sent = sentForm(form, (input, faults) => readConfirmation(input, isProposal, faults));
  if (!sent.ok) {
    const { input, faults } = sent;
    return wantsPage(context) ? confirmationPage(deps, context, link, { input, faults, prefix: 'f' }) : faultsProblem(faults);
  }
  const { refuses, of, reason } = sent.value;
  if (isProposal && refuses) {
    const { sha256, holder, body, seat } = link;
    const answer = refuseProposal(deps.ports, { sha256, holder, body, seat, reason }, deps.keys.textKey);
    const done = await noteLinkUse(deps, link, answer);
    if (!done.ok) throw refusedBy(done.rejection);
    return seeReceipt(context);
  }
  const confirming = await confirmingOf(deps, context, link, { of, reason, roster: oneOf(sent.input, 'roster') });
  const owned = await confirmationPasskeys(deps.ports, link.holder);
  if (owned === undefined) return confirming.confirm();
  if (!wantsPage(context)) throw refused('passkey-required', { detail: 'this is confirmed with a passkey' });
  return askForConfirmationPasskey(deps, context, link, confirming, owned);
};

interface Question {
  readonly title: string;
  readonly heading: string;
  /** Undefined if it is over. */
  readonly lead: Html | string | undefined;
  readonly content: (form: FormState) => Html;
}

export const confirmationPage = async (
  deps: LinkDeps,
  context: Context,
  link: ConfirmLink,
  form: FormState = BLANK,
): Promise<Response> => {
  const locale = await localeOfHolder(deps, context, link);
  const asked = await (link.purpose === 'confirm-roster'
    ? proposalQuestion(deps, context, locale, link)
    : rollbackQuestion(deps, context, locale, link));
  const seat = seatName(locale, link.body, link.seat, localMoment(locale.now, locale.zone));
  const { heading, lead } = asked;
  const body = html`${errorSummary(locale, form, ANSWER_FIELDS, [])}${lead && html`<p class="eyebrow">${seat}</p>`}
<h1>${heading}</h1>${lead && html`<p class="lead">${lead}</p>`}${asked.content(form)}`;
  return render(context, locale, { title: asked.title, body, status: form.faults.length === 0 ? 200 : 422 });
};

const answerForm = (
  context: Context,
  locale: Locale,
  decision: 'confirm' | 'refuse',
  submit: string,
  reason?: { readonly form: FormState; readonly label: string; readonly hint: string; readonly of?: Confirmable },
  roster?: number,
): Html => html`
<form class="card" method="post" action="${locale.href(linkPath(context))}">${hidden('decision', decision)}${
  roster !== undefined && hidden('roster', String(roster))
}${reason?.of !== undefined && hidden('of', reason.of)}${
  reason !== undefined && textArea(locale, reason.form, 'reason', reason)
}${decision === 'confirm' && requiredCheckbox(locale.words.decide.form.myself)}<button type="submit"${decision === 'refuse' && html` class="danger"`}>${submit}</button></form>`;

const readRolledBack = async ({ ports }: LinkDeps, { key, n, revision, holder, body, seat }: RollbackLink) => {
  const [reading, { policy, roster }] = await Promise.all([readChange(ports, key, n), readRules(ports)]);
  if (reading === undefined || roster === null) throw refused('not-found', { detail: 'this change does not exist' });
  const now = ports.clock();
  const state = advanceTo(reading.state, now);
  const rules = { policy: policy?.policy ?? null, roster: roster.roster };
  const waiting =
    standingWords(state, n)?.revision === revision ? rollbackConfirmersFor(state, n, rules, localMoment(now, ports.zone)) : [];
  const mine = waiting.some((each) => each.holder.id === holder && each.body === body && each.seat === seat);
  const of = confirmableOf(reading.view, state, now);
  return { view: reading.view, roster: roster.roster, of, mine, waits: waiting.length > 0 };
};

/** Returns the audience of a link: a former holder sees what the public sees, as on the page of a change. */
const audienceIn = (roster: Roster, { holder, body, seat }: ConfirmLink, { now, zone }: Pick<Locale, 'now' | 'zone'>): Audience =>
  audienceOf({ holds: holdsSeat(roster, holder, body, localMoment(now, zone)) === seat });

const rollbackQuestion = async (deps: LinkDeps, context: Context, locale: CityLocale, link: RollbackLink): Promise<Question> => {
  const { view, roster, of, mine, waits } = await readRolledBack(deps, link);
  const { words } = locale;
  const { rollback, optOut } = words.decide;
  const texts = of === 'opt-out' ? { ...rollback, ...optOut } : rollback;
  const { confirmations, completedAt } = confirmedIn(view, of);
  const officials = await officialTextsOf(deps, view, audienceIn(roster, link, locale));
  const id = changeId(view.key, view.number);
  const said = confirmations.some(({ holder, body }) => holder === link.holder && body === link.body);
  const note = completedAt !== null ? texts.done : said ? texts.mine : waits ? words.decide.roster.mayNot : texts.gone;
  return {
    title: mine ? texts.heading : note,
    heading: texts.heading,
    lead: untrustedText(latestOf(view).notice.title),
    content: (form) => html`<p>${confirmationLead(locale, view, of)} ${texts.means}</p>
<p>${changeLink(locale, id, texts.read)} <small><code>${id}</code></small></p>
<p class="note">${mine ? texts.needs : note}</p>${
      mine
        ? answerForm(context, locale, 'confirm', texts.confirm, { form, of, label: texts.reason, hint: texts.reasonHint })
        : empty
    }${confirmationActs(locale, { view, of, texts: officials })}`,
  };
};

const changedBodies = ({ roster: { bodies } }: RosterVersion, { roster: next }: RosterVersion): readonly string[] =>
  [...new Set([...Object.keys(bodies), ...Object.keys(next.bodies)])].filter(
    (body) => canonical(bodies[body] ?? null) !== canonical(next.bodies[body] ?? null),
  );

/** Returns the comparable form of a term of office, without the holder's language. */
const termOf = ({ language: _language, ...term }: Holder): string => canonical(jsonOf(term));

const termsOnlyIn = ({ roster }: RosterVersion, { roster: other }: RosterVersion): readonly Holder[] => {
  const known = new Set(other.holders.map(termOf));
  return roster.holders.filter((holder) => !known.has(termOf(holder)));
};

const section = (heading: string, items: readonly Html[]): Html =>
  items.length === 0 ? empty : html`<h2>${heading}</h2><ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;

const addressText = (
  { words, say }: Locale,
  inForce: RosterVersion,
  proposal: RosterVersion,
  { holder, before, after }: AddressChange,
): Html => {
  const { moved, starts, stops, noAddress } = words.decide.roster;
  const nameIn = ({ roster }: RosterVersion) => roster.holders.find(({ id }) => id === holder)?.name;
  const slots = { holder: nameIn(proposal) ?? nameIn(inForce) ?? holder, before: before ?? noAddress, after: after ?? noAddress };
  if (before === undefined && !Object.hasOwn(inForce.contacts, holder)) return say(starts, slots);
  return say(Object.hasOwn(proposal.contacts, holder) ? moved : stops, slots);
};

const rosterDifferences = (locale: Locale, { rules: { inForce }, addresses }: Proposed, proposal: RosterVersion): Html => {
  const { roster: texts } = locale.words.decide;
  const terms = (holders: readonly Holder[], { roster }: RosterVersion) =>
    holders.map((each) => termText(withRoster(locale, roster), each));
  const [added, removed] = [termsOnlyIn(proposal, inForce), termsOnlyIn(inForce, proposal)];
  const moved = addresses.map((each) => addressText(locale, inForce, proposal, each));
  const next = withRoster(locale, proposal.roster);
  const bodies = changedBodies(inForce, proposal).map((body) => html`${bodyName(next, body)}`);
  return html`
${added.length + removed.length === 0 && html`<p>${texts.same}</p>`}
${section(texts.added, terms(added, proposal))}${section(texts.removed, terms(removed, inForce))}
${section(texts.addresses, moved)}${section(texts.bodies, bodies)}`;
};

type Proposed = NonNullable<Awaited<ReturnType<typeof readProposed>>>;

type Place = Pick<RosterLink, 'holder' | 'body'>;

const slotsOf = (locale: CityLocale, { holder, body }: Place) => ({
  who: holderName(locale, holder),
  body: bodyName(locale, body),
});

const progress = (locale: CityLocale, { rules, proposal, texts }: Proposed): Html => {
  const { words, say, dateTime, zone } = locale;
  const { roster: said } = words.decide;
  const until = say(rules.policy === null ? said.needsOne : said.needsTwo, { when: dateTime(proposalLapses(proposal, zone)) });
  const slots = (act: Place) => slotsOf(locale, act);
  const confirmed = proposal.confirmations.map((act) => html`<p>${say(said.confirmedBy, slots(act))}</p>`);
  const refused = proposal.refusals.map((act) => {
    const why = act.reason !== null && html` ${words.decide.confirm.reason}: ${officialText(locale, texts.get(act.reason))}`;
    return html`<p class="note">${say(said.refusal, slots(act))}${why}</p>`;
  });
  return html`<p class="note">${until}</p>${confirmed}${refused}`;
};

const readProposed = async ({ ports }: LinkDeps, state: RosterState, link: RosterLink) => {
  const { inForce, proposal } = state;
  const now = ports.clock();
  if (inForce === null || proposal?.sha256 !== link.sha256 || now >= proposalLapses(proposal, ports.zone)) return undefined;
  const place = { key: null, change: null, revision: null };
  const reasons = proposal.refusals.flatMap(({ reason }) => (reason === null ? [] : [{ ...place, commitment: reason }]));
  const [{ policy }, texts] = await Promise.all([
    readRules(ports),
    officialTextsAt({ ports }, reasons, audienceIn(inForce.roster, link, { now, zone: ports.zone })),
  ]);
  const rules = { policy: policy?.policy ?? null, inForce };
  const may = canConfirm(rules, proposal, { ...link, when: localMoment(now, ports.zone) });
  return { rules, proposal, may, addresses: may ? await addressChanges(ports, state) : [], texts };
};

const subjectOf = (locale: CityLocale, shown: Proposed): Pick<Question, 'heading' | 'lead'> & { readonly detail: Html } => {
  const { words, say, dateTime } = locale;
  const { roster: texts } = words.decide;
  const { proposal } = shown;
  const when = dateTime(proposal.since);
  if ('roster' in proposal) {
    const lead = say(texts.lead, { n: proposal.number, when });
    return { heading: texts.heading, lead, detail: rosterDifferences(locale, shown, proposal) };
  }
  if ('size' in proposal) {
    const lead = say(texts.restoredLead, { n: proposal.size, when });
    return { heading: texts.restoredHeading, lead, detail: html`<p>${texts.restoredMeans}</p>` };
  }
  const who = holderName(locale, proposal.holder);
  const lead = html`${say(texts.resetWaits, { who, when })} ${say(texts.resetLead, { who })}`;
  return { heading: texts.resetHeading, lead, detail: html`<p>${texts.resetMeans}</p>` };
};

const proposalQuestion = async (deps: LinkDeps, context: Context, locale: CityLocale, link: RosterLink): Promise<Question> => {
  const state = await readRosters(deps.ports);
  const { roster: texts } = locale.words.decide;
  const shown = await readProposed(deps, state, link);
  if (shown === undefined) {
    const inEffect = isInEffect(state, link.sha256);
    const heading = !inEffect ? texts.gone : (await isConfirmedBy(deps.ports, link)) ? texts.done : texts.others;
    return { title: heading, heading, lead: undefined, content: () => empty };
  }
  const { proposal, may } = shown;
  const { detail, ...subject } = subjectOf(locale, shown);
  const confirmed = hasConfirmed(proposal, link);
  const refused = proposal.refusals.find((act) => isActOf(act, link));
  const said = confirmed ? texts.mine : refused && fillText(texts.refusal, slotsOf(locale, refused));
  const confirm = confirmed
    ? html`<p class="note">${texts.mine}</p>`
    : answerForm(context, locale, 'confirm', texts.confirm, undefined, shown.rules.inForce.number);
  const refuse = (form: FormState): Html =>
    refused !== undefined
      ? empty
      : answerForm(context, locale, 'refuse', texts.refuse, { form, label: texts.reason, hint: texts.reasonHint });
  return {
    ...subject,
    title: said ?? subject.heading,
    content: (form) => html`
${progress(locale, shown)}${detail}${may ? html`${confirm}${refuse(form)}` : html`<p class="note">${texts.mayNot}</p>`}
<p class="fine">${fillText(texts.digest, { digest: proposal.sha256 })}</p>`,
  };
};
