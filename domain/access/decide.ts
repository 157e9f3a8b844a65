import * as z from 'zod';
import { type Assertion, assertionFault, challengeOf } from '../kernel/assertion.ts';
import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import type { JsonObject } from '../kernel/json.ts';
import { Instant, strictObject } from '../kernel/zodTypes.ts';
import { HolderId } from '../roster/schema.ts';
import { type AccessEvent, type AccessIssued, ApiToken, FormLink, PasskeyEnrolled } from './events.ts';

/** The version of the state stored with each commit, a cache of the fold. Raise it when its shape or the result of `evolve` changes. */
export const ACCESS_STATE_VERSION = 3;

const issued = { issuedAt: Instant, revokedAt: Instant.nullable() };
const Token = strictObject(() => ({ ...ApiToken.shape, ...issued }));
const Form = strictObject(() => ({ ...FormLink.shape, ...issued }));

/** A person's passkeys of the newest generation that has one. */
const Passkeys = strictObject(() => ({
  kind: z.literal('passkeys'),
  generation: z.int().min(0),
  keys: z.array(PasskeyEnrolled.pick({ at: true, credential: true, algorithm: true, publicKey: true, cose: true, by: true })),
}));
const Claim = strictObject(() => ({ kind: z.literal('claim'), holder: HolderId }));

/** Null before the first event. */
export const AccessState = z.discriminatedUnion('kind', [Token, Form, Passkeys, Claim]).nullable();
export type AccessState = z.infer<typeof AccessState>;
export type AccessOf<K extends string> = Extract<NonNullable<AccessState>, { readonly kind: K }>;

/** Streams are named by the hex of a SHA-256; each person has one stream for their passkeys. */
export const tokenStream = (sha256: string): string => `access/token/${sha256}`;
export const formStream = (sha256: string): string => `access/form/${sha256}`;
export const passkeysStream = (holder: string): string => `access/passkeys/${holder}`;
export const credentialStream = (sha256: string): string => `access/credential/${sha256}`;
export const publicKeyStream = (sha256: string): string => `access/public-key/${sha256}`;

// Wire and storage format: what a passkey signs to let in another of the same person. Signed bytes contain its hash permanently; a change
// needs a new version beside this one.

export type NewPasskey = Pick<PasskeyEnrolled, 'holder' | 'generation' | 'credential' | 'algorithm' | 'publicKey' | 'cose'>;

/** The leave for another passkey as an earlier one of the same person signs it. */
export const passkeyToSign = (
  { holder, generation, credential, algorithm, publicKey, cose }: NewPasskey,
  { gate, nonce, expiresAt }: Pick<Assertion, 'gate' | 'nonce' | 'expiresAt'>,
): JsonObject => ({
  format: 'aldergate-passkey',
  v: 1,
  gate,
  nonce,
  expiresAt,
  holder,
  generation,
  credential,
  algorithm,
  publicKey,
  cose,
});

const evolveAccess = (state: AccessState, event: AccessEvent): AccessState => {
  switch (event.type) {
    case 'AccessIssued':
      return { ...event.issued, issuedAt: event.at, revokedAt: null };
    case 'AccessRevoked':
      return state?.kind === 'token' || state?.kind === 'form' ? { ...state, revokedAt: event.at } : state;
    case 'PasskeyEnrolled': {
      const { at, credential, algorithm, publicKey, cose, by, generation } = event;
      const before = state?.kind === 'passkeys' && state.generation === generation ? state.keys : [];
      return { kind: 'passkeys', generation, keys: [...before, { at, credential, algorithm, publicKey, cose, by }] };
    }
    case 'PasskeyRemoved':
      return state?.kind === 'passkeys'
        ? { ...state, keys: state.keys.filter(({ credential }) => credential !== event.credential) }
        : state;
    case 'KeyClaimed':
      return { kind: 'claim', holder: event.holder };
  }
};

export type AccessRejection =
  | 'no-such-access'
  | 'needs-passkey'
  | 'passkey-refused'
  | 'too-many-passkeys'
  | 'last-passkey'
  | 'key-of-another';

/** Maximum passkeys per person at a time: a phone, a laptop, keys at home and in the safe. */
export const PASSKEYS_MAX = 10;

type Fields<E> = Omit<E, 'type' | 'v'>;

export type AccessCommand =
  | ({ readonly type: 'issue' } & Fields<AccessIssued>)
  /** Ends a token or a form immediately. */
  | { readonly type: 'revoke'; readonly at: string }
  | ({ readonly type: 'enrolPasskey' } & Fields<PasskeyEnrolled>)
  | { readonly type: 'removePasskey'; readonly at: string; readonly holder: string; readonly credential: string }
  /** Binds a credential or a public key to one person, permanently. */
  | { readonly type: 'claimKey'; readonly at: string; readonly holder: string };

type Decided = Decision<AccessEvent, AccessRejection>;

const decide = (command: AccessCommand, state: AccessState): Decided => {
  switch (command.type) {
    case 'issue':
      return state === null ? accept({ type: 'AccessIssued', v: 1, at: command.at, issued: command.issued }) : nothing;
    case 'revoke':
      return revoke(command.at, state);
    case 'enrolPasskey':
      return enrol(command, state);
    case 'removePasskey':
      return remove(command, state);
    case 'claimKey':
      if (state?.kind === 'claim')
        return state.holder === command.holder ? nothing : reject('key-of-another', 'This key is another person’s.');
      return accept({ type: 'KeyClaimed', v: 1, at: command.at, holder: command.holder });
  }
};

const revoke = (at: string, state: AccessState): Decided => {
  if (state?.kind !== 'token' && state?.kind !== 'form') return reject('no-such-access', 'There is nothing of that id to end.');
  if (state.revokedAt !== null) return nothing;
  return accept({ type: 'AccessRevoked', v: 1, at });
};

type EnrolPasskey = Extract<AccessCommand, { type: 'enrolPasskey' }>;
type Key = AccessOf<'passkeys'>['keys'][number];

const made = (assertion: Assertion, { credential, algorithm, publicKey, at, by }: Key): boolean =>
  assertion.credential === credential &&
  assertion.algorithm === algorithm &&
  assertion.publicKey === publicKey &&
  assertion.enrolled.at === at &&
  assertion.enrolled.by === by;

const leaveProblem = (command: EnrolPasskey, current: readonly Key[]): string | undefined => {
  const { assertion, at } = command;
  if (assertion === undefined || !current.some((key) => made(assertion, key))) return 'no passkey of this person signed';
  return assertionFault(assertion, challengeOf(passkeyToSign(command, assertion)), at);
};

/** A link alone enrols only the first passkey of a generation; the signature of an earlier one every other. */
const enrol = (command: EnrolPasskey, state: AccessState): Decided => {
  const { type: _, ...passkey } = command;
  const current = state?.kind === 'passkeys' && state.generation === passkey.generation ? state.keys : undefined;
  const known = current?.find(({ credential }) => credential === passkey.credential);
  if (known !== undefined)
    return known.publicKey === passkey.publicKey ? nothing : reject('key-of-another', 'This credential has another key.');
  if (state?.kind === 'passkeys' && passkey.generation < state.generation)
    return reject('needs-passkey', 'These passkeys were reset.');
  if ((current !== undefined) !== (passkey.by === 'passkey'))
    return reject('needs-passkey', 'A link lets in the first passkey of a person, and that one every other.');
  if ((current?.length ?? 0) >= PASSKEYS_MAX)
    return reject('too-many-passkeys', `A person has at most ${PASSKEYS_MAX} passkeys.`);
  const problem = current === undefined ? undefined : leaveProblem(command, current);
  if (problem !== undefined) return reject('passkey-refused', `the passkey does not prove this leave: ${problem}`);
  return accept({ type: 'PasskeyEnrolled', v: 1, ...passkey });
};

const remove = ({ at, holder, credential }: Extract<AccessCommand, { type: 'removePasskey' }>, state: AccessState): Decided => {
  if (state?.kind !== 'passkeys' || !state.keys.some((key) => key.credential === credential)) return nothing;
  if (state.keys.length === 1) return reject('last-passkey', 'The last passkey is replaced or reset, never removed.');
  return accept({ type: 'PasskeyRemoved', v: 1, at, holder, credential });
};

export const accessDecider: Decider<AccessCommand, AccessState, AccessEvent, AccessRejection> = {
  initialState: null,
  decide,
  evolve: evolveAccess,
};
