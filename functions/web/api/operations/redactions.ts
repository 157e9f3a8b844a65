import { redactText } from '../../../reactions/adoption/redactText.ts';
import { refusedBy } from '../../http/refused.ts';
import type { OPERATOR_OPERATIONS } from '../../routes/api/operators.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

type RedactionHandlers = Pick<ApiHandlers<typeof OPERATOR_OPERATIONS>, '/v1/features/{key}/redactions'>;

/** Removes an official's text permanently. The public log records the token that ordered it. The same order again gives the same answer. */
export const redactionHandlers = ({ ports }: ApiDeps): RedactionHandlers => ({
  '/v1/features/{key}/redactions': {
    POST: async ({ params: { key }, caller, body }) => {
      const { commitment, reason, authority, fileNumber } = body;
      const done = await redactText(ports, { key, commitment, reason, authority, fileNumber, by: `token:${caller.name}` });
      if (!done.ok) throw refusedBy(done.rejection);
      const { type: _type, v: _v, ...redaction } = done.redaction;
      return { body: redaction };
    },
  },
});
