import { ROSTER_STREAM } from '../../../../domain/roster/state.ts';
import { rosterAggregate } from '../../../gate/aggregates.ts';
import { orderRedaction, type RedactionOrder, redactionsOf } from '../../../gate/redactions.ts';
import { commitsAbove } from '../../../platform/feed/commitsAbove.ts';
import { eventsOf } from '../../../platform/store/load.ts';
import { refusedBy } from '../../http/refused.ts';
import type { REDACTION_OPERATIONS, RedactionJson, RosterObjection } from '../../routes/api/redactions.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

/** Lists the objections in the roster's stream, oldest first, and whether their reasons are hidden. */
const objections = async ({ ports }: ApiDeps): Promise<readonly RosterObjection[]> => {
  const items: RosterObjection[] = [];
  const hidden = await redactionsOf(ports, null);
  for await (const record of commitsAbove(ports.store, ROSTER_STREAM, 0))
    for (const event of eventsOf(rosterAggregate, record)) {
      if (event.type !== 'HandoverObjected') continue;
      const { at, number, holder, reason } = event;
      items.push({ at, number, holder, reason, redacted: hidden.get(reason ?? '')?.status ?? null });
    }
  return items;
};

/**
 * Serves orders about texts, raw notices and documents. The public log names the token that gave each. The same order again gives the same
 * answer.
 */
export const redactionHandlers = (deps: ApiDeps): ApiHandlers<typeof REDACTION_OPERATIONS> => {
  const answer = async (order: RedactionOrder): Promise<{ readonly body: RedactionJson }> => {
    const done = await orderRedaction(deps.ports, order);
    if (!done.ok) throw refusedBy(done.rejection);
    const { request: _, ...redaction } = done.redaction;
    return { body: redaction };
  };
  const by = ({ name }: { readonly name: string }): string => `token:${name}`;
  return {
    '/v1/features/{key}/redactions/withhold': {
      POST: ({ params, caller, body }) => answer({ action: 'withhold', ...params, ...body, by: by(caller) }),
    },
    '/v1/features/{key}/redactions/disclose': {
      POST: ({ params, caller, body }) => answer({ action: 'disclose', ...params, ...body, by: by(caller) }),
    },
    '/v1/features/{key}/redactions/dispose': {
      POST: ({ params, caller, body }) =>
        answer({ action: 'dispose', ...params, ...body, by: by(caller), person: caller.person }),
    },
    '/v1/roster/objections': { GET: async () => ({ body: { items: await objections(deps), next: null } }) },
    '/v1/roster/redactions/withhold': {
      POST: ({ caller, body }) => answer({ action: 'withhold', key: null, ...body, by: by(caller) }),
    },
    '/v1/roster/redactions/disclose': {
      POST: ({ caller, body }) => answer({ action: 'disclose', key: null, ...body, by: by(caller) }),
    },
    '/v1/roster/redactions/dispose': {
      POST: ({ caller, body }) => answer({ action: 'dispose', key: null, ...body, by: by(caller), person: caller.person }),
    },
  };
};
