import { localDateOf } from '../../../domain/kernel/zone.ts';
import { confirmerProblem } from '../../../domain/roster/confirm.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { RosterState } from '../../../domain/roster/state.ts';
import type { Draft } from './draft.ts';

/** Returns a mail to everyone who may confirm the proposed roster under the one in force; none if another proposal has replaced it. */
export const rosterDrafts = ({ inForce, proposal }: RosterState, sha256: string, now: string, zone: string): readonly Draft[] => {
  if (inForce === null || proposal?.sha256 !== sha256) return [];
  const localDate = localDateOf(now, zone);
  return Object.keys(inForce.roster.bodies).flatMap((body) =>
    [...holdersOf(inForce.roster, body, localDate)]
      .filter(([seat, { id }]) => confirmerProblem(inForce, proposal, { holder: id, body, seat, localDate }) === undefined)
      .map(
        ([seat, { id }]): Draft => ({
          to: { holder: id },
          purpose: `confirm-roster/${body}/${seat}`,
          target: { purpose: 'confirm-roster', holder: id, body, seat, sha256 },
          change: null,
          revision: null,
          write: (words, link) => ({
            subject: words.subjectRoster,
            paragraphs: [words.askRoster, { link }, words.linkIsYours],
          }),
        }),
      ),
  );
};
