import { endToken, listTokens } from '../../../gate/tokens.ts';
import { refused } from '../../http/refused.ts';
import { createToken } from '../../http/tokens.ts';
import type { OPERATOR_OPERATIONS } from '../../routes/api/operators.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

type TokenHandlers = Pick<ApiHandlers<typeof OPERATOR_OPERATIONS>, '/v1/tokens' | '/v1/tokens/{id}'>;

/** Serves API tokens: listed, created, revoked. */
export const tokenHandlers = ({ ports }: ApiDeps): TokenHandlers => ({
  '/v1/tokens': {
    GET: async () => {
      const items = (await listTokens(ports)).map(({ id, name, scopes, agencies, person, revoked, readable }) => ({
        id,
        name,
        scopes,
        agencies,
        person,
        revoked,
        readable,
      }));
      return { body: { items, next: null } };
    },
    POST: async ({ body }) => ({ body: await createToken(ports, body) }),
  },
  '/v1/tokens/{id}': {
    DELETE: async ({ params: { id } }) => {
      if (!(await endToken(ports, id))) throw refused('not-found', { detail: 'there is no token of this id' });
      return { body: { id, revoked: true } };
    },
  },
});
