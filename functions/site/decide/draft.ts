import type { MinutesDraft, MinutesProblem } from '../../../domain/feature/minutes.ts';
import { localDateOf } from '../../../domain/kernel/zone.ts';
import { foreign, type Html, html } from '../html.ts';
import { seatName } from '../names.ts';
import type { Voice } from '../voice.ts';
import type { Input } from './input.ts';
import type { Situation } from './situation.ts';

/** The certificate's fields as the minutes fill them; what they leave open stays blank. The pasted text stays in its box. */
export const draftInput = ({ votes, fileNumber, mover, seconder }: MinutesDraft, minutes: string): Input =>
  new Map([
    ...Object.entries(votes).map(([seat, vote]) => [`vote.${seat}`, [vote]] as const),
    ...(fileNumber === null ? [] : [['fileNumber', [fileNumber]] as const]),
    ...(mover === null ? [] : [['mover', [mover]] as const]),
    ...(seconder === null ? [] : [['seconder', [seconder]] as const]),
    ['minutes', [minutes]] as const,
  ]);

const problemText = (
  { words, say, number }: Voice,
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
      return say(certify.twice, { seat: seatName(roster, requirement?.body ?? '', problem.seat, localDateOf(now, zone)) });
  }
};

/** What the clerk should look at, first that the form was filled by a machine. */
export const draftMessages = (voice: Voice, situation: Situation, { problems }: MinutesDraft): readonly Html[] =>
  problems.length === 0 ? [] : problems.map((problem) => problemText(voice, situation, problem));
