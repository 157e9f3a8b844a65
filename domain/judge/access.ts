import type { AccessEvent, PasskeyEnrolled } from '../access/events.ts';
import type { Commit } from '../kernel/commit.ts';
import { digestOf } from '../kernel/digest.ts';
import { plusDuration } from '../kernel/zone.ts';
import type { City } from './city.ts';
import { must } from './verdict.ts';

// Tokens, forms and passkeys: created and ended by the operator, or by the person who owns them. A stream `access/KIND/NAME`.

type Effect = () => void;

const FORM_LASTS = 'P1Y';
const SHA256_HEX = /^[0-9a-f]{64}$/;
const KEYS_MAX = 10;

const hex = (text: string): string => digestOf(text).slice('sha256:'.length);

/** Judges the single event of an access commit. */
export const judgeAccess = (city: City, commit: Commit, events: readonly AccessEvent[]): Effect => {
  const [event] = events;
  must(event !== undefined && events.length === 1, 'no-act', 'one command makes one event here');
  must(event.at === commit.at, 'instant', 'an event of another instant');
  const [, kind = '', ...rest] = commit.stream.split('/');
  const name = rest.join('/');
  switch (event.type) {
    case 'TokenIssued': {
      const effect = issued(city, commit, kind === 'token', name);
      const { name: called, scopes, person } = event;
      return () => {
        effect();
        city.access.tokens.set(commit.stream, { name: called, scopes, person, endedAt: null });
      };
    }
    case 'FormIssued':
      must(city.vendors.has(event.vendor), 'unknown-vendor', `${event.vendor} had not been added`);
      must(
        event.at < event.expiresAt && event.expiresAt <= plusDuration(event.at, FORM_LASTS, 'UTC'),
        'instant',
        'a form lasts a year at most',
      );
      return issued(city, commit, kind === 'form', name);
    case 'TokenRevoked':
    case 'FormRevoked':
      must(kind === (event.type === 'TokenRevoked' ? 'token' : 'form'), 'stream', 'an event of another stream');
      must(commit.actor === 'operator', 'actor', `${commit.actor} is not the operator`);
      must(city.access.open.has(commit.stream), 'no-act', 'there is nothing to end');
      return () => {
        city.access.open.delete(commit.stream);
        const token = city.access.tokens.get(commit.stream);
        if (token !== undefined) city.access.tokens.set(commit.stream, { ...token, endedAt: event.at });
      };
    case 'KeyClaimed':
      must((kind === 'credential' || kind === 'public-key') && SHA256_HEX.test(name), 'stream', 'an event of another stream');
      mustBeOwn(commit, event.holder);
      must(commit.version === 1, 'passkey-shared', 'a key is claimed once');
      return () => void city.access.owners.set(commit.stream, event.holder);
    case 'PasskeyEnrolled':
      must(kind === 'passkeys' && name === event.holder, 'stream', 'an event of another stream');
      return enrolled(city, commit, event);
    case 'PasskeyRemoved': {
      must(kind === 'passkeys' && name === event.holder, 'stream', 'an event of another stream');
      mustBeOwn(commit, event.holder);
      const known = city.access.passkeys.get(event.holder);
      must(known !== undefined, 'no-act', 'there is no such passkey');
      must(known.credentials.includes(event.credential), 'no-act', 'there is no such passkey');
      must(known.credentials.length > 1, 'passkey-missing', 'the last passkey is never removed');
      const credentials = known.credentials.filter((each) => each !== event.credential);
      return () => void city.access.passkeys.set(event.holder, { ...known, credentials });
    }
  }
};

const mustBeOwn = ({ actor }: Commit, holder: string): void =>
  must(actor === `holder:${holder}`, 'actor', `${actor} is not ${holder}`);

const issued = ({ access }: City, { actor, version, stream }: Commit, isOfKind: boolean, name: string): Effect => {
  must(isOfKind && SHA256_HEX.test(name), 'stream', 'an event of another stream');
  must(actor === 'operator', 'actor', `${actor} is not the operator`);
  must(version === 1, 'no-act', 'it is issued once');
  return () => void access.open.add(stream);
};

/**
 * Checks an enrolment: a link authorises the first passkey of a generation, a passkey every other; the credential and the public
 * key must belong to this person alone.
 */
const enrolled = ({ access, passkeys }: City, commit: Commit, event: PasskeyEnrolled): Effect => {
  const { holder, generation, credential, publicKey, by, at } = event;
  mustBeOwn(commit, holder);
  must(generation <= passkeys.resetsOf(holder), 'passkey-shared', `the passkeys of ${holder} were not reset so often`);
  const known = access.passkeys.get(holder);
  must((known?.generation ?? 0) <= generation, 'passkey-shared', `the passkeys of ${holder} were reset`);
  const before = known?.generation === generation ? known.credentials : [];
  must((by === 'passkey') === before.length > 0, 'passkey-missing', 'a link alone lets in the first passkey and no other');
  must(by !== 'reset' || generation > 0, 'passkey-missing', 'nothing was reset');
  must(before.length < KEYS_MAX, 'passkey-shared', `more than ${KEYS_MAX} passkeys`);
  for (const stream of [`access/credential/${hex(credential)}`, `access/public-key/${hex(publicKey)}`])
    must(access.owners.get(stream) === holder, 'passkey-shared', `the key is not ${holder}’s`);
  return () => {
    access.passkeys.set(holder, { generation, credentials: [...before, credential] });
    passkeys.bind(holder, { credential, publicKey, enrolledAt: at });
  };
};
