import { actOpens, awaitedIn, type Beginning, barredFrom } from '../../../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../../../domain/feature/due.ts';
import { type ApprovalEffect, effectOf } from '../../../../../domain/feature/effect.ts';
import { type Evaluation, evaluate, mayBeOn } from '../../../../../domain/feature/evaluate.ts';
import type { Confirmable } from '../../../../../domain/feature/evolve/lingering.ts';
import { prefixesOf } from '../../../../../domain/feature/keys.ts';
import { presentChange } from '../../../../../domain/feature/present.ts';
import {
  type FeatureState,
  findChange,
  isApprovalOf,
  isOpen,
  isPolicyInForce,
  requirementsOf,
  statesTermsAlone,
  takesLateBallots,
} from '../../../../../domain/feature/state.ts';
import { NO_TERMS, readTerms, TERM_FIELDS, type Terms } from '../../../../../domain/feature/terms.ts';
import {
  type ActView,
  type ChangeView,
  isVoid,
  type RequirementView,
  type RevisionView,
} from '../../../../../domain/feature/view.ts';
import { normalizeText } from '../../../../../domain/kernel/text.ts';
import { Digest, Sha256Hex, urlProblem } from '../../../../../domain/kernel/zodTypes.ts';
import { lastMomentOf, localMoment } from '../../../../../domain/kernel/zone.ts';
import { Vote } from '../../../../../domain/policy/rollCall.ts';
import type { PasskeyRule } from '../../../../../domain/policy/schema.ts';
import { type DatedRoster, holdsSeat, personOf } from '../../../../../domain/roster/holders.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import { headsOf } from '../../../../gate/heads.ts';
import { confirmersFor } from '../../../../gate/links.ts';
import type { Audience } from '../../../../gate/redactions.ts';
import { readRules, rostersUpTo } from '../../../../gate/rules.ts';
import { vendorName } from '../../../../gate/vendors.ts';
import { StoreUnavailable } from '../../../../platform/store/errors.ts';
import { readChange, readNamedChange } from '../../../../register/project.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import type { LinkDeps } from '../../deps.ts';
import {
  type Fault,
  hashIn,
  type Input,
  oneOf,
  readFileNumber,
  readForm,
  readMeetingDate,
  readMessage,
  readReason,
  type SentForm,
  sentForm,
} from '../../forms.ts';
import type { DecideLink } from '../../links.ts';
import { type CalledSeat, calledSeats, seatNamed, seatsIn } from '../../locale.ts';

/** An act on the words of one revision. */
export type Act = Extract<ActView, { readonly comment: unknown }>;

export const canAct = ({ can }: Pick<Situation, 'can'>): boolean => can.decide || can.override || can.correct || can.confirm;

/** Returns a person's audience: former holders no longer decide, and see what the public sees. */
export const audienceOf = ({ holds }: Pick<Situation, 'holds'>): Audience => (holds ? 'officials' : 'public');

/** Everything that the page of a link shows, at `now`. Reading it writes nothing. */
export interface Situation {
  readonly link: DecideLink;
  readonly isReplaced: boolean;
  readonly now: string;
  readonly zone: string;
  readonly view: ChangeView;
  readonly state: FeatureState;
  readonly roster: Roster | null;
  /** Those in force. */
  readonly numbers: { readonly roster?: number; readonly policy?: number };
  readonly rosters: readonly DatedRoster[];
  readonly passkeys: PasskeyRule;
  readonly vendor: string;
  readonly latest: RevisionView;
  readonly bound: RevisionView | undefined;
  readonly requirement: RequirementView | undefined;
  readonly holds: boolean;
  readonly mine: readonly Act[];
  readonly revocation: Extract<ActView, { type: 'ApprovalRevoked' }> | undefined;
  readonly can: Abilities;
  readonly evaluation: Evaluation;
  /** The effect of the approval, or the effect it would have if it were given now. */
  readonly effect: ApprovalEffect;
  readonly effectOn: (proposed: Terms) => ApprovalEffect;
  readonly blockedBy: readonly string[];
}

export type CertifiedAct = Extract<ActView, { type: 'VoteCertified' }>;

/** Returns the certificates of a link's body, oldest first; the last one stands. */
export const certificatesOf = ({ view, link }: Pick<Situation, 'view' | 'link'>) =>
  view.acts.filter(
    (act): act is CertifiedAct & ActView =>
      act.type === 'VoteCertified' && act.requirement === link.requirement && !isVoid(view, act),
  );

const isMine =
  ({ holder, requirement, revision }: DecideLink) =>
  (act: ActView): act is Act =>
    'comment' in act && act.holder === holder && act.requirement === requirement && act.revision === revision;

const mayBallot = (view: ChangeView, requirement: RequirementView, seat: string, now: string): boolean =>
  requirement.ballots[seat] === undefined &&
  requirement.status !== 'waiting' &&
  (view.status === 'pending' || (isOpen(view) && requirement.status !== 'open') || takesLateBallots(view, now));

const mayConfirm = (
  { link, view, roster, now, zone }: Pick<Situation, 'link' | 'view' | 'roster' | 'now' | 'zone'>,
  state: FeatureState,
): boolean => {
  if (roster === null || view.confirmation?.requirement !== link.requirement) return false;
  return confirmersFor(state, view.number, roster, localMoment(now, zone)).some(
    ({ holder, seat }) => holder.id === link.holder && seat === link.seat,
  );
};

/** Reports whether an act would count the person twice in the change. */
const countsTwice = (state: FeatureState, { n, holder }: DecideLink, requirement: RequirementView): boolean => {
  const change = findChange(state, n);
  if (change === undefined || requirement.instrument === 'advice') return false;
  return barredFrom(requirement, change).includes(personOf(holder));
};

/**
 * `barred`: awaited now or later, but already counts in the change; `late`: may cast a ballot that is recorded but changes nothing; `own`:
 * acts alone, for a body whose answer counts.
 */
const NO_ABILITIES = {
  barred: false,
  decide: false,
  late: false,
  override: false,
  confirm: false,
  correct: false,
  restate: false,
  revoke: false,
  own: false,
};
type Abilities = Readonly<typeof NO_ABILITIES>;

type Facts = Omit<Situation, 'can' | 'evaluation' | 'effect' | 'effectOn' | 'blockedBy'>;

/** Returns when a requirement opens; undefined if it is open or the change is closed. */
export const opensFor = ({ link, requirement, view, state, now, zone }: Facts): Beginning | undefined => {
  const change = isOpen(view) ? findChange(state, link.n) : undefined;
  return change && requirement && actOpens(requirementsOf(state, change), change, requirement.rule, { now, zone });
};

/** Returns what this link is asked to do; for a certification, what its certifier is asked to do. */
const isAsked = (facts: Facts, requirement: RequirementView) => {
  const { link, view, state, now } = facts;
  const asks = awaitedIn(view).find((act) => act.requirement === link.requirement)?.asks;
  const { instrument } = requirement;
  const known = findChange(state, link.n)?.requirements[link.requirement];
  // A seat gives advice once, even if its holder changes.
  const advised = instrument === 'advice' && known?.ballots?.[link.seat] !== undefined;
  const isOpenTo = instrument === 'ballots' ? mayBallot(view, requirement, link.seat, now) : asks === 'decide';
  const counts = opensFor(facts) === undefined;
  return {
    awaited: isOpenTo || asks === 'override',
    decide: !advised && isOpenTo && counts,
    override: asks === 'override' && counts,
    confirm: asks === 'confirm',
  };
};

const abilities = (facts: Facts, state: FeatureState): Abilities => {
  const { link, view, latest, requirement, roster, holds } = facts;
  if (!holds || requirement === undefined || latest.revision !== link.revision || view.pinned === null) return NO_ABILITIES;
  const voted = requirement.instrument === 'certification';
  // A member of the body may confirm a certificate; only a holder of the certifying office certifies, corrects and revokes.
  const certifies = voted && roster?.bodies[requirement.body]?.attestedBy === link.body;
  // Under other rules the requirement can belong to another body.
  const acts = voted ? certifies : requirement.body === link.body;
  const own = acts && requirement.instrument !== 'advice';
  const certified = view.confirmation?.requirement === link.requirement;
  const asked = isAsked(facts, requirement);
  const twice = countsTwice(state, link, requirement);
  const inForce = isApprovalOf(state, view.number);
  const decide = acts && !twice && asked.decide;
  return {
    barred: acts && twice && asked.awaited,
    decide,
    late: decide && requirement.instrument === 'ballots' && requirement.status !== 'open',
    override: certifies && !twice && asked.override,
    confirm: asked.confirm && mayConfirm(facts, state),
    restate: certifies && statesTermsAlone(view, view.requirements, link.requirement),
    correct: certifies && !twice && (certified || (requirement.status === 'met' && (isOpen(view) || inForce))),
    revoke: own && inForce && !isPolicyInForce(state, view.number) && requirement.status !== 'overridden',
    own,
  };
};

export const readSituation = async ({ ports }: LinkDeps, link: DecideLink, isReplaced = false): Promise<Situation> => {
  const now = ports.clock();
  const [reading, rules, { heads, at }, vendor] = await Promise.all([
    readChange(ports, link.key, link.n),
    readRules(ports),
    headsOf(ports, link.key),
    vendorName(ports, link.key),
  ]);
  if (reading === undefined) throw new StoreUnavailable(`${link.key}/${link.n} cannot be read`);
  const state = advanceTo(reading.state, now);
  const view = presentChange(reading, now);
  const latest = latestOf(view);
  const bound = view.revisions.find(({ revision }) => revision === link.revision);
  const roster = rules.roster?.roster ?? null;
  const today = localMoment(now, ports.zone);
  const facts = {
    link,
    isReplaced,
    now,
    zone: ports.zone,
    view,
    state,
    roster,
    numbers: {
      ...(rules.roster !== null && { roster: rules.roster.number }),
      ...(rules.policy !== null && { policy: rules.policy.number }),
    },
    rosters: await rostersUpTo(ports, rules.roster),
    passkeys: view.pinned?.passkeys ?? rules.policy?.policy.passkeys ?? 'off',
    vendor,
    latest,
    bound,
    requirement: view.requirements.find(({ id }) => id === link.requirement),
    holds: roster !== null && holdsSeat(roster, link.holder, link.body, today) === link.seat,
    mine: view.acts.filter(isMine(link)),
    revocation: view.acts.find(
      (act) => act.type === 'ApprovalRevoked' && act.holder === link.holder && act.requirement === link.requirement,
    ) as Situation['revocation'],
  };
  const keys = prefixesOf(link.key);
  const context = { at, zone: ports.zone, heads };
  const can = abilities(facts, state);
  return {
    ...facts,
    can,
    evaluation: evaluate(link.key, heads, {}, at),
    effect: effectOf(view, context),
    effectOn: (proposed) => effectOf(can.restate ? { ...view, terms: null, termsBy: null } : view, { ...context, proposed }),
    blockedBy: keys.slice(0, -1).filter((key, index) => {
      const { variant } = evaluate(key, heads.slice(0, index + 1), {}, at);
      return !mayBeOn(variant);
    }),
  };
};

/** Returns the situation for the open requirement of `body` and `instrument`, else the first such; undefined without one. */
export const situationOf = async (
  deps: LinkDeps,
  { holder, body, seat, generation, now }: Pick<DecideLink, 'holder' | 'body' | 'seat' | 'generation'> & { readonly now: string },
  asked: Pick<RequirementView, 'body' | 'instrument'>,
  change: string,
): Promise<Situation | undefined> => {
  const reading = await readNamedChange(deps.ports, change);
  if (reading === undefined) return undefined;
  const view = presentChange(reading, now);
  const { key, number: n } = view;
  const found = view.requirements.filter((each) => each.body === asked.body && each.instrument === asked.instrument);
  const requirement = (found.find(({ status }) => status === 'open') ?? found[0])?.id;
  if (requirement === undefined) return undefined;
  const { revision } = latestOf(view);
  return readSituation(deps, { purpose: 'decide', holder, body, seat, requirement, key, n, revision, generation });
};

interface Binding {
  readonly revision: number;
  readonly digest: string;
  readonly seen?: string;
  readonly rules?: string;
  readonly comment: string;
}

/** `certificate`: the act of the record shown; of a take-back, the instant of the refusal shown. */
interface CommonFields extends Binding {
  readonly terms: Terms;
  readonly certificate: string;
}

export const MEETING = ['fileNumber', 'meetingDate', 'mover', 'seconder', 'minutesUrl', 'minutesSha256'] as const;

export const MEETING_FIELDS = ['allPresent', ...MEETING] as const;

const readBinding = (input: Input, faults: Fault[]): Binding => {
  const revision = oneOf(input, 'revision');
  const isNumber = /^[1-9][0-9]{0,6}$/.test(revision);
  if (!isNumber) faults.push({ name: 'revision', code: 'nonce' });
  const digest = oneOf(input, 'digest');
  if (!Digest.safeParse(digest).success) faults.push({ name: 'digest', code: 'nonce' });
  const seen = oneOf(input, 'documents');
  if (seen !== '' && !Digest.safeParse(seen).success) faults.push({ name: 'documents', code: 'nonce' });
  const comment = readMessage(input, 'comment', faults);
  const rules = oneOf(input, 'rules');
  return {
    revision: isNumber ? Number(revision) : 0,
    digest,
    comment,
    ...(seen !== '' && { seen }),
    ...(rules !== '' && { rules }),
  };
};

const readCommon = (input: Input, zone: string, faults: Fault[]): CommonFields => {
  const bound = { ...readBinding(input, faults), certificate: oneOf(input, 'certificate') };
  const read = readTerms(
    {
      from: oneOf(input, 'from'),
      until: oneOf(input, 'until'),
      audience: input.get('audience') ?? [],
      conditions: oneOf(input, 'conditions'),
      maintenance: oneOf(input, 'maintenance'),
    },
    zone,
  );
  if (read.ok) return { ...bound, terms: read.terms };
  faults.push(...read.faults.map((name) => ({ name, code: name === 'from' ? 'day' : name }) as const));
  return { ...bound, terms: NO_TERMS };
};

const DECISIONS = ['approve', 'refuse', 'abstain', 'confirm', 'dispute', 'take-back'] as const;
const PURPOSES = ['adopt', 'override', 'correct'] as const;

export interface DecisionForm extends CommonFields {
  readonly kind: 'decision';
  readonly decision: (typeof DECISIONS)[number];
}

interface Meeting {
  readonly fileNumber: string;
  readonly meetingDate: string;
  readonly mover: string | null;
  readonly seconder: string | null;
  readonly minutesUrl: string | null;
  readonly minutesSha256: string | null;
}

export const meetingOf = ({ fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256 }: Meeting): Meeting => ({
  fileNumber,
  meetingDate,
  mover,
  seconder,
  minutesUrl,
  minutesSha256,
});

export interface CertificateForm extends CommonFields, Meeting {
  readonly kind: 'certificate';
  readonly purpose: (typeof PURPOSES)[number];
  readonly refusal?: string;
  readonly votes: Readonly<Record<string, Vote>>;
}
export type OfficialForm = DecisionForm | CertificateForm;

const readDecision = (input: Input, zone: string, faults: Fault[]): DecisionForm => {
  const decision = DECISIONS.find((word) => word === oneOf(input, 'decision'));
  if (decision === undefined) faults.push({ name: 'decision', code: 'decision' });
  const common = readCommon(input, zone, faults);
  if (decision === 'take-back' && common.comment === '') faults.push({ name: 'reason', code: 'reason-missing' });
  return { kind: 'decision', ...common, decision: decision ?? 'abstain' };
};

const readSeat = (input: Input, name: 'mover' | 'seconder', seats: readonly CalledSeat[], faults: Fault[]): string | null => {
  const text = normalizeText(oneOf(input, name));
  if (text === '') return null;
  const seat = seatNamed(seats, text);
  if (seat === undefined) faults.push({ name, code: 'mover' });
  return seat ?? null;
};

const readMinutesUrl = (input: Input, faults: Fault[]): string | null => {
  const url = oneOf(input, 'minutesUrl').trim();
  if (url === '') return null;
  if (url.length > 2000 || urlProblem(url) !== undefined) faults.push({ name: 'minutesUrl', code: 'docUrl' });
  return url;
};

const readMinutesHash = (input: Input, faults: Fault[]): string | null => {
  const hash = hashIn(input, 'minutesSha256');
  if (hash === '') return null;
  if (!Sha256Hex.safeParse(hash).success) faults.push({ name: 'minutesSha256', code: 'docSha256' });
  return hash;
};

/**
 * Reads the roll. If the clerk states `allPresent`, an omitted seat counts as yes, or as vacant if no one held it; a blank vote never
 * does.
 */
const readVotes = (input: Input, seats: readonly CalledSeat[], faults: Fault[]): Readonly<Record<string, Vote>> => {
  const stated = oneOf(input, 'allPresent');
  if (stated !== '' && stated !== 'yes') faults.push({ name: 'allPresent', code: 'allPresent' });
  const votes: Record<string, Vote> = {};
  for (const { seat, name: called, isVacant } of seats) {
    const name = `vote.${seat}`;
    const others = stated === 'yes' && !input.has(name) ? (isVacant ? 'vacant' : 'yes') : '';
    const vote = Vote.safeParse(oneOf(input, name) || others);
    if (vote.success) votes[seat] = vote.data;
    else faults.push({ name, code: 'vote', slots: { seat: called } });
  }
  return votes;
};

export const readCertificate = (input: Input, seats: readonly CalledSeat[], zone: string, faults: Fault[]): CertificateForm => {
  // Read in form order, so that faults are listed in that order.
  const votes = readVotes(input, seats, faults);
  const fileNumber = readFileNumber(input, faults);
  const meetingDate = readMeetingDate(input, faults) ?? '';
  const mover = readSeat(input, 'mover', seats, faults);
  const seconder = readSeat(input, 'seconder', seats, faults);
  const minutesUrl = readMinutesUrl(input, faults);
  const minutesSha256 = readMinutesHash(input, faults);
  const purpose = PURPOSES.find((word) => word === oneOf(input, 'purpose'));
  if (purpose === undefined) faults.push({ name: 'purpose', code: 'choice' });
  const common = readCommon(input, zone, faults);
  // A correction must state its reason.
  if (purpose === 'correct' && common.comment === '') faults.push({ name: 'comment', code: 'reason-missing' });
  const refusal = oneOf(input, 'refusal');
  return {
    kind: 'certificate',
    ...common,
    purpose: purpose ?? 'adopt',
    ...(purpose === 'override' && refusal !== '' && { refusal }),
    fileNumber,
    meetingDate,
    mover,
    seconder,
    votes,
    minutesUrl,
    minutesSha256,
  };
};

/** Returns what the form confirms: a rollback, unless it states an opt-out. */
export const confirmableIn = (input: Input): Confirmable => (oneOf(input, 'of') === 'opt-out' ? 'opt-out' : 'rollback');

export const readConfirmation = (
  input: Input,
  isProposal: boolean,
  faults: Fault[],
): { readonly refuses: boolean; readonly of: Confirmable; readonly reason: string } => {
  const decision = oneOf(input, 'decision');
  const of = confirmableIn(input);
  const refuses = isProposal && decision === 'refuse';
  if (decision !== 'confirm' && !refuses) faults.push({ name: 'decision', code: 'decision' });
  return { refuses, of, reason: isProposal ? readMessage(input, 'reason', faults) : readReason(input, faults) };
};

const COMMON = ['revision', 'digest', 'documents', 'rules', 'certificate', 'comment', ...TERM_FIELDS];
const CERTIFICATE: readonly string[] = ['purpose', 'refusal', ...MEETING_FIELDS];

const isOfCertificate = (name: string): boolean => CERTIFICATE.includes(name) || name.startsWith('vote.');

/** Returns the seats of the meeting's day that a form names, else of today. */
export const seatsCalled = (
  roster: Roster | null,
  body: string,
  { now, zone }: Pick<Situation, 'now' | 'zone'>,
  input: Input,
): readonly CalledSeat[] => {
  const day = readMeetingDate(input, []);
  return roster === null
    ? []
    : calledSeats(roster, body, day === undefined ? localMoment(now, zone) : lastMomentOf(day, zone, now));
};

const readOwn = (situation: Situation, input: Input, faults: Fault[]): OfficialForm => {
  const { requirement, zone, roster, can } = situation;
  const confirms = ['confirm', 'dispute'].includes(oneOf(input, 'decision')) || (can.confirm && !can.correct);
  const certifies = requirement?.instrument === 'certification' && !confirms;
  const others = [...input.keys()].filter((name) => (certifies ? name === 'decision' : isOfCertificate(name)));
  faults.push(...others.map((name): Fault => ({ name, code: 'unknown', slots: { name } })));
  if (!certifies) return readDecision(input, zone, faults);
  return readCertificate(input, seatsCalled(roster, requirement.body, situation, input), zone, faults);
};

/** Reads the form that the requirement takes. `also`: fields that another step adds. */
export const readOfficialForm = (
  situation: Situation,
  body: Uint8Array,
  also: readonly string[] = [],
): SentForm<OfficialForm> => {
  const { requirement, roster } = situation;
  const certifies = requirement?.instrument === 'certification';
  const votes = seatsIn(roster, requirement?.body ?? '').map((seat) => `vote.${seat}`);
  const known = (name: string): boolean =>
    also.includes(name) ||
    name === 'decision' ||
    COMMON.includes(name) ||
    (certifies && (CERTIFICATE.includes(name) || votes.includes(name)));
  return sentForm(readForm(body, known, ['audience']), (input, faults) => readOwn(situation, input, faults));
};
