import type * as z from 'zod';
import type { TokenIssued } from '../../domain/access/events.ts';
import { type AccessOf, tokenStream } from '../../domain/access/state.ts';
import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { SubmitPorts } from '../platform/store/submit.ts';
import { orderAccess, readAccess } from './access.ts';

/** Side kind: the ids of existing tokens, for lists only. The events of a token determine whether it is valid. */
const LISTED = 'token';

export type AccessToken = Omit<AccessOf<'token'>, 'kind'>;
export type NewAccessToken = Pick<z.infer<typeof TokenIssued>, 'name' | 'scopes' | 'agencies' | 'person'>;

export type TokenPorts = SubmitPorts & { readonly sideStore: SideStore };

/** Issues a token. `id`: the hex of its SHA-256, the only part of it that is stored. */
export const issueToken = async (ports: TokenPorts, id: string, token: NewAccessToken): Promise<void> => {
  // Listed first: a valid token can always be found and revoked.
  await ports.sideStore.put(LISTED, id, { name: token.name });
  const done = await orderAccess(ports, tokenStream(id), {
    commandId: `token/${id}`,
    actor: 'operator',
    command: (at) => ({ type: 'issueToken', at, ...token, scopes: [...token.scopes], agencies: [...token.agencies] }),
  });
  if (!done.ok) throw new Error(`a token cannot be recorded: ${done.rejection.detail}`);
};

/** Revokes a token at once; returns false if the id is unknown. Revoking it again has no effect. */
export const endToken = async (ports: TokenPorts, id: string): Promise<boolean> => {
  const done = await orderAccess(ports, tokenStream(id), {
    commandId: `token/${id}/revoke`,
    actor: 'operator',
    command: (at) => ({ type: 'revoke', at }),
  });
  return done.ok;
};

/** Returns the token of an id, revoked or not; undefined if none was issued. Costs one strongly consistent read. */
export const readToken = async ({ store }: { readonly store: Store }, id: string): Promise<AccessToken | undefined> => {
  const state = await readAccess(store, tokenStream(id));
  return state?.kind === 'token' ? state : undefined;
};

/** Returns all tokens ever issued, including the revoked ones. */
export const listTokens = async (ports: TokenPorts): Promise<readonly (AccessToken & { readonly id: string })[]> => {
  const listed = await ports.sideStore.list(LISTED);
  const tokens = await Promise.all(listed.map(async ({ id }) => ({ id, token: await readToken(ports, id) })));
  return tokens.flatMap(({ id, token }) => (token === undefined ? [] : [{ ...token, id }]));
};
