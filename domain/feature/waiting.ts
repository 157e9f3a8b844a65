import { type AwaitedAct, awaitedActs } from './awaited.ts';
import type { ChangeView } from './changeView.ts';

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

/** Returns the body or seat that confirms the waiting certificate of a change; undefined if none waits. */
export const confirmedByOf = ({ veto, confirmation, requirements }: ChangeView): string | undefined => {
  if (confirmation === null || confirmation.disputed) return undefined;
  const decides = veto?.requirement ?? confirmation.requirement;
  const rule = requirements.find(({ id }) => id === decides)?.rule;
  return veto === null ? rule?.confirmedBy : rule?.override?.confirmedBy;
};
