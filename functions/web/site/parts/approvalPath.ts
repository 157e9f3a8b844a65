import type { ApprovalEffect } from '../../../../domain/feature/effect.ts';
import { POLICY_KEY } from '../../../../domain/feature/keys.ts';
import { isOpen } from '../../../../domain/feature/state.ts';
import type { ActView, ChangeView, RequirementView } from '../../../../domain/feature/view.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { capitalized } from '../../../platform/catalogue.ts';
import { ballotsAreOpen } from '../../../register/views/changeJson.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { bodyName } from '../names.ts';
import { actList } from './acts.ts';
import { cameBy } from './notice.ts';
import type { OfficialTexts } from './officialTexts.ts';
import { confirmationClock } from './secondVote.ts';
import { effectEnd } from './terms.ts';

interface Step {
  readonly mark: string;
  readonly tone: '' | 'you' | 'bad';
  readonly text: Html | string;
  readonly note: Html | string;
  readonly acts?: Html;
}

const notesOf = (
  locale: Locale,
  view: ChangeView,
  requirement: RequirementView,
  roster: Roster | null,
  hasActs: boolean,
): readonly (Html | string)[] => {
  const { words, say, count, bodyList, until } = locale;
  const { tally, override, status, deadlineAt, rule, instrument } = requirement;
  const bodies = (rule.after ?? []).map((id) =>
    bodyName(locale, roster, view.requirements.find((each) => each.id === id)?.body ?? id),
  );
  const hiddenTally = hasActs || ballotsAreOpen(view, requirement);
  const answers = Object.keys(requirement.ballots).length;
  return [
    ...(tally !== null && !hiddenTally
      ? [say(words.approvalPath.tally, { yes: locale.number(tally.yes), no: locale.number(tally.no) })]
      : []),
    ...(override === null || hasActs
      ? []
      : [
          html`${words.act.overridden}: ${say(words.approvalPath.tally, { yes: locale.number(override.tally.yes), no: locale.number(override.tally.no) })}`,
        ]),
    ...(instrument === 'ballots' && answers > 0 ? [count(words.approvalPath, 'answered', answers)] : []),
    ...(isOpen(view) && status === 'waiting' && bodies.length > 0
      ? [say(words.approvalPath.afterOthers, { bodies: bodyList(bodies) })]
      : []),
    ...(isOpen(view) && status === 'open' && deadlineAt !== null
      ? [say(words.approvalPath.byDeadline, { when: until(deadlineAt) })]
      : []),
  ];
};

interface Shown {
  readonly effect: ApprovalEffect;
  readonly yours?: string;
  readonly texts?: OfficialTexts;
}

const stepOf = (
  locale: Locale,
  view: ChangeView,
  requirement: RequirementView,
  roster: Roster | null,
  { yours, texts }: Shown,
): Step => {
  const { words, say } = locale;
  const { status, instrument } = requirement;
  const body = bodyName(locale, roster, requirement.body);
  const notes = notesOf(locale, view, requirement, roster, texts !== undefined);
  const note = html`${notes.map((each, index) => html`${index === 0 ? empty : ' · '}${each}`)}`;
  const mine = instrument === 'certification' ? words.approvalPath.yours : words.approvalPath.you;
  if (status === 'met') return { mark: '✓', tone: '', text: say(words.approvalPath.met, { body }), note };
  if (status === 'overridden') return { mark: '✓', tone: '', text: say(words.approvalPath.overridden, { body }), note };
  if (status === 'refused') return { mark: '✕', tone: 'bad', text: say(words.approvalPath.refused, { body }), note };
  if (!isOpen(view)) return { mark: '·', tone: '', text: say(words.approvalPath.waiting, { body }), note };
  if (requirement.id === yours) return { mark: '●', tone: 'you', text: html`<b>${say(mine, { body })}</b>`, note };
  if (instrument === 'advice') return { mark: '○', tone: '', text: say(words.approvalPath.advice, { body }), note };
  return {
    mark: status === 'open' ? '○' : '·',
    tone: '',
    text: say(status === 'open' ? words.approvalPath.open : words.approvalPath.waiting, { body }),
    note,
  };
};

const lastStep = (locale: Locale, view: ChangeView, effect: ApprovalEffect): Step => {
  const { words, say, until, dateTime } = locale;
  if (view.status === 'approved') {
    return {
      mark: '✓',
      tone: '',
      text: capitalized(words.status.approved),
      note: view.approved?.began === null ? words.approvalPath.waits : effectEnd(locale, effect),
    };
  }
  if (view.status === 'pending') {
    const text = view.key === POLICY_KEY ? words.policyChange.inForce : words.approvalPath.on;
    return { mark: '?', tone: '', text, note: confirmationClock(locale, view) ?? empty };
  }
  if (view.status === 'vetoed')
    return {
      mark: '?',
      tone: '',
      text: capitalized(words.status.vetoed),
      note:
        confirmationClock(locale, view) ??
        (view.veto === null ? empty : say(words.change.vetoUntil, { when: until(view.veto.until) })),
    };
  const when = view.ended === null ? empty : say(words.change.ended, { when: dateTime(view.ended.at) });
  return { mark: '✕', tone: 'bad', text: capitalized(words.status[view.status]), note: when };
};

/** Reports whether an act belongs to a requirement of the path; a revocation and an act under earlier rules belong to its end. */
const isIn = (act: ActView, { id }: RequirementView): boolean => 'revision' in act && act.requirement === id;

/**
 * Renders where a change stands: its notice, each requirement in order, its end; with `texts` also every act, in its requirement or at the
 * end.
 */
export const approvalPath = (locale: Locale, view: ChangeView, roster: Roster | null, shown: Shown): Html => {
  const { words, say, dateTime } = locale;
  const { texts } = shown;
  const actsOf = (which: (act: ActView) => boolean): Html =>
    texts === undefined ? empty : actList(locale, view, roster, texts, view.acts.filter(which));
  const received = view.revisions.map(({ revision, at, provenance }): Step => {
    const { receivedSigned: signed, receivedForm: form, receivedEntered: entered } = words.approvalPath;
    const note = say({ signed, form, entered }[cameBy(provenance)], { when: dateTime(at) });
    return { mark: '✓', tone: '', text: revision === 1 ? words.approvalPath.received : words.approvalPath.revisedAt, note };
  });
  const steps: readonly Step[] = [
    ...received,
    ...view.requirements.map((requirement) => ({
      ...stepOf(locale, view, requirement, roster, shown),
      acts: actsOf((act) => isIn(act, requirement)),
    })),
    {
      ...lastStep(locale, view, shown.effect),
      acts: actsOf((act) => !view.requirements.some((requirement) => isIn(act, requirement))),
    },
  ];
  return html`
<ol class="approval-path">${steps.map(
    ({ mark, tone, text, note, acts = empty }) =>
      html`<li class="${tone}"><span class="mark" aria-hidden="true">${mark}</span>${text}${note === empty ? empty : html`<small>${note}</small>`}${acts}</li>`,
  )}</ol>`;
};
