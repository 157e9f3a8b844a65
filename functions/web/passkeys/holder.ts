import { hash } from 'node:crypto';
import type { Context } from 'hono';
import { stricter } from '../../../domain/policy/passkeys.ts';
import type { PasskeyRule } from '../../../domain/policy/schema.ts';
import { resetsOf } from '../../../domain/roster/state.ts';
import { type RelyingParty, relyingPartyOf } from '../../gate/challenges.ts';
import { type Enrolment, enrolmentOf, everEnrolled, type Owner, type Passkey } from '../../gate/passkeys.ts';
import { readRules } from '../../gate/rules.ts';
import { errorFields } from '../../platform/logging.ts';
import type { Mailer } from '../../platform/mail/port.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { passkeyDraft } from '../../reactions/notify/passkeyDrafts.ts';
import { post } from '../../reactions/notify/post.ts';
import { presentChange, readChange } from '../../register/read.ts';
import { refused } from '../http/refused.ts';
import type { LinkDeps } from '../site/deps.ts';
import { anyLinkOf, linkPath, type Person, readPerson } from '../site/links.ts';
import type { Locale } from '../site/locale.ts';
import { localeFor, seeOther } from '../site/page.ts';

/** The ports of the passkey pages: those of the pages behind links, and mail, since a person is informed of every key added or removed. */
export interface PasskeyDeps extends LinkDeps {
  readonly mailer: Mailer;
}

/** By what leave a person may set up a passkey: their first link alone, a passkey they have, or the link that a reset mailed. */
export type Leave = Passkey['enrolled']['by'];

/** A person with their passkeys, at the time of the request. */
export interface PasskeyHolder extends Enrolment {
  readonly person: Person;
  readonly locale: Locale;
  readonly rule: PasskeyRule;
  readonly owner: Owner;
  /** Undefined: an old link alone sets up nothing once there was a passkey. */
  readonly leave: Leave | undefined;
  readonly relyingParty: RelyingParty | undefined;
}

const ruleFor = async ({ ports }: PasskeyDeps, { link }: Person): Promise<PasskeyRule> => {
  const inForce = (await readRules(ports)).policy?.policy.passkeys ?? 'off';
  if (link.purpose !== 'decide') return inForce;
  const reading = await ifReadable(readChange(ports, link.key, link.n));
  if (reading === undefined) return inForce;
  return stricter(inForce, presentChange(reading.view, reading.state, ports.clock()).pinned?.passkeys ?? 'off');
};

const leaveOf = async (
  { ports }: PasskeyDeps,
  person: Person,
  owner: Owner,
  owned: readonly Passkey[],
): Promise<Leave | undefined> => {
  const { link } = person;
  if (!person.holds) return undefined;
  if (owned.length > 0) return 'passkey';
  if (await everEnrolled(ports, owner)) return undefined;
  if (owner.generation === 0) return person.live ? 'link' : undefined;
  return link.purpose === 'passkeys' && link.resets === owner.generation ? 'reset' : undefined;
};

/** Reads the person behind a link with their passkeys. Rejects with 404 if the rules use no passkeys. Writes nothing. */
export const readPasskeyHolder = async (deps: PasskeyDeps, context: Context): Promise<PasskeyHolder> => {
  const { ports } = deps;
  const person = await readPerson(deps, await anyLinkOf(deps, context));
  const rule = await ruleFor(deps, person);
  if (rule === 'off') throw refused('not-found', { detail: 'the rules ask for no passkeys' });
  const owner = { holder: person.link.holder, generation: resetsOf(person.rosters, person.link.holder) };
  const { owned, enrolled } = await enrolmentOf(ports, owner);
  return {
    person,
    locale: localeFor(context, ports.zone, person.now, person.language),
    rule,
    owner,
    owned,
    enrolled,
    leave: await leaveOf(deps, person, owner, owned),
    relyingParty: relyingPartyOf(ports.url),
  };
};

/** Returns the path of a person's passkeys, beneath the link of the request. */
export const passkeyPath = (context: Context): string => `${linkPath(context)}/passkey`;

/** Redirects to the list of passkeys. */
export const seePasskeys = (context: Context): Response => seeOther(context, passkeyPath(context));

/**
 * Mails a person that a passkey is being added or removed, before it happens. If no mail can be sent, rejects with 503 and
 * nothing changes. Sending the same news again is the same mail.
 */
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
    await post({ ...ports, mailer, logger, linkKey: keys.linkKey }, event, [draft]);
  } catch (error) {
    logger({ level: 'error', event: 'no mail about a passkey', holder, news, ...errorFields(error) });
    throw refused('unavailable', { detail: 'no mail could be sent, so nothing was changed; try again' });
  }
};
