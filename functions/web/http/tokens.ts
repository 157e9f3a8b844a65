// Storage format: the side store's `token` entries, named by the SHA-256 of the token.
import { hash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { LineText } from '../../../domain/kernel/zodTypes.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { badParameter } from './input.ts';

/** What a token can be good for. `admin` is good for everything. */
export const SCOPES = ['state:read', 'observe', 'notice', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

const KIND = 'token';
const PREFIX = 'ald_';
const RANDOM_BYTES = 24;
const CHECKSUM_CHARS = 6;
const SHAPE = /^ald_[0-9a-f]{48}[0-9a-f]{6}$/;

/** The name of a token: it is the actor of what is done with it. */
export const TokenName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, 'must be 1 to 60 letters, digits, dots, hyphens and underscores');
const Agency = LineText(80);

const StoredToken = z.strictObject({
  name: TokenName,
  scopes: z.array(z.enum(SCOPES)).min(1),
  agency: Agency.exactOptional(),
  createdAt: z.string(),
  revokedAt: z.string().exactOptional(),
});
export type StoredToken = z.infer<typeof StoredToken>;

/** The id of a token, for lists and for revoking it: it tells nothing of the token. */
export const tokenId = (token: string): string => hash('sha256', token);

const checksumOf = (random: string): string => hash('sha256', `${PREFIX}${random}`).slice(0, CHECKSUM_CHARS);

/** Whether a text can be a token of ours at all: its end is a checksum, so that leaked tokens are found and typing errors seen. */
export const isTokenShaped = (text: string): boolean => {
  if (!SHAPE.test(text)) return false;
  const random = text.slice(PREFIX.length, -CHECKSUM_CHARS);
  return checksumOf(random) === text.slice(-CHECKSUM_CHARS);
};

/** Wire format. What a new token is for. Name, scopes and agency are checked by {@link createToken}. */
export const TokenRequest = z
  .strictObject({
    name: z.string().describe('Names the token in lists and as the actor of what is done with it.'),
    scopes: z
      .array(z.string())
      .readonly()
      .check(z.minLength(1))
      .describe(`What it is good for: ${SCOPES.join(', ')}.`),
    agency: z.string().optional().describe('The agency it asks for where a request names none.'),
  })
  .meta({ id: 'TokenRequest', description: 'A new API token.' });
export type TokenRequest = z.infer<typeof TokenRequest>;

/** Wire format. A new token, returned this once. */
export const TokenMade = z
  .strictObject({
    id: z.string().describe('Names the token in lists; reveals nothing of it.'),
    token: z.string().describe('The token itself, returned this once.'),
    scopes: z.array(z.enum(SCOPES)).readonly().describe('What it is good for.'),
  })
  .meta({ id: 'TokenMade', description: 'A new API token.' });
export type TokenMade = z.infer<typeof TokenMade>;

/** Makes a token; it is shown this once, kept is its hash. Throws Refused (400) on a bad name, scope or agency. */
export const createToken = async (
  sideStore: SideStore,
  { name, scopes, agency }: TokenRequest,
  now: string,
): Promise<TokenMade> => {
  const stored = StoredToken.safeParse({
    name,
    scopes: [...new Set(scopes)],
    createdAt: now,
    ...(agency !== undefined && { agency }),
  });
  if (!stored.success) {
    const issue = stored.error.issues[0];
    throw badParameter(String(issue?.path[0] ?? 'name'), issue?.message ?? 'cannot be read');
  }
  const random = randomBytes(RANDOM_BYTES).toString('hex');
  const token = `${PREFIX}${random}${checksumOf(random)}`;
  const id = tokenId(token);
  await sideStore.put(KIND, id, stored.data);
  return { id, token, scopes: stored.data.scopes };
};

/** Ends a token; false when there is none of that id. Ending it again changes nothing. */
export const revokeToken = async (sideStore: SideStore, id: string, now: string): Promise<boolean> => {
  const known = await readToken(sideStore, id);
  if (known === undefined) return false;
  if (known.revokedAt === undefined) await sideStore.put(KIND, id, { ...known, revokedAt: now });
  return true;
};

/** All tokens ever made, the revoked ones too, without the tokens themselves. */
export const listTokens = async (sideStore: SideStore): Promise<readonly (StoredToken & { readonly id: string })[]> =>
  (await sideStore.list(KIND)).flatMap(({ id, value }) => {
    const parsed = StoredToken.safeParse(value);
    return parsed.success ? [{ id, ...parsed.data }] : [];
  });

/** The token of an id, revoked or not; undefined when there is none, or none that can be read. */
export const readToken = async (sideStore: SideStore, id: string): Promise<StoredToken | undefined> => {
  const parsed = StoredToken.safeParse(await sideStore.get(KIND, id));
  return parsed.success ? parsed.data : undefined;
};
