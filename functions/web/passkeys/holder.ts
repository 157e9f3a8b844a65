import { hash } from 'node:crypto';
import type { Context } from 'hono';
import type { WebAuthnChallenge } from '../../../domain/feature/decisionToSign.ts';
import { presentChange } from '../../../domain/feature/present.ts';
import type { Assertion } from '../../../domain/kernel/assertion.ts';
import { stricter } from '../../../domain/policy/rules.ts';
import type { PasskeyRule } from '../../../domain/policy/schema.ts';
import { canConfirm } from '../../../domain/roster/confirm.ts';
import { resetsOf } from '../../../domain/roster/state.ts';
import {
  type Enrolment,
  enrolmentOf,
  isIssued,
  type Owner,
  type Passkey,
  type Purpose,
  type RelyingParty,
  readPasskeyUse,
  recordPasskeyUse,
  relyingPartyOf,
  spendNonce,
  takeAttempt,
} from '../../gate/passkeys.ts';
import { readRules } from '../../gate/rules.ts';
import { errorFields } from '../../platform/logging.ts';
import type { Mailer } from '../../platform/mail/port.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { passkeyDraft } from '../../reactions/notify/links.ts';
import { post } from '../../reactions/notify/post.ts';
import { readChange } from '../../register/project.ts';
import { refused } from '../http/problems.ts';
import type { LinkDeps } from '../site/deps.ts';
import { type Input, oneOf, PASSKEY_FIELDS, readFields } from '../site/forms.ts';
import { anyLinkOf, linkPath, type Person, readPerson } from '../site/links.ts';
import type { CityLocale } from '../site/locale.ts';
import type { Signable } from '../site/official/decide/review.ts';
import { localeOfPerson, seeOther } from '../site/page.ts';
import { readAnswer, verifyAnswer } from './webauthn.ts';

/** Needs mail, since a person is informed of every key added or removed. */
export interface PasskeyDeps extends LinkDeps {
  readonly mailer: Mailer;
}

/** What authorises a person to set up a passkey: a link alone for the first, an existing passkey, or the link that a reset mailed. */
export type Leave = Passkey['enrolled']['by'];

export interface PasskeyHolder extends Enrolment {
  readonly person: Person;
  readonly locale: CityLocale;
  readonly rule: PasskeyRule;
  readonly owner: Owner;
  /** Undefined: an ordinary link alone sets up nothing once there was a passkey. */
  readonly leave: Leave | undefined;
  readonly relyingParty: RelyingParty | undefined;
}

const ruleFor = async ({ ports }: PasskeyDeps, { link }: Person): Promise<PasskeyRule> => {
  const inForce = (await readRules(ports)).policy?.policy.passkeys ?? 'off';
  if (link.purpose !== 'decide') return inForce;
  const reading = await ifReadable(readChange(ports, link.key, link.n));
  if (reading === undefined) return inForce;
  return stricter(inForce, presentChange(reading, ports.clock()).pinned?.passkeys ?? 'off');
};

/** Reports whether this link may answer the proposed roster, as the last holder of a seat also may. */
const canAnswerProposal = async ({ ports }: PasskeyDeps, { link, rosters, today: when }: Person): Promise<boolean> => {
  const { inForce, proposal } = rosters;
  if (link.purpose !== 'confirm-roster' || inForce === null || proposal?.sha256 !== link.sha256) return false;
  const policy = (await readRules(ports)).policy?.policy ?? null;
  return canConfirm({ policy, inForce }, proposal, { ...link, when });
};

const leaveOf = async (
  deps: PasskeyDeps,
  person: Person,
  owner: Owner,
  owned: readonly Passkey[],
): Promise<Leave | undefined> => {
  const { link, holds, live } = person;
  const isAsked = holds ? live : await canAnswerProposal(deps, person);
  if (!holds && !isAsked) return undefined;
  if (owned.length > 0) return 'passkey';
  if (owner.generation === 0) return isAsked ? 'link' : undefined;
  return link.purpose === 'passkeys' && link.resets === owner.generation ? 'reset' : undefined;
};

/** Rejects with 404 if the rules use no passkeys. Writes nothing. */
export const readPasskeyHolder = async (deps: PasskeyDeps, context: Context): Promise<PasskeyHolder> => {
  const { ports } = deps;
  const person = await readPerson(deps, await anyLinkOf(deps, context));
  const rule = await ruleFor(deps, person);
  if (rule === 'off') throw refused('not-found', { detail: 'the rules ask for no passkeys' });
  const owner = { holder: person.link.holder, generation: resetsOf(person.rosters, person.link.holder) };
  const enrolment = await enrolmentOf(ports, owner);
  return {
    person,
    locale: localeOfPerson(context, person),
    rule,
    owner,
    ...enrolment,
    leave: await leaveOf(deps, person, owner, enrolment.owned),
    relyingParty: relyingPartyOf(ports.url),
  };
};

export const passkeyPath = (context: Context): string => `${linkPath(context)}/passkey`;

export const seePasskeys = (context: Context): Response => seeOther(context, passkeyPath(context));

/** Sends the mail before the change. Rejects with 503 if it cannot be sent: then nothing changes. */
export const mailPasskeyChange = async (
  { ports, keys, mailer, logger }: PasskeyDeps,
  holder: string,
  news: 'added' | 'removed',
  credential: string,
): Promise<void> => {
  const at = ports.clock();
  const event = `passkey-${hash('sha256', credential).slice(0, 32)}`;
  try {
    const draft = passkeyDraft({ holder, news, at, zone: ports.zone });
    const isTaken = await post({ ...ports, mailer, logger, linkKey: keys.linkKey }, event, [draft], false);
    if (!isTaken) throw new Error('it was not taken');
  } catch (error) {
    logger({ level: 'error', event: 'no mail about a passkey', holder, news, ...errorFields(error) });
    throw refused('unavailable', { detail: 'no mail could be sent, so nothing was changed; try again' });
  }
};

export const readPasskeyForm = (deps: PasskeyDeps, context: Context, also: readonly string[]): Promise<Input> =>
  readFields(context, deps.ports.url, [...also, ...PASSKEY_FIELDS]);

/** `gate`: this gate's address, so that a challenge of another gate has another MAC. */
export const issuedIn = ({ ports }: PasskeyDeps, input: Input): WebAuthnChallenge => ({
  gate: ports.url,
  nonce: oneOf(input, 'nonce'),
  expiresAt: oneOf(input, 'expiresAt'),
});

export const isCurrent = ({ ports, keys }: PasskeyDeps, purpose: Purpose, issued: WebAuthnChallenge): boolean =>
  isIssued(keys.linkKey, purpose, issued) && ports.clock() <= issued.expiresAt;

/**
 * Rejects with 429 after too many tries by one link. Counting by link, an old link that was forwarded as a receipt cannot use up the
 * attempts of the person who has to decide.
 */
export const countTry = async ({ ports }: PasskeyDeps, context: Context, holder: string): Promise<void> => {
  const link = hash('sha256', context.req.param('token') ?? '');
  if (!(await takeAttempt(ports.sideStore, `${holder}/${link}`, ports.clock())))
    throw refused('too-many-tries', { detail: 'too many tries with passkeys; wait ten minutes' });
};

/** A verified signature. `first` marks its challenge as used; it resolves to false if it was used before. */
interface VerifiedAssertion {
  readonly assertion: Assertion;
  readonly first: () => Promise<boolean>;
}

/** Undefined if none of `owned` made it, it signs something else, or its challenge is not current. */
export const verifySignature = async (
  deps: PasskeyDeps,
  input: Input,
  owned: readonly Passkey[],
  { purpose, challenge }: Signable,
): Promise<VerifiedAssertion | undefined> => {
  const { sideStore, clock, url } = deps.ports;
  const issued = issuedIn(deps, input);
  const relyingParty = relyingPartyOf(url);
  const signed = readAnswer(oneOf(input, 'passkey'));
  const passkey = owned.find(({ credential }) => credential === signed?.credential);
  if (signed === undefined || passkey === undefined || relyingParty === undefined || !isCurrent(deps, purpose, issued))
    return undefined;
  const before = await readPasskeyUse(sideStore, passkey.credential);
  const verified = await verifyAnswer(signed, challenge(issued), relyingParty, { ...passkey, counter: before?.counter ?? 0 });
  if (verified === undefined) return undefined;
  const { algorithm, publicKey, enrolled } = passkey;
  return {
    assertion: { ...signed, algorithm, publicKey, enrolled, ...issued },
    first: async () => {
      const at = clock();
      if (!(await spendNonce(sideStore, issued.nonce, at))) return false;
      await recordPasskeyUse(sideStore, passkey.credential, { counter: verified.counter, at });
      return true;
    },
  };
};
