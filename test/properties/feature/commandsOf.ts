import type { DecisionContext } from '../../../domain/feature/commands.ts';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import { awaitsConfirmation } from '../../../domain/feature/evolve/lingering.ts';
import { type FeatureState, isOpen } from '../../../domain/feature/state.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import {
  advise,
  ballot,
  certify,
  confirm,
  confirmRollback,
  contest,
  facts,
  inForce,
  notify,
  optOut,
  repin,
  revoke,
  sign,
  tick,
  withdraw,
} from '../../domain/feature/support.ts';
import { roster, term } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { fitting, holderIn, isMain, noticeOf, pick, rollFor, TERMS } from './choices.ts';
import { decisionOn } from './decisionOn.ts';
import { type Scene, type Step, wait } from './steps.ts';

/** Who enters what the city hears; null: nobody is named. */
export const ENTERING = [null, 'clerk', 'mayor', 'deputy-clerk', 'district-4', 'at-large-a'] as const;

/** The same persons in other seats: an acting mayor, members who move, a clerk who sits elsewhere, vacancies, terms that end. */
export const ROSTERS: readonly Roster[] = [
  roster(),
  roster({ mayor: { id: 'district-1' } }),
  roster({ 'district-1': null, 'district-2': { id: 'district-1' }, clerk: { id: 'mayor' } }),
  roster({ auditor: { id: 'mayor' }, 'board-1': { id: 'district-3' }, 'deputy-clerk': { id: 'district-4' } }),
  roster(
    { mayor: { to: '2026-04-01' }, 'at-large-a': null, 'at-large-b': null },
    term('mayor', 'mayor', { id: 'at-large-b', from: '2026-04-02' }),
  ),
];

/** The commands that a step stands for in a state: usually ones that can be accepted. `resend`: the last command once more. */
export const commandsOf = (step: Step, scene: Scene, key: string, state: FeatureState): readonly FeatureCommand[] =>
  commandsUnder(
    {
      at: scene.now,
      zone: 'UTC',
      roster: { number: scene.roster + 1, roster: pick(ROSTERS, scene.roster) },
      policy: scene.bound ? inForce(pick(scene.policies, scene.policy), scene.policy + 1) : null,
    },
    step,
    key,
    state,
  );

/** The same, at an instant and under a roster and a policy. */
export const commandsUnder = (
  context: DecisionContext,
  step: Step,
  key: string,
  state: FeatureState,
): readonly FeatureCommand[] => {
  const { op, a, b, change: wanted } = step;
  const { at } = context;
  const known = isMain(step) ? fitting(op, state) : [];
  const change = known.length === 0 ? undefined : pick(known, wanted < 4 ? 0 : wanted);
  const n = change?.number ?? wanted;
  const on = {
    ...context,
    ...(change !== undefined && { revision: change.revision, digest: change.digest }),
    terms: pick(TERMS, step.astray < 20 ? step.astray : 0),
  };
  const rules = change?.pin === null || change === undefined ? [] : (state.pins[change.pin]?.require ?? []);
  const asked = (instrument: string) => {
    const fitting = rules.filter((requirement) => requirement.instrument === instrument);
    const open = fitting.filter(({ id }) => change?.requirements[id]?.status === 'open');
    return open[0] ?? fitting[0] ?? { id: 'council', body: 'council' };
  };
  const digest = `sha256:${(state.count * 97 + (change?.revision ?? 0) + a).toString(16).padStart(64, '0')}`;
  switch (op) {
    case 'notify':
      return [
        notify(at, state.count + 1, {
          ...context,
          key,
          digest,
          notice: noticeOf(step, at),
          ...(a % 6 === 0 && { provenance: enteredBy(pick(ENTERING, b), at) }),
        }),
      ];
    case 'removal':
      return [
        notify(at, state.count + 1, {
          ...context,
          key,
          digest,
          notice: facts({ kind: 'removal', effectiveAt: b % 2 === 0 ? null : wait(at, 8, []) }),
        }),
      ];
    case 'revise':
      return [
        notify(at, n, {
          ...context,
          key,
          revises: Math.max(1, n),
          digest: a % 7 === 0 ? (change?.digest ?? digest) : `${digest.slice(0, -4)}beef`,
          notice: noticeOf(step, at),
        }),
      ];
    case 'confirm':
      return [
        confirm(at, n, change?.confirmation?.act ?? 'none', {
          ...on,
          requirement: change?.confirmation?.requirement ?? 'council',
          holder: isMain(step) && b % 4 > 0 ? 'at-large-a' : holderIn(context, 'council', step),
          decision: a % 5 === 0 ? 'dispute' : 'confirm',
        }),
      ];
    case 'contest':
      return [
        contest(at, n, {
          ...context,
          ...(a % 2 === 0 && { by: { requirement: 'council', holder: holderIn(context, 'clerk', step) } }),
        }),
      ];
    case 'withdraw': {
      // Often one that closed and whose words run.
      const runs = state.lingering.find(({ vendor }) => vendor === 'owes');
      return [withdraw(at, a % 2 === 0 ? (runs?.change ?? n) : n, context)];
    }
    case 'rollback': {
      const all = [...state.lingering.filter(({ vendor }) => vendor !== 'none'), ...state.changes];
      if (all.length === 0) return [];
      const numberOf = (each: (typeof all)[number]) => ('change' in each ? each.change : each.number);
      const waiting = all.filter((each) => awaitsConfirmation(state, numberOf(each), at) !== undefined);
      const back = pick(waiting.length > 0 && a % 4 !== 0 ? waiting : all, b);
      const words = {
        ...context,
        change: numberOf(back),
        of: awaitsConfirmation(state, numberOf(back), at) ?? 'rollback',
        revision: back.revision,
        digest: back.digest,
      };
      const officers = ['clerk', 'mayor', 'council'].map((body) => {
        const [seat, holder] = [...holdersOf(context.roster?.roster ?? roster(), body, localMoment(at, 'UTC'))][0] ?? [
          body,
          { id: body },
        ];
        return { holder: holder.id, body, seat };
      });
      return officers.slice(0, (a % 3) + 1).map((officer) => confirmRollback(at, { ...words, ...officer }));
    }
    case 'opt-out': {
      const all = [...state.lingering.filter((each) => each.optOut !== undefined), ...state.changes];
      if (all.length === 0) return [];
      const back = pick(all, b);
      const { revision, digest: words } = back;
      const evidence = a % 3 === 0 ? { sha256: 'e'.repeat(64), title: 'Screenshot' } : null;
      return [
        optOut(at, {
          ...context,
          change: 'change' in back ? back.change : back.number,
          revision: a % 9 === 8 ? revision + 1 : revision,
          digest: words,
          evidence,
        }),
      ];
    }
    case 'certify':
    case 'override':
    case 'correct': {
      const requirement = op === 'override' ? { id: 'council', body: 'council' } : asked('certification');
      const meetingDate =
        b % 5 === 0
          ? wait(at, 0, []).slice(0, 10)
          : op === 'correct'
            ? (change?.requirements[requirement.id]?.meeting ?? at.slice(0, 10))
            : at.slice(0, 10);
      const purpose = op === 'certify' ? 'adopt' : op;
      const votes = rollFor(context, requirement.body, step, meetingDate);
      const mover = Object.keys(votes)[0] ?? null;
      return [
        certify(at, n, {
          ...on,
          purpose,
          requirement: requirement.id,
          holder: holderIn(context, 'clerk', step),
          meetingDate,
          votes,
          mover,
          seconder: null,
        }),
      ];
    }
    case 'sign':
    case 'refuse': {
      const requirement = asked('signature');
      return [
        sign(at, n, {
          ...on,
          requirement: requirement.id,
          holder: holderIn(context, requirement.body, { ...step, b: 0 }),
          decision: op === 'sign' ? 'approve' : 'refuse',
        }),
      ];
    }
    case 'ballots': {
      const { id, body } = asked('ballots');
      const holders = [...holdersOf(context.roster?.roster ?? roster(), body, localMoment(at, 'UTC')).values()];
      return Array.from({ length: (a % 9) + 1 }, (_, index) => {
        const holder = isMain(step) ? pick(holders, b + index).id : 'mayor';
        return ballot(at, n, holder, {
          ...on,
          requirement: id,
          decision: (a + index) % 9 === 8 ? 'refuse' : (b + index) % 11 === 10 ? 'abstain' : 'approve',
        });
      });
    }
    case 'advise':
      return [advise(at, n, holderIn(context, 'board', step), { ...on })];
    case 'revoke': {
      const requirement = rules.length === 0 ? { id: 'mayor', body: 'mayor', instrument: 'signature' } : pick(rules, a);
      const certifying = requirement.instrument === 'certification';
      return [
        revoke(at, n, {
          ...context,
          requirement: requirement.id,
          holder: holderIn(context, certifying ? 'clerk' : requirement.body, step),
          fileNumber: certifying ? '26-9' : null,
        }),
      ];
    }
    case 'decide':
      return state.changes
        .filter(isOpen)
        .slice(0, 1)
        .flatMap((open) => decisionOn(open, state, context, step));
    case 'repin':
      return [repin(at, context)];
    case 'tick':
      return [tick(at, context)];
    default:
      return [];
  }
};
