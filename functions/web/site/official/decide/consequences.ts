import { mayBeOn } from '../../../../../domain/feature/evaluate.ts';
import { foretell } from '../../../../../domain/feature/foretell.ts';
import { POLICY_KEY } from '../../../../../domain/feature/keys.ts';
import { decidableUntil } from '../../../../../domain/feature/state.ts';
import { NO_TERMS } from '../../../../../domain/feature/terms.ts';
import type { RequirementView } from '../../../../../domain/feature/view.ts';
import { requirementJson } from '../../../../register/views/changeJson.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { bodyName } from '../../names.ts';
import { confirmedText } from '../../parts/policy.ts';
import { overrideTimeText } from '../../parts/secondVote.ts';
import { audienceText, effectEnd } from '../../parts/terms.ts';
import type { Situation } from './situation.ts';

const namesOf = (locale: Locale, { roster }: Situation, requirements: readonly RequirementView[]): readonly string[] => [
  ...new Set(requirements.map(({ body }) => bodyName(locale, roster, body))),
];

/** Returns the other requirements that must still be met: those that wait for this one, and those that are open beside it. */
export const othersOf = ({ view, link }: Situation) => {
  const left = view.requirements.filter(
    ({ id, instrument, status }) =>
      id !== link.requirement && instrument !== 'advice' && (status === 'waiting' || status === 'open'),
  );
  return { after: left.filter(({ status }) => status === 'waiting'), beside: left.filter(({ status }) => status === 'open') };
};

const confirmedFirst = (locale: Locale, { view, requirement, roster }: Situation): Html => {
  if (requirement?.instrument !== 'certification') return empty;
  const decides = view.requirements.find(({ id }) => id === view.veto?.requirement);
  const by = view.veto === null ? requirement.rule.confirmedBy : decides?.rule.override?.confirmedBy;
  return by === undefined ? empty : html`${confirmedText(locale, roster, by)} `;
};

const ifRulesAgreed = (locale: Locale, situation: Situation): Html => {
  const { words, say, bodyList } = locale;
  const { after, beside } = othersOf(situation);
  const others = namesOf(locale, situation, [...after, ...beside]);
  return others.length === 0
    ? html`${words.policyChange.followsLast}`
    : html`${say(words.policyChange.others, { bodies: bodyList(others) })} ${words.policyChange.followsAll}`;
};

const ifYes = (locale: Locale, situation: Situation): Html => {
  const { words, say, count, list, bodyList, dateTime } = locale;
  const { blockedBy, effect, link } = situation;
  const { inTheEnd, inTheEndFrom, goesOn, goesOnFrom } = words.decide;
  if (link.key === POLICY_KEY) return ifRulesAgreed(locale, situation);
  const { after, beside } = othersOf(situation);
  const slots = {
    audience: audienceText(locale, effect.audience),
    end: effectEnd(locale, effect),
    from: effect.from === null ? '' : dateTime(effect.from.value),
  };
  const atOnce = effect.from === null;
  const blocked = blockedBy.length === 0 ? empty : html` ${say(words.decide.blockedBy, { keys: list(blockedBy) })}`;
  const toDecide = (text: 'thenNext' | 'thenOthers', requirements: readonly RequirementView[]): Html => {
    const names = namesOf(locale, situation, requirements);
    return count(words.decide, text, names.length, { bodies: bodyList(names) });
  };
  const allYes = say(atOnce ? inTheEnd : inTheEndFrom, { ...slots, end: effectEnd(locale, effect, true) });
  const next =
    after.length > 0
      ? html`${toDecide('thenNext', after)} ${allYes}`
      : beside.length > 0
        ? html`${toDecide('thenOthers', beside)} ${allYes}`
        : say(atOnce ? goesOn : goesOnFrom, slots);
  const conditions = [...new Set(effect.conditions.map(({ value }) => value))].map(
    (value) => html` ${words.decide.condition} ${foreign(value)}`,
  );
  const fixes = effect.maintenance === null ? empty : html` ${words.decide.smallFixes}`;
  return html`${next}${blocked}${conditions}${fixes}`;
};

const ifNotApproved = ({ words }: Locale, { evaluation, state, view, link }: Situation): string => {
  if (link.key === POLICY_KEY) return words.policyChange.followsNo;
  if (state.standing === null || state.standing === view.number) return words.decide.staysOff;
  if (evaluation.variant === 'outdated') return words.decide.isOutdated;
  return mayBeOn(evaluation.variant) ? words.decide.staysAsIs : words.decide.staysOff;
};

const ifNo = (locale: Locale, situation: Situation): Html => {
  const { words, count, bodySlots } = locale;
  const { requirement, view, roster } = situation;
  const stays = ifNotApproved(locale, situation);
  if (requirement?.instrument === 'ballots') return html`${words.decide.voteCounts} ${stays}`;
  const override = requirement?.rule.override;
  if (override === undefined) return html`${stays} ${words.decide.requestEnds}`;
  const body = view.requirements.find(({ id }) => id === override.requirement)?.body ?? override.requirement;
  const slots = { ...bodySlots(bodyName(locale, roster, body)), time: overrideTimeText(locale, override) };
  return html`${stays} ${count(words.decide, 'canOverride', override.yes, slots)}`;
};

const ifNothing = (locale: Locale, situation: Situation): Html => {
  const { words, say, ending } = locale;
  const { requirement, view } = situation;
  const deadline = view.veto === null ? (requirement?.deadlineAt ?? null) : null;
  const closes = decidableUntil(view);
  const clock =
    deadline !== null
      ? say(words.decide.deadlineOn, { when: ending(deadline) })
      : closes === null
        ? html`${words.decide.noWindow}`
        : say(words.decide.lapsesOn, { when: ending(closes) });
  return html`${ifNotApproved(locale, situation)} ${clock}`;
};

/** Renders how many yes votes are needed; nothing for a body that decides by one signature. */
export const neededText = (locale: Locale, situation: Situation): Html => {
  const { words, count, number } = locale;
  const { view, requirement, now, zone, roster } = situation;
  if (requirement === undefined || (requirement.instrument !== 'ballots' && requirement.instrument !== 'certification'))
    return empty;
  const { needed, of } = requirementJson(view, requirement, { now, zone, roster });
  return count(words.decide, 'yesCounts', needed, { of: number(of) });
};

/** Renders what the approval would do now, where it would not simply be in force: replaced at once, later, or off. */
const foretold = (locale: Locale, { state, view, now, link, latest }: Situation): Html => {
  const { words, say, dateTime, list, number } = locale;
  if (link.key === POLICY_KEY || latest.revision !== link.revision) return empty;
  const result = foretell(state, view.number, view.terms ?? NO_TERMS, now);
  const text = words.decide.foretold;
  switch (result?.becomes) {
    case 'replaced':
      return html`<p class="note no">${say(text.replaced, { change: number(result.by) })}</p>`;
    case 'outdated':
      return html`<p class="note no">${say(text.outdated, { changes: list(result.by.map(number)) })}</p>`;
    case 'waiting': {
      const when = dateTime(result.at);
      const until =
        result.meanwhile === null
          ? say(text.begins, { when })
          : say(text.beginsAfter, { when, change: number(result.meanwhile) });
      return html`<p class="note">${until}</p>`;
    }
    default:
      return empty;
  }
};

export const consequences = (locale: Locale, situation: Situation): Html => {
  const { words } = locale;
  const instrument = situation.requirement?.instrument;
  if (instrument === 'advice')
    return html`<dl class="then"><div><dt>${words.decide.ifAdvice}</dt><dd>${words.decide.adviceNote}</dd></div></dl>`;
  const labels =
    instrument === 'certification'
      ? ([words.decide.ifAdopted, words.decide.ifRejected] as const)
      : instrument === 'ballots'
        ? ([words.decide.ifYes, words.decide.ifNo] as const)
        : ([words.decide.ifSign, words.decide.ifRefuse] as const);
  return html`${foretold(locale, situation)}
<dl class="then"><div><dt>${labels[0]}</dt><dd>${instrument === 'ballots' ? html`${neededText(locale, situation)} ` : confirmedFirst(locale, situation)}${ifYes(locale, situation)}</dd></div>
<div><dt>${labels[1]}</dt><dd>${ifNo(locale, situation)}</dd></div>
<div><dt>${words.decide.ifNothing}</dt><dd>${ifNothing(locale, situation)}</dd></div></dl>`;
};
