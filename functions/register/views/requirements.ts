import * as z from 'zod';
import { isOpen } from '../../../domain/feature/state.ts';
import type { ChangeView, RequirementView } from '../../../domain/feature/view.ts';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import { Instant } from '../../../domain/kernel/zodTypes.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { INSTRUMENTS } from '../../../domain/policy/schema.ts';
import { denominatorOf, needed, thresholdOf } from '../../../domain/policy/threshold.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import type { Roster } from '../../../domain/roster/schema.ts';

/** The roster of today, in the city's time zone, whose seats are counted until a vote has counted them. */
export interface Today {
  readonly now: string;
  readonly zone: string;
  readonly roster: Roster | null;
}

const Count = z.int().min(0);

/** Wire format. One requirement of a change. `yes` is absent while ballots are open, so that no member sees a running count. */
export const RequirementJson = strictObject(() => ({
  id: z.string().describe('Names the requirement within the policy.'),
  body: z.string(),
  instrument: z.enum(INSTRUMENTS),
  status: z
    .enum(['waiting', 'open', 'met', 'refused', 'overridden'])
    .describe('Where the requirement stands; `open` also while a certificate waits to be confirmed.'),
  yes: Count.exactOptional().describe('Yes votes counted so far; absent while ballots are open.'),
  needed: Count,
  of: Count,
  deadlineAt: Instant.nullable(),
  override: z
    .strictObject({ yes: Count, needed: Count, of: Count })
    .exactOptional()
    .describe('The second vote of this body, on a veto; absent until it is certified.'),
})).meta({ id: 'Requirement', description: 'One body that must act on a change.' });
export type RequirementJson = z.infer<typeof RequirementJson>;

/** Reports whether ballots are still secret: members answer without knowing how others did. */
export const ballotsAreOpen = (change: Pick<ChangeView, 'status'>, requirement: RequirementView): boolean =>
  requirement.instrument === 'ballots' && isOpen(change) && (requirement.status === 'open' || requirement.status === 'waiting');

const seatsToday = (body: string, { now, zone, roster }: Today): { seats: number; filled: number } => {
  if (roster === null || !Object.hasOwn(roster.bodies, body)) return { seats: 0, filled: 0 };
  return {
    seats: roster.bodies[body]?.seats.length ?? 0,
    filled: holdersOf(roster, body, localMoment(now, zone)).size,
  };
};

/** Returns how many must say yes, of how many: as the vote counted them, or as they would be counted today. */
const threshold = (requirement: RequirementView, today: Today): { needed: number; of: number } => {
  const { tally, denominator, rule, instrument, body } = requirement;
  if (instrument === 'signature') return { needed: 1, of: 1 };
  if (tally !== null) return { needed: tally.needed, of: tally.of };
  const counted = denominator ?? seatsToday(body, today);
  const { filled } = counted;
  const seats = Math.max(counted.seats, rule.seats ?? 0);
  if (instrument === 'advice') return { needed: 0, of: seats };
  const count = { seats, filled, present: filled, recused: 0 };
  return { needed: needed(thresholdOf(rule), count), of: denominatorOf(thresholdOf(rule), count) };
};

const yesOf = ({ instrument, status, tally, ballots }: RequirementView): number => {
  if (instrument === 'signature') return status === 'met' ? 1 : 0;
  return tally?.yes ?? Object.values(ballots).filter((decision) => decision === 'approve').length;
};

/** Returns a requirement as every reader may see it. */
export const requirementJson = (view: ChangeView, requirement: RequirementView, today: Today): RequirementJson => {
  const { id, body, instrument, status, deadlineAt, override } = requirement;
  return {
    id,
    body,
    instrument,
    status,
    ...(!ballotsAreOpen(view, requirement) && { yes: yesOf(requirement) }),
    ...threshold(requirement, today),
    deadlineAt,
    ...(override !== null && {
      override: { yes: override.tally.yes, needed: override.tally.needed, of: override.tally.of },
    }),
  };
};
