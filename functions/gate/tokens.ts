import * as z from 'zod';
import { type AccessOf, tokenStream } from '../../domain/access/decide.ts';
import type { ApiToken } from '../../domain/access/events.ts';
import { object } from '../../domain/kernel/zodTypes.ts';
import { ifReadable } from '../platform/store/errors.ts';
import type { Store } from '../platform/store/port.ts';
import { type ListPart, readPart, type SideEntry, type SideStore } from '../platform/store/sideStore.ts';
import type { SubmitPorts } from '../platform/store/submit.ts';
import { orderAccess, readAccess, revokeAccess } from './aggregates.ts';

/** Side kind: the ids of existing tokens, for lists only; events say whether one is valid. */
const LISTED = 'token';

export type AccessToken = Omit<AccessOf<'token'>, 'kind'>;
type NewAccessToken = Omit<z.infer<typeof ApiToken>, 'kind'>;

export type TokenPorts = SubmitPorts & { readonly sideStore: SideStore };

/** `id`: the hex of its SHA-256, the only part of it that is stored. */
export const issueToken = async (ports: TokenPorts, id: string, token: NewAccessToken): Promise<void> => {
  // Listed first: a valid token can always be found and revoked.
  await ports.sideStore.put(LISTED, id, { name: token.name });
  const done = await orderAccess(ports, tokenStream(id), {
    commandId: `token/${id}`,
    actor: 'operator',
    command: (at) => ({ type: 'issue', at, issued: { kind: 'token', ...token } }),
  });
  if (!done.ok) throw new Error(`a token cannot be recorded: ${done.rejection.detail}`);
};

/** False if the id is unknown. Throws as `revokeAccess` does. */
export const endToken = (ports: TokenPorts, id: string): Promise<boolean> =>
  revokeAccess(ports, tokenStream(id), `token/${id}/revoke`);

export const readToken = async ({ store }: { readonly store: Store }, id: string): Promise<AccessToken | undefined> => {
  const state = await readAccess(store, tokenStream(id));
  return state?.kind === 'token' ? state : undefined;
};

/** `readable`: false if its events cannot be read; then it is refused. */
type ListedToken = Pick<AccessToken, 'name' | 'scopes' | 'agencies' | 'person' | 'source'> & {
  readonly id: string;
  readonly revoked: boolean;
  readonly readable: boolean;
};

const Listed = object(() => ({ name: z.string() }));

/** Lists tokens by id. */
export const tokensAfter = async (ports: TokenPorts, after: string, limit: number): Promise<ListPart<ListedToken>> => {
  const listed = await ports.sideStore.list(LISTED, '', { after, limit: limit + 1 });
  const one = async (id: string): Promise<ListedToken | undefined> => {
    const token = await readToken(ports, id);
    if (token === undefined) return undefined;
    const { name, scopes, agencies, person, source, revokedAt } = token;
    return { id, name, scopes, agencies, person, source, revoked: revokedAt !== null, readable: true };
  };
  const unreadable = ({ id, value }: SideEntry): ListedToken => {
    const { name } = Listed.catch({ name: '' }).parse(value);
    return { id, name, scopes: [], agencies: [], person: null, source: null, revoked: false, readable: false };
  };
  return readPart(listed, limit, (entry) => ifReadable(one(entry.id), () => unreadable(entry)));
};
