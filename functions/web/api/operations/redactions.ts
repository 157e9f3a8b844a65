import { orderRedaction, type RedactionOrder } from '../../../gate/redactions.ts';
import { refusedBy } from '../../http/refused.ts';
import type { REDACTION_OPERATIONS, RedactionJson } from '../../routes/api/redactions.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

/** Serves orders about officials' texts. The public log names the token that gave each. The same order again gives the same answer. */
export const redactionHandlers = ({ ports }: ApiDeps): ApiHandlers<typeof REDACTION_OPERATIONS> => {
  const answer = async (order: RedactionOrder): Promise<{ readonly body: RedactionJson }> => {
    const done = await orderRedaction(ports, order);
    if (!done.ok) throw refusedBy(done.rejection);
    const { request: _, ...redaction } = done.redaction;
    return { body: redaction };
  };
  return {
    '/v1/features/{key}/redactions/withhold': {
      POST: ({ params, caller, body }) => answer({ action: 'withhold', ...params, ...body, by: `token:${caller.name}` }),
    },
    '/v1/features/{key}/redactions/disclose': {
      POST: ({ params, caller, body }) => answer({ action: 'disclose', ...params, ...body, by: `token:${caller.name}` }),
    },
    '/v1/features/{key}/redactions/dispose': {
      POST: ({ params, caller, body }) => {
        const { name, person } = caller;
        return answer({ action: 'dispose', ...params, ...body, by: `token:${name}`, person });
      },
    },
  };
};
