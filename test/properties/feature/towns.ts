import * as fc from 'fast-check';
import { checkPolicy } from '../../../domain/policy/check.ts';
import type { Override, Policy, Requirement, Rule, Threshold } from '../../../domain/policy/schema.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { policy, term } from '../../support/fixtures/city.ts';

// Small towns of which everything is drawn: who sits where, often one person in two seats, and what the rules ask for.

export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    const mixed = Math.imul(this.#state ^ (this.#state >>> 15), 0x2c1b3c6d) >>> 0;
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** Whether something happens that does so in `percent` of a hundred cases. */
  chance(percent: number): boolean {
    return this.next() * 100 < percent;
  }

  of<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)];
    if (found === undefined) throw new Error('nothing to draw from');
    return found;
  }
}

const SEATS: Readonly<Record<string, readonly string[]>> = {
  council: ['a', 'b', 'c', 'd', 'e'],
  board: ['x', 'y', 'z'],
  mayor: ['m'],
  auditor: ['u'],
  clerk: ['k', 'l'],
};
const BODIES: Roster['bodies'] = Object.fromEntries(
  Object.entries(SEATS).map(([body, seats]) => {
    const votes = body === 'council' || body === 'board';
    return [body, { name: body, seats: [...seats], ...(votes && { attestedBy: 'clerk' }) }];
  }),
);
export const PERSONS: readonly string[] = Object.values(SEATS).flat();

/** Each seat with its own person, but in `odd` of a hundred cases with another's, with none, or until a day of the story. */
const rosterOf = (dice: Dice, odd: number) => {
  const holders: Roster['holders'] = [];
  for (const [body, seats] of Object.entries(SEATS))
    for (const seat of seats) {
      const id = dice.chance(odd) ? dice.of(PERSONS) : seat;
      const twice = holders.some((each) => each.body === body && each.id === id);
      const to = dice.chance(odd / 3) ? { to: `2026-03-${10 + dice.below(19)}` } : {};
      if (!twice && !dice.chance(odd / 2)) holders.push(term(body, seat, { id, ...to }));
    }
  return { bodies: BODIES, holders };
};

const CONFIRMERS = ['council', 'council/a', 'clerk', 'clerk', 'board', 'auditor', 'mayor'];

const thresholdOf = (dice: Dice, of: readonly Threshold['of'][]): Threshold => ({
  yes: dice.of(['majority', 'majority', 'two-thirds', 'unanimous', 1, 1, 2] as const),
  of: dice.of(of),
  ...(dice.chance(30) && { recused: 'excluded' as const }),
});

const vote = (dice: Dice, id: string, body: string): Requirement => ({
  id,
  body,
  instrument: 'certification',
  threshold: thresholdOf(dice, ['seats', 'filled', 'present']),
  ...(dice.chance(40) && { quorum: 1 + dice.below(3) }),
  ...(dice.chance(45) && { confirmedBy: dice.of(CONFIRMERS) }),
});

const ballots = (dice: Dice, id: string, body: string): Requirement => ({
  id,
  body,
  instrument: 'ballots',
  threshold: thresholdOf(dice, ['seats', 'filled']),
  ...(dice.chance(60) && { quorum: 1 + dice.below(SEATS[body]?.length ?? 1) }),
});

const overrideOf = (dice: Dice, { id }: Requirement): Override => ({
  requirement: id,
  yes: 1 + dice.below(dice.of([2, 4])),
  within: dice.of(['P7D', 'P30D', { notBefore: 'P2D', notAfter: 'P21D' }] as const),
  confirmedBy: dice.of(CONFIRMERS),
});

const signature = (dice: Dice, id: string, body: string, votes: readonly Requirement[]): Requirement => {
  const over = votes.length > 0 && dice.chance(85) ? dice.of(votes) : undefined;
  return {
    id,
    body,
    instrument: 'signature',
    ...(over !== undefined && { after: [over.id], override: overrideOf(dice, over) }),
    ...(dice.chance(35) && { deadline: dice.of(['P3D', 'P7D', 'P14D']) }),
  };
};

/** Two to five requirements, each after an earlier one or beside it. */
const requirementsOf = (dice: Dice): Rule['require'] => {
  const all: Requirement[] = [];
  const votes = (): readonly Requirement[] => all.filter(({ instrument }) => instrument === 'certification');
  const [one, other] = dice.chance(50) ? ['council', 'board'] : ['board', 'council'];
  const makers: readonly ((id: string) => Requirement)[] = [
    (id) => vote(dice, id, one ?? ''),
    (id) => signature(dice, id, dice.of(['mayor', 'mayor', 'clerk']), votes()),
    (id) => vote(dice, id, other ?? ''),
    (id) => signature(dice, id, 'auditor', votes()),
    (id) => ballots(dice, id, dice.of(['council', 'board'])),
    (id) => ({ id, body: 'clerk', instrument: 'advice' }),
  ];
  // Every other town has votes and vetoes above all.
  const shares = dice.chance(50) ? [100, 100, 70, 25, 5, 5] : [85, 70, 50, 30, 45, 10];
  for (const [index, make] of makers.entries()) {
    if (!dice.chance(shares[index] ?? 0)) continue;
    const made = make(`r${index}`);
    const before = all.length > 0 && made.after === undefined && dice.chance(30) ? [dice.of(all).id] : undefined;
    all.push(before === undefined ? made : { ...made, after: before });
  }
  return all;
};

const policyOf = (dice: Dice): Policy => {
  for (let tries = 0; tries < 200; tries += 1) {
    const made = policy({
      id: 'all',
      when: {},
      require: requirementsOf(dice),
      ...(dice.chance(20) && { notice: dice.of(['P1D', 'P3D']) }),
      ...(dice.chance(50) && { window: dice.of(['P14D', 'P30D', 'P60D']) }),
      ...(dice.chance(30) && { term: 'P20D' }),
    });
    if (checkPolicy(made, { bodies: BODIES, holders: [] }).ok) return made;
  }
  throw new Error('no policy that works was drawn');
};

/** In March and April clocks are put forward in Denver and London, back in Auckland, by half an hour in Lord Howe. */
const ZONES = ['UTC', 'America/Denver', 'Europe/London', 'Pacific/Auckland', 'Australia/Lord_Howe'];

/** The first roster and policy are those at the beginning. */
export interface Town {
  readonly rosters: readonly Roster[];
  readonly policies: readonly Policy[];
  readonly zone: string;
  readonly luck: number;
}

export const town: fc.Arbitrary<Town> = fc.nat(2 ** 31).map((luck) => {
  const dice = new Dice(luck);
  const odd = dice.of([0, 8, 20]);
  return {
    rosters: [odd, 8, 20].map((each) => rosterOf(dice, each)),
    policies: [policyOf(dice), policyOf(dice)],
    zone: dice.of(ZONES),
    luck,
  };
});
