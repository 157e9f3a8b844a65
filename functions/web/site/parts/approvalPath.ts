import { countsAsMaintenance } from '../../../../domain/feature/arrival.ts';
import { type AwaitedAct, type Beginning, secondVoteFrom } from '../../../../domain/feature/awaited.ts';
import { nextBeginning } from '../../../../domain/feature/due.ts';
import type { ApprovalEffect } from '../../../../domain/feature/effect.ts';
import { outdatedOnceBegun } from '../../../../domain/feature/evaluate.ts';
import { commitmentNamed } from '../../../../domain/feature/events.ts';
import { awaitsConfirmation, type Confirmable } from '../../../../domain/feature/evolve/lingering.ts';
import { POLICY_KEY } from '../../../../domain/feature/keys.ts';
import {
  type ChangeState,
  type FeatureState,
  findChange,
  inForceIn,
  isOpen,
  requirementsOf,
} from '../../../../domain/feature/state.ts';
import { NO_TERMS, type Terms, termsDigest } from '../../../../domain/feature/terms.ts';
import {
  type ActView,
  type ChangeView,
  isVoid,
  type PasskeyView,
  type RequirementView,
  removalEffectiveFrom,
} from '../../../../domain/feature/view.ts';
import { daysLeft, localDateOf, localMoment } from '../../../../domain/kernel/zone.ts';
import { overrideTime } from '../../../../domain/policy/rules.ts';
import type { Override, Requirement } from '../../../../domain/policy/schema.ts';
import { askName, nameOfAct, nameOfDecision, slotsOf } from '../../../platform/acts.ts';
import { capitalized, fillText } from '../../../platform/catalogue.ts';
import type { WaitingChange } from '../../../register/rows.ts';
import { ballotsAreOpen, latestOf } from '../../../register/views/changeJson.ts';
import { empty, type Html, html, join, tableHead, untrustedLink, untrustedText, visuallyHidden } from '../html.ts';
import {
  bodyName,
  bodySlotsOf,
  type CityLocale,
  hashText,
  holderName,
  type Locale,
  seatLabel,
  seatName,
  seatsIn,
} from '../locale.ts';
import { type OfficialTexts, officialText, provenanceText } from './notice.ts';
import { effectEnd, termsList } from './terms.ts';

interface Step {
  readonly mark: string;
  readonly tone: '' | 'you' | 'bad';
  readonly text: Html | string;
  readonly note: Html | string;
  readonly acts?: Html;
}

/** Reports whether an office refused because its time ran out. */
const isSilentRefusal = (view: ChangeView, requirement: RequirementView): boolean => {
  const { id, instrument, status } = requirement;
  if (instrument !== 'signature' || (status !== 'refused' && status !== 'overridden')) return false;
  const last = view.acts.findLast((act) => act.type === 'SignatureGiven' && act.requirement === id && !isVoid(view, act));
  return last?.type !== 'SignatureGiven' || last.decision !== 'refuse';
};

const notesOf = (
  locale: CityLocale,
  view: ChangeView,
  requirement: RequirementView,
  hasActs: boolean,
): readonly (Html | string)[] => {
  const { words, say, count, until } = locale;
  const { tally, override, status, deadlineAt, rule, instrument } = requirement;
  const hiddenTally = hasActs || ballotsAreOpen(view, requirement);
  const answers = Object.keys(requirement.ballots).length;
  const tallyText = ({ yes, no }: { readonly yes: number; readonly no: number }): Html =>
    say(words.approvalPath.tally, { yes: locale.number(yes), no: locale.number(no) });
  return [
    ...(tally !== null && !hiddenTally ? [tallyText(tally)] : []),
    ...(override === null || hasActs ? [] : [html`${words.act.overridden}: ${tallyText(override)}`]),
    ...(isSilentRefusal(view, requirement) ? [words.approvalPath.silent] : []),
    ...(instrument === 'ballots' && answers > 0 ? [count(words.approvalPath, 'answered', answers)] : []),
    ...(isOpen(view) && status === 'waiting' && (rule.after ?? []).length > 0
      ? [say(words.approvalPath.afterOthers, { bodies: bodiesBefore(locale, rule, view.requirements) })]
      : []),
    ...(isOpen(view) && status === 'open' && deadlineAt !== null
      ? [say(words.decide.goesOnUntil, { when: until(deadlineAt) })]
      : []),
  ];
};

interface Shown {
  readonly effect: ApprovalEffect;
  readonly yours?: string;
  readonly texts?: OfficialTexts;
}

/** Reports whether an act belongs to a requirement. Revocations and acts under earlier rules are shown at the end of the path instead. */
const isIn = (act: ActView, { id }: RequirementView): boolean => 'revision' in act && act.requirement === id;

/** Reports whether a body refused only through a corrected record, whose figures can be those of a yes. */
const isUndone = ({ ended, acts }: ChangeView, requirement: RequirementView): boolean =>
  ended?.because === 'correction' && acts.slice(-1).some((act) => isIn(act, requirement));

const stepOf = (locale: CityLocale, view: ChangeView, requirement: RequirementView, { yours, texts }: Shown): Step => {
  const { words, say } = locale;
  const { status, instrument } = requirement;
  const body = bodyName(locale, requirement.body);
  const notes = notesOf(locale, view, requirement, texts !== undefined);
  const note = join(notes, ' · ');
  const mine = instrument === 'certification' ? words.approvalPath.yours : words.approvalPath.you;
  if (status === 'met' || status === 'overridden')
    return { mark: '✓', tone: '', text: say(words.approvalPath[status], { body }), note };
  if (status === 'refused') {
    const { refused, corrected } = words.approvalPath;
    return { mark: '✕', tone: 'bad', text: say(isUndone(view, requirement) ? corrected : refused, { body }), note };
  }
  if (!isOpen(view)) return { mark: '·', tone: '', text: say(words.approvalPath.waiting, { body }), note };
  const isCertified = view.confirmation?.requirement === requirement.id;
  if (requirement.id === yours && !isCertified)
    return { mark: '●', tone: 'you', text: html`<b>${say(mine, { body })}</b>`, note };
  if (instrument === 'advice') return { mark: '○', tone: '', text: say(words.approvalPath.advice, { body }), note };
  return { mark: status === 'open' ? '○' : '·', tone: '', text: say(words.approvalPath[status], { body }), note };
};

export const removalText = ({ words, say, until }: Locale, view: ChangeView): Html => {
  const from = removalEffectiveFrom(view);
  return from === null ? empty : say(words.acts.history.removed, { when: until(from) });
};

const lastStep = (locale: CityLocale, view: ChangeView, effect: ApprovalEffect): Step => {
  const { words, say, until, dateTime } = locale;
  if (view.status === 'approved' && view.approved !== null) {
    const then = view.approved.began === null ? words.approvalPath.waits : effectEnd(locale, effect);
    const note = html`${dateTime(view.approved.at)} · ${then}`;
    return { mark: '✓', tone: '', text: capitalized(words.status.approved), note };
  }
  if (view.status === 'pending') {
    const then = view.key === POLICY_KEY ? words.policyChange.inForce : words.approvalPath.on;
    const text = view.pinned === null ? words.noPolicy : then;
    return { mark: '?', tone: '', text, note: confirmationClock(locale, clockedOf(view)) ?? empty };
  }
  if (view.status === 'vetoed')
    return {
      mark: '?',
      tone: '',
      text: capitalized(words.status.vetoed),
      note:
        confirmationClock(locale, clockedOf(view)) ??
        (view.veto === null ? empty : say(words.change.vetoUntil, { when: until(view.veto.until) })),
    };
  const ended = view.ended === null ? empty : say(words.change.ended, { when: until(view.ended.at) });
  const note = removalEffectiveFrom(view) === null ? ended : removalText(locale, view);
  return { mark: '✕', tone: 'bad', text: capitalized(words.status[view.status]), note };
};

/** Renders the approval path. With `texts`, also every act, in its requirement or at the end. */
export const approvalPath = (locale: CityLocale, view: ChangeView, shown: Shown): Html => {
  const { words, dateTime } = locale;
  const { texts } = shown;
  const actsOf = (which: (act: ActView) => boolean): Html =>
    texts === undefined ? empty : actList(locale, view, texts, view.acts.filter(which));
  const received = view.revisions.map((revision): Step => {
    const text = revision.revision === 1 ? words.approvalPath.received : words.approvalPath.revisedAt;
    return { mark: '✓', tone: '', text, note: html`${dateTime(revision.at)} · ${provenanceText(locale, revision)}` };
  });
  const steps: readonly Step[] = [
    ...received,
    ...view.requirements.map((requirement) => ({
      ...stepOf(locale, view, requirement, shown),
      acts: actsOf((act) => isIn(act, requirement)),
    })),
    {
      ...lastStep(locale, view, shown.effect),
      acts: actsOf((act) => !view.requirements.some((requirement) => isIn(act, requirement))),
    },
  ];
  const items = steps.map(({ mark, tone, text, note, acts = empty }) => {
    const small = note !== empty && html`<small>${note}</small>`;
    return html`<li class="${tone}"><span class="mark" aria-hidden="true">${mark}</span>${text}${small}${acts}</li>`;
  });
  return html`
<ol class="approval-path">${items}</ol>`;
};

const SHOWN_CHARS = 12;

/** Renders with which passkey an act was signed. A key set up after a reset stays marked as such. */
export const signedWith = ({ words, say, dateTime }: Locale, passkey: PasskeyView | undefined): Html => {
  if (passkey === undefined) return empty;
  const { credential, enrolled } = passkey;
  const slots = {
    id: html`<code>${credential.slice(0, SHOWN_CHARS)}…</code>`,
    when: dateTime(enrolled.at),
    by: words.passkeys.by[enrolled.by],
  };
  return html`${words.passkeys.receipt} <small>(${say(words.passkeys.receiptKey, slots)})</small>`;
};

const isHidden = (view: ChangeView, act: ActView): boolean => {
  if (act.type !== 'BallotCast' || act.revision !== latestOf(view).revision) return false;
  const requirement = view.requirements.find(({ id }) => id === act.requirement);
  return requirement !== undefined && ballotsAreOpen(view, requirement);
};

type Certified = Extract<ActView, { type: 'VoteCertified' }>;

const rollCall = (locale: CityLocale, act: Certified, body: string, { confirmation }: ChangeView): Html => {
  const { certify } = locale.words.decide;
  const when = localMoment(act.at, locale.zone);
  const rows = act.roll.map(({ seat, holder, vote }) => {
    const who = holder === null ? seatName(locale, body, seat, when) : holderName(locale, holder, act.at);
    return html`<tr><th scope="row">${who}</th><td>${certify[vote]}</td></tr>`;
  });
  return html`
<details${confirmation?.certificate === act.act && html` open`}><summary>${certify.roll}${visuallyHidden(html`${certify.fileNumber} ${untrustedText(act.fileNumber)}`)}</summary>
<table>${tableHead(certify.seat, certify.vote)}<tbody>${rows}</tbody></table></details>`;
};

const certifiedText = (locale: CityLocale, act: Certified, body: string): Html => {
  const { words, say } = locale;
  const { corrected, overridden } = words.act;
  const label = { adopt: empty, correct: html`<b>${corrected}:</b> `, override: html`<b>${overridden}:</b> ` }[act.purpose];
  return html`${label}${say(words.acts.timeline.certified, actSlots(locale, act, body))}`;
};

const certified = (locale: CityLocale, act: Certified, view: ChangeView): Html => {
  const { words, say, day, zone } = locale;
  const { certify } = words.decide;
  const body = view.requirements.find(({ id }) => id === act.requirement)?.body ?? act.requirement;
  const by = (label: string, seat: string | null) =>
    seat !== null && html` ${label} ${seatName(locale, body, seat, localMoment(act.at, zone))}.`;
  const hash = act.minutesSha256 === null ? empty : html` <small>${hashText(act.minutesSha256)}</small>`;
  const minutes = act.minutesUrl === null ? hash : html`<p>${untrustedLink(act.minutesUrl, words.act.minutes)}${hash}</p>`;
  const slots = {
    file: untrustedText(act.fileNumber),
    day: day(act.meetingDate),
    holder: holderName(locale, act.holder, act.at),
  };
  return html`${certifiedText(locale, act, bodyName(locale, body))}
<br><small>${say(words.act.certifiedBy, slots)}${by(certify.mover, act.mover)}${by(certify.seconder, act.seconder)}</small>
${minutes}${rollCall(locale, act, body, view)}`;
};

/** Returns a decision in words: an abstaining ballot "abstains", such advice has "no opinion". */
export const answerText = ({ words }: Locale, decision: keyof Locale['words']['acts']['decision'], isBallot: boolean): string =>
  isBallot && decision === 'abstain' ? words.decide.certify.abstain : words.acts.decision[decision];

const actSlots = (locale: CityLocale, act: ActView, body: string) => ({
  body,
  holder: holderName(locale, act.holder, act.at),
  ...('decision' in act && { decision: answerText(locale, act.decision, act.type === 'BallotCast') }),
  ...slotsOf(act, { ...locale, foreign: untrustedText }),
});

export const decidedText = (locale: CityLocale, act: ActView, body: string): Html =>
  act.type === 'VoteCertified'
    ? certifiedText(locale, act, body)
    : locale.say(answerText(locale, nameOfDecision(act), act.type === 'BallotCast'), actSlots(locale, act, body));

const headline = (locale: CityLocale, act: ActView, view: ChangeView): Html => {
  const { words, say } = locale;
  const body = bodyName(locale, view.requirements.find(({ id }) => id === act.requirement)?.body ?? act.requirement);
  const slots = actSlots(locale, act, body);
  if (act.type === 'VoteCertified') return certified(locale, act, view);
  if (isHidden(view, act)) return say(words.act.ballotHidden, slots);
  const said = say(words.acts.timeline[nameOfAct(act)], slots);
  return act.type === 'ApprovalRevoked' && act.fileNumber !== null
    ? html`${said} (${say(words.act.revokedFile, { file: untrustedText(act.fileNumber) })})`
    : said;
};

/** Returns the terms of an act if they are not those of the change. If records of one vote state different terms, each shows its own. */
const ownTerms = ({ terms, acts }: ChangeView, act: ActView): Terms | null => {
  if (!('terms' in act)) return null;
  const differs = (other: Terms): boolean => termsDigest(other) !== termsDigest(act.terms);
  const isOfVote = (other: ActView) =>
    other.type === 'VoteCertified' && other.requirement === act.requirement && other.revision === act.revision;
  const restated = isOfVote(act) && acts.some((other) => isOfVote(other) && 'terms' in other && differs(other.terms));
  const isSaid = differs(NO_TERMS) && (terms === null || differs(terms));
  return restated || isSaid ? act.terms : null;
};

const messageOf = (locale: Locale, hidden: boolean, act: ActView, texts: OfficialTexts): Html => {
  const { words } = locale;
  const commitment = commitmentNamed(act);
  if (hidden || commitment === null) return empty;
  const corrects = act.type === 'VoteCertified' && act.purpose === 'correct';
  const label = corrects ? html`<small>${words.decide.certify.reason}:</small> ` : empty;
  return html`<p class="says words">${label}${officialText(locale, texts.get(commitment))}</p>`;
};

const actList = (locale: CityLocale, view: ChangeView, texts: OfficialTexts, acts: readonly ActView[]): Html => {
  const { words, say } = locale;
  if (acts.length === 0) return empty;
  const latest = latestOf(view).revision;
  const items = acts.map((act) => {
    const hidden = isHidden(view, act);
    const isOlder = 'revision' in act && act.revision !== latest;
    const why = isOlder ? say(words.change.revision, { n: act.revision }) : words.act.void;
    const old = isVoid(view, act) ? html` <small>(${why})</small>` : empty;
    const terms = hidden ? null : ownTerms(view, act);
    const signed = 'passkey' in act ? html`<br>${signedWith(locale, act.passkey)}` : empty;
    return html`<li><small>${locale.time(act.at)}</small>${old}<br>
${headline(locale, act, view)}${terms !== null && termsList(locale, terms)}${signed}${messageOf(locale, hidden, act, texts)}</li>`;
  });
  return html`<ol class="plain">${items}</ol>`;
};

/** Returns what a person is asked to do, as in mails and lists. `role`: the role in which they are asked. */
export const askedText = (
  locale: CityLocale,
  asks: AwaitedAct['asks'],
  rule: Pick<Requirement, 'id' | 'instrument' | 'body'>,
  change: Parameters<typeof askName>[2],
  isFix: boolean,
  role = '',
): string => {
  const { subject } = locale.words.acts.asks[askName(asks, rule, change, isFix)];
  return `${capitalized(`${role}${fillText(subject, bodySlotsOf(locale, rule.body))}`)}.`;
};

export const timeLeft = ({ words, count, now, zone }: Locale, closes: string): Html => {
  const days = daysLeft(closes, now, zone);
  return days < 1 ? html`${words.decide.lastDay}` : count(words.decide, 'daysLeft', days);
};

export const overrideTimeText = ({ words, duration }: Locale, override: Override): string => {
  const text = words.rules.overrideTime;
  const { notBefore, notAfter } = overrideTime(override);
  return notBefore === undefined
    ? fillText(text.within, { duration: duration(notAfter) })
    : fillText(text.between, { first: duration(notBefore), last: duration(notAfter) });
};

export const confirmerOf = (locale: CityLocale, confirmedBy: string): string => {
  const { words, roster } = locale;
  const [body = '', seat] = confirmedBy.split('/');
  const seats = seatsIn(roster, body);
  const only = seats.length === 1 ? seats[0] : undefined;
  const slots = bodySlotsOf(locale, body);
  const label = seatLabel(locale, body, seat ?? only ?? '');
  if (label !== undefined) return label;
  if (only !== undefined) return slots.body;
  return seat === undefined ? fillText(words.rules.member, slots) : fillText(words.rules.seatOf, { ...slots, seat });
};

/** `rules`: the rules that bind the change. */
interface Clocked extends Pick<ChangeState, 'number' | 'status' | 'veto'> {
  readonly confirmation: Pick<NonNullable<ChangeState['confirmation']>, 'requirement' | 'until' | 'disputed'> | null;
  readonly rules: readonly Requirement[];
}

const clockedOf = (view: ChangeView): Clocked => ({ ...view, rules: view.requirements.map(({ rule }) => rule) });

/** Renders the time left to confirm a certificate; undefined if none waits. */
const confirmationClock = (locale: CityLocale, change: Clocked): Html | undefined => {
  const { words, say, until } = locale;
  const { confirmation, veto } = change;
  if (confirmation === null || !isOpen(change)) return undefined;
  const when = until(confirmation.until);
  if (confirmation.disputed) return say(words.change.disputed, { when });
  const rule = change.rules.find(({ id }) => id === (veto ?? confirmation).requirement);
  const by = (veto === null ? rule : rule?.override)?.confirmedBy ?? '';
  return say(words.change.unconfirmed, { when, confirmer: capitalized(confirmerOf(locale, by)) });
};

/** Returns the names of the bodies that must act before a requirement. `all`: the change's requirements. */
export const bodiesBefore = (
  locale: CityLocale,
  { after = [] }: Pick<Requirement, 'after'>,
  all: readonly Pick<Requirement, 'id' | 'body'>[],
): string => locale.bodyList(after.map((id) => bodyName(locale, all.find((each) => each.id === id)?.body ?? id)));

export const openingText = ({ day, dateTime }: Pick<Locale, 'day' | 'dateTime'>, from: Beginning): Html | string =>
  'day' in from ? day(from.day) : dateTime(from.instant);

/** Renders when a second vote is possible, if not from the day of the veto. */
const secondVoteText = (
  { words, say, day, zone }: Locale,
  { number, veto }: Pick<Clocked, 'number' | 'veto'>,
  state: FeatureState,
): Html => {
  const first = secondVoteFrom(state, number, zone);
  return veto !== null && first !== undefined && first > localDateOf(veto.at, zone)
    ? html` ${say(words.change.secondVoteFrom, { day: day(first) })}`
    : empty;
};

/** Renders the time left for a second vote or a confirmation; undefined if the change waits for neither. */
const clockOf = (locale: CityLocale, change: Clocked, state: FeatureState): Html | undefined => {
  const { words, say, until } = locale;
  const { veto } = change;
  if (change.confirmation !== null || veto === null) return confirmationClock(locale, change);
  return html`${say(words.change.vetoUntil, { when: until(veto.until) })}${secondVoteText(locale, change, state)}`;
};

export const vetoClock = (locale: CityLocale, view: ChangeView, state: FeatureState): Html =>
  clockOf(locale, clockedOf(view), state) ?? empty;

/** Renders what an open change waits for, and until when; nothing if no body can act. `state`: its feature's at that instant. */
export const waitsText = (locale: CityLocale, state: FeatureState, { change, bodies, until }: WaitingChange): Html => {
  const { words, say, bodyList } = locale;
  if (bodies.length === 0) return empty;
  const clock = clockOf(locale, { ...change, rules: requirementsOf(state, change) }, state);
  if (change.confirmation !== null) return clock ?? empty;
  if (countsAsMaintenance(state, change.number)) return html`${words.decide.smallFixes}`;
  const whom = say(words.approvalPath.waitingFor, { bodies: bodyList(bodies.map((body) => bodyName(locale, body))) });
  const open = clock ?? (until === null ? empty : say(words.decide.openUntil, { when: locale.until(until) }));
  return html`${whom}. ${open}`;
};

/** Renders from when a waiting approval switches its feature on, and what holds until then. `state`: its feature's at that instant. */
export const beginsText = (locale: Locale, state: FeatureState, n: number): Html => {
  const { words, say, dateTime, now } = locale;
  const { nowLater, nowLaterGap, nowLaterOff, nowBehind, nowOvertaken } = words.decide.receipt;
  const [begins, inForce, own] = [nextBeginning(state), inForceIn(state), findChange(state, n)];
  const change = inForce?.number ?? 0;
  if (begins === null) return say(nowBehind, { change });
  const overtaken = own && outdatedOnceBegun(state, own, now);
  if (overtaken !== undefined && overtaken.at <= begins)
    return say(nowOvertaken, { change: overtaken.change, when: dateTime(overtaken.at) });
  const when = dateTime(begins);
  const off = inForce === undefined ? now : outdatedOnceBegun(state, inForce, now)?.at;
  if (off === undefined || off >= begins) return say(nowLater, { change, when });
  return off <= now ? say(nowLaterOff, { when }) : say(nowLaterGap, { when, off: dateTime(off) });
};

export const confirmedIn = (
  view: ChangeView,
  of: Confirmable,
): Pick<NonNullable<ChangeView['rollback']>, 'confirmations' | 'completedAt'> =>
  (of === 'opt-out' ? view.optOut : view.rollback) ?? { confirmations: [], completedAt: null };

export const confirmableOf = (view: ChangeView, state: FeatureState, now: string): Confirmable => {
  const waits = awaitsConfirmation(state, view.number, now);
  return waits ?? ((view.optOut?.confirmations.length ?? 0) > 0 && view.rollback === null ? 'opt-out' : 'rollback');
};

export const confirmationActs = (
  locale: CityLocale,
  { view, of, texts }: { view: ChangeView; of: Confirmable; texts: OfficialTexts },
): Html => {
  const { words, say, dateTime } = locale;
  return html`${confirmedIn(view, of).confirmations.map(({ at, holder, body, comment }) => {
    const reason = officialText(locale, texts.get(comment));
    const slots = { who: holderName(locale, holder, at), body: bodyName(locale, body), when: dateTime(at), reason };
    return html`<p class="note">${say(words.decide.rollback.confirmedBy, slots)}</p>`;
  })}`;
};

export const confirmationLead = ({ words: { decide } }: Locale, view: ChangeView, of: Confirmable): string => {
  if (of === 'opt-out') return decide.optOut.recorded;
  return view.status === 'withdrawn' ? decide.rollback.withdrawn : decide.rollback.entered;
};

export const rollbackNote = (
  locale: CityLocale,
  { view, state, texts }: { view: ChangeView; state: FeatureState; texts: OfficialTexts },
): Html => {
  const { decide } = locale.words;
  const of = confirmableOf(view, state, locale.now);
  const said = of === 'opt-out' ? decide.optOut : decide.rollback;
  const waits = awaitsConfirmation(state, view.number, locale.now) !== undefined;
  if (!waits && confirmedIn(view, of).completedAt === null) return empty;
  const lead = waits ? confirmationLead(locale, view, of) : said.done;
  return html`<p class="note">${lead}${waits && html` ${said.means}`}</p>${confirmationActs(locale, { view, of, texts })}`;
};

export const optOutNote = (
  locale: CityLocale,
  { view, texts }: { readonly view: ChangeView; readonly texts: OfficialTexts },
): Html => {
  const { words, say, dateTime } = locale;
  const { optOut } = view;
  if (optOut === null) return empty;
  const said = words.change.optedOut;
  const counts = words.decide.optOut.standing[optOut.standing];
  const records = optOut.records.map(({ at, person, note, evidence }) => {
    const proof =
      evidence && html`<p class="fine">${said.evidence} ${untrustedText(evidence.title)} · ${hashText(evidence.sha256)}</p>`;
    return html`
<p class="note done">${say(said.by, { who: untrustedText(holderName(locale, person, at)), when: dateTime(at) })} ${counts}</p>
<p class="says words">${officialText(locale, texts.get(note))}</p>${proof}`;
  });
  return html`${records}`;
};
