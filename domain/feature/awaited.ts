import type { Requirement } from '../policy/schema.ts';
import type { ChangeView } from './changeView.ts';
import type { ChangeStatus } from './state.ts';

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

/** Returns the kinds of documents that the rule asks for and that are not attached yet. */
export const missingDocuments = ({ pinned, documents }: Pick<ChangeView, 'pinned' | 'documents'>): readonly string[] =>
  (pinned?.missing ?? []).filter((kind) => documents.every((document) => document.kind !== kind));

/** Returns the body or seat that confirms the waiting certificate of a change; undefined if none waits. */
export const confirmedByOf = ({ veto, confirmation, requirements }: ChangeView): string | undefined => {
  if (confirmation === null || confirmation.disputed) return undefined;
  const decides = veto?.requirement ?? confirmation.requirement;
  const rule = requirements.find(({ id }) => id === decides)?.rule;
  return veto === null ? rule?.confirmedBy : rule?.override?.confirmedBy;
};
