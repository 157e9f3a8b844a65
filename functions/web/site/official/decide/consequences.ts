import { approvalEnd, commonAudience } from '../../../../../domain/feature/approval.ts';
import { mayBeOn } from '../../../../../domain/feature/evaluate.ts';
import { decidableUntil } from '../../../../../domain/feature/state.ts';
import type { RequirementView } from '../../../../../domain/feature/view.ts';
import { earliest } from '../../../../../domain/kernel/order.ts';
import { requirementJson } from '../../../../register/views/requirements.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { bodyName } from '../../names.ts';
import { audienceText } from '../../parts/terms.ts';
import type { Situation } from './situation.ts';

const namesOf = ({ roster }: Situation, requirements: readonly RequirementView[]): readonly string[] => [
  ...new Set(requirements.map(({ body }) => bodyName(roster, body))),
];

/** The requirements that must still be satisfied beside this one: they wait for it, or decide beside it. */
const othersOf = ({ view, link }: Situation) => {
  const left = view.requirements.filter(
    ({ id, instrument, status }) =>
      id !== link.requirement && instrument !== 'advice' && (status === 'waiting' || status === 'open'),
  );
  return { after: left.filter(({ status }) => status === 'waiting'), beside: left.filter(({ status }) => status === 'open') };
};

/** Until when it would be on, were it approved now: as long as that approval and all that stands above. */
const endOf = ({ view, latest, now, zone, above }: Situation): string | null => {
  const ends = { endsAt: latest.notice.endsAt, until: view.terms?.until ?? null, term: view.pinned?.term ?? null };
  return earliest(approvalEnd(ends, { at: now, zone }), above?.validUntil ?? null);
};

/** For whom it would be on: the terms' agencies, as far as what stands above is on for them. */
const audienceOf = ({ view, above }: Situation): readonly string[] | null =>
  commonAudience(view.terms?.audience ?? null, above?.audience ?? null);

const ifYes = (locale: Locale, situation: Situation): Html => {
  const { words, say, list, until } = locale;
  const { view, blockedBy } = situation;
  const { after, beside } = othersOf(situation);
  const end = endOf(situation);
  const slots = {
    audience: audienceText(locale, audienceOf(situation)),
    end: end === null ? words.noEnd : say(words.decide.goesOnUntil, { when: until(end) }),
  };
  const blocked = blockedBy.length === 0 ? empty : html` ${say(words.decide.blockedBy, { keys: list(blockedBy) })}`;
  const inTheEnd = end === null ? empty : html` ${say(words.decide.inTheEnd, slots)}`;
  const next =
    after.length > 0
      ? html`${say(words.decide.thenNext, { bodies: list(namesOf(situation, after)) })}${inTheEnd}`
      : beside.length > 0
        ? html`${say(words.decide.thenOthers, { bodies: list(namesOf(situation, beside)) })}${inTheEnd}`
        : say(words.decide.goesOn, slots);
  const conditions = view.terms?.conditions ?? null;
  return html`${next}${blocked}${conditions === null ? empty : html` ${words.decide.condition} ${foreign(conditions)}`}`;
};

/** What stays while the answer is no. */
const ifNotApproved = ({ words }: Locale, { evaluation, state, view }: Situation): string => {
  if (state.standing === null || state.standing === view.number) return words.decide.staysOff;
  if (evaluation.variant === 'outdated') return words.decide.isOutdated;
  return mayBeOn(evaluation.variant) ? words.decide.staysAsIs : words.decide.staysOff;
};

const ifNo = (locale: Locale, situation: Situation): Html => {
  const { words, count, duration } = locale;
  const { requirement, view, roster } = situation;
  const stays = ifNotApproved(locale, situation);
  if (requirement?.instrument === 'ballots') return html`${words.decide.voteCounts} ${stays}`;
  const override = requirement?.rule.override;
  if (override === undefined) return html`${stays} ${words.decide.requestEnds}`;
  const body = view.requirements.find(({ id }) => id === override.requirement)?.body ?? override.requirement;
  return html`${stays} ${count(words.decide.canOverride, override.yes, { body: bodyName(roster, body), duration: duration(override.within) })}`;
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

/** How many yes votes it takes; nothing for who decides alone. */
export const neededText = (locale: Locale, situation: Situation): Html => {
  const { words, count, number } = locale;
  const { view, requirement, now, zone, roster } = situation;
  if (requirement === undefined || (requirement.instrument !== 'ballots' && requirement.instrument !== 'certification'))
    return empty;
  const { needed, of } = requirementJson(view, requirement, { now, zone, roster });
  return count(words.decide.yesCounts, needed, { of: number(of) });
};

/** What follows from each answer, silence included. */
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
  return html`
<dl class="then"><div><dt>${labels[0]}</dt><dd>${instrument === 'ballots' ? html`${neededText(locale, situation)} ` : empty}${ifYes(locale, situation)}</dd></div>
<div><dt>${labels[1]}</dt><dd>${ifNo(locale, situation)}</dd></div>
<div><dt>${words.decide.ifNothing}</dt><dd>${ifNothing(locale, situation)}</dd></div></dl>`;
};
