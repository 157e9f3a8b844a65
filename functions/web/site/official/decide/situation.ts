import type { Context } from 'hono';
import { countsAsMaintenance } from '../../../../../domain/feature/arrival.ts';
import { awaitedIn } from '../../../../../domain/feature/awaited.ts';
import { takeBackUntil } from '../../../../../domain/feature/decide/sign.ts';
import { advanceTo } from '../../../../../domain/feature/due.ts';
import { type ApprovalEffect, effectOf } from '../../../../../domain/feature/effect.ts';
import { type Evaluation, evaluate, mayBeOn } from '../../../../../domain/feature/evaluate.ts';
import { changeNamed, prefixesOf } from '../../../../../domain/feature/keys.ts';
import { type FeatureState, findChange, isApprovalOf, isOpen, takesLateBallots } from '../../../../../domain/feature/state.ts';
import type { Terms } from '../../../../../domain/feature/terms.ts';
import type { ActView, ChangeView, RequirementView, RevisionView } from '../../../../../domain/feature/view.ts';
import { localDateOf, localMoment } from '../../../../../domain/kernel/zone.ts';
import type { PasskeyRule } from '../../../../../domain/policy/schema.ts';
import { holdsSeat } from '../../../../../domain/roster/holders.ts';
import type { Roster } from '../../../../../domain/roster/schema.ts';
import { headsOf } from '../../../../gate/heads.ts';
import { confirmersFor } from '../../../../gate/linksFor.ts';
import { readRules } from '../../../../gate/rules.ts';
import { vendorName } from '../../../../gate/vendors.ts';
import { ifReadable, StoreUnavailable } from '../../../../platform/store/errors.ts';
import { presentChange, readChange } from '../../../../register/read.ts';
import { latestOf } from '../../../../register/views/changeJson.ts';
import type { LinkDeps } from '../../deps.ts';
import type { DecideLink } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { languageOfHolder } from '../../names.ts';
import { localeFor } from '../../page.ts';

export type Act = Exclude<ActView, { type: 'ApprovalRevoked' }>;

export interface Abilities {
  readonly decide: boolean;
  readonly override: boolean;
  readonly confirm: boolean;
  readonly correct: boolean;
  readonly revoke: boolean;
  readonly contest: boolean;
  readonly takeBack: boolean;
}

export const canAct = ({ can }: Pick<Situation, 'can'>): boolean => can.decide || can.override || can.correct || can.confirm;

/** Everything a page behind a link shows, as of `now`. Reading it writes nothing. */
export interface Situation {
  readonly link: DecideLink;
  readonly isReplaced: boolean;
  readonly now: string;
  readonly zone: string;
  readonly view: ChangeView;
  readonly state: FeatureState;
  readonly roster: Roster | null;
  readonly passkeys: PasskeyRule;
  readonly vendor: string;
  readonly latest: RevisionView;
  readonly bound: RevisionView | undefined;
  readonly requirement: RequirementView | undefined;
  readonly holds: boolean;
  readonly takeBackUntil: string | undefined;
  readonly mine: readonly Act[];
  readonly revocation: Extract<ActView, { type: 'ApprovalRevoked' }> | undefined;
  readonly can: Abilities;
  /** The evaluation of the key on strongly consistent heads. */
  readonly evaluation: Evaluation;
  /** The effect of the approval, or the effect it would have if it were given now. */
  readonly effect: ApprovalEffect;
  /** The same on terms about to be decided on. */
  readonly effectOn: (proposed: Terms) => ApprovalEffect;
  readonly blockedBy: readonly string[];
}

const isMine =
  ({ holder, requirement, revision }: DecideLink) =>
  (act: ActView): act is Act =>
    'revision' in act && act.holder === holder && act.requirement === requirement && act.revision === revision;

const mayBallot = (view: ChangeView, requirement: RequirementView, seat: string, now: string): boolean =>
  requirement.ballots[seat] === undefined &&
  requirement.status !== 'waiting' &&
  (view.status === 'pending' || takesLateBallots(view, now));

const isPublicLongEnough = ({ pinned }: ChangeView, { instrument }: RequirementView, now: string, zone: string): boolean => {
  const from = pinned?.from ?? now;
  if (instrument === 'certification') return localDateOf(now, zone) >= localDateOf(from, zone);
  return instrument === 'advice' || now >= from;
};

const mayConfirm = (
  { link, view, roster, now, zone }: Pick<Situation, 'link' | 'view' | 'roster' | 'now' | 'zone'>,
  state: FeatureState,
): boolean => {
  if (roster === null || view.confirmation?.requirement !== link.requirement) return false;
  return confirmersFor(state, view.number, roster, localMoment(now, zone)).some(
    ({ holder, seat }) => holder.id === link.holder && seat === link.seat,
  );
};

const NO_ABILITIES: Abilities = {
  decide: false,
  override: false,
  confirm: false,
  correct: false,
  revoke: false,
  contest: false,
  takeBack: false,
};

const abilities = (
  facts: Omit<Situation, 'can' | 'evaluation' | 'effect' | 'effectOn' | 'blockedBy'>,
  state: FeatureState,
): Abilities => {
  const { link, view, latest, requirement, roster, holds, mine, now, zone } = facts;
  if (!holds || requirement === undefined || latest.revision !== link.revision || view.pinned === null) return NO_ABILITIES;
  const voted = requirement.instrument === 'certification';
  // A member of the body may confirm a certificate; only a holder of the certifying office certifies, corrects and revokes.
  const certifies = voted && roster?.bodies[requirement.body]?.attestedBy === link.body;
  const acts = certifies || !voted;
  const counts = requirement.instrument !== 'advice';
  const certified = view.confirmation?.requirement === link.requirement;
  const asks = awaitedIn(view).find((act) => act.requirement === link.requirement)?.asks;
  const inForce = isApprovalOf(state, view.number);
  const advised = mine.length > 0 && !counts;
  const isOpenTo = requirement.instrument === 'ballots' ? mayBallot(view, requirement, link.seat, now) : asks === 'decide';
  return {
    decide: acts && !advised && isOpenTo && isPublicLongEnough(view, requirement, now, zone),
    override: certifies && asks === 'override',
    confirm: asks === 'confirm' && mayConfirm(facts, state),
    correct: certifies && (certified || (requirement.status === 'met' && (isOpen(view) || inForce))),
    revoke: acts && counts && inForce && requirement.status !== 'overridden',
    contest: acts && counts && countsAsMaintenance(state, view.number),
    takeBack: facts.takeBackUntil !== undefined && now < facts.takeBackUntil,
  };
};

/** Reads the situation behind a link. `isReplaced`: it was cut off. Throws StoreUnavailable if the change does not exist, CorruptStore if it cannot be read. */
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
  const view = presentChange(reading.view, reading.state, now);
  const latest = latestOf(view);
  const bound = view.revisions.find(({ revision }) => revision === link.revision);
  const roster = rules.roster?.roster ?? null;
  const today = localMoment(now, ports.zone);
  const change = findChange(state, view.number);
  const facts = {
    link,
    isReplaced,
    now,
    zone: ports.zone,
    view,
    state,
    roster,
    passkeys: view.pinned?.passkeys ?? rules.policy?.policy.passkeys ?? 'off',
    vendor,
    latest,
    bound,
    requirement: view.requirements.find(({ id }) => id === link.requirement),
    holds: roster !== null && holdsSeat(roster, link.holder, link.body, today) === link.seat,
    takeBackUntil: change && takeBackUntil(change, link.requirement, link.holder, ports.zone),
    mine: view.acts.filter(isMine(link)),
    revocation: view.acts.find(
      (act) => act.type === 'ApprovalRevoked' && act.holder === link.holder && act.requirement === link.requirement,
    ) as Situation['revocation'],
  };
  const keys = prefixesOf(link.key);
  const context = { at, zone: ports.zone, heads };
  return {
    ...facts,
    can: abilities(facts, state),
    evaluation: evaluate(link.key, heads, {}, at),
    effect: effectOf(view, context),
    effectOn: (proposed) => effectOf(view, { ...context, proposed }),
    blockedBy: keys.slice(0, -1).filter((key, index) => {
      const { variant } = evaluate(key, heads.slice(0, index + 1), {}, at);
      return !mayBeOn(variant);
    }),
  };
};

/**
 * Reads a person's situation for what their seat is asked for in a change: the open requirement of `body` by `instrument`, else the first.
 * Strongly consistent; undefined if there is none.
 */
export const situationOf = async (
  deps: LinkDeps,
  { holder, body, seat, generation, now }: Pick<DecideLink, 'holder' | 'body' | 'seat' | 'generation'> & { readonly now: string },
  asked: Pick<RequirementView, 'body' | 'instrument'>,
  change: string,
): Promise<Situation | undefined> => {
  const named = changeNamed(change);
  if (named === undefined) return undefined;
  const { key, number: n } = named;
  const reading = await ifReadable(readChange(deps.ports, key, n));
  if (reading === undefined) return undefined;
  const view = presentChange(reading.view, reading.state, now);
  const found = view.requirements.filter((each) => each.body === asked.body && each.instrument === asked.instrument);
  const requirement = (found.find(({ status }) => status === 'open') ?? found[0])?.id;
  if (requirement === undefined) return undefined;
  const { revision } = latestOf(view);
  return readSituation(deps, { purpose: 'decide', holder, body, seat, requirement, key, n, revision, generation });
};

export const localeOfSituation = (context: Context, { zone, now, roster, link }: Situation): Locale =>
  localeFor(context, zone, now, languageOfHolder(roster, link.holder));
