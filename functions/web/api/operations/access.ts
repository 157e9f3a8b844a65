import { cutOffLinksOf, resetPasskeysOf } from '../../../gate/personCredentials.ts';
import { endToken, listTokens } from '../../../gate/tokens.ts';
import { refused, refusedBy } from '../../http/refused.ts';
import { createToken } from '../../http/tokens.ts';
import type { OPERATOR_OPERATIONS } from '../../routes/api/operators.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';

type OfficialHandlers = Pick<ApiHandlers<typeof OPERATOR_OPERATIONS>, '/v1/holders/{id}/links' | '/v1/holders/{id}/passkeys'>;

/** Serves what an operator does for an official who lost a telephone or a passkey. Both acts are public. */
export const officialHandlers = ({ ports, logger }: ApiDeps): OfficialHandlers => ({
  '/v1/holders/{id}/links': {
    POST: async ({ params, body: { reissue } }) => {
      const done = await cutOffLinksOf(ports, { holder: params.id, by: null, reissued: reissue });
      if (!done.ok) throw refusedBy(done.rejection);
      return { body: { holder: done.holder, reissued: done.reissued } };
    },
  },
  '/v1/holders/{id}/passkeys': {
    DELETE: async ({ params: { id: holder } }) => {
      const done = await resetPasskeysOf(ports, { holder, by: null });
      if (!done.ok) throw refusedBy(done.rejection);
      const { resets, waits } = done;
      logger({ level: 'warn', event: 'passkeys reset or proposed by the operator', holder, resets, waits });
      return { body: { holder, resets, waits } };
    },
  },
});

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
