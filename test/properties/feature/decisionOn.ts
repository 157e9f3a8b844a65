import type { DecisionContext } from '../../../domain/feature/commands.ts';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import type { ChangeState, FeatureState } from '../../../domain/feature/state.ts';
import type { Terms } from '../../../domain/feature/terms.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import { ballot, certify, sign, tick } from '../../domain/feature/support.ts';
import { roster } from '../../support/fixtures/city.ts';
import { holderIn, pick, rollFor, TERMS } from './choices.ts';
import type { Step } from './steps.ts';

/** What the next requirement of a change that can be decided needs to be met, by who may. */
export const decisionOn = (
  change: ChangeState,
  state: FeatureState,
  context: DecisionContext,
  step: Step,
): readonly FeatureCommand[] => {
  const { at } = context;
  const on = {
    ...context,
    revision: change.revision,
    digest: change.digest,
    terms: pick(TERMS, change.number % 4 === 3 ? 1 : 0),
  };
  const rules = change.pin === null ? [] : (state.pins[change.pin]?.require ?? []);
  if (change.veto !== null) return [vote(change, 'override', { id: 'council', body: 'council' }, on, { ...step, a: 1 })];
  const open = rules.find(({ id, instrument }) => instrument !== 'advice' && change.requirements[id]?.status === 'open');
  if (open === undefined) return change.pin === null ? [tick(at, context)] : [];
  const { id: requirement, body, instrument } = open;
  const holders = [...holdersOf(context.roster?.roster ?? roster(), body, localMoment(at, 'UTC'))];
  if (instrument === 'certification') return [vote(change, 'adopt', open, on, { ...step, a: 1 })];
  if (instrument === 'signature')
    return holders.slice(0, 1).map(([, { id }]) => sign(at, change.number, { ...on, requirement, holder: id }));
  const left = holders.filter(([seat]) => change.requirements[requirement]?.ballots?.[seat] === undefined);
  return left.slice(0, 1).map(([, { id }]) => ballot(at, change.number, id, { ...on, requirement }));
};

const vote = (
  change: ChangeState,
  purpose: 'adopt' | 'override',
  { id, body }: { readonly id: string; readonly body: string },
  on: DecisionContext & { readonly revision: number; readonly digest: string; readonly terms: Terms },
  step: Step,
): FeatureCommand => {
  const meetingDate = on.at.slice(0, 10);
  const votes = rollFor(on, body, step, meetingDate);
  const holder = holderIn(on, 'clerk', { ...step, b: 0, astray: 99 });
  return certify(on.at, change.number, {
    ...on,
    purpose,
    requirement: id,
    holder,
    meetingDate,
    votes,
    mover: null,
    seconder: null,
  });
};
