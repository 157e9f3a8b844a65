import type { Context } from 'hono';
import { stricter } from '../../../domain/policy/passkeys.ts';
import type { PasskeyRule } from '../../../domain/policy/schema.ts';
import { resetsOf } from '../../../domain/roster/state.ts';
import { hadPasskey, type Owner, type Passkey, passkeysOf } from '../../gate/passkeys.ts';
import { type RelyingParty, relyingPartyOf } from '../../gate/relyingParty.ts';
import { readRules } from '../../gate/rules.ts';
import { presentChange } from '../../register/present.ts';
import { readChange } from '../../register/read.ts';
import { refused } from '../http/refused.ts';
import { anyLinkOf } from '../site/links/link.ts';
import { type Person, readPerson } from '../site/links/person.ts';
import type { Locale } from '../site/locale.ts';
import { localeFor } from '../site/page.ts';
import type { PasskeyDeps } from './deps.ts';

/** How a person may set up a passkey now: by the first link alone, with one they have, or by the link that a reset mailed. */
export type Leave = Passkey['enrolled']['by'];

/** A person and their passkeys, as things are now. */
export interface Official {
  readonly person: Person;
  readonly locale: Locale;
  readonly rule: PasskeyRule;
  readonly owner: Owner;
  readonly owned: readonly Passkey[];
  /** Undefined: an old link alone sets up nothing once there was a passkey. */
  readonly leave: Leave | undefined;
  readonly relyingParty: RelyingParty | undefined;
}

/** What the policy in force says, or the one that is pinned in the link's own change, whichever asks for more. */
const ruleFor = async ({ ports }: PasskeyDeps, { link }: Person): Promise<PasskeyRule> => {
  const inForce = (await readRules(ports)).policy?.policy.passkeys ?? 'off';
  if (link.purpose !== 'decide') return inForce;
  const reading = await readChange(ports, link.key, link.n);
  if (reading === undefined || reading === 'unreadable') return inForce;
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
  if (await hadPasskey(ports.sideStore, owner)) return undefined;
  if (owner.generation === 0) return person.live ? 'link' : undefined;
  return link.purpose === 'passkeys' && link.resets === owner.generation ? 'reset' : undefined;
};

/** The official behind a link. 404 where the rules speak of no passkeys: then nothing of them shows. Writes nothing. */
export const readOfficial = async (deps: PasskeyDeps, context: Context): Promise<Official> => {
  const { ports } = deps;
  const person = await readPerson(deps, await anyLinkOf(deps, context));
  const rule = await ruleFor(deps, person);
  if (rule === 'off') throw refused('not-found', { detail: 'the rules ask for no passkeys' });
  const owner = { holder: person.link.holder, generation: resetsOf(person.rosters, person.link.holder) };
  const owned = await passkeysOf(ports.sideStore, owner);
  return {
    person,
    locale: localeFor(context, ports.zone, person.now, person.language),
    rule,
    owner,
    owned,
    leave: await leaveOf(deps, person, owner, owned),
    relyingParty: relyingPartyOf(ports.url),
  };
};
