import type * as z from 'zod';
import type { TokenIssued } from '../../domain/access/events.ts';
import { type AccessOf, tokenStream } from '../../domain/access/state.ts';
import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import type { SubmitPorts } from '../platform/store/submit.ts';
import { orderAccess, readAccess } from './access.ts';

/** Side kind: the ids of the tokens there are, for lists only. Whether a token counts stands in its events. */
const LISTED = 'token';

export type AccessToken = Omit<AccessOf<'token'>, 'kind'>;
export type NewAccessToken = Pick<z.infer<typeof TokenIssued>, 'name' | 'scopes' | 'agencies' | 'person'>;

export type TokenPorts = SubmitPorts & { readonly sideStore: SideStore };

/** Records that a token counts from now on. `id`: the hex of its SHA-256, which is all that is kept of it. */
export const issueToken = async (ports: TokenPorts, id: string, token: NewAccessToken): Promise<void> => {
  // Listed first: a token that counts can always be found and ended.
  await ports.sideStore.put(LISTED, id, { name: token.name });
  const done = await orderAccess(ports, tokenStream(id), {
    commandId: `token/${id}`,
    actor: 'operator',
    command: (at) => ({ type: 'issueToken', at, ...token, scopes: [...token.scopes], agencies: [...token.agencies] }),
  });
  if (!done.ok) throw new Error(`a token cannot be recorded: ${done.rejection.detail}`);
};

/** Ends a token at once; false if there is none of that id. Ending it again changes nothing. */
export const endToken = async (ports: TokenPorts, id: string): Promise<boolean> => {
  const done = await orderAccess(ports, tokenStream(id), {
    commandId: `token/${id}/revoke`,
    actor: 'operator',
    command: (at) => ({ type: 'revoke', at }),
  });
  return done.ok;
};

/** Returns the token of an id, revoked or not; undefined if none was issued. One strongly consistent read. */
export const readToken = async ({ store }: { readonly store: Store }, id: string): Promise<AccessToken | undefined> => {
  const state = await readAccess(store, tokenStream(id));
  return state?.kind === 'token' ? state : undefined;
};

/** Returns all tokens ever issued, the revoked ones too. */
export const listTokens = async (ports: TokenPorts): Promise<readonly (AccessToken & { readonly id: string })[]> => {
  const listed = await ports.sideStore.list(LISTED);
  const tokens = await Promise.all(listed.map(async ({ id }) => ({ id, token: await readToken(ports, id) })));
  return tokens.flatMap(({ id, token }) => (token === undefined ? [] : [{ ...token, id }]));
};
