import type { Context } from 'hono';
import { countsAsMaintenance } from '../../../../../domain/feature/arrival.ts';
import { nextBeginning } from '../../../../../domain/feature/due.ts';
import { mayBeOn } from '../../../../../domain/feature/evaluate.ts';
import { commitmentNamed } from '../../../../../domain/feature/events.ts';
import { changeId, POLICY_KEY } from '../../../../../domain/feature/keys.ts';
import { isApprovalOf, isOpen } from '../../../../../domain/feature/state.ts';
import { TERM_FIELDS } from '../../../../../domain/feature/terms.ts';
import { type ActView, isVoid } from '../../../../../domain/feature/view.ts';
import { localMoment } from '../../../../../domain/kernel/zone.ts';
import { attests } from '../../../../../domain/roster/bodies.ts';
import { nameOfAct } from '../../../../platform/acts.ts';
import { capitalized, fillText } from '../../../../platform/catalogue.ts';
import { ballotsAreOpen, standingTerms } from '../../../../register/views/changeJson.ts';
import { requirementDeadline } from '../../../../register/waiting.ts';
import { PROBLEMS, rejectionAnswer } from '../../../http/problems.ts';
import { toResponse } from '../../../http/respond.ts';
import type { LinkDeps } from '../../deps.ts';
import {
  errorSummary,
  type Fault,
  type FormState,
  faultsProblem,
  type Input,
  rejectedField,
  rejectionText,
  type SentBack,
  wantsPage,
} from '../../forms.ts';
import { descriptionItem, empty, type Html, html, plainText, untrustedText } from '../../html.ts';
import { linkPath } from '../../links.ts';
import { bodyName, bodySlotsOf, type CityLocale, changeLink, holderName, type Locale, roleName, seatName } from '../../locale.ts';
import { type HtmlPage, localeOfPerson, ownNav, render, seeOther } from '../../page.ts';
import {
  approvalPath,
  askedText,
  beginsText,
  bodiesBefore,
  decidedText,
  openingText,
  signedWith,
  timeLeft,
  vetoClock,
} from '../../parts/approvalPath.ts';
import { chip, toneOfStatus, warning } from '../../parts/chip.ts';
import {
  comparisonsOf,
  comparisonWith,
  documentList,
  fullText,
  impactTable,
  newWords,
  noticeFacts,
  type OfficialTexts,
  officialText,
  officialTextsOf,
  policyDocuments,
  revisionTextOf,
  unsignedNote,
  vendorWords,
  withheldText,
} from '../../parts/notice.ts';
import { policyChangeOf, policyComparison, policyLead, quorumText } from '../../parts/policy.ts';
import { allowsText, effectList, maintenanceNote, termsFact } from '../../parts/terms.ts';
import { type LogReference, logReferenceLine, logReferenceOf } from '../../public/check.ts';
import {
  certificateFacts,
  certificateForm,
  certifiedSlots,
  consequences,
  decisionForm,
  filledIn,
  ifNotApproved,
  lateNote,
} from './forms.ts';
import type { Ordered } from './order.ts';
import { OWN_FORMS, type OwnFormName, openForms } from './ownForms.ts';
import { renewalForm } from './renew.ts';
import { passkeysFor } from './review.ts';
import { audienceOf, canAct, MEETING_FIELDS, opensFor, readSituation, type Situation } from './situation.ts';

/** Renders from when a decision counts; undefined if it counts already. */
const opensLater = (locale: Locale, situation: Situation): Html | undefined => {
  const begins = opensFor(situation);
  return begins && locale.say(locale.words.decide.decideFrom, { when: openingText(locale, begins) });
};

/** Renders until when the person can act, and the time left; nothing without an end. */
const openUntil = (locale: Locale, closes: string | null): Html => {
  if (closes === null) return empty;
  const open = locale.say(locale.words.decide.openUntil, { when: locale.deadline(closes) });
  return html` ${open} ${timeLeft(locale, closes)}`;
};

const openFor = (locale: Locale, { requirement, view }: Situation): Html =>
  openUntil(locale, requirement === undefined ? null : requirementDeadline(view, requirement));

const eyebrow = (locale: CityLocale, situation: Situation): Html => {
  const { requirement, link, can, state, view } = situation;
  if (requirement === undefined) return empty;
  const asks = can.override ? 'override' : can.decide ? 'decide' : 'confirm';
  const isClerks = asks !== 'confirm' && requirement.instrument === 'certification';
  const role = isClerks ? '' : `${fillText(locale.words.inbox.as, { seat: roleName(locale, link.body, link.seat) })}: `;
  const asked = askedText(locale, asks, requirement, view, countsAsMaintenance(state, view.number), role);
  const until = asks === 'confirm' ? openUntil(locale, view.confirmation?.until ?? null) : openFor(locale, situation);
  return html`<p class="eyebrow">${asked}${until}</p>`;
};

const question = (locale: CityLocale, situation: Situation, isPolicy: boolean): Html => {
  const { words, say } = locale;
  const { latest, requirement, can } = situation;
  const title = untrustedText(latest.notice.title);
  if (can.late || (!can.decide && !can.override)) return can.confirm ? say(words.decide.confirm.ask, { title }) : empty;
  if (can.override) return say(words.decide.askSecond, { ...certifiedSlots(locale, situation), title });
  if (isPolicy && requirement?.instrument !== 'certification') return html`${words.policyChange.ask}`;
  if (isPolicy) return say(words.policyChange.askCertify, certifiedSlots(locale, situation));
  return requirement?.instrument === 'certification'
    ? say(words.decide.askCertify, { ...certifiedSlots(locale, situation), title })
    : say(words.decide.ask[latest.notice.kind], { title });
};

const closedNote = (locale: CityLocale, situation: Situation): Html => {
  const { words, say } = locale;
  const { view, requirement, holds } = situation;
  const { closed } = words.decide;
  if (isOpen(view)) {
    if (view.pinned === null) return html`${words.noPolicy}`;
    if (!holds) return html`${closed.notHolding}`;
    if (situation.can.barred) return html`${words.problem.code['same-person']}${openFor(locale, situation)}`;
    if (view.status === 'vetoed') return html`${words.problem.code.vetoed} ${vetoClock(locale, view, situation.state)}`;
    if (countsAsMaintenance(situation.state, view.number)) return html`${words.decide.smallFixes}`;
    if (requirement?.status === 'waiting')
      return html`${words.problem.code['not-yet']} ${say(words.rules.after, { bodies: bodiesBefore(locale, requirement.rule, view.requirements) })}`;
    if (requirement !== undefined && requirement.status !== 'open')
      return say(closed.otherDecided, bodySlotsOf(locale, requirement.body));
    return opensLater(locale, situation) ?? html`${words.tasks.nothing}`;
  }
  return outcome(locale, situation);
};

const disputeNote = (locale: CityLocale, { view, can }: Situation, texts: OfficialTexts): Html => {
  const dispute = view.acts.findLast((act) => act.type === 'ConfirmationGiven');
  if (view.confirmation?.disputed !== true || !can.correct || dispute?.type !== 'ConfirmationGiven') return empty;
  const { at, holder, comment } = dispute;
  const why = comment === null ? empty : html`: ${officialText(locale, texts.get(comment))}`;
  const disputed = locale.say(locale.words.acts.timeline.disputed, { holder: holderName(locale, holder, at) });
  return warning(html`${disputed}${why}`);
};

/** Returns the person's acts, oldest first. */
const didOf = ({ mine, revocation }: Situation): readonly ActView[] => (revocation === undefined ? mine : [...mine, revocation]);

/** Returns the title, which screen readers read first: that a form was refused, else the question, or the person's last act. */
const pageTitle = (locale: CityLocale, situation: Situation, isPolicy: boolean, isRefused: boolean): string => {
  const { words } = locale;
  const { latest, link, bound, view } = situation;
  const asked = plainText(question(locale, situation, isPolicy));
  if (isRefused) return `${words.problem.heading}: ${asked || latest.notice.title}`;
  if (asked !== '') return asked;
  const last = didOf(situation).at(-1);
  const by = view.contested?.by ?? {};
  const contested = 'holder' in by && by.holder === link.holder ? words.decide.contest.mine : undefined;
  const said = last === undefined ? contested : words.acts.receipt[nameOfAct(last)];
  if (said !== undefined) return fillText(said, { title: (bound ?? latest).notice.title });
  return fillText(words.feature.changeOf, { n: String(link.n), title: latest.notice.title });
};

const heading = (locale: CityLocale, situation: Situation, isPolicy: boolean): Html => {
  const { words } = locale;
  const { can } = situation;
  const title = untrustedText(situation.latest.notice.title);
  if (can.late) return html`<h1>${title}</h1>${standing(locale, situation)}${lateNote(locale, situation)}`;
  if (can.decide || can.override || can.confirm)
    return html`${eyebrow(locale, situation)}<h1>${question(locale, situation, isPolicy)}</h1>`;
  return didOf(situation).length > 0
    ? html`<p class="eyebrow calm">${words.decide.receipt.heading}</p><h1>${title}</h1>${standing(locale, situation)}`
    : html`<h1>${title}</h1><p class="lead">${closedNote(locale, situation)}</p>`;
};

const decided = (locale: CityLocale, act: ActView, body: string): Html => {
  const { fileNumber, meetingDate } = locale.words.decide.certify;
  const file = 'fileNumber' in act && act.fileNumber !== null && html`<br>${fileNumber}: ${untrustedText(act.fileNumber)}`;
  const meeting = 'meetingDate' in act && html`<br>${meetingDate}: ${locale.day(act.meetingDate)}`;
  return html`${decidedText(locale, act, body)}${file}${meeting}`;
};

const ifApproved = (locale: CityLocale, situation: Situation): Html => {
  const { words, say } = locale;
  const { view, state, link, evaluation, effect } = situation;
  const { receipt } = words.decide;
  const waits = view.approved?.began === null;
  if (link.key === POLICY_KEY) return html`${words.policyChange[waits ? 'followsNo' : 'followsLast']}`;
  if (evaluation.variant === 'blocked') return html`${words.because.blocked}`;
  const isOff = !mayBeOn(evaluation.variant);
  if (waits && !(isOff && nextBeginning(state) === null)) return beginsText(locale, state, view.number);
  if (isOff) return html`${words.because[evaluation.variant]}`;
  return say(receipt.nowOnTerms, { terms: allowsText(locale, { ...effect, from: null }) });
};

const outcome = (locale: CityLocale, situation: Situation): Html => {
  const { words, say, bodyList } = locale;
  const { view, latest, link, state } = situation;
  const { receipt } = words.decide;
  if (latest.revision !== link.revision) return html`${receipt.nowVoided}`;
  switch (view.status) {
    case 'approved':
      return ifApproved(locale, situation);
    case 'pending': {
      const left = view.requirements.filter(
        ({ instrument, status }) => instrument !== 'advice' && status !== 'met' && status !== 'overridden',
      );
      if (left.some(({ id }) => id === link.requirement))
        return view.confirmation === null ? html`${receipt.nowOpen}` : vetoClock(locale, view, state);
      const bodies = [...new Set(left.map(({ body }) => bodyName(locale, body)))];
      return html`${ifNotApproved(locale, situation)} ${say(receipt.nowWaiting, { bodies: bodyList(bodies) })}`;
    }
    case 'vetoed':
      return html`${receipt.nowVetoed} ${vetoClock(locale, view, state)}`;
    case 'refused':
      return html`${receipt.nowRefused} ${ifNotApproved(locale, situation)}`;
    case 'revoked':
      // The person who took it back sees their own act.
      return html`${link.key === POLICY_KEY || view.ended?.because === 'correction' ? words.because.revoked : receipt.nowRevoked}`;
    default:
      return say(words.decide.closed.ended, { status: words.status[view.status] });
  }
};

const receiptOf = (locale: CityLocale, situation: Situation, act: ActView, texts: OfficialTexts): Html => {
  const { words } = locale;
  const { link, bound, latest, zone } = situation;
  const commitment = commitmentNamed(act);
  const title = (bound ?? latest).notice.title;
  const isUnderOldRules = latest.revision === link.revision && isVoid(situation.view, act);
  const terms = 'terms' in act ? termsFact(locale, link.key, act.terms) : empty;
  const body = bodyName(locale, situation.requirement?.body ?? link.body);
  const corrects = act.type === 'VoteCertified' && act.purpose === 'correct';
  const label = corrects ? words.decide.certify.reason : words.decide.form.comment;
  const about =
    'revision' in act && html`${locale.say(words.change.revision, { n: act.revision })}<br><code>${act.digest}</code>`;
  return html`
<h2>${locale.say(words.acts.receipt[nameOfAct(act)], { title: untrustedText(title) })}</h2>
${isUnderOldRules && warning(words.decide.receipt.otherRules)}
<dl class="facts">${descriptionItem(words.decide.receipt.decision, decided(locale, act, body))}
${descriptionItem(words.decide.receipt.seat, seatName(locale, link.body, act.seat, localMoment(act.at, zone)))}
${descriptionItem(words.decide.receipt.when, locale.time(act.at))}
${about && descriptionItem(words.decide.exactWords, about)}
${'passkey' in act ? descriptionItem(words.passkeys.key, signedWith(locale, act.passkey)) : empty}${terms}
${commitment !== null && descriptionItem(label, officialText(locale, texts.get(commitment)), 'words')}</dl>`;
};

/** Renders the effect of the person's act. A form shown again states its own terms, and the terms of an open ballot would reveal a yes. */
const effectUnderReceipt = (locale: Locale, situation: Situation): Html => {
  const { view, latest, link, mine, effect, requirement } = situation;
  const { heading, asItStands } = locale.words.decide.effect;
  return mine.length === 0 ||
    placeOf(situation) === 'asked' ||
    link.key === POLICY_KEY ||
    requirement?.instrument === 'advice' ||
    (requirement && ballotsAreOpen(view, requirement)) ||
    latest.revision !== link.revision ||
    (view.status !== 'approved' && view.status !== 'pending')
    ? empty
    : html`${view.status === 'approved' ? html`<h2>${heading}</h2>` : html`<p>${asItStands}</p>`}${effectList(locale, effect)}`;
};

const standing = (locale: CityLocale, situation: Situation): Html =>
  html`<p class="lead ${toneOfStatus(situation.view.status)}"><b>${outcome(locale, situation)}</b></p>`;

type PageData = Awaited<ReturnType<typeof pageDataOf>>;

const lacksPasskey = async (deps: LinkDeps, situation: Situation): Promise<boolean> =>
  situation.passkeys === 'required' && canAct(situation) && (await passkeysFor(deps, situation)).owned.length === 0;

const logReferencesOf = async (deps: LinkDeps, situation: Situation): Promise<ReadonlyMap<number, LogReference>> => {
  const { key } = situation.link;
  return new Map(
    await Promise.all(didOf(situation).map(async ({ version }) => [version, await logReferenceOf(deps, key, version)] as const)),
  );
};

const isOld = ({ latest, link, view, state }: Situation): boolean =>
  latest.revision !== link.revision || !(isOpen(view) || isApprovalOf(state, view.number));

/** Reads the page's data. A link bound to an earlier revision compares it with the latest. */
const pageDataOf = async (deps: LinkDeps, context: Context, locale: Locale, situation: Situation) => {
  const { latest, bound, view } = situation;
  const audience = audienceOf(situation);
  const [current, texts, logReferences, policy, lacking, renewal] = await Promise.all([
    revisionTextOf(deps, view, latest, audience),
    officialTextsOf(deps, view, audience),
    logReferencesOf(deps, situation),
    policyChangeOf(deps, view, latest),
    lacksPasskey(deps, situation),
    isOld(situation) ? renewalForm(deps, context, locale) : empty,
  ]);
  const shown = { current, texts, logReferences, policy, lacksPasskey: lacking, renewal };
  if (bound !== undefined && bound.revision !== latest.revision)
    return { ...shown, earlier: [await comparisonWith(deps, locale, { view, revision: bound, audience })] };
  return { ...shown, earlier: await comparisonsOf(deps, locale, situation, audience) };
};

const changeDetails = (locale: CityLocale, situation: Situation, pageData: PageData, path: string): Html => {
  const { words } = locale;
  const { latest, view, link, requirement } = situation;
  const reads = requirement !== undefined && !canAct(situation) && situation.mine.length === 0;
  const readsTerms = reads && standingTerms(view) !== null;
  const own = situation.holds ? path : undefined;
  const what =
    pageData.policy === undefined
      ? html`${unsignedNote(locale, latest)}
<h2>${words.impact.heading}</h2>${impactTable(locale, latest.notice.impact, pageData.current.effects)}${newWords(locale, pageData)}
${withheldText(locale, pageData.current)}${fullText(words.change.description, pageData.current.description)}
<details${latest.notice.optOut !== 'yes' && html` open`}><summary>${words.change.facts}</summary>
<dl class="facts">${noticeFacts(locale, latest.notice)}</dl></details>
<h2>${words.change.documents}</h2>${documentList(locale, view, pageData.texts, own)}`
      : html`${policyComparison(locale, pageData.policy)}${policyDocuments(locale, view, pageData.texts, own)}`;
  const { state } = situation;
  // A person who confirms a certificate does not certify.
  const confirms = situation.can.confirm || situation.mine.some(({ type }) => type === 'ConfirmationGiven');
  const shown = { effect: situation.effect, texts: pageData.texts, ...(!confirms && { yours: link.requirement }) };
  return html`${maintenanceNote(locale, { view, state, texts: pageData.texts })}${what}
<h2>${words.change.stands}</h2>${approvalPath(locale, view, shown)}
${readsTerms && html`<h2>${words.decide.terms.heading}</h2>${effectList(locale, situation.effect)}`}`;
};

interface ReturnedForm extends SentBack {
  readonly which: 'decision' | OwnFormName;
  readonly input: Input;
  readonly message?: Html;
  readonly status: NonNullable<HtmlPage['status']>;
}

const formState = (returned: ReturnedForm | undefined, which: ReturnedForm['which']): FormState => {
  const { input = new Map(), faults = [] } = returned?.which === which ? returned : {};
  return { input, faults, prefix: which === 'decision' ? 'f' : which };
};

const fine = (locale: Locale, { link, latest }: Situation): Html => {
  const { words, say } = locale;
  const change = changeLink(locale, changeId(link.key, link.n));
  const about = say(words.decide.fine, { revision: latest.revision, change });
  return html`<p class="fine">${about} ${words.decide.exactWords}: <code>${latest.digest}</code></p>`;
};

const revised = (
  locale: CityLocale,
  situation: Situation,
  { current, earlier, renewal }: PageData,
  returned: ReturnedForm | undefined,
): Html => {
  const { words, say, dateTime } = locale;
  const { link, latest } = situation;
  const slots = { from: link.revision, to: latest.revision, when: dateTime(latest.at) };
  return html`
<h1>${words.decide.revised.heading}</h1>
<p class="lead">${say(words.decide.revised.lead, slots)}</p>
<p class="note">${say(words.decide.revised.newLink, { to: latest.revision })}</p>
<p>${changeLink(locale, changeId(link.key, link.n), words.decide.rollback.read)}</p>
${returned === undefined ? renewal : filledIn(locale, situation, returned.input)}
${newWords(locale, { current, earlier })}`;
};

const ownPages = (locale: Locale, { roster, link, passkeys }: Situation, path: string): Html => {
  const { inbox, desk, packet, passkeys: named } = locale.words;
  return ownNav(locale, [
    [`${path}/inbox`, inbox.heading],
    ...(roster !== null && attests(roster, link.body) ? [[`${path}/desk`, desk.title] as const] : []),
    [`/changes/${link.key}/${link.n}/packet`, packet.title],
    ...(passkeys === 'off' ? [] : [[`${path}/passkey`, named.title] as const]),
  ]);
};

const passkeyNote = (context: Context, { words, href }: Locale): Html => {
  const { passkeys } = words;
  return html`
<p class="note">${passkeys.rule.required} <a href="${href(`${linkPath(context)}/passkey`)}">${passkeys.sign.setUp}</a></p>`;
};

const forms = (locale: CityLocale, situation: Situation, path: string, returned: ReturnedForm | undefined): Html => {
  const { can, requirement } = situation;
  const decision = formState(returned, 'decision');
  const votes = requirement?.instrument === 'certification';
  return html`${can.confirm || !votes ? decisionForm(locale, situation, decision, path) : empty}${
    votes && (can.correct || !can.confirm) ? certificateForm(locale, situation, decision, path) : empty
  }`;
};

const ownForms = (
  locale: CityLocale,
  situation: Situation,
  path: string,
  returned: ReturnedForm | undefined,
  names: readonly OwnFormName[],
): Html => html`${names.map((name) => OWN_FORMS[name].render(locale, situation, formState(returned, name), path))}`;

/** Fields that a form always has, and the fields of terms, which it has if no terms stand yet. */
const OWN = ['decision', 'purpose', ...MEETING_FIELDS, 'comment', 'reason'];
const SHOWN = [...OWN, ...TERM_FIELDS];

const errorsOf = (locale: Locale, wrong: ReturnedForm | undefined, isReplaced: boolean): Html => {
  if (wrong === undefined) return empty;
  const form = formState(wrong, wrong.which);
  return errorSummary(
    locale,
    isReplaced ? { ...form, faults: [] } : form,
    SHOWN,
    wrong.message === undefined ? [] : [wrong.message],
  );
};

const receiptsOf = (locale: CityLocale, situation: Situation, { texts, logReferences }: PageData): Html => {
  const receipts = didOf(situation).map((act) => {
    const known = logReferences.get(act.version);
    const logReference = known === undefined ? empty : logReferenceLine(locale, known.size, known);
    return html`${receiptOf(locale, situation, act, texts)}${logReference}`;
  });
  return html`${receipts.toReversed()}`;
};

/**
 * Returns the form's position: `first` for a vote, which the clerk knows from the meeting; `asked` after the consequences; `last` for a
 * certificate to confirm, after its roll call; `folded` if a record can only be corrected.
 */
const placeOf = ({ can, requirement }: Situation): 'first' | 'asked' | 'last' | 'folded' | undefined => {
  if (can.confirm) return 'last';
  if (!can.decide && !can.override) return can.correct ? 'folded' : undefined;
  return requirement?.instrument === 'certification' ? 'first' : 'asked';
};

const linkPage = (
  context: Context,
  locale: CityLocale,
  situation: Situation,
  pageData: PageData,
  path: string,
  returned?: ReturnedForm,
): HtmlPage => {
  const { words } = locale;
  const { latest, link, vendor } = situation;
  const wrong = returned?.status === 200 ? undefined : returned;
  const isReplaced = latest.revision !== link.revision;
  const errors = errorsOf(locale, wrong, isReplaced);
  const receipts = receiptsOf(locale, situation, pageData);
  const status = returned?.status ?? 200;
  if (isReplaced)
    return {
      title: words.decide.revised.heading,
      status,
      body: html`${errors}${revised(locale, situation, pageData, returned)}${receipts}
${ownPages(locale, situation, path)}${fine(locale, situation)}`,
    };
  const place = placeOf(situation);
  const form = place === undefined ? empty : forms(locale, situation, path, returned);
  const isOffered = (which: ReturnedForm['which']): boolean =>
    which === 'decision' ? place !== undefined : openForms(situation).includes(which);
  const lost = wrong === undefined || isOffered(wrong.which) ? empty : filledIn(locale, situation, wrong.input);
  const own = (where: 'receipts' | 'end') => ownForms(locale, situation, path, returned, openForms(situation, where));
  const isOpen = returned === undefined ? empty : html` open`;
  const { policy } = pageData;
  const lead = policy === undefined ? vendorWords(locale, vendor, latest) : policyLead(locale, policy);
  const about = html`${lead}
${place === 'last' && html`<p><a class="go" href="#decision">${words.decide.confirm.toForm}</a></p>`}
${(place === 'first' || place === 'asked') && consequences(locale, situation)}${place === 'asked' && form}
${changeDetails(locale, situation, pageData, path)}`;
  const facts = html`<details><summary>${words.decide.about}</summary>${certificateFacts(locale, situation)}${about}</details>`;
  const correction = html`<details${isOpen}><summary>${words.decide.certify.correct}</summary>${form}</details>`;
  return {
    title: pageTitle(locale, situation, pageData.policy !== undefined, wrong !== undefined),
    status,
    body: html`${errors}${heading(locale, situation, pageData.policy !== undefined)}${lost}${disputeNote(locale, situation, pageData.texts)}
${place !== undefined && pageData.lacksPasskey && passkeyNote(context, locale)}${place === 'first' && form}
${receipts}${effectUnderReceipt(locale, situation)}${own('receipts')}
${place === 'first' ? facts : about}
${place === 'last' && form}${place === 'folded' && correction}
${own('end')}${pageData.renewal}${ownPages(locale, situation, path)}
${fine(locale, situation)}`,
  };
};

const replacedPage = (
  locale: CityLocale,
  situation: Situation,
  { texts, renewal }: Pick<PageData, 'texts' | 'renewal'>,
  path: string,
  returned?: ReturnedForm,
): HtmlPage => {
  const { words } = locale;
  const { replaced } = words.decide;
  const { latest, view, state, link, revocation } = situation;
  const open = openForms(situation);
  const offers = open.length > 0 ? ownForms(locale, situation, path, returned, open) : html`<p>${replaced.nothing}</p>`;
  return {
    title: returned === undefined ? replaced.heading : `${words.problem.heading}: ${replaced.heading}`,
    status: returned?.status ?? 200,
    body: html`${errorsOf(locale, returned, false)}
<p class="eyebrow">${capitalized(roleName(locale, link.body, link.seat))}</p><h1>${replaced.heading}</h1>
${warning(html`<b>${replaced.lead}</b> ${replaced.newest}`)}${renewal}
${revocation && receiptOf(locale, situation, revocation, texts)}
<h2>${untrustedText(latest.notice.title)}</h2>
<p>${chip(toneOfStatus(view.status), words.status[view.status])} ${changeLink(locale, changeId(link.key, link.n))}</p>
${maintenanceNote(locale, { view, state, texts })}${offers}`,
  };
};

export const renderLinkPage = async (
  deps: LinkDeps,
  context: Context,
  situation: Situation,
  returned?: ReturnedForm,
): Promise<Response> => {
  const locale = localeOfPerson(context, situation, situation.rosters);
  const path = linkPath(context);
  if (situation.isReplaced) {
    const [texts, renewal] = await Promise.all([
      officialTextsOf(deps, situation.view, 'public'),
      renewalForm(deps, context, locale),
    ]);
    return render(context, locale, replacedPage(locale, situation, { texts, renewal }, path, returned));
  }
  const pageData = await pageDataOf(deps, context, locale, situation);
  return render(context, locale, linkPage(context, locale, situation, pageData, path, returned));
};

/** Redirects to the receipt, so that a reload sends nothing twice. */
export const seeReceipt = (context: Context): Response => seeOther(context, linkPath(context));

export interface SentFrom {
  readonly situation: Situation;
  readonly which: ReturnedForm['which'];
}

export const unreadable = (
  deps: LinkDeps,
  context: Context,
  { situation, which }: SentFrom,
  { input, faults }: { readonly input: Input; readonly faults: readonly Fault[] },
): Response | Promise<Response> =>
  wantsPage(context) ? renderLinkPage(deps, context, situation, { which, input, faults, status: 422 }) : faultsProblem(faults);

/** Redirects to the receipt, or shows the page as it stands now with what was entered and the reason. */
export const answered = async (
  deps: LinkDeps,
  context: Context,
  { situation, which }: SentFrom,
  { input, result }: { readonly input: Input; readonly result: Ordered },
): Promise<Response> => {
  if (result.ok) return seeReceipt(context);
  const { status, retryAfterS } = PROBLEMS[result.rejection.code];
  if (!wantsPage(context)) return toResponse(rejectionAnswer(result.rejection));
  const fresh = await readSituation(deps, situation.link, situation.isReplaced);
  const locale = localeOfPerson(context, fresh, fresh.rosters);
  if (retryAfterS !== undefined) context.header('Retry-After', String(retryAfterS));
  const fault = rejectedField(locale, result.rejection, OWN);
  const rule = result.rejection.code === 'no-quorum' ? fresh.requirement?.rule : undefined;
  const least = rule && html` ${quorumText(locale, rule)}`;
  const why = fault === undefined ? { message: html`${rejectionText(locale, result.rejection)}${least}` } : { faults: [fault] };
  return renderLinkPage(deps, context, fresh, { which, input, ...why, status });
};
