import { awaitedIn, decidableUntilOf, missingDocuments } from '../../../../../domain/feature/awaited.ts';
import { rulesShown } from '../../../../../domain/feature/decide/guard.ts';
import { firstVoteDay } from '../../../../../domain/feature/decide/secondVote.ts';
import { forecastApproval } from '../../../../../domain/feature/effect.ts';
import { mayBeOn } from '../../../../../domain/feature/evaluate.ts';
import { documentsDigest } from '../../../../../domain/feature/evolve/words.ts';
import { POLICY_KEY } from '../../../../../domain/feature/keys.ts';
import { findChange, requirementsOf } from '../../../../../domain/feature/state.ts';
import { NO_TERMS, type Terms } from '../../../../../domain/feature/terms.ts';
import type { ChangeView, RequirementView } from '../../../../../domain/feature/view.ts';
import { localDateOf, localMoment } from '../../../../../domain/kernel/zone.ts';
import { Vote } from '../../../../../domain/policy/rollCall.ts';
import { overrideEnd } from '../../../../../domain/policy/rules.ts';
import { holderOfSeat } from '../../../../../domain/roster/holders.ts';
import { forecastText } from '../../../../platform/acts.ts';
import { type BodyNames, fillText } from '../../../../platform/catalogue.ts';
import { requirementJson } from '../../../../register/views/changeJson.ts';
import { requirementDeadline } from '../../../../register/waiting.ts';
import {
  type Choice,
  checkbox,
  type FormState,
  fieldId,
  hidden,
  type Input,
  isFilledIn,
  oneOf,
  radioRow,
  radios,
  selectField,
  textArea,
  textField,
} from '../../forms.ts';
import { descriptionItem, empty, type Html, html, untrustedText } from '../../html.ts';
import { bodyName, bodySlotsOf, type CityLocale, type Locale, roleName, seatName, seatsIn } from '../../locale.ts';
import { overrideTimeText } from '../../parts/approvalPath.ts';
import { documentKinds } from '../../parts/notice.ts';
import { confirmedText, quorumText } from '../../parts/policy.ts';
import { allowsText, effectList, hiddenTerms, termsFields, termsInput } from '../../parts/terms.ts';
import { type CertifiedAct, certificatesOf, MEETING, meetingOf, type Situation } from './situation.ts';

/**
 * Renders the hidden fields that bind a form to what it shows: the wording, its rules (for a roll call, `calls`, with the roster), and the
 * documents if any are required.
 */
export const boundTo = (
  { latest, state, link, numbers: { roster, policy } }: Situation,
  calls = false,
  name = (field: string): string => field,
): Html => {
  const change = findChange(state, link.n);
  const shown = { ...(calls && { roster }), ...(link.key === POLICY_KEY && { policy }) };
  const asksForSome = change !== undefined && Object.keys(change.documents).length > 0;
  return html`${hidden(name('revision'), String(latest.revision))}${hidden(name('digest'), latest.digest)}${hidden(
    name('rules'),
    change === undefined ? '' : rulesShown(change.pin, shown),
  )}${asksForSome ? hidden(name('documents'), documentsDigest(change)) : empty}`;
};

export const decisionAnswers = ({ words }: Locale, { can, requirement }: Situation): Readonly<Record<string, string>> => {
  const { form, confirm } = words.decide;
  if (can.confirm) return { confirm: confirm.yes, dispute: confirm.no };
  if (requirement?.instrument === 'ballots') return { approve: form.yes, refuse: form.no, abstain: form.abstain };
  if (requirement?.instrument === 'advice') return { approve: form.adviseYes, refuse: form.adviseNo, abstain: form.adviseNone };
  return { approve: form.sign, refuse: form.refuse };
};

/** Renders the terms of a form. A change of the rules has no limits of its own, so its form only sends standing terms. */
const termsPart = (locale: Locale, form: FormState, situation: Situation, effectIs: 'above' | 'folded' = 'above'): Html => {
  const { can, view, effect, effectOn, link } = situation;
  if (link.key === POLICY_KEY || can.late) return view.terms === null ? empty : hiddenTerms(view.terms);
  const standing = ownTerms(situation) === undefined ? view.terms : null;
  return termsFields(locale, form, standing, effectList(locale, standing === null ? effectOn(NO_TERMS) : effect), { effectIs });
};

/** Returns terms that only this clerk stated, to be edited; undefined if they bind, or if form fields cannot hold them. */
const ownTerms = ({ can, view, zone }: Situation): Input | undefined =>
  can.restate && view.terms !== null ? termsInput(view.terms, zone) : undefined;

const documentsNote = (locale: Locale, { view }: Situation): Html => {
  const { words, say } = locale;
  const missing = missingDocuments(view);
  return missing.length === 0
    ? empty
    : html`<p class="note">${say(words.decide.form.documentsMissing, { kinds: documentKinds(locale, missing) })}</p>`;
};

export const decisionForm = (locale: Locale, situation: Situation, form: FormState, path: string): Html => {
  const { words, say, deadline } = locale;
  const { decide } = words;
  const { can, view, requirement } = situation;
  const waiting = can.confirm ? view.confirmation : null;
  const texts =
    waiting === null
      ? { label: decide.form.comment, hint: decide.form.commentHint }
      : { label: decide.confirm.reason, hint: decide.confirm.reasonHint };
  const about =
    waiting !== null
      ? html`${hidden('certificate', waiting.certificate)}<p>${say(decide.confirm.lead, { when: deadline(waiting.until) })}</p>`
      : requirement?.instrument === 'advice'
        ? empty
        : html`${documentsNote(locale, situation)}${termsPart(locale, form, situation)}`;
  const buttons = Object.entries(decisionAnswers(locale, situation)).map(([value, label], index) => {
    const first = index === 0 ? html` id="${fieldId(form.prefix, 'decision')}"` : html` class="quiet"`;
    return html`
<button type="submit" name="decision" value="${value}"${first}>${label}</button>`;
  });
  return html`
<h2 id="decision">${waiting === null ? decide.form.heading : decide.confirm.heading}</h2>
<form class="card" method="post" action="${locale.href(`${path}/review`)}" aria-labelledby="decision">
${boundTo(situation)}${about}
${textArea(locale, form, 'comment', texts)}
<p class="hint">${decide.form.reviewFirst}</p><p class="buttons">${buttons}</p>
</form>`;
};

const seatsToCall = ({ roster, requirement }: Situation): readonly string[] => seatsIn(roster, requirement?.body ?? '');

const seatToday = (locale: CityLocale, { requirement, now, zone }: Situation, seat: string): string =>
  seatName(locale, requirement?.body ?? '', seat, localMoment(now, zone));

export const withVotes = (input: Input, votes: Readonly<Record<string, Vote>>): Input =>
  new Map([
    ...[...input].filter(([name]) => name !== 'allPresent' && !name.startsWith('vote.')),
    ...Object.entries(votes).map(([seat, vote]) => [`vote.${seat}`, [vote]] as const),
  ]);

export const rollText = (
  { words, count }: Locale,
  votes: Readonly<Record<string, Vote>>,
  name: (seat: string) => string,
): Html => {
  const seats = Object.keys(votes);
  const parts = Vote.options.flatMap((vote) => {
    const given = seats.filter((seat) => votes[seat] === vote);
    if (given.length === 0 && vote !== 'yes') return [];
    const number = count(words.decide.certify.votes, vote, given.length);
    return [vote === 'yes' ? number : html`, ${number} (${given.map(name).join('; ')})`];
  });
  return html`${parts}`;
};

/** Fills a blank form with today as the day of the meeting and the seats that are vacant today. Every other seat stays blank. */
export const prefilled = (situation: Situation, form: FormState): FormState => {
  const { roster, requirement, now, zone } = situation;
  if (roster === null || requirement === undefined || form.input.size > 0) return form;
  const today = localMoment(now, zone);
  const vacant = seatsToCall(situation).filter((seat) => holderOfSeat(roster, requirement.body, seat, today) === undefined);
  const votes = Object.fromEntries(vacant.map((seat) => [seat, 'vacant' as const]));
  return { ...form, input: withVotes(new Map([['meetingDate', [localDateOf(now, zone)]]]), votes) };
};

const VOTES_IN_SIGHT = 4;

const rollCall = (locale: CityLocale, situation: Situation, form: FormState): Html => {
  const { certify } = locale.words.decide;
  const choices = Vote.options.map((value) => ({ value, label: certify[value] }));
  const row = { choices, inSight: VOTES_IN_SIGHT, more: certify.otherVote };
  const rows = seatsToCall(situation).map((seat) =>
    radioRow(locale, form, `vote.${seat}`, { ...row, legend: seatToday(locale, situation, seat) }),
  );
  return html`
<fieldset><legend>${certify.roll}</legend>
${checkbox(locale, form, 'allPresent', { label: certify.allPresent, hint: certify.allPresentHint })}${rows}</fieldset>`;
};

const OPTIONAL = ['mover', 'seconder', 'minutesUrl', 'minutesSha256', 'comment'] as const;

const moreFields = (locale: CityLocale, situation: Situation, form: FormState, note: Html): Html => {
  const { certify } = locale.words.decide;
  const choices = seatsToCall(situation).map((seat) => ({ value: seat, label: seatToday(locale, situation, seat) }));
  const person = (name: 'mover' | 'seconder') =>
    selectField(locale, form, name, { label: certify[name], blank: certify.notRecorded, choices });
  return html`
<details${isFilledIn(form, OPTIONAL) && html` open`}><summary>${certify.more}</summary>
<div class="pair">${person('mover')}${person('seconder')}</div>
${textField(locale, form, 'minutesUrl', { label: certify.minutesUrl, type: 'url' })}
${textField(locale, form, 'minutesSha256', { label: certify.minutesSha256 })}${note}</details>`;
};

export const noteField = (locale: Locale, form: FormState): Html =>
  textArea(locale, form, 'comment', { label: locale.words.decide.certify.comment, hint: locale.words.decide.form.commentHint });

export const meetingFields = (
  locale: CityLocale,
  situation: Situation,
  form: FormState,
  { hint, note }: { readonly hint: string; readonly note: Html },
): Html => {
  const { certify } = locale.words.decide;
  return html`${rollCall(locale, situation, form)}
<div class="pair">${textField(locale, form, 'fileNumber', { label: certify.fileNumber, hint: certify.fileHint, required: true })}
${textField(locale, form, 'meetingDate', { label: certify.meetingDate, hint, type: 'date', required: true })}</div>
${moreFields(locale, situation, form, note)}`;
};

const purposes = ({ words }: Locale, { can }: Situation): readonly Choice[] => {
  const { adopt, override, correct } = words.decide.certify;
  return [
    ...(can.decide ? [{ value: 'adopt', label: adopt }] : []),
    ...(can.override ? [{ value: 'override', label: override }] : []),
    ...(can.correct ? [{ value: 'correct', label: correct, note: words.decide.certify.correctNote }] : []),
  ];
};

export const certificateFacts = (locale: CityLocale, situation: Situation): Html => {
  const { words, say, dateTime, deadline } = locale;
  const { view, requirement, latest } = situation;
  if (requirement === undefined) return empty;
  const closes = requirementDeadline(view, requirement);
  return html`
<ul><li>${say(words.decide.certify.arrived, { revision: latest.revision, when: dateTime(latest.at) })}</li>
<li>${neededText(locale, view, requirement)}${
    requirement.rule.quorum !== undefined && html` ${quorumText(locale, requirement.rule)}`
  }</li>
${closes !== null && html`<li>${say(words.packet.recordBefore, { when: deadline(closes) })}</li>`}</ul>`;
};

/** Returns the first days on which a vote counts; empty for a change that the state no longer holds. */
export const firstDays = (
  { view, state }: Pick<Situation, 'view' | 'state'>,
  { rule }: RequirementView,
  zone: string,
): readonly string[] => {
  const change = findChange(state, view.number);
  return change === undefined ? [] : [firstVoteDay(requirementsOf(state, change), change, rule, zone)];
};

/** Returns a hint with the first day on which one vote counts for all changes. */
export const dayHint = ({ words, day }: Locale, ...all: readonly Situation[]): string => {
  // A correction keeps the day of its record.
  const votes = all.filter(({ can }) => !onlyCorrects(can));
  const days = votes.flatMap((each) => (each.requirement === undefined ? [] : firstDays(each, each.requirement, each.zone)));
  const first = days.sort().at(-1);
  return first === undefined ? words.decide.certify.dateHint : fillText(words.decide.meetingFrom, { day: day(first) });
};

const purposeField = (locale: Locale, situation: Situation, form: FormState): Html => {
  const choices = purposes(locale, situation);
  const [only] = choices;
  return choices.length === 1 && only !== undefined && form.faults.every(({ name }) => name !== 'purpose')
    ? html`${only.value !== 'adopt' && html`<p>${only.label}</p>`}${hidden('purpose', only.value)}`
    : radios(locale, form, 'purpose', locale.words.decide.certify.purpose, choices);
};

const fromRecord = ({ can }: Situation, act: CertifiedAct | undefined, form: FormState): FormState => {
  if (act === undefined || !onlyCorrects(can) || form.input.size > 0) return form;
  const input = new Map(MEETING.flatMap((name) => (act[name] === null ? [] : [[name, [act[name]]] as const])));
  return { ...form, input: withVotes(input, Object.fromEntries(act.roll.map(({ seat, vote }) => [seat, vote]))) };
};

const onlyCorrects = ({ correct, decide, override }: Situation['can']): boolean => correct && !decide && !override;

export const certificateForm = (locale: CityLocale, situation: Situation, given: FormState, path: string): Html => {
  const { words } = locale;
  const { certify } = words.decide;
  const corrects = onlyCorrects(situation.can);
  const certified = certificatesOf(situation).at(-1);
  const whole = prefilled(situation, fromRecord(situation, certified, given));
  const terms = given.input.size > 0 ? undefined : ownTerms(situation);
  const form = terms === undefined ? whole : { ...whole, input: new Map([...whole.input, ...terms]) };
  const reason = corrects
    ? textArea(locale, form, 'comment', { label: certify.reason, hint: certify.reasonHint, required: true })
    : empty;
  const about = { hint: dayHint(locale, situation), note: corrects ? empty : noteField(locale, form) };
  return html`
<h2 id="certificate">${certify.heading}</h2>
<form class="card" method="post" action="${locale.href(`${path}/review`)}" aria-labelledby="certificate">
${boundTo(situation, true)}${certified && hidden('certificate', certified.act)}${
  situation.can.override ? hidden('refusal', situation.view.veto?.at ?? '') : empty
}${meetingFields(locale, situation, form, about)}
${documentsNote(locale, situation)}${purposeField(locale, situation, form)}
${termsPart(locale, form, situation, 'folded')}${reason}
<p class="hint">${words.decide.form.reviewFirst}</p>
<button type="submit">${certify.review}</button>
</form>`;
};

export const certifiedSlots = (locale: CityLocale, { requirement }: Situation): BodyNames =>
  bodySlotsOf(locale, requirement?.body ?? '');

export const filledIn = (locale: CityLocale, situation: Situation, input: Input): Html => {
  const { certify, revised, form: named } = locale.words.decide;
  const { link, latest } = situation;
  const { from, until, audience, conditions } = locale.words.effect;
  const labels = { ...meetingOf(certify), from, until, audience, conditions, comment: named.comment, reason: named.comment };
  const seats = new Map(seatsToCall(situation).map((seat) => [seat, seatToday(locale, situation, seat)]));
  const all = oneOf(input, 'allPresent') === 'yes' ? [html`<li><b>${certify.allPresent}</b></li>`] : [];
  const given = [...seats].flatMap(([seat, name]) => {
    const vote = Vote.safeParse(oneOf(input, `vote.${seat}`));
    return vote.success ? [html`<li>${name}: <b>${certify[vote.data]}</b></li>`] : [];
  });
  const votes = [...all, ...given];
  const rows = Object.entries(labels).flatMap(([name, label]) => {
    const given = (input.get(name) ?? []).filter((value) => value.trim() !== '').join('\n');
    const shown = name === 'mover' || name === 'seconder' ? (seats.get(given) ?? given) : given;
    return given === '' ? [] : [descriptionItem(label ?? '', untrustedText(shown), 'words')];
  });
  if (votes.length + rows.length === 0) return empty;
  const slots = { from: link.revision, to: latest.revision };
  const lead = link.revision === latest.revision ? empty : html`<p>${locale.say(revised.filledInLead, slots)}</p>`;
  return html`
<h2>${revised.filledIn}</h2>${lead}
<dl class="facts">${rows}${votes.length > 0 && html`<div><dt>${certify.roll}</dt><dd><ul class="votes">${votes}</ul></dd></div>`}</dl>`;
};

const namesOf = (locale: CityLocale, requirements: readonly RequirementView[]): readonly string[] => [
  ...new Set(requirements.map(({ body }) => bodyName(locale, body))),
];

export const othersOf = ({ view, link }: Situation) => {
  const left = view.requirements.filter(
    ({ id, instrument, status }) =>
      id !== link.requirement && instrument !== 'advice' && (status === 'waiting' || status === 'open'),
  );
  return { after: left.filter(({ status }) => status === 'waiting'), beside: left.filter(({ status }) => status === 'open') };
};

const confirmedFirst = (locale: CityLocale, { view, requirement }: Situation): Html => {
  if (requirement?.instrument !== 'certification') return empty;
  const decides = view.requirements.find(({ id }) => id === view.veto?.requirement);
  const by = view.veto === null ? requirement.rule.confirmedBy : decides?.rule.override?.confirmedBy;
  return by === undefined ? empty : html`${confirmedText(locale, by)} `;
};

const ifRulesAgreed = (locale: CityLocale, situation: Situation): Html => {
  const { words, say, bodyList } = locale;
  const { after, beside } = othersOf(situation);
  const others = namesOf(locale, [...after, ...beside]);
  const { becomes } = foretellIn(situation, standingTerms(situation)) ?? {};
  // Newer rules were approved meanwhile, or these take effect later.
  if (becomes !== undefined && becomes !== 'in-force') return html`${words.policyChange.followsNo}`;
  return others.length === 0
    ? html`${words.policyChange.followsLast}`
    : html`${say(words.policyChange.others, { bodies: bodyList(others) })} ${words.policyChange.followsAll}`;
};

const ifYes = (locale: CityLocale, situation: Situation): Html => {
  const { words, say, count, list, bodyList } = locale;
  const { blockedBy, effect, link } = situation;
  if (link.key === POLICY_KEY) return ifRulesAgreed(locale, situation);
  if (foreseen(locale, situation, standingTerms(situation))?.isOff) return html`${ifNotApproved(locale, situation)}`;
  const { after, beside } = othersOf(situation);
  const blocked = blockedBy.length === 0 ? empty : html` ${say(words.decide.blockedBy, { keys: list(blockedBy) })}`;
  const toDecide = (text: 'thenNext' | 'thenOthers', requirements: readonly RequirementView[]): Html => {
    const names = namesOf(locale, requirements);
    return count(words.decide, text, names.length, { bodies: bodyList(names) });
  };
  const allYes = say(words.decide.inTheEnd, { terms: allowsText(locale, effect, true) });
  const next =
    after.length > 0
      ? html`${toDecide('thenNext', after)} ${allYes}`
      : beside.length > 0
        ? html`${toDecide('thenOthers', beside)} ${allYes}`
        : say(words.decide.goesOn, { terms: allowsText(locale, effect) });
  const conditions = [...new Set(effect.conditions.map(({ value }) => value))].map(
    (value) => html` ${words.decide.condition} ${untrustedText(value)}`,
  );
  const fixes = effect.maintenance === null ? empty : html` ${words.decide.smallFixes}`;
  return html`${next}${blocked}${conditions}${fixes}`;
};

/** Returns what holds while a change is not approved: off, or what was approved before. */
export const ifNotApproved = ({ words }: Locale, { evaluation, state, view, link }: Situation): string => {
  if (link.key === POLICY_KEY) return words.policyChange.followsNo;
  if (state.standing === null || state.standing === view.number) return words.decide.staysOff;
  if (evaluation.variant === 'outdated') return words.decide.isOutdated;
  return mayBeOn(evaluation.variant) ? words.decide.staysAsIs : words.decide.staysOff;
};

const ifNo = (locale: CityLocale, situation: Situation): Html => {
  const { words, count, say, until } = locale;
  const { requirement, view, latest, now, zone } = situation;
  const stays = ifNotApproved(locale, situation);
  if (requirement?.instrument === 'ballots') return html`${words.decide.voteCounts} ${stays}`;
  const override = requirement?.rule.override;
  if (override === undefined) return html`${stays} ${words.decide.requestEnds}`;
  const body = view.requirements.find(({ id }) => id === override.requirement)?.body ?? override.requirement;
  const { endsAt } = latest.notice;
  const isCut = endsAt !== null && endsAt < overrideEnd(override, now, zone);
  const time = isCut ? say(words.decide.untilAtMost, { when: until(endsAt) }) : overrideTimeText(locale, override);
  const slots = { ...bodySlotsOf(locale, body), time };
  return html`${stays} ${count(words.decide, 'canOverride', override.yes, slots)}`;
};

const ifNothing = (locale: Locale, situation: Situation): Html => {
  const { words, say, ending } = locale;
  const { requirement, view } = situation;
  const deadline = view.veto === null ? (requirement?.deadlineAt ?? null) : null;
  const closes = decidableUntilOf(view);
  const clock =
    deadline !== null
      ? say(words.decide.deadlineOn, { when: ending(deadline) })
      : closes === null
        ? html`${words.decide.noWindow}`
        : say(words.decide.lapsesOn, { when: ending(closes) });
  return html`${ifNotApproved(locale, situation)} ${clock}`;
};

export const isSecond = (view: ChangeView, { id }: RequirementView): boolean =>
  awaitedIn(view).some(({ requirement, asks }) => asks === 'override' && requirement === id);

/** Returns the votes needed; to override a veto, the number its rule states. */
export const neededIn = (locale: CityLocale, view: ChangeView, vote: RequirementView) => {
  const { needed, of } = requirementJson(view, vote, locale);
  const vetoed = isSecond(view, vote) ? view.requirements.find(({ id }) => id === view.veto?.requirement) : undefined;
  return { needed: vetoed?.rule.override?.yes ?? needed, of };
};

export const neededText = (locale: CityLocale, view: ChangeView, vote: RequirementView): Html => {
  const { needed, of } = neededIn(locale, view, vote);
  return locale.count(locale.words.decide, 'yesCounts', needed, { of: locale.number(of) });
};

const standingTerms = ({ view }: Situation): Terms => view.terms ?? NO_TERMS;

const foretellIn = ({ state, view, now: at, zone }: Situation, terms: Terms) =>
  forecastApproval(state, view.number, terms, { at, zone });

/** Returns the forecast if an approval would not simply be in force; undefined for rules, and for a link to an older revision. */
const foreseen = (locale: Locale, situation: Situation, terms: Terms) => {
  const { link, latest } = situation;
  if (link.key === POLICY_KEY || latest.revision !== link.revision) return undefined;
  return forecastText(locale.language, locale.words.effect, locale, foretellIn(situation, terms));
};

export const foretold = (locale: Locale, situation: Situation, terms: Terms): Html => {
  const said = foreseen(locale, situation, terms);
  return said === undefined ? empty : html`<p class="${said.isOff ? 'note no' : 'note'}">${said.text}</p>`;
};

export const lateNote = (locale: CityLocale, { link: { body, seat } }: Situation): Html =>
  html`<p class="note">${locale.say(locale.words.decide.late, { seat: roleName(locale, body, seat) })}</p>`;

export const consequences = (locale: CityLocale, situation: Situation): Html => {
  const { words } = locale;
  if (situation.can.late) return empty;
  const { requirement, view } = situation;
  const instrument = requirement?.instrument;
  if (instrument === 'advice')
    return html`<dl class="then">${descriptionItem(words.decide.ifAdvice, words.decide.adviceNote)}</dl>`;
  const labels =
    instrument === 'certification'
      ? ([words.decide.ifAdopted, words.decide.ifRejected] as const)
      : instrument === 'ballots'
        ? ([words.decide.ifYes, words.decide.ifNo] as const)
        : ([words.decide.ifSign, words.decide.ifRefuse] as const);
  const before =
    requirement?.instrument === 'ballots' ? html`${neededText(locale, view, requirement)} ` : confirmedFirst(locale, situation);
  return html`${foretold(locale, situation, standingTerms(situation))}
<dl class="then">${descriptionItem(labels[0], html`${before}${ifYes(locale, situation)}`)}
${descriptionItem(labels[1], ifNo(locale, situation))}
${descriptionItem(words.decide.ifNothing, ifNothing(locale, situation))}</dl>`;
};
