import type { ChangeView, RequirementView } from '../../../../domain/feature/view.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { ballotsAreOpen } from '../../../register/views/requirements.ts';
import { empty, type Html, html } from '../html.ts';
import { bodyName } from '../names.ts';
import type { Voice } from '../voice.ts';
import { cameBy } from './provenance.ts';

interface Step {
  readonly mark: string;
  readonly tone: '' | 'you' | 'bad';
  readonly text: Html | string;
  readonly note: Html | string;
}

const notesOf = (
  voice: Voice,
  view: ChangeView,
  requirement: RequirementView,
  roster: Roster | null,
): readonly (Html | string)[] => {
  const { words, say, count, list, until } = voice;
  const { tally, override, status, deadlineAt, rule, instrument } = requirement;
  const bodies = (rule.after ?? []).map((id) => bodyName(roster, view.requirements.find((each) => each.id === id)?.body ?? id));
  const hiddenTally = ballotsAreOpen(view, requirement);
  const answers = Object.keys(requirement.ballots).length;
  return [
    ...(tally !== null && !hiddenTally
      ? [say(words.road.tally, { yes: voice.number(tally.yes), no: voice.number(tally.no) })]
      : []),
    ...(override === null
      ? []
      : [
          html`${words.act.overridden}: ${say(words.road.tally, { yes: voice.number(override.tally.yes), no: voice.number(override.tally.no) })}`,
        ]),
    ...(instrument === 'ballots' && answers > 0 ? [count(words.road.answered, answers)] : []),
    ...(status === 'waiting' && bodies.length > 0 ? [say(words.road.afterOthers, { bodies: list(bodies) })] : []),
    ...(status === 'open' && deadlineAt !== null ? [say(words.road.byDeadline, { when: until(deadlineAt) })] : []),
  ];
};

const stepOf = (voice: Voice, view: ChangeView, requirement: RequirementView, roster: Roster | null, yours: boolean): Step => {
  const { words, say } = voice;
  const { status, instrument } = requirement;
  const body = bodyName(roster, requirement.body);
  const notes = notesOf(voice, view, requirement, roster);
  const note = html`${notes.map((each, index) => html`${index === 0 ? empty : ' · '}${each}`)}`;
  const mine = instrument === 'certification' ? words.road.yours : words.road.you;
  if (status === 'met') return { mark: '✓', tone: '', text: say(words.road.met, { body }), note };
  if (status === 'overridden') return { mark: '✓', tone: '', text: say(words.road.overridden, { body }), note };
  if (status === 'refused') return { mark: '✕', tone: 'bad', text: say(words.road.refused, { body }), note };
  if (yours) return { mark: '●', tone: 'you', text: html`<b>${say(mine, { body })}</b>`, note };
  if (instrument === 'advice') return { mark: '○', tone: '', text: say(words.road.advice, { body }), note };
  return {
    mark: status === 'open' ? '○' : '·',
    tone: '',
    text: say(status === 'open' ? words.road.open : words.road.waiting, { body }),
    note,
  };
};

const lastStep = ({ words, say, until, dateTime }: Voice, view: ChangeView): Step => {
  if (view.status === 'approved') {
    const end = view.approved?.validUntil;
    return {
      mark: '✓',
      tone: '',
      text: words.status.approved,
      note: end ? say(words.road.onUntil, { when: until(end) }) : empty,
    };
  }
  if (view.status === 'pending') return { mark: '?', tone: '', text: words.road.on, note: empty };
  if (view.status === 'vetoed')
    return {
      mark: '?',
      tone: '',
      text: words.status.vetoed,
      note: view.veto === null ? empty : say(words.change.vetoUntil, { when: until(view.veto.until) }),
    };
  const when = view.ended === null ? empty : say(words.change.ended, { when: dateTime(view.ended.at) });
  return { mark: '✕', tone: 'bad', text: words.status[view.status], note: when };
};

/** Where a change stands, as a road: the notice, each requirement in its order, the end. `yours`: the requirement of who reads it. */
export const road = (voice: Voice, view: ChangeView, roster: Roster | null, yours?: string): Html => {
  const { words, say, dateTime } = voice;
  const received = view.revisions.map(({ revision, at, provenance }): Step => {
    const { receivedSigned: signed, receivedForm: form, receivedEntered: entered } = words.road;
    const note = say({ signed, form, entered }[cameBy(provenance)], { when: dateTime(at) });
    return { mark: '✓', tone: '', text: revision === 1 ? words.road.received : words.road.revisedAt, note };
  });
  const steps = [
    ...received,
    ...view.requirements.map((requirement) => stepOf(voice, view, requirement, roster, requirement.id === yours)),
    lastStep(voice, view),
  ];
  return html`
<ol class="road">${steps.map(
    ({ mark, tone, text, note }) =>
      html`<li class="${tone}"><span class="mark" aria-hidden="true">${mark}</span>${text}${note === empty ? empty : html`<small>${note}</small>`}</li>`,
  )}</ol>`;
};
