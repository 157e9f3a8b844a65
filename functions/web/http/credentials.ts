import { type AccessToken, readToken } from '../../gate/tokens.ts';
import { type CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import type { Store } from '../../platform/store/port.ts';
import { refused } from './refused.ts';
import { isTokenShaped, type Scope, tokenId } from './tokens.ts';

/** The caller that a token authenticates. */
export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The only agencies it asks for; empty: any. */
  readonly agencies: readonly string[];
  /** The person who enters what arrives with it; null if unknown. */
  readonly person: string | null;
  /** The only source it reports as; null: any. */
  readonly source: string | null;
}

/** How long a token is cached in ms: a token revoked by another process stops working within a second. */
const BELIEVED_MS = 1_000;
const CACHED_MAX = 10_000;

type Header = (name: string) => string | null | undefined;

const BEARER = /^Bearer +(\S+) *$/i;

const tokenOf = (header: Header): string | undefined => {
  const authorization = header('authorization');
  if (authorization) return BEARER.exec(authorization)?.[1] ?? '';
  return header('x-api-key')?.trim() || undefined;
};

const callerOf = (id: string, token: AccessToken | undefined): Caller | undefined =>
  token === undefined || token.revokedAt !== null
    ? undefined
    : { id, name: token.name, scopes: token.scopes, agencies: token.agencies, person: token.person, source: token.source };

/**
 * The caller of any token while nothing of the store can be read: it asks what everybody can see, and is answered "no" in so many words. A
 * client to which an error comes uses its own default.
 */
const ASKING: Omit<Caller, 'id'> = { name: 'not known', scopes: ['state:read'], agencies: [], person: null, source: null };

const unknownBecause = (error: CorruptStore): 'not-known' => {
  if (error.code === 'store-unreadable') throw error;
  return 'not-known';
};

/** Reports whether a caller has a scope; `admin` includes all others. */
export const hasScope = ({ scopes }: Pick<Caller, 'scopes'>, scope: Scope): boolean =>
  scopes.includes(scope) || scopes.includes('admin');

const hasAnyScope = (caller: Caller, scopes: readonly Scope[]): boolean => scopes.some((scope) => hasScope(caller, scope));

/** Returns the challenge of a 401 (RFC 6750): the scheme, and an error only if a token was sent. */
const challenge = (error?: string) => ({
  'www-authenticate': `Bearer realm="aldergate"${error === undefined ? '' : `, error="${error}"`}`,
});

/**
 * Returns a function that authenticates the caller, without a promise if its token is cached. It rejects with Refused: 401 without a token
 * or, without distinction, with one that is unknown, revoked or misspelt; 403 if it has none of the scopes. Tokens are looked up by their hash and
 * cached for a second. `nowMs`: a monotonic clock.
 */
export const credentials = (ports: { readonly store: Store }, nowMs: () => number = () => performance.now()) => {
  const cache = new Map<string, { readonly caller: Caller | undefined; readonly until: number }>();

  const find = async (id: string): Promise<Caller | undefined> => {
    const known = await ifReadable(readToken(ports, id), unknownBecause);
    if (known === 'not-known') return { ...ASKING, id };
    const caller = callerOf(id, known);
    if (cache.size >= CACHED_MAX) cache.clear();
    if (caller !== undefined) cache.set(id, { caller, until: nowMs() + BELIEVED_MS });
    return caller;
  };

  const cached = (id: string): Caller | undefined => {
    const known = cache.get(id);
    return known !== undefined && known.until > nowMs() ? known.caller : undefined;
  };

  const authenticate = async (token: string | undefined, id: string, scopes: readonly Scope[]): Promise<Caller> => {
    if (token === undefined) {
      throw refused('token-missing', { detail: 'send a token as Authorization: Bearer … or X-API-Key', headers: challenge() });
    }
    const caller = cached(id) ?? (isTokenShaped(token) ? await find(id) : undefined);
    if (caller === undefined) {
      throw refused('token-unknown', {
        detail: 'the token is misspelt, unknown or revoked',
        headers: challenge('invalid_token'),
      });
    }
    if (!hasAnyScope(caller, scopes)) {
      throw refused('scope-missing', {
        detail: `the token has not the scope ${scopes.join(' or ')}`,
        headers: challenge('insufficient_scope'),
      });
    }
    return caller;
  };

  return (header: Header, ...scopes: readonly [Scope, ...Scope[]]): Caller | Promise<Caller> => {
    const token = tokenOf(header);
    const id = tokenId(token ?? '');
    const caller = token === undefined ? undefined : cached(id);
    return caller !== undefined && hasAnyScope(caller, scopes) ? caller : authenticate(token, id, scopes);
  };
};
export type Credentials = ReturnType<typeof credentials>;
