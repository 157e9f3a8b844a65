import { earliest } from '../kernel/order.ts';
import type { Requirement } from '../policy/schema.ts';
import { splitPersons } from './persons.ts';
import { type ChangeState, type ChangeStatus, decidableUntil, type FeatureState, requirementsOf } from './state.ts';
import type { ChangeView } from './view.ts';

/** An act that a change waits for: the decision of a requirement, a body's second vote on a veto, the confirmation of a certificate. */
export interface AwaitedAct {
  readonly requirement: string;
  readonly asks: 'decide' | 'override' | 'confirm';
}

/** The parts of a change that decide whose turn it is; `statusOf` returns undefined for a requirement that is not open yet. */
export interface AwaitingChange {
  readonly status: ChangeStatus;
  readonly veto: { readonly requirement: string } | null;
  readonly confirmation: { readonly requirement: string; readonly disputed: boolean } | null;
  readonly rules: readonly Requirement[];
  readonly statusOf: (requirement: string) => string | undefined;
}

/**
 * Returns the acts that an open change waits for, in the order of its rules; empty once the change is closed. Under a veto only
 * the overriding body can decide. While a certificate waits for its confirmation, only the confirmation is awaited. Advice can be
 * given throughout, although it never counts.
 */
export const awaitedActs = ({ status, veto, confirmation, rules, statusOf }: AwaitingChange): readonly AwaitedAct[] => {
  if (status !== 'pending' && status !== 'vetoed') return [];
  const overriding = rules.find(({ id }) => id === veto?.requirement)?.override?.requirement;
  return rules.flatMap(({ id, instrument }): readonly AwaitedAct[] => {
    if (confirmation !== null && id === confirmation.requirement && !confirmation.disputed)
      return [{ requirement: id, asks: 'confirm' }];
    if (veto !== null && id === overriding) return [{ requirement: id, asks: 'override' }];
    const decides = statusOf(id) === 'open' && (veto === null || instrument === 'advice');
    return decides ? [{ requirement: id, asks: 'decide' }] : [];
  });
};

/** Returns the acts that a change waits for, as {@link awaitedActs} defines them. */
export const awaitedIn = ({
  status,
  veto,
  confirmation,
  requirements,
}: Pick<ChangeView, 'status' | 'veto' | 'confirmation' | 'requirements'>): readonly AwaitedAct[] =>
  awaitedActs({
    status,
    veto,
    confirmation,
    rules: requirements.map(({ rule }) => rule),
    statusOf: (requirement) => requirements.find(({ id }) => id === requirement)?.status,
  });

/** Who can do an act, whichever roster names them. Persons are fingerprints, see `personOf`. */
export interface Actors {
  readonly body: string;
  /** Whether those act who certify for the body, and not its members. */
  readonly byClerk: boolean;
  /** The only seat that acts; null: each. */
  readonly seat: string | null;
  readonly barred: readonly string[];
  /** The seats that have acted. */
  readonly answered: readonly string[];
}

/** An act that a change waits for, with who can do it. `until`: the instant from which it can no longer be done; null without one. */
export interface AskedAct extends Pick<AwaitedAct, 'asks'> {
  readonly rule: Requirement;
  readonly actors: Actors;
  readonly until: string | null;
}

/** Returns who confirms the certificate that waits: neither its clerk, nor who entered the notice, nor anyone who disputed one. */
const confirmersIn = (change: ChangeState, rules: readonly Requirement[]): Actors | undefined => {
  const { veto, confirmation, requirements, by } = change;
  const decides = rules.find(({ id }) => id === (veto?.requirement ?? confirmation?.requirement));
  const [body, seat = null] = (veto === null ? decides : decides?.override)?.confirmedBy?.split('/') ?? [];
  if (body === undefined || confirmation === null) return undefined;
  const clerk = splitPersons(requirements[confirmation.requirement]?.clerks ?? '').slice(-1);
  return { body, byClerk: false, seat, barred: [by, ...clerk, ...splitPersons(confirmation.disputers)], answered: [] };
};

/** Returns who decides a requirement: for a certification the clerk, else the members; never the person who entered the notice. */
export const decidersOf = ({ body, instrument }: Requirement, { by }: Pick<ChangeState, 'by'>): Actors => ({
  body,
  byClerk: instrument === 'certification',
  seat: null,
  barred: [by],
  answered: [],
});

/** Returns the acts that an open change waits for, each with who can do it. `state`: at the instant of the question. */
export const askedActs = (state: FeatureState, change: ChangeState): readonly AskedAct[] => {
  const rules = requirementsOf(state, change);
  const statusOf = (id: string) => change.requirements[id]?.status;
  return awaitedActs({ ...change, rules, statusOf }).flatMap(({ requirement, asks }): readonly AskedAct[] => {
    const rule = rules.find(({ id }) => id === requirement);
    if (rule === undefined) return [];
    const known = change.requirements[requirement];
    const end = decidableUntil(change);
    const until = asks === 'decide' ? earliest(known?.deadlineAt ?? null, end) : end;
    const answers = rule.instrument === 'ballots' || rule.instrument === 'advice';
    const deciders = { ...decidersOf(rule, change), answered: answers ? Object.keys(known?.ballots ?? {}) : [] };
    const actors = asks === 'confirm' ? confirmersIn(change, rules) : deciders;
    return actors === undefined ? [] : [{ asks, rule, actors, until }];
  });
};

/** Returns the kinds of documents that the rule asks for and that are not attached yet. */
export const missingDocuments = ({ pinned, documents }: Pick<ChangeView, 'pinned' | 'documents'>): readonly string[] =>
  (pinned?.missing ?? []).filter((kind) => documents.every((document) => document.kind !== kind));
