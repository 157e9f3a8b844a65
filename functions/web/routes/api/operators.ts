import * as z from 'zod';
import { SCOPES } from '../../../../domain/access/events.ts';
import { Instant, strictObject } from '../../../../domain/kernel/zodTypes.ts';
import { KeyId, PublicKey, VendorId, VendorName } from '../../../../domain/vendors/events.ts';
import { HealthProblem } from '../../../platform/health.ts';
import { LANGUAGES, languageOf } from '../../../platform/words/tags.ts';
import { listing } from '../../http/input.ts';
import { TokenMade, TokenRequest } from '../../http/tokens.ts';
import type { ApiTable } from '../route.ts';

const health = { tag: 'operators', auth: 'none', status: 200 } as const;
/** Wire format. The answer of `/readyz` with 503. */
const NotReady = strictObject(() => ({
  status: z.literal('not-ready').describe('Answers would be wrong or decisions impossible.'),
  problems: z.array(HealthProblem).describe('What is wrong, oldest first.'),
})).meta({ id: 'NotReady', description: 'What makes answers wrong or decisions impossible.' });
/** Wire format. The answer of `/readyz` with 200. */
export const Ready = strictObject(() => ({
  status: z.literal('ready').describe('Answers are right and decisions possible.'),
  notes: z
    .array(HealthProblem)
    .optional()
    .describe('What a person should look at, oldest first: a backlog, a mail that was given up.'),
})).meta({ id: 'Ready', description: 'That the gate is ready, and what a person should look at.' });
const Health = strictObject(() => ({ status: z.literal('ok').describe('The process runs.') })).meta({
  id: 'Health',
  description: 'That the process runs.',
});

const ContactAddress = z.email().max(254);
const publicKey = PublicKey.optional().describe('An Ed25519 key, whpk_…, for this city alone; without one a secret is made.');
const VendorRequest = strictObject(() => ({
  id: VendorId.describe('The vendor’s id, the first segment of every key it owns.'),
  name: VendorName.describe('The name shown to people.'),
  publicKey,
  contact: ContactAddress.optional().describe('Where mail about the end of its contracts goes, in English; absent: nowhere.'),
})).meta({ id: 'VendorRequest', description: 'A vendor that may post notices.' });
const KeyRequest = strictObject(() => ({ publicKey })).meta({ id: 'KeyRequest', description: 'A new key of a vendor.' });
const ContactRequest = strictObject(() => ({
  email: ContactAddress.nullable().describe('Where mail about the end of its contracts goes; null: nowhere.'),
  language: z
    .string()
    .max(40)
    .refine((tag) => languageOf(tag) !== undefined, `is none of ${LANGUAGES.join(', ')}`)
    .optional()
    .describe(`The language of that mail, ${LANGUAGES.join(' or ')}, also with a region, such as es-419; absent: en.`),
})).meta({ id: 'ContactRequest', description: 'Where a vendor wants mail about its contracts.' });
const VendorContact = strictObject(() => ({
  vendor: z.string(),
  email: z.string().nullable().describe('Where mail about the end of its contracts goes; null: nowhere.'),
}));
const FormRequest = strictObject(() => ({
  valid: z.string().max(40).optional().describe('How long the form can be used, an ISO 8601 duration of at most a year.'),
})).meta({ id: 'FormRequest', description: 'A form by link for a vendor that cannot sign.' });
const CutOffRequest = strictObject(() => ({
  reissue: z.boolean().describe('Whether new links are mailed for what waits.'),
})).meta({ id: 'CutOffRequest', description: 'Ends every link of an official.' });
const scheme = z.enum(['v1a', 'v1']);
const IssuedKeys = strictObject(() => ({
  id: z.string().describe('The vendor’s id.'),
  keys: z
    .array(
      z.strictObject({
        id: KeyId,
        scheme,
        secret: z.string().exactOptional().describe('The shared secret, whsec_…, returned this once.'),
      }),
    )
    .readonly()
    .describe('The keys that were made.'),
})).meta({ id: 'IssuedKeys', description: 'A vendor with the keys that were made for it.' });
const VendorRecord = strictObject(() => ({
  id: z.string().describe('The vendor’s id.'),
  name: z.string().describe('The name shown to people.'),
  readable: z.boolean().describe('False if its record cannot be read: nothing that it signs is taken.'),
  keys: z
    .array(
      z.strictObject({
        id: KeyId,
        scheme,
        publicKey: PublicKey.exactOptional(),
        validFrom: Instant,
        validUntil: Instant.nullable(),
      }),
    )
    .readonly()
    .describe('Every key it ever had.'),
})).meta({ id: 'Vendor', description: 'A vendor that may post notices, and its keys.' });
const form = {
  id: z.string().describe('Names the form in lists and in the provenance of what is sent through it.'),
  createdAt: Instant,
  expiresAt: Instant,
  revokedAt: Instant.nullable(),
};
const FormMade = strictObject(() => ({
  vendor: z.string(),
  ...form,
  url: z.string().describe('The link to the form, returned this once.'),
})).meta({ id: 'FormMade', description: 'A form for a vendor that cannot sign, with its link.' });
const FormRecord = z
  .strictObject(form)
  .meta({ id: 'Form', description: 'A form for a vendor that cannot sign, without its link.' });
const KeyRevoked = strictObject(() => ({
  id: z.string().describe('The vendor’s id.'),
  key: z.string().describe('The id of the key.'),
  revoked: z.literal(true).describe('Nothing is taken any more that it signs.'),
}));
const FormsRevoked = strictObject(() => ({ vendor: z.string(), revoked: z.int().min(0).describe('How many forms were ended.') }));
const holder = z.string().describe('The official, by the id in the roster.');
const LinksCutOff = strictObject(() => ({
  holder,
  reissued: z.boolean().describe('Whether new links are mailed for what waits.'),
}));
const PasskeysReset = strictObject(() => ({
  holder,
  resets: z.int().min(0).describe('How often they were reset.'),
  waits: z.boolean().describe('Whether the reset waits for two persons, because the rules ask for passkeys.'),
}));
const TokenRecord = strictObject(() => ({
  id: z.string().describe('Names the token; reveals nothing of it.'),
  name: z.string().describe('The actor of what is done with it.'),
  scopes: z.array(z.enum(SCOPES)).readonly(),
  agencies: z.array(z.string()).readonly().describe('The only agencies it answers for; none: any.'),
  person: z.string().nullable().describe('The holder who enters notices with it; null for none.'),
  source: z.string().nullable().describe('The only source it reports as; null: any.'),
  revoked: z.boolean().describe('Whether it is ended.'),
  readable: z.boolean().describe('False if its record cannot be read: it is refused.'),
})).meta({ id: 'Token', description: 'An API token, without the token itself.' });

const admin = { tag: 'operators', auth: 'admin', status: 200 } as const;
const made = { ...admin, status: 201 } as const;

export const OPERATOR_OPERATIONS = {
  '/v1/vendors': {
    GET: {
      ...admin,
      id: 'listVendors',
      summary: 'Lists vendors and their keys',
      ...listing(VendorRecord, {}),
    },
    POST: {
      ...made,
      id: 'addVendor',
      summary: 'Lets a vendor post notices',
      body: VendorRequest,
      answer: IssuedKeys,
      problems: [409],
    },
  },
  '/v1/vendors/{id}/keys': {
    POST: {
      ...made,
      id: 'rotateKey',
      summary: 'Makes a new key for a vendor; the old ones count for a week',
      body: KeyRequest,
      answer: IssuedKeys,
      problems: [404, 409],
    },
  },
  '/v1/vendors/{id}/keys/{keyId}': {
    DELETE: {
      ...admin,
      id: 'revokeVendorKey',
      summary: 'Ends a key of a vendor at once; what it signed before stays',
      answer: KeyRevoked,
      problems: [404],
    },
  },
  '/v1/vendors/{id}/contact': {
    PUT: {
      ...admin,
      id: 'setVendorContact',
      summary: 'Says where a vendor wants mail about the end of its contracts',
      body: ContactRequest,
      answer: VendorContact,
      problems: [404],
    },
  },
  '/v1/vendors/{id}/forms': {
    GET: {
      ...admin,
      id: 'listForms',
      summary: 'Lists the forms of a vendor that cannot sign',
      ...listing(FormRecord, {}),
      problems: [404],
    },
    POST: {
      ...made,
      id: 'addForm',
      summary: 'Makes a link to a form for a vendor that cannot sign, returned this once',
      body: FormRequest,
      answer: FormMade,
      problems: [404],
    },
    DELETE: {
      ...admin,
      id: 'revokeForms',
      summary: 'Ends every form of a vendor',
      answer: FormsRevoked,
      problems: [404],
    },
  },
  '/v1/holders/{id}/links': {
    POST: {
      ...admin,
      id: 'cutOffLinks',
      summary: 'Ends every link of an official; with reissue new ones are mailed for what waits',
      body: CutOffRequest,
      answer: LinksCutOff,
      problems: [404, 409],
    },
  },
  '/v1/holders/{id}/passkeys': {
    DELETE: {
      ...admin,
      id: 'resetPasskeys',
      summary: 'Ends every passkey of an official and mails a link to set up a new one, or proposes it to two persons',
      answer: PasskeysReset,
      problems: [404, 409],
    },
  },
  '/v1/tokens': {
    GET: {
      ...admin,
      id: 'listTokens',
      summary: 'Lists API tokens, without the tokens themselves',
      ...listing(TokenRecord, {}),
    },
    POST: {
      ...made,
      id: 'createToken',
      summary: 'Makes an API token, returned this once',
      body: TokenRequest,
      answer: TokenMade,
    },
  },
  '/v1/tokens/{id}': {
    DELETE: {
      ...admin,
      id: 'revokeToken',
      summary: 'Ends a token',
      answer: strictObject(() => ({
        id: z.string().describe('The token’s id.'),
        revoked: z.literal(true).describe('It is ended.'),
      })),
      problems: [404],
    },
  },
  '/healthz': { GET: { ...health, id: 'health', summary: 'Answers while the process runs', answer: Health } },
  '/readyz': {
    GET: {
      ...health,
      id: 'ready',
      summary: 'Answers whether answers are right and decisions possible',
      answer: Ready,
      notReady: NotReady,
    },
  },
} as const satisfies ApiTable;
