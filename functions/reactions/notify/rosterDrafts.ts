import { type LocalMoment, localMoment } from '../../../domain/kernel/zone.ts';
import { awaits } from '../../../domain/roster/confirm.ts';
import type { RosterEvent } from '../../../domain/roster/events.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { RosterState } from '../../../domain/roster/state.ts';
import { fillText } from '../../platform/catalogue.ts';
import type { MailWords } from '../../platform/mail/words.en.ts';
import { mailTimes } from '../../platform/mail/words.ts';
import type { Draft } from './draft.ts';

/** Returns a mail to everyone who can confirm the proposed roster and has not; none if another proposal has replaced it. */
const confirmerDrafts = (
  { inForce, proposal }: RosterState,
  sha256: string,
  when: LocalMoment,
  { name, write }: { readonly name: string; readonly write: Draft['write'] },
): readonly Draft[] => {
  if (inForce === null || proposal?.sha256 !== sha256) return [];
  return Object.keys(inForce.roster.bodies).flatMap((body) =>
    [...holdersOf(inForce.roster, body, when)]
      .filter(([seat, { id }]) => awaits(inForce, proposal, { holder: id, body, seat, when }))
      .map(
        ([seat, { id }]): Draft => ({
          to: { holder: id },
          purpose: `${name}/${body}/${seat}`,
          target: { purpose: 'confirm-roster', holder: id, body, seat, sha256 },
          write,
        }),
      ),
  );
};

/** Returns a mail to everyone who may confirm the proposed roster under the one in force; none if another proposal has replaced it. */
export const rosterDrafts = (rosters: RosterState, sha256: string, now: string, zone: string): readonly Draft[] => {
  const handsOver = rosters.proposal?.handovers !== undefined;
  return confirmerDrafts(rosters, sha256, localMoment(now, zone), {
    name: 'confirm-roster',
    write: (words, link) => ({
      subject: words.subjectRoster,
      paragraphs: [...(handsOver ? [words.askHandover] : []), words.askRoster, { link }, words.linkIsYours],
    }),
  });
};

/** Returns a mail about an objection to everyone whose confirmation can end it. `holder`: who objects. */
export const objectionDrafts = (
  rosters: RosterState,
  { sha256, holder }: Extract<RosterEvent, { type: 'HandoverObjected' }>,
  now: string,
  zone: string,
): readonly Draft[] =>
  confirmerDrafts(rosters, sha256, localMoment(now, zone), {
    name: `objection/${holder}`,
    write: (words, link) => ({
      subject: words.subjectObjection,
      paragraphs: [words.handover.objected, { link }, words.linkIsYours],
    }),
  });

const handoverLetter = (words: MailWords, link: string, { since, from }: { since: string; from: string }, zone: string) => ({
  subject: words.subjectHandover,
  paragraphs: [
    fillText(words.handover.proposed, { when: mailTimes(words, zone).dateTime(since) }),
    fillText(words.handover.waits, { from: mailTimes(words, zone).dateTime(from) }),
    words.handover.object,
    { link },
    words.linkIsYours,
  ],
});

/**
 * Returns a mail to each sitting holder whose links the proposed roster would send elsewhere, with a link to object. It goes to
 * the address under the roster in force. `only`: of this holder alone.
 */
export const handoverDrafts = (
  { inForce, proposal }: RosterState,
  sha256: string,
  { now, zone, only }: { readonly now: string; readonly zone: string; readonly only?: string },
): readonly Draft[] => {
  if (inForce === null || proposal?.sha256 !== sha256 || proposal.effectiveAt === undefined) return [];
  const { since, effectiveAt: from, handovers = [] } = proposal;
  const today = localMoment(now, zone);
  return Object.keys(inForce.roster.bodies).flatMap((body) =>
    [...holdersOf(inForce.roster, body, today)]
      .filter(([, { id }]) => handovers.includes(id) && (only ?? id) === id)
      .map(
        ([seat, { id }]): Draft => ({
          to: { holder: id },
          purpose: `handover/${body}/${seat}`,
          target: { purpose: 'object', holder: id, body, seat, sha256 },
          write: (words, link) => handoverLetter(words, link, { since, from }, zone),
        }),
      ),
  );
};

/** Returns a mail to each holder whose links decide again, because the proposal that concerned them has ended. */
export const handoverEndedDrafts = ({
  handovers = [],
  because,
}: Extract<RosterEvent, { type: 'RosterProposalEnded' }>): readonly Draft[] =>
  handovers.map((holder) => ({
    to: { holder },
    purpose: 'handover-ended',
    write: (words) => ({ subject: words.subjectHandoverEnded, paragraphs: [words.handover[because]] }),
  }));
