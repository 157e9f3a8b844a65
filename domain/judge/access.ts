import type { AccessEvent, AccessIssued, PasskeyEnrolled } from '../access/events.ts';
import type { Commit } from '../kernel/commit.ts';
import { plusDuration } from '../kernel/zone.ts';
import { type City, hadBegun, mustOwnPasskey } from './city.ts';
import { claimOf, mustProveLeave } from './passkeys.ts';
import { type Effect, onlyEvent } from './streams.ts';
import { must, mustBeHolder, mustBeOperator } from './verdict.ts';

// Tokens, forms and passkeys, created and ended by the operator or by the person who owns them. Each has a stream `access/KIND/NAME`.

const FORM_LASTS = 'P1Y';
const SHA256_HEX = /^[0-9a-f]{64}$/;
const KEYS_MAX = 10;

export const judgeAccess = (city: City, commit: Commit, events: readonly AccessEvent[]): Effect => {
  const event = onlyEvent(events, commit);
  const [, kind = '', ...rest] = commit.stream.split('/');
  const name = rest.join('/');
  switch (event.type) {
    case 'AccessIssued':
      must(kind === event.issued.kind && SHA256_HEX.test(name), 'stream', 'an event of another stream');
      mustBeOperator(commit.actor);
      must(commit.version === 1, 'no-act', 'it is issued once');
      return issued(city, commit, event);
    case 'AccessRevoked': {
      must(kind === 'token' || kind === 'form', 'stream', 'an event of another stream');
      mustBeOperator(commit.actor);
      return kind === 'token' ? ended(city.tokens, commit.stream, commit) : ended(city.forms, formIn(name), commit);
    }
    case 'KeyClaimed':
      must((kind === 'credential' || kind === 'public-key') && SHA256_HEX.test(name), 'stream', 'an event of another stream');
      mustBeHolder(commit.actor, event.holder);
      must(commit.version === 1, 'passkey-shared', 'a key is claimed once');
      return () => void city.passkeys.owners.set(commit.stream, event.holder);
    case 'PasskeyEnrolled':
    case 'PasskeyRemoved':
      must(kind === 'passkeys' && name === event.holder, 'stream', 'an event of another stream');
      mustBeHolder(commit.actor, event.holder);
      return event.type === 'PasskeyEnrolled' ? enrolled(city, event) : removed(city, event);
  }
};

type Removal = Extract<AccessEvent, { type: 'PasskeyRemoved' }>;
const removed = ({ passkeys }: City, { holder, credential, at }: Removal): Effect => {
  const mine = passkeys.newestOf(holder).filter(({ endedAt }) => endedAt === null);
  const key = mine.find((each) => each.credential === credential);
  must(key !== undefined, 'no-act', 'there is no such passkey');
  must(mine.length > 1, 'passkey-missing', 'the last passkey is never removed');
  const left = passkeys.keysOf(holder).map((each) => (each === key ? { ...key, endedAt: at } : each));
  return () => void passkeys.keys.set(holder, left);
};

const issued = ({ tokens, forms, vendors }: City, { stream }: Commit, { at, issued: what }: AccessIssued): Effect => {
  if (what.kind === 'token') {
    const { name, scopes, person, source } = what;
    return () => void tokens.set(stream, { name, scopes, person, source, since: at, endedAt: null });
  }
  const { vendor, expiresAt } = what;
  must(vendors.has(vendor), 'unknown-vendor', `${vendor} had not been added`);
  const lasts = at < expiresAt && expiresAt <= plusDuration(at, FORM_LASTS, 'UTC');
  must(lasts, 'instant', 'a form lasts a year at most');
  const form = { vendor, expiresAt, since: at, endedAt: null };
  return () => void forms.set(formIn(stream.slice('access/form/'.length)), form);
};

const FORM_ID_CHARS = 16;
/** Returns the id by which a notice names its form: the first characters of the hash of the form's token. */
const formIn = (name: string): string => name.slice(0, FORM_ID_CHARS);

const ended = <C extends { readonly endedAt: string | null }>(
  of: Map<string, C>,
  name: string,
  { at, version }: Commit,
): Effect => {
  const known = of.get(name);
  must(known !== undefined && version === 2, 'no-act', 'there is nothing to end');
  return () => void of.set(name, { ...known, endedAt: at });
};

const enrolled = (city: City, event: PasskeyEnrolled): Effect => {
  const { passkeys } = city;
  const { holder, generation, credential, algorithm, publicKey, by, at, assertion } = event;
  const reset = generation === 0 ? at : passkeys.resetsOf(holder)[generation - 1];
  must(reset !== undefined && hadBegun(reset, at), 'passkey-shared', `the passkeys of ${holder} were not reset so often`);
  const known = passkeys.keysOf(holder);
  must((known.at(-1)?.generation ?? 0) <= generation, 'passkey-shared', `the passkeys of ${holder} were reset`);
  const mine = known.filter((key) => key.generation === generation && key.endedAt === null);
  must((by === 'passkey') === mine.length > 0, 'passkey-missing', 'a link alone lets in the first passkey and no other');
  must(by !== 'reset' || generation > 0, 'passkey-missing', 'nothing was reset');
  must(
    (by === 'passkey') === (assertion !== undefined),
    'passkey-missing',
    'an earlier passkey signs for the next, and a link has none',
  );
  must(!mine.some((key) => key.credential === credential), 'already-decided', 'the passkey is enrolled');
  must(mine.length < KEYS_MAX, 'passkey-shared', `more than ${KEYS_MAX} passkeys`);
  for (const stream of [claimOf('credential', credential), claimOf('public-key', publicKey)])
    must(passkeys.owners.get(stream) === holder, 'passkey-shared', `the key is not ${holder}’s`);
  if (assertion !== undefined) {
    mustProveLeave(event, assertion);
    mustOwnPasskey(city, holder, assertion, at);
  }
  const key = { credential, algorithm, publicKey, enrolled: { at, by }, generation, endedAt: null };
  return () => void passkeys.keys.set(holder, [...known, key]);
};
