import type { Context } from 'hono';
import { decisionToSign, type WebAuthnChallenge } from '../../../../../domain/feature/decisionToSign.ts';
import { advanceTo } from '../../../../../domain/feature/due.ts';
import { changeId } from '../../../../../domain/feature/keys.ts';
import { rollbackWords } from '../../../../../domain/feature/rollback.ts';
import type { ChangeView } from '../../../../../domain/feature/view.ts';
import { type Assertion, challengeOf } from '../../../../../domain/kernel/assertion.ts';
import { canonical } from '../../../../../domain/kernel/canonical.ts';
import type { JsonObject } from '../../../../../domain/kernel/json.ts';
import { localMoment } from '../../../../../domain/kernel/zone.ts';
import {
  type ConfirmerRules,
  canConfirm,
  confirmationToSign,
  hasConfirmed,
  isInEffect,
  proposalLapses,
} from '../../../../../domain/roster/confirm.ts';
import type { Holder, Roster } from '../../../../../domain/roster/schema.ts';
import { isBy, type Proposal, type RosterState, type RosterVersion } from '../../../../../domain/roster/state.ts';
import { readRosters } from '../../../../gate/aggregates.ts';
import { issueChallenge, type Purpose, relyingPartyOf } from '../../../../gate/challenges.ts';
import { orderFeature } from '../../../../gate/feature.ts';
import { rollbackConfirmersFor } from '../../../../gate/linksFor.ts';
import type { Passkey } from '../../../../gate/passkeys.ts';
import { type AddressChange, addressChanges, confirmProposal, refuseProposal } from '../../../../gate/proposals.ts';
import { confirmationPasskeys } from '../../../../gate/rosters.ts';
import { readRules } from '../../../../gate/rules.ts';
import { readChange } from '../../../../register/read.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import { refused, refusedBy } from '../../../http/refused.ts';
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
  sentForm,
  textArea,
  wantsPage,
} from '../../forms.ts';
import { empty, fillText, foreign, type Html, html } from '../../html.ts';
import { linkPath, noteLinkUse, type RollbackLink, type RosterLink } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, holderName, languageOfHolder, seatName } from '../../names.ts';
import { linkIn, localeFor, render } from '../../page.ts';
import { type OfficialTexts, officialText, officialTextsAt, officialTextsOf } from '../../parts/officialTexts.ts';
import { getOptions, passkeyForm } from '../../parts/passkeyForm.ts';
import { rollbackActs } from '../../parts/rollback.ts';
import { termText } from '../../parts/terms.ts';
import { commitRollbackReason, withText } from './order.ts';
import { seeReceipt } from './page.ts';
import { readProposalAnswer, readReason } from './read.ts';
import { needsOne } from './review.ts';

/**
 * What one person confirms by an own link, beside the rules of the policy, and their passkey signs. `purpose`: of the challenge; `inWords`:
 * what is signed; `fields`: those of the form, to be sent again. `confirm` redirects to the link's page, and rejects if it no longer waits.
 */
export interface Confirming {
  readonly holder: string;
  readonly purpose: Purpose;
  readonly toSign: (issued: WebAuthnChallenge) => JsonObject;
  readonly inWords: (locale: Locale) => Html;
  readonly fields: Html;
  readonly confirm: (assertion?: Assertion) => Promise<Response>;
}

/** Returns what the person of a link confirms: what is proposed, by its digest. */
export const proposalConfirming = (deps: LinkDeps, context: Context, link: RosterLink): Confirming => {
  const { purpose, holder, body, seat, sha256 } = link;
  return {
    holder,
    purpose: [purpose, holder, body, seat, sha256],
    toSign: (issued) => confirmationToSign(link, issued),
    inWords: ({ words: { decide } }) =>
      html`<p class="lead">${decide.roster.title}</p><p class="fine">${fillText(decide.roster.digest, { digest: sha256 })}</p>`,
    fields: empty,
    confirm: async (assertion) => {
      const by = { holder, body, seat, ...(assertion !== undefined && { assertion }) };
      const done = await noteLinkUse(deps, link, confirmProposal(deps.ports, { ...by, sha256 }));
      if (!done.ok) throw refusedBy(done.rejection, { status: done.rejection.code === 'contended' ? 503 : 409 });
      return seeReceipt(context);
    },
  };
};

/** Renders the page that asks for a passkey to confirm. Confirms nothing. `refused`: the last signature was rejected. */
export const askForConfirmationPasskey = async (
  { ports, keys }: LinkDeps,
  context: Context,
  { holder, purpose, toSign, inWords, fields }: Confirming,
  { owned, refused: isAgain = false }: { readonly owned: readonly Passkey[]; readonly refused?: boolean },
): Promise<Response> => {
  const { roster } = await readRules(ports);
  const locale = localeFor(context, ports.zone, ports.clock(), languageOfHolder(roster?.roster ?? null, holder));
  const relyingParty = relyingPartyOf(ports.url);
  if (relyingParty === undefined || owned.length === 0) return needsOne(context, locale);
  const { words } = locale;
  const { sign } = words.passkeys;
  const issued = issueChallenge(keys.linkKey, ports.url, purpose, locale.now);
  const path = linkPath(context);
  const form = passkeyForm(locale, {
    action: `${path}/passkey/confirm${linkIn(context, '')}`,
    kind: 'get',
    options: getOptions(challengeOf(toSign(issued)), relyingParty, owned),
    issued,
    button: sign.button,
    fields,
  });
  const note = html`<div class="errors" role="alert" tabindex="-1" autofocus><p>${words.passkeys.refused}</p></div>`;
  const body = html`
${isAgain ? note : empty}<p class="eyebrow">${sign.confirm}</p><h1>${sign.title}</h1>
${inWords(locale)}${form}<p><a href="${linkIn(context, path)}">${sign.change}</a></p>`;
  return render(context, locale, { title: sign.title, body, scripted: true, status: isAgain ? 409 : 200 });
};

/** Refuses what is proposed. It needs no passkey: one person is enough to keep things as they are. */
const refuse = async (deps: LinkDeps, context: Context, link: RosterLink, reason: string): Promise<Response> => {
  const { sha256, holder, body, seat } = link;
  const answer = refuseProposal(deps.ports, { sha256, holder, body, seat, reason }, deps.keys.textKey);
  const done = await noteLinkUse(deps, link, answer);
  if (!done.ok) throw refusedBy(done.rejection);
  return seeReceipt(context);
};

/** Answers what is proposed: refuses it, or confirms it by a passkey if the policy wants one. */
export const postAnswer = async (deps: LinkDeps, context: Context, link: RosterLink): Promise<Response> => {
  const form = readForm(await readOwnForm(context, deps.ports.url), (name) => ANSWER_FIELDS.includes(name));
  const sent = sentForm(form, readProposalAnswer);
  if (!sent.ok) {
    const { input, faults } = sent;
    return wantsPage(context) ? rosterPage(deps, context, link, { input, faults, prefix: 'f' }) : faultsProblem(faults);
  }
  const { refuses, reason } = sent.value;
  return refuses ? refuse(deps, context, link, reason) : confirmOrAsk(deps, context, proposalConfirming(deps, context, link));
};

/** Confirms, or asks for the passkey that the policy wants. */
export const confirmOrAsk = async (deps: LinkDeps, context: Context, confirming: Confirming): Promise<Response> => {
  const owned = await confirmationPasskeys(deps.ports, confirming.holder);
  if (owned === undefined) return confirming.confirm();
  if (!wantsPage(context)) throw refused('passkey-required', { detail: 'this is confirmed with a passkey' });
  return askForConfirmationPasskey(deps, context, confirming, { owned });
};

// The page on which a person in office confirms that the vendor rolled back a change that had taken effect without approval.

interface Subject {
  readonly view: ChangeView;
  readonly roster: Roster;
  readonly mine: boolean;
  readonly waits: boolean;
}

const readSubject = async ({ ports }: LinkDeps, { key, n, revision, holder, body, seat }: RollbackLink): Promise<Subject> => {
  const [reading, { policy, roster }] = await Promise.all([readChange(ports, key, n), readRules(ports)]);
  if (reading === undefined || roster === null) throw refused('not-found', { detail: 'this change does not exist' });
  const now = ports.clock();
  const state = advanceTo(reading.state, now);
  const rules = { policy: policy?.policy ?? null, roster: roster.roster };
  const waiting =
    rollbackWords(state, n)?.revision === revision ? rollbackConfirmersFor(state, n, rules, localMoment(now, ports.zone)) : [];
  const mine = waiting.some((each) => each.holder.id === holder && each.body === body && each.seat === seat);
  return { view: reading.view, roster: roster.roster, mine, waits: waiting.length > 0 };
};

/** Returns what the person of a link confirms, with the reason they gave. */
export const rollbackConfirming = async (
  deps: LinkDeps,
  context: Context,
  link: RollbackLink,
  reason: string,
): Promise<Confirming> => {
  const { purpose, holder, body, seat, key, n, revision } = link;
  const { view } = await readSubject(deps, link);
  const digest = view.revisions.find((each) => each.revision === revision)?.digest ?? '';
  const committed = commitRollbackReason(deps, link, reason);
  const request = {
    type: 'confirm-rollback',
    change: n,
    revision,
    digest,
    holder,
    body,
    seat,
    comment: committed.comment ?? '',
  } as const;
  return {
    holder,
    purpose: [purpose, holder, body, seat, key, n, revision],
    toSign: (issued) => decisionToSign(key, seat, request, issued),
    inWords: ({ words: { decide } }) => html`
<p class="lead">${decide.rollback.confirm}: ${foreign(latestOf(view).notice.title)}</p><p><span class="words">${foreign(reason)}</span></p>
<p class="fine"><code>${changeId(key, n)}</code> · ${fillText(decide.roster.digest, { digest })}</p>`,
    fields: html`${hidden('decision', 'confirm')}${hidden('reason', reason)}`,
    confirm: async (assertion) => {
      const acted = withText(deps, link, committed, () =>
        orderFeature(deps.ports, {
          key,
          commandId: `rollback/${changeId(key, n)}/${revision}/${holder}/${body}`,
          actor: `holder:${holder}`,
          request: { ...request, ...(assertion !== undefined && { assertion }) },
        }),
      );
      const done = await noteLinkUse(deps, link, acted);
      if (!done.ok) throw refusedBy(done.rejection);
      return seeReceipt(context);
    },
  };
};

const readConfirmation = (input: Input, faults: Fault[]): string => {
  if (oneOf(input, 'decision') !== 'confirm') faults.push({ name: 'decision', code: 'decision' });
  return readReason(input, faults);
};

/** Takes the form: confirms that the change was rolled back, by a passkey if the policy wants one. */
export const postRollback = async (deps: LinkDeps, context: Context, link: RollbackLink): Promise<Response> => {
  const form = readForm(await readOwnForm(context, deps.ports.url), (name) => ANSWER_FIELDS.includes(name));
  const sent = sentForm(form, readConfirmation);
  if (sent.ok) return confirmOrAsk(deps, context, await rollbackConfirming(deps, context, link, sent.value));
  const { input, faults } = sent;
  return wantsPage(context) ? rollbackPage(deps, context, link, { input, faults, prefix: 'f' }) : faultsProblem(faults);
};

/** Renders the page of a link that confirms a rollback. Opening it confirms nothing. */
export const rollbackPage = async (
  deps: LinkDeps,
  context: Context,
  link: RollbackLink,
  form: FormState = BLANK,
): Promise<Response> => {
  const { ports } = deps;
  const { view, roster, mine, waits } = await readSubject(deps, link);
  const locale = localeFor(context, ports.zone, ports.clock(), languageOfHolder(roster, link.holder));
  const { rollback: texts } = locale.words.decide;
  const officials = await officialTextsOf(deps, view, 'officials');
  const title = foreign(latestOf(view).notice.title);
  const id = changeId(view.key, view.number);
  const when = localMoment(locale.now, locale.zone);
  const said = view.rollback?.confirmations.some(({ holder, body }) => holder === link.holder && body === link.body) === true;
  const note = view.rollback?.completedAt != null ? texts.done : said ? texts.mine : waits ? texts.mayNot : texts.gone;
  const card = html`
<form class="card" method="post" action="${linkIn(context, linkPath(context))}">${hidden('decision', 'confirm')}${textArea(locale, form, 'reason', { label: texts.reason, hint: texts.reasonHint })}<button type="submit">${texts.confirm}</button></form>`;
  const body = html`${errorSummary(locale, form, ANSWER_FIELDS, [])}
<p class="eyebrow">${seatName(roster, link.body, link.seat, when)}</p>
<h1>${texts.heading}</h1><p class="lead">${title}</p><p>${view.status === 'withdrawn' ? texts.withdrawn : texts.entered} ${texts.means}</p>
<p><a href="${linkIn(context, `/changes/${id}`)}">${texts.read}</a> <small><code>${id}</code></small></p>
${mine ? html`<p class="note">${texts.needs}</p>${card}` : html`<p class="note">${note}</p>`}${rollbackActs(locale, view, roster, officials)}`;
  return render(context, locale, { title: texts.title, body, status: form.faults.length === 0 ? 200 : 422 });
};

const changedBodies = ({ roster: { bodies } }: RosterVersion, { roster: next }: RosterVersion): readonly string[] =>
  [...new Set([...Object.keys(bodies), ...Object.keys(next.bodies)])].filter(
    (body) => canonical(bodies[body] ?? null) !== canonical(next.bodies[body] ?? null),
  );

const same = (one: Holder, other: Holder): boolean =>
  one.id === other.id &&
  one.body === other.body &&
  one.seat === other.seat &&
  one.from === other.from &&
  one.to === other.to &&
  one.acting === other.acting &&
  one.name === other.name;

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

const rosterDifferences = (
  locale: Locale,
  {
    inForce,
    proposal,
    addresses,
  }: {
    readonly inForce: RosterVersion;
    readonly proposal: RosterVersion;
    readonly addresses: readonly AddressChange[];
  },
): Html => {
  const { roster: texts } = locale.words.decide;
  const added = proposal.roster.holders.filter((holder) => !inForce.roster.holders.some((known) => same(known, holder)));
  const removed = inForce.roster.holders.filter((holder) => !proposal.roster.holders.some((known) => same(known, holder)));
  const lists = [
    section(
      texts.added,
      added.map((holder) => termText(locale, proposal.roster, holder)),
    ),
    section(
      texts.removed,
      removed.map((holder) => termText(locale, inForce.roster, holder)),
    ),
    section(
      texts.addresses,
      addresses.map((each) => addressText(locale, inForce, proposal, each)),
    ),
    section(
      texts.bodies,
      changedBodies(inForce, proposal).map((body) => html`${bodyName(proposal.roster, body)}`),
    ),
  ];
  return html`
${added.length + removed.length === 0 ? html`<p>${texts.same}</p>` : empty}
${lists}`;
};

interface Proposed {
  readonly rules: ConfirmerRules;
  readonly proposal: Proposal;
  readonly addresses: readonly AddressChange[];
  readonly texts: OfficialTexts;
}

/** The fields of the form by which a person answers a proposal. */
export const ANSWER_FIELDS: readonly string[] = ['decision', 'reason'];
const BLANK: FormState = { input: new Map(), faults: [], prefix: 'f' };

const progress = (locale: Locale, { rules, proposal, texts }: Proposed): Html => {
  const { words, say, dateTime, zone } = locale;
  const { roster: said } = words.decide;
  const { roster } = rules.inForce;
  const until = say(rules.policy === null ? said.needsOne : said.needsTwo, { when: dateTime(proposalLapses(proposal, zone)) });
  const slots = ({ holder, body }: { readonly holder: string; readonly body: string }) => ({
    who: holderName(roster, holder),
    body: bodyName(roster, body),
  });
  return html`<p class="note">${until}</p>${proposal.confirmations.map((act) => html`<p>${say(said.confirmedBy, slots(act))}</p>`)}${proposal.refusals.map(
    (act) => {
      const reason = act.reason === null ? html`–` : officialText(locale, texts.get(act.reason));
      return html`<p class="note">${say(said.refusedBy, { ...slots(act), reason })}</p>`;
    },
  )}`;
};

const answerForms = (context: Context, locale: Locale, link: RosterLink, proposal: Proposal, form: FormState): Html => {
  const { roster: texts } = locale.words.decide;
  const action = linkIn(context, linkPath(context));
  const confirm = html`
<form class="card" method="post" action="${action}">${hidden('decision', 'confirm')}<button type="submit">${texts.confirm}</button></form>`;
  const refuse = html`
<form class="card" method="post" action="${action}">${hidden('decision', 'refuse')}${textArea(locale, form, 'reason', { label: texts.reason, hint: texts.reasonHint })}<button type="submit" class="danger">${texts.refuse}</button></form>`;
  const refused = proposal.refusals.some((act) => isBy(act, link));
  return html`${hasConfirmed(proposal, link) ? html`<p class="note">${texts.mine}</p>` : confirm}${refused ? empty : refuse}`;
};

const subject = (locale: Locale, { rules, proposal, addresses }: Proposed): { heading: string; lead: Html; detail: Html } => {
  const { words, say, dateTime } = locale;
  const { roster: texts } = words.decide;
  const when = dateTime(proposal.since);
  const { inForce } = rules;
  if ('roster' in proposal) {
    const lead = say(texts.lead, { n: proposal.number, when });
    return { heading: texts.heading, lead, detail: rosterDifferences(locale, { inForce, proposal, addresses }) };
  }
  const lead = say(texts.resetLead, { who: holderName(inForce.roster, proposal.holder), when });
  return { heading: texts.resetHeading, lead, detail: html`<p>${texts.resetMeans}</p>` };
};

const proposalBody = (context: Context, locale: Locale, link: RosterLink, shown: Proposed, form: FormState): Html => {
  const { roster: texts } = locale.words.decide;
  const { rules, proposal } = shown;
  const { roster } = rules.inForce;
  const who = { holder: link.holder, body: link.body, seat: link.seat, when: localMoment(locale.now, locale.zone) };
  const { heading, lead, detail } = subject(locale, shown);
  const action = canConfirm(rules, proposal, who)
    ? answerForms(context, locale, link, proposal, form)
    : html`<p class="note">${texts.mayNot}</p>`;
  return html`${errorSummary(locale, form, ANSWER_FIELDS, [])}
<p class="eyebrow">${seatName(roster, link.body, link.seat, who.when)}</p>
<h1>${heading}</h1><p class="lead">${lead}</p>
${progress(locale, shown)}${detail}${action}
<p class="fine">${fillText(texts.digest, { digest: proposal.sha256 })}</p>`;
};

const readProposed = async ({ ports }: LinkDeps, state: RosterState, sha256: string): Promise<Proposed | undefined> => {
  const { inForce, proposal } = state;
  if (inForce === null || proposal?.sha256 !== sha256 || ports.clock() >= proposalLapses(proposal, ports.zone)) return undefined;
  const place = { key: null, change: null, revision: null };
  const reasons = proposal.refusals.flatMap(({ reason }) => (reason === null ? [] : [{ ...place, commitment: reason }]));
  const [{ policy }, addresses, texts] = await Promise.all([
    readRules(ports),
    addressChanges(ports, state),
    officialTextsAt({ ports }, reasons, 'officials'),
  ]);
  return { rules: { policy: policy?.policy ?? null, inForce }, proposal, addresses, texts };
};

/** Renders the page on which a person in office confirms or refuses what is proposed. Opening it does neither. */
export const rosterPage = async (
  deps: LinkDeps,
  context: Context,
  link: RosterLink,
  form: FormState = BLANK,
): Promise<Response> => {
  const { ports } = deps;
  const state = await readRosters(ports);
  const own = languageOfHolder(state.inForce?.roster ?? null, link.holder);
  const locale = localeFor(context, ports.zone, ports.clock(), own);
  const { roster: texts } = locale.words.decide;
  const shown = await readProposed(deps, state, link.sha256);
  const lead = isInEffect(state, link.sha256) ? texts.done : texts.gone;
  const body =
    shown === undefined
      ? html`<h1>${texts.title}</h1><p class="lead">${lead}</p>`
      : proposalBody(context, locale, link, shown, form);
  return render(context, locale, { title: texts.title, body, status: form.faults.length === 0 ? 200 : 422 });
};
