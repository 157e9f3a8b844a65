import { advanceTo } from '../../../domain/feature/due.ts';
import { awaitsRollback } from '../../../domain/feature/evolve/forced.ts';
import { isEntered } from '../../../domain/feature/notice.ts';
import { type LocalMoment, localMoment } from '../../../domain/kernel/zone.ts';
import { awaits, type ConfirmerRules, confirmersOf } from '../../../domain/roster/confirm.ts';
import { concernedBy } from '../../../domain/roster/contacts.ts';
import type { Officer, ProposalAnswered } from '../../../domain/roster/events.ts';
import type { Proposal, RosterState } from '../../../domain/roster/state.ts';
import type { LinkTarget } from '../../gate/links.ts';
import { rollbackConfirmersFor, type Seated } from '../../gate/linksFor.ts';
import { readRules } from '../../gate/rules.ts';
import { fillText } from '../../platform/catalogue.ts';
import type { MailWords } from '../../platform/mail/words.ts';
import type { Store } from '../../platform/store/port.ts';
import type { ChangeReading } from '../../register/read.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import { type Draft, holderOf } from './draft.ts';
import { aboutOf, draftBase, readSurroundings, type Scene } from './scene.ts';

/** What waits for two persons, and the rules that say who they can be. */
interface Waiting {
  readonly rules: ConfirmerRules;
  readonly proposal: Proposal;
  readonly when: LocalMoment;
}

type ProposalPorts = { readonly store: Store; readonly zone: string; readonly clock: () => string };

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

/** At the address under the roster in force; without a link. */
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
 * Mails about the proposal of that digest: to those who can confirm it and have not answered, with a link, and to those whom it
 * concerns. None if another proposal has replaced it.
 */
export const proposalDrafts = async (ports: ProposalPorts, state: RosterState, sha256: string): Promise<readonly Draft[]> => {
  const waiting = await waitingIn(ports, state);
  if (waiting?.proposal.sha256 !== sha256) return [];
  return [...concernedDrafts(waiting), ...confirmerDrafts(waiting)];
};

export const ownProposalDrafts = async (ports: ProposalPorts, state: RosterState, holder: string): Promise<readonly Draft[]> => {
  const waiting = await waitingIn(ports, state);
  if (waiting === undefined) return [];
  return confirmerDrafts(waiting).filter(({ to }) => 'holder' in to && to.holder === holder);
};

/** To the others who can confirm what waits. */
export const refusalDrafts = async (
  ports: ProposalPorts,
  state: RosterState,
  { sha256, holder }: ProposalAnswered,
): Promise<readonly Draft[]> => {
  const waiting = await waitingIn(ports, state);
  if (waiting?.proposal.sha256 !== sha256) return [];
  const others = confirmersOf(waiting.rules, waiting.proposal, waiting.when).filter((who) => who.holder !== holder);
  return drafted(waiting, others, `refused/${holder}`, (words, link) => ({
    subject: words.subjectRefused,
    paragraphs: [fillText(words.refusedProposal, { who: nameIn(waiting, holder) }), { link }, words.linkIsYours],
  }));
};

type RulesPorts = Parameters<typeof readRules>[0];
type AroundPorts = Parameters<typeof readSurroundings>[0];

const targetOf = ({ key, n, revision }: { key: string; n: number; revision: number }, who: Seated): LinkTarget => ({
  purpose: 'confirm-rollback',
  holder: who.holder.id,
  body: who.body,
  seat: who.seat,
  key,
  n,
  revision,
});

const draftsOf = async (ports: RulesPorts, scene: Scene): Promise<readonly Draft[]> => {
  const { reading, roster, now, zone } = scene;
  const about = aboutOf(scene);
  const { key, number: n } = about.view;
  const { revision, notice } = latestOf(about.view);
  const policy = (await readRules(ports)).policy?.policy ?? null;
  const who = rollbackConfirmersFor(advanceTo(reading.state, now), n, { policy, roster }, localMoment(now, zone));
  const slots = { title: notice.title, change: draftBase(about).change };
  return who.map((each) => ({
    ...draftBase(about),
    to: { holder: each.holder.id },
    purpose: `rollback/${each.body}/${each.seat}`,
    target: targetOf({ key, n, revision }, each),
    write: (words, link) => ({
      subject: fillText(words.subjectRollback, slots),
      paragraphs: [fillText(words.askRollback, slots), words.askTwo, { link }, words.linkIsYours],
    }),
  }));
};

/**
 * To those who can confirm a rollback and have not: once its vendor withdrew it, or, of one that the city entered, once one of them has
 * confirmed.
 */
export const rollbackDrafts = async (ports: RulesPorts, scene: Scene): Promise<readonly Draft[]> => {
  const { view } = scene.reading;
  const begins = (view.rollback?.confirmations.length ?? 0) === (isEntered(latestOf(view).provenance) ? 1 : 0);
  return begins ? draftsOf(ports, scene) : [];
};

export const ownRollbackDrafts = async (
  ports: AroundPorts,
  scene: Omit<Scene, 'reading' | 'around'>,
  holder: string,
  readings: readonly ChangeReading[],
): Promise<readonly Draft[]> => {
  const waiting = readings.filter(({ view, state }) => awaitsRollback(advanceTo(state, scene.now), view.number, scene.now));
  const drafts = waiting.map(async (reading) => {
    const around = await readSurroundings(ports, reading);
    return (await draftsOf(ports, { ...scene, around, reading })).filter((draft) => holderOf(draft) === holder);
  });
  return (await Promise.all(drafts)).flat();
};
