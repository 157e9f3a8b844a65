import { type LocalMoment, localMoment } from '../../../domain/kernel/zone.ts';
import { concernedBy } from '../../../domain/roster/concerned.ts';
import { awaits, type ConfirmerRules, confirmersOf } from '../../../domain/roster/confirm.ts';
import type { Officer, RosterEvent } from '../../../domain/roster/events.ts';
import type { Proposal, RosterState } from '../../../domain/roster/state.ts';
import { readRules } from '../../gate/rules.ts';
import { fillText } from '../../platform/catalogue.ts';
import type { MailWords } from '../../platform/mail/words.ts';
import type { Store } from '../../platform/store/port.ts';
import type { Draft } from './draft.ts';

/** What waits for two persons, and the rules that say who they can be. */
interface Waiting {
  readonly rules: ConfirmerRules;
  readonly proposal: Proposal;
  readonly when: LocalMoment;
}

type ProposalPorts = { readonly store: Store; readonly zone: string; readonly clock: () => string };

/** Reads what waits; undefined if nothing does. */
const waitingIn = async (ports: ProposalPorts, { inForce, proposal }: RosterState): Promise<Waiting | undefined> => {
  if (inForce === null || proposal === null) return undefined;
  const policy = (await readRules(ports)).policy?.policy ?? null;
  return { rules: { policy, inForce }, proposal, when: localMoment(ports.clock(), ports.zone) };
};

const nameIn = ({ rules }: Waiting, holder: string): string =>
  rules.inForce.roster.holders.find(({ id }) => id === holder)?.name ?? holder;

const drafted = ({ proposal }: Waiting, who: readonly Officer[], name: string, write: Draft['write']): readonly Draft[] =>
  who.map(
    ({ holder, body, seat }): Draft => ({
      to: { holder },
      purpose: `${name}/${body}/${seat}`,
      target: { purpose: 'confirm-roster', holder, body, seat, sha256: proposal.sha256 },
      write,
    }),
  );

/** Returns what a mail says of a proposal to those who can confirm it. */
const asked = (waiting: Waiting, words: MailWords): { readonly subject: string; readonly text: string } => {
  const { proposal } = waiting;
  return 'roster' in proposal
    ? { subject: words.subjectRoster, text: words.askRoster }
    : { subject: words.subjectReset, text: fillText(words.askReset, { who: nameIn(waiting, proposal.holder) }) };
};

const isWaiting = (waiting: Waiting, who: Officer): boolean =>
  awaits(waiting.rules, waiting.proposal, { ...who, when: waiting.when });

const confirmerDrafts = (waiting: Waiting): readonly Draft[] => {
  const confirmers = confirmersOf(waiting.rules, waiting.proposal, waiting.when).filter((who) => isWaiting(waiting, who));
  return drafted(waiting, confirmers, 'confirm-roster', (words, link) => {
    const { subject, text } = asked(waiting, words);
    return { subject, paragraphs: [text, words.askTwo, { link }, words.linkIsYours] };
  });
};

/** Returns a mail to each person whom what waits concerns, at the address under the roster in force; it has no link. */
const concernedDrafts = ({ rules, proposal, when }: Waiting): readonly Draft[] =>
  concernedBy(rules.inForce, proposal, when).map((holder) => ({
    to: { holder },
    purpose: 'concerned',
    write: (words) => ({
      subject: words.subjectConcerned,
      paragraphs: ['roster' in proposal ? words.concerned.roster : words.concerned.passkeys, words.concerned.keeps],
    }),
  }));

/**
 * Returns the mails about the proposal of that digest: to everyone who can confirm it and has not answered, with a link, and to those
 * whom it concerns. None if another proposal has replaced it.
 */
export const proposalDrafts = async (ports: ProposalPorts, state: RosterState, sha256: string): Promise<readonly Draft[]> => {
  const waiting = await waitingIn(ports, state);
  if (waiting?.proposal.sha256 !== sha256) return [];
  return [...concernedDrafts(waiting), ...confirmerDrafts(waiting)];
};

/** Returns the mails by which one person confirms or refuses what waits; none if nothing waits for them. */
export const ownProposalDrafts = async (ports: ProposalPorts, state: RosterState, holder: string): Promise<readonly Draft[]> => {
  const waiting = await waitingIn(ports, state);
  if (waiting === undefined) return [];
  return confirmerDrafts(waiting).filter(({ to }) => 'holder' in to && to.holder === holder);
};

/** Returns a mail about a refusal to the others who can confirm what waits, each with a link. */
export const refusalDrafts = async (
  ports: ProposalPorts,
  state: RosterState,
  { sha256, holder }: Extract<RosterEvent, { type: 'RosterRefused' }>,
): Promise<readonly Draft[]> => {
  const waiting = await waitingIn(ports, state);
  if (waiting?.proposal.sha256 !== sha256) return [];
  const others = confirmersOf(waiting.rules, waiting.proposal, waiting.when).filter((who) => who.holder !== holder);
  return drafted(waiting, others, `refused/${holder}`, (words, link) => ({
    subject: words.subjectRefused,
    paragraphs: [fillText(words.refusedProposal, { who: nameIn(waiting, holder) }), { link }, words.linkIsYours],
  }));
};
