import { hidingAt, type Place, placeName } from '../../../../domain/redaction/state.ts';
import { orderRedaction, type RedactionOrder } from '../../../gate/redactions.ts';
import { placesOf } from '../../../register/documents.ts';
import { refusedBy } from '../../http/refused.ts';
import type { REDACTION_OPERATIONS, RedactionJson } from '../../routes/api/records.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

const OF_ROSTER = { key: null, change: null, revision: null } as const;

/**
 * Serves orders about texts, raw notices and documents, each at one place. The public log names the token that gave each. The same order
 * again gives the same answer.
 */
export const redactionHandlers = (deps: ApiDeps): ApiHandlers<typeof REDACTION_OPERATIONS> => {
  const answer = async (order: RedactionOrder): Promise<{ readonly body: RedactionJson }> => {
    const done = await orderRedaction(deps.ports, order);
    if (!done.ok) throw refusedBy(done.rejection);
    const { redaction, all } = done;
    const isElsewhere = (place: Place): boolean =>
      hidingAt([{ ...redaction, status: 'withheld', everywhere: false }], place) === undefined;
    const others = (await placesOf(deps.ports, redaction.what, all, redaction.commitment)).filter(isElsewhere);
    const named = new Map(others.map((place) => [placeName(place), hidingAt(all, place) !== undefined]));
    const elsewhere = [...named].map(([place, withheld]) => ({ place, withheld }));
    return { body: { ...redaction, place: placeName(redaction), elsewhere } };
  };
  const by = ({ name }: { readonly name: string }): string => `token:${name}`;
  return {
    '/v1/features/{key}/redactions/withhold': {
      POST: ({ params, caller, body: { revision = null, everywhere = false, ...body } }) =>
        answer({ action: 'withhold', ...params, ...body, revision, everywhere, by: by(caller) }),
    },
    '/v1/features/{key}/redactions/disclose': {
      POST: ({ params, caller, body: { revision = null, ...body } }) =>
        answer({ action: 'disclose', ...params, ...body, revision, by: by(caller) }),
    },
    '/v1/roster/redactions/withhold': {
      POST: ({ caller, body }) => answer({ action: 'withhold', ...OF_ROSTER, ...body, everywhere: false, by: by(caller) }),
    },
    '/v1/roster/redactions/disclose': {
      POST: ({ caller, body }) => answer({ action: 'disclose', ...OF_ROSTER, ...body, by: by(caller) }),
    },
  };
};
