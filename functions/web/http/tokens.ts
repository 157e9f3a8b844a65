import { hash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { ApiToken, SCOPES } from '../../../domain/access/events.ts';
import { strictObject } from '../../../domain/kernel/zodTypes.ts';
import { Source } from '../../../domain/observation/events.ts';
import { readRules } from '../../gate/rules.ts';
import { type AccessToken, issueToken, readToken, type TokenPorts } from '../../gate/tokens.ts';
import { CLOCKS, type ClockReading, isYounger, readClocks, type TwoClocks } from '../../platform/age.ts';
import { type CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import type { Store } from '../../platform/store/port.ts';
import { badField, checkInput } from './input.ts';
import { refused } from './problems.ts';

export type Scope = (typeof SCOPES)[number];

const PREFIX = 'ald_';
const RANDOM_BYTES = 24;
const CHECKSUM_CHARS = 6;
const SHAPE = /^ald_[0-9a-f]{48}[0-9a-f]{6}$/;

/** Returns the id for listing and revoking a token. Reveals nothing about the token. */
export const tokenId = (token: string): string => hash('sha256', token);

const checksumOf = (random: string): string => hash('sha256', `${PREFIX}${random}`).slice(0, CHECKSUM_CHARS);

/** A token ends in a checksum, so that scanners find leaked tokens and typing errors are detected. */
export const isTokenShaped = (text: string): boolean => {
  if (!SHAPE.test(text)) return false;
  const random = text.slice(PREFIX.length, -CHECKSUM_CHARS);
  return checksumOf(random) === text.slice(-CHECKSUM_CHARS);
};

/** Wire format. */
export const TokenRequest = strictObject(() => ({
  name: ApiToken.shape.name.describe('Names the token in lists and as the actor of what is done with it.'),
  scopes: ApiToken.shape.scopes.readonly(),
  agencies: ApiToken.shape.agencies.readonly().optional().describe('The only agencies it answers for; absent: any.'),
  person: ApiToken.shape.person
    .optional()
    .describe(
      'The holder who enters notices with it and fills no requirement of them; null for none. Scopes `notice` and `admin` need it.',
    ),
  source: Source.optional().describe('The only source it reports as; absent: any. Needs scope `observe`.'),
})).meta({ id: 'TokenRequest', description: 'A new API token.' });
export type TokenRequest = z.infer<typeof TokenRequest>;

/** Wire format. `token`: returned only here. */
export const TokenMade = strictObject(() => ({
  id: z.string().describe('Names the token in lists; reveals nothing of it.'),
  token: z.string().describe('The token itself, returned this once.'),
  scopes: z.array(z.enum(SCOPES)).readonly(),
})).meta({ id: 'TokenMade', description: 'A new API token.' });
export type TokenMade = z.infer<typeof TokenMade>;

/** Throws Refused (400) unless a token that can enter notices names a person on the roster, or `none`. */
const checkPerson = async ({ store }: TokenPorts, { scopes, person }: TokenRequest): Promise<void> => {
  if (person === undefined && scopes.some((scope) => scope === 'notice' || scope === 'admin'))
    throw badField('/person', 'is missing: who enters a notice fills no requirement of it, so say who, or none');
  if (typeof person !== 'string') return;
  const { roster } = await readRules({ store });
  if (roster?.roster.holders.some(({ id }) => id === person) !== true)
    throw badField('/person', 'is not the id of a person on the roster in force');
};

/**
 * Returns the token, of which only the hash is stored. Throws Refused (400) on a bad field, without a person if its scopes need one, or
 * with a source if it cannot report observations.
 */
export const createToken = async (ports: TokenPorts, request: TokenRequest): Promise<TokenMade> => {
  const { name, agencies = [], person = null, source = null, ...asked } = checkInput(TokenRequest, request);
  const scopes = [...new Set(asked.scopes)];
  if (source !== null && !scopes.includes('observe')) throw badField('/source', 'is for a token with the scope observe');
  await checkPerson(ports, request);
  const random = randomBytes(RANDOM_BYTES).toString('hex');
  const token = `${PREFIX}${random}${checksumOf(random)}`;
  const id = tokenId(token);
  await issueToken(ports, id, { name, scopes, agencies: [...new Set(agencies)], person, source });
  return { id, token, scopes };
};

export interface Caller extends Pick<AccessToken, 'name' | 'scopes' | 'agencies' | 'person' | 'source'> {
  readonly id: string;
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
 * The caller for any token while the store cannot be read. It gets an explicit "no", since a client that gets an error uses its own
 * default.
 */
const ASKING: Omit<Caller, 'id'> = { name: 'not known', scopes: ['state:read'], agencies: [], person: null, source: null };

const unknownBecause = (error: CorruptStore): 'not-known' => {
  if (error.code === 'store-unreadable') throw error;
  return 'not-known';
};

/** `admin` includes all others. */
export const hasScope = ({ scopes }: Pick<Caller, 'scopes'>, scope: Scope): boolean =>
  scopes.includes(scope) || scopes.includes('admin');

const hasAnyScope = (caller: Caller, scopes: readonly Scope[]): boolean => scopes.some((scope) => hasScope(caller, scope));

/** RFC 6750: the scheme, and an error only if a token was sent. */
const challenge = (error?: string) => ({
  'www-authenticate': `Bearer realm="aldergate"${error === undefined ? '' : `, error="${error}"`}`,
});

/**
 * Returns without a promise if the token is cached (for a second at most). Rejects with Refused: 401 without a token, or with one that is
 * unknown, revoked or misspelt, without stating which; 403 if it has none of the scopes.
 */
export const credentials = (ports: { readonly store: Store }, clocks: TwoClocks = CLOCKS) => {
  const cache = new Map<string, { readonly caller: Caller; readonly asked: ClockReading }>();

  const find = async (id: string): Promise<Caller | undefined> => {
    const asked = readClocks(clocks);
    const known = await ifReadable(readToken(ports, id), unknownBecause);
    if (known === 'not-known') return { ...ASKING, id };
    const caller = callerOf(id, known);
    if (cache.size >= CACHED_MAX) cache.clear();
    if (caller !== undefined) cache.set(id, { caller, asked });
    return caller;
  };

  const cached = (id: string): Caller | undefined => {
    const known = cache.get(id);
    return known !== undefined && isYounger(known.asked, BELIEVED_MS, clocks) ? known.caller : undefined;
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
