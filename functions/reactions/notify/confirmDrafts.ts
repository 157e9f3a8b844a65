import { advanceTo } from '../../../domain/feature/due.ts';
import { awaitsConfirmation, type Confirmable } from '../../../domain/feature/evolve/lingering.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { isEntered } from '../../../domain/feature/notice.ts';
import { presentChange } from '../../../domain/feature/present.ts';
import { type LocalMoment, localMoment } from '../../../domain/kernel/zone.ts';
import { awaitsAnswerOf, type ConfirmerRules, confirmersOf, proposalLapses } from '../../../domain/roster/confirm.ts';
import { holdersAffected } from '../../../domain/roster/contacts.ts';
import type { Officer, ProposalAnswered } from '../../../domain/roster/events.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import type { Proposal, RosterState } from '../../../domain/roster/state.ts';
import { rollbackConfirmersFor } from '../../gate/links.ts';
import { readRules } from '../../gate/rules.ts';
import { vendorName } from '../../gate/vendors.ts';
import { fillText } from '../../platform/catalogue.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { type ChangeReading, readChange } from '../../register/project.ts';
import { latestOf } from '../../register/views/changeJson.ts';
import { ROLLBACKS } from '../../register/waiting.ts';
import { draftBase } from './asks.ts';
import { subjectAbout } from './letters.ts';
import type { AskDraft, Draft, NotifyPorts } from './post.ts';

interface Waiting {
  readonly rules: ConfirmerRules;
  readonly proposal: Proposal;
  readonly when: LocalMoment;
}

type ProposalPorts = Pick<NotifyPorts, 'store' | 'zone' | 'clock'>;

/** Returns the waiting proposal; undefined unless it has that digest. */
const waitingIn = async (
  ports: ProposalPorts,
  { inForce, proposal }: RosterState,
  sha256 = proposal?.sha256,
): Promise<Waiting | undefined> => {
  if (inForce === null || proposal === null || proposal.sha256 !== sha256) return undefined;
  const policy = (await readRules(ports)).policy?.policy ?? null;
  return { rules: { policy, inForce }, proposal, when: localMoment(ports.clock(), ports.zone) };
};

const nameIn = ({ rules }: Waiting, holder: string): string =>
  rules.inForce.roster.holders.find(({ id }) => id === holder)?.name ?? holder;

/** `event`: each person is asked once about the same proposal. */
const drafted = (
  { proposal: { sha256, since } }: Waiting,
  who: readonly Officer[],
  name: string,
  write: Draft['write'],
): readonly AskDraft[] =>
  who.map(
    ({ holder, body, seat }): AskDraft => ({
      event: `proposal/${sha256}/${since}`,
      to: { holder },
      purpose: `${name}/${body}/${seat}`,
      target: { purpose: 'confirm-roster', holder, body, seat, sha256 },
      write,
    }),
  );

const asked = (waiting: Waiting, words: MailWords): { readonly subject: string; readonly text: string } => {
  const { proposal } = waiting;
  if ('size' in proposal) return { subject: words.subjectRestored, text: words.askRestored };
  return 'roster' in proposal
    ? { subject: words.subjectRoster, text: words.askRoster }
    : { subject: words.subjectReset, text: fillText(words.askReset, { who: nameIn(waiting, proposal.holder) }) };
};

const confirmerDrafts = (waiting: Waiting): readonly AskDraft[] => {
  const { rules, proposal, when } = waiting;
  const confirmers = confirmersOf(rules, proposal, when).filter((who) => awaitsAnswerOf(rules, proposal, { ...who, when }));
  return drafted(waiting, confirmers, 'confirm-roster', (words, link) => {
    const { subject, text } = asked(waiting, words);
    const by = mailTimes(words, when.zone).deadline(proposalLapses(proposal, when.zone));
    return { subject, paragraphs: [text, { link }, fillText(words.askUntil, { by }), words.askTwo, words.linkIsYours] };
  });
};

const concernedDrafts = ({ rules, proposal, when }: Waiting): readonly Draft[] =>
  holdersAffected(rules.inForce, proposal, when).map((holder) => ({
    to: { holder },
    purpose: 'concerned',
    write: (words) => ({
      subject: words.subjectConcerned,
      paragraphs: ['roster' in proposal ? words.concerned.roster : words.concerned.passkeys, words.concerned.keeps],
    }),
  }));

/**
 * Drafts the mails about the proposal with that digest: to those who can confirm it and have not answered, with a link, and to those
 * affected. None if another proposal has replaced it.
 */
export const proposalDrafts = async (ports: ProposalPorts, state: RosterState, sha256: string): Promise<readonly Draft[]> => {
  const waiting = await waitingIn(ports, state, sha256);
  return waiting === undefined ? [] : [...concernedDrafts(waiting), ...confirmerDrafts(waiting)];
};

export const currentProposalDrafts = async (ports: ProposalPorts, state: RosterState): Promise<readonly AskDraft[]> => {
  const waiting = await waitingIn(ports, state);
  return waiting === undefined ? [] : confirmerDrafts(waiting);
};

export const refusalDrafts = async (
  ports: ProposalPorts,
  state: RosterState,
  { sha256, holder }: ProposalAnswered,
): Promise<readonly Draft[]> => {
  const waiting = await waitingIn(ports, state, sha256);
  if (waiting === undefined) return [];
  const others = confirmersOf(waiting.rules, waiting.proposal, waiting.when).filter((who) => who.holder !== holder);
  return drafted(waiting, others, `refused/${holder}`, (words, link) => ({
    subject: words.subjectRefused,
    paragraphs: [fillText(words.refusedProposal, { who: nameIn(waiting, holder) }), { link }, words.linkIsYours],
  }));
};

/** `event`: each person is asked once about the same words, whatever the trigger. */
const undoneDrafts = async (
  ports: NotifyPorts,
  reading: ChangeReading,
  roster: Roster,
  of: Confirmable,
): Promise<readonly AskDraft[]> => {
  const now = ports.clock();
  const view = presentChange(reading, now);
  const { key, number: n } = view;
  const { revision, notice } = latestOf(view);
  const [rules, vendor] = await Promise.all([readRules(ports), vendorName(ports, key)]);
  const policy = rules.policy?.policy ?? null;
  const who = rollbackConfirmersFor(advanceTo(reading.state, now), n, { policy, roster }, localMoment(now, ports.zone));
  return who.map(({ holder, body, seat }) => ({
    ...draftBase(view),
    event: `${of}/${changeId(key, n)}/${revision}`,
    to: { holder: holder.id },
    purpose: `${of}/${body}/${seat}`,
    target: { purpose: 'confirm-rollback', holder: holder.id, body, seat, key, n, revision },
    write: (words, link) => {
      const names = { vendor, title: notice.title };
      const [what, ask] = of === 'opt-out' ? [words.isOptedOut, words.askOptOut] : [words.isUndone, words.askRollback];
      return {
        subject: subjectAbout(words, names, what),
        paragraphs: [fillText(ask, names), { link }, words.askTwo, words.linkIsYours],
      };
    },
  }));
};

const waitsIn = ({ view, state }: ChangeReading, now: string): Confirmable | undefined =>
  awaitsConfirmation(advanceTo(state, now), view.number, now);

/**
 * Drafts mails to those who can confirm a rollback or a timely opt-out and have not. A rollback is asked about once its vendor withdrew the
 * change, or, if the city entered it, once one person has confirmed; an opt-out once it was recorded. None while the words outdate no
 * approval.
 */
export const rollbackDrafts = async (ports: NotifyPorts, reading: ChangeReading, roster: Roster): Promise<readonly Draft[]> => {
  const { view } = reading;
  const of = waitsIn(reading, ports.clock());
  if (of === undefined) return [];
  const isUnsaid = of === 'rollback' && isEntered(latestOf(view).provenance) && (view.rollback?.confirmations ?? []).length === 0;
  return isUnsaid ? [] : undoneDrafts(ports, reading, roster, of);
};

/** Returns every change that waits for two persons, or will once its words take effect; may lag. */
export const undoneChanges = async (ports: NotifyPorts): Promise<readonly ChangeReading[]> => {
  const waiting = (await ports.register.facet(ROLLBACKS, { now: ports.clock() })).get('') ?? [];
  const found = await Promise.all(waiting.map(({ key, n }) => readChange(ports, key, n)));
  return found.filter((reading) => reading !== undefined);
};

export const allUndoneDrafts = async (ports: NotifyPorts, roster: Roster): Promise<readonly AskDraft[]> => {
  const drafts = (await undoneChanges(ports)).map(async (reading) => {
    const of = waitsIn(reading, ports.clock());
    return of === undefined ? [] : undoneDrafts(ports, reading, roster, of);
  });
  return (await Promise.all(drafts)).flat();
};
