import { hash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { ApiToken, SCOPES } from '../../../domain/access/events.ts';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import { problemsOf } from '../../../domain/kernel/problems.ts';
import { readRules } from '../../gate/rules.ts';
import { issueToken, type TokenPorts } from '../../gate/tokens.ts';
import { badParameter } from './input.ts';

export type Scope = (typeof SCOPES)[number];

const PREFIX = 'ald_';
const RANDOM_BYTES = 24;
const CHECKSUM_CHARS = 6;
const SHAPE = /^ald_[0-9a-f]{48}[0-9a-f]{6}$/;

const NewTokenFields = ApiToken.omit({ kind: true });

/** Returns the id of a token, for lists and for revoking it. It reveals nothing of the token. */
export const tokenId = (token: string): string => hash('sha256', token);

const checksumOf = (random: string): string => hash('sha256', `${PREFIX}${random}`).slice(0, CHECKSUM_CHARS);

/** Reports whether a text has the form of a token. It ends in a checksum, so that scanners find leaked tokens and typing errors are seen. */
export const isTokenShaped = (text: string): boolean => {
  if (!SHAPE.test(text)) return false;
  const random = text.slice(PREFIX.length, -CHECKSUM_CHARS);
  return checksumOf(random) === text.slice(-CHECKSUM_CHARS);
};

/** Wire format. The request for a new token. {@link createToken} checks all fields. */
export const TokenRequest = strictObject(() => ({
  name: z.string().describe('Names the token in lists and as the actor of what is done with it.'),
  scopes: z
    .array(z.string())
    .readonly()
    .check(z.minLength(1))
    .describe(`What it is good for: ${SCOPES.join(', ')}.`),
  agencies: z.array(z.string()).readonly().optional().describe('The only agencies it answers for; absent: any.'),
  person: z
    .string()
    .nullable()
    .optional()
    .describe('The holder who enters notices with it and fills no requirement of them; null for none. Scope `notice` needs it.'),
  source: z.string().optional().describe('The only source it reports as; absent: any. Needs scope `observe`.'),
})).meta({ id: 'TokenRequest', description: 'A new API token.' });
export type TokenRequest = z.infer<typeof TokenRequest>;

/** Wire format. A new token, returned this once. */
export const TokenMade = strictObject(() => ({
  id: z.string().describe('Names the token in lists; reveals nothing of it.'),
  token: z.string().describe('The token itself, returned this once.'),
  scopes: z.array(z.enum(SCOPES)).readonly().describe('What it is good for.'),
})).meta({ id: 'TokenMade', description: 'A new API token.' });
export type TokenMade = z.infer<typeof TokenMade>;

/** Throws Refused (400) unless the person who enters notices with a token is named where they must be, and is on the roster. */
const checkPerson = async ({ store }: TokenPorts, { scopes, person }: TokenRequest): Promise<void> => {
  if (person === undefined && scopes.includes('notice'))
    throw badParameter('person', 'is missing: who enters a notice fills no requirement of it, so say who, or none');
  if (typeof person !== 'string') return;
  const { roster } = await readRules({ store });
  if (roster?.roster.holders.some(({ id }) => id === person) !== true)
    throw badParameter('person', 'is not the id of a person on the roster in force');
};

/**
 * Makes a token; it is returned this once, only its hash is kept. Throws Refused (400) on a bad name, scope, agency, person or
 * source, without a person where notices can be entered with it, or with a source where nothing can be reported with it.
 */
export const createToken = async (ports: TokenPorts, request: TokenRequest): Promise<TokenMade> => {
  const { name, scopes, agencies = [], person = null, source = null } = request;
  const lists = { scopes: [...new Set(scopes)], agencies: [...new Set(agencies)] };
  const fields = NewTokenFields.safeParse({ name, ...lists, person, source });
  if (!fields.success) {
    const [{ pointer, detail } = { pointer: '/name', detail: 'cannot be read' }] = problemsOf(fields.error);
    throw badParameter(pointer.split('/')[1] ?? 'name', detail);
  }
  if (source !== null && !scopes.includes('observe')) throw badParameter('source', 'is for a token with the scope observe');
  await checkPerson(ports, request);
  const random = randomBytes(RANDOM_BYTES).toString('hex');
  const token = `${PREFIX}${random}${checksumOf(random)}`;
  const id = tokenId(token);
  await issueToken(ports, id, fields.data);
  return { id, token, scopes: fields.data.scopes };
};
