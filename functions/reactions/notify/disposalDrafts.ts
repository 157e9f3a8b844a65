import { changeId } from '../../../domain/feature/keys.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { disposalProblem } from '../../../domain/redaction/decide.ts';
import type { Redaction } from '../../../domain/redaction/state.ts';
import { attestingBodies } from '../../../domain/roster/attest.ts';
import { handedOver } from '../../../domain/roster/handover.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { RosterState } from '../../../domain/roster/state.ts';
import { fillText } from '../../platform/catalogue.ts';
import type { Draft } from './draft.ts';

/** Returns a mail to each clerk who can confirm the disposal that waits, with a link to do so; none if none waits. */
export const disposalDrafts = (
  redaction: Redaction,
  rosters: RosterState,
  { now, zone }: { readonly now: string; readonly zone: string },
): readonly Draft[] => {
  const { status, key, change, commitment, request, authority, fileNumber } = redaction;
  const roster = rosters.inForce;
  if (status !== 'disposal-requested' || request === null || roster === null) return [];
  const when = localMoment(now, zone);
  const handovers = handedOver(rosters);
  return [...attestingBodies(roster.roster)].flatMap((body) =>
    [...holdersOf(roster.roster, body, when)]
      .map(([seat, { id: holder }]) => ({ holder, body, seat }))
      .filter((who) => disposalProblem(redaction, { ...who, when, roster, handovers }) === undefined)
      .map(
        (who): Draft => ({
          to: { holder: who.holder },
          purpose: `confirm-disposal/${who.body}/${who.seat}`,
          target: { purpose: 'confirm-disposal', ...who, commitment, request: request.name },
          write: (words, link) => {
            const about = key === null || change === null ? words.aboutRoster : changeId(key, change);
            const asked = fillText(words.askDisposal, { about, authority, file: fileNumber });
            return { subject: words.subjectDisposal, paragraphs: [asked, { link }, words.linkIsYours] };
          },
        }),
      ),
  );
};
