import { type NewPasskey, passkeyToSign } from '../../../domain/access/decide.ts';
import type { Certify } from '../../../domain/feature/decide/certificate.ts';
import type { Confirm } from '../../../domain/feature/decide/confirm.ts';
import { type Advise, type CastBallot, type Sign, togetherItem } from '../../../domain/feature/decide/sign.ts';
import { decisionToSign } from '../../../domain/feature/decisionToSign.ts';
import { type Assertion, challengeOf } from '../../../domain/kernel/assertion.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import type { Commit } from '../../../domain/kernel/commit.ts';
import type { JsonObject, JsonValue } from '../../../domain/kernel/json.ts';
import { confirmationToSign } from '../../../domain/roster/confirm.ts';
import type { SoftwareKey } from '../../support/authenticator.ts';
import { day } from '../feature/support.ts';
import type { Log } from './log.ts';

type Event = JsonObject & { readonly type: string };
type Edit = (event: Event) => JsonObject;

/** The chain stays intact: hashes are recomputed. */
export const tampered = (log: Log, edit: Partial<Commit>): Log => {
  log.commits.push({ ...log.last, ...edit });
  log.commits.splice(-2, 1);
  return log;
};

/** The names of acts stay as they are. */
export const edited = (log: Log, edit: Edit): Log =>
  tampered(log, { events: log.last.events.map((event) => edit(event as Event)) });

export const dropped = (log: Log, keep: (event: Event, index: number) => boolean): Log =>
  tampered(log, { events: log.last.events.filter((event, index) => keep(event as Event, index)) });

export const of =
  (type: string, change: JsonObject): Edit =>
  (event) =>
    event.type === type ? { ...event, ...change } : event;

export const digest = (value: unknown): string => digestOf(canonical(value as JsonValue));

export const GATE = 'https://gate.example';

/** Returns the challenge that the gate issued for an act, good for some minutes. */
const issuedFor = (what: string, at: string, minutes = 10) => ({
  gate: GATE,
  nonce: Buffer.from(sha256(`${what} ${at}`).slice(0, 22)).toString('base64url'),
  expiresAt: new Date(Date.parse(at) + minutes * 60_000).toISOString(),
});

const signedBy = (key: SoftwareKey, content: JsonObject, issued: ReturnType<typeof issuedFor>, since: string) => {
  const { clientDataJSON, authenticatorData, signature } = key.get(challengeOf(content)).response;
  const { id: credential, algorithm, publicKey } = key;
  const enrolment = { at: since, by: 'link' as const };
  return { credential, algorithm, publicKey, enrolled: enrolment, ...issued, clientDataJSON, authenticatorData, signature };
};

/** Returns a decision on `acme` signed with a passkey, as the gate would accept it. */
export const withKey = <C extends Certify | Sign | CastBallot | Advise | Confirm>(
  command: C,
  seat: string,
  key: SoftwareKey,
  since = day(0),
  minutes = 10,
): C => {
  const { at, zone: _zone, roster: _roster, policy: _policy, assertion: _assertion, ...request } = command;
  const issued = issuedFor(seat, at, minutes);
  return { ...command, assertion: signedBy(key, decisionToSign('acme', seat, request as never, issued), issued, since) };
};

/** Returns decisions of the mayor's on several changes of `acme` with the list of all of them. */
export const listed = (...signs: readonly Sign[]): readonly Sign[] => {
  const together = signs.map((each) => togetherItem('acme', each));
  return signs.map((each) => ({ ...each, together }));
};

/** The same under one signature over the list. */
export const listedWithKey = (key: SoftwareKey, since: string, ...signs: readonly Sign[]): readonly Sign[] => {
  const all = listed(...signs);
  const assertion = withKey(all[0] as Sign, 'mayor', key, since).assertion as Assertion;
  return all.map((each) => ({ ...each, assertion }));
};

export const confirmationWithKey = (
  confirmation: Parameters<typeof confirmationToSign>[0],
  at: string,
  key: SoftwareKey,
  since = day(0),
) => {
  const issued = issuedFor('roster', at);
  return signedBy(key, confirmationToSign(confirmation, issued), issued, since);
};

const sha256 = (text: string): string => digestOf(text).slice('sha256:'.length);

/** Returns what an event says of a key that becomes a person's. */
export const newPasskey = (holder: string, { id, algorithm, publicKey }: SoftwareKey, generation = 0): NewPasskey => {
  const cose = Buffer.from(id).toString('base64url');
  return { holder, generation, credential: id, algorithm, publicKey, cose };
};

export const leaveWithKey = (passkey: NewPasskey, at: string, key: SoftwareKey, since = day(0)) => {
  const issued = issuedFor('passkey', at);
  return signedBy(key, passkeyToSign(passkey, issued), issued, since);
};

/** Appends a person's passkey, by the events that the gate writes for it. `assertion`: the leave of an earlier one. */
export const enrolled = (
  log: Log,
  holder: string,
  key: SoftwareKey,
  at = day(0),
  by: 'link' | 'passkey' | 'reset' = 'link',
  { generation = 0, assertion }: { readonly generation?: number; readonly assertion?: Assertion } = {},
): Log => {
  const frame = { at, actor: `holder:${holder}` };
  const claim = [{ type: 'KeyClaimed', v: 1, at, holder }];
  const made = newPasskey(holder, key, generation);
  const event = { type: 'PasskeyEnrolled', v: 1, at, ...made, by, ...(assertion !== undefined && { assertion }) };
  return log
    .write(`access/credential/${sha256(made.credential)}`, claim, frame)
    .write(`access/public-key/${sha256(made.publicKey)}`, claim, frame)
    .write(`access/passkeys/${holder}`, [event], frame);
};

/** Appends another passkey of a person, let in by one that they had before, enrolled at `since` by a link. */
export const letIn = (log: Log, holder: string, before: SoftwareKey, key: SoftwareKey, at = day(1), since = day(0)): Log =>
  enrolled(log, holder, key, at, 'passkey', { assertion: leaveWithKey(newPasskey(holder, key), at, before, since) });
