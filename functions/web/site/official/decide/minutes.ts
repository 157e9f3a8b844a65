import type { MinutesDraft, MinutesProblem } from '../../../../../domain/feature/minutes.ts';
import { localMoment } from '../../../../../domain/kernel/zone.ts';
import { type Fault, type Input, oneOf, type readForm } from '../../forms/input.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { seatName } from '../../names.ts';
import type { Situation } from './situation.ts';

/** Returns the minutes that a form contains, or its faults. */
export const pastedMinutes = ({ input, faults }: ReturnType<typeof readForm>): { minutes: string; faults: readonly Fault[] } => {
  const minutes = oneOf(input, 'minutes').trim();
  return { minutes, faults: minutes === '' && faults.length === 0 ? [{ name: 'minutes', code: 'minutes' }] : faults };
};

/** Returns the certificate's fields as read from the minutes. What was not found stays blank; the pasted text is kept. */
export const draftInput = ({ votes, fileNumber, mover, seconder }: MinutesDraft, minutes: string): Input =>
  new Map([
    ...Object.entries(votes).map(([seat, vote]) => [`vote.${seat}`, [vote]] as const),
    ...(fileNumber === null ? [] : [['fileNumber', [fileNumber]] as const]),
    ...(mover === null ? [] : [['mover', [mover]] as const]),
    ...(seconder === null ? [] : [['seconder', [seconder]] as const]),
    ['minutes', [minutes]] as const,
  ]);

const problemText = (
  { words, say, number }: Locale,
  { roster, requirement, now, zone }: Situation,
  problem: MinutesProblem,
): Html => {
  const { certify } = words.decide;
  switch (problem.code) {
    case 'no-votes':
      return html`${certify.noVotes}`;
    case 'unmatched':
      return say(certify.unmatched, { name: foreign(problem.name), label: foreign(problem.label) });
    case 'count':
      return say(certify.count, { label: foreign(problem.label), said: number(problem.said), found: number(problem.found) });
    case 'twice':
      return say(certify.twice, { seat: seatName(roster, requirement?.body ?? '', problem.seat, localMoment(now, zone)) });
  }
};

/** Renders what the clerk should check in the draft. */
export const draftMessages = (locale: Locale, situation: Situation, { problems }: MinutesDraft): readonly Html[] =>
  problems.map((problem) => problemText(locale, situation, problem));

/** Renders the note above a drafted form: that it was filled automatically, or what could not be read. */
export const draftNote = ({ words }: Locale, messages: readonly Html[]): Html => {
  const { certify } = words.decide;
  const [look, tone] = messages.length === 0 ? [certify.drafted, 'note done'] : [certify.draftTrouble, 'note'];
  const lines = messages.length === 0 ? empty : html`<ul>${messages.map((text) => html`<li>${text}</li>`)}</ul>`;
  return html`<div class="${tone}" id="drafted" role="alert" tabindex="-1" autofocus><p>${look}</p>${lines}</div>`;
};
