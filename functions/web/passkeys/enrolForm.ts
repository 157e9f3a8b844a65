import { hash } from 'node:crypto';
import type { Context } from 'hono';
import { issueChallenge, type Purpose } from '../../gate/challenges.ts';
import type { RelyingParty } from '../../gate/relyingParty.ts';
import { hidden } from '../site/forms/field.ts';
import type { Html } from '../site/html.ts';
import { holderName } from '../site/names.ts';
import { linkIn } from '../site/page.ts';
import { descriptors, passkeyForm } from '../site/parts/passkeyForm.ts';
import { type Leave, type PasskeyDeps, type PasskeyHolder, passkeyPath } from './holder.ts';
import { COSE_ALGORITHMS } from './webauthn.ts';

/** The purpose of making a key. */
export const toEnrol = ({ owner }: PasskeyHolder, leave: Leave): Purpose => ['enrol', leave, owner.holder, owner.generation];
/** The purpose of trying the key that was just made, and no other. */
export const toProve = ({ owner }: PasskeyHolder, leave: Leave, made: string): Purpose => [
  'prove',
  leave,
  owner.holder,
  owner.generation,
  hash('sha256', made),
];
/** The purpose of letting in, by a key the person has, the one that was just made and tried. */
export const toPermit = ({ owner }: PasskeyHolder, made: string): Purpose => [
  'permit',
  owner.holder,
  owner.generation,
  hash('sha256', made),
];

/** Returns the user handle for authenticators, which keep it: a hash that reveals nothing about the person. */
const userHandle = ({ ports }: PasskeyDeps, { owner }: PasskeyHolder): string =>
  hash('sha256', `${ports.url}\n${owner.holder}`, 'base64url');

/** Renders the form that has a browser make a key. */
export const enrolForm = (
  deps: PasskeyDeps,
  context: Context,
  official: PasskeyHolder,
  relyingParty: RelyingParty,
  leave: Leave,
): Html => {
  const { locale, person, owned } = official;
  const issued = issueChallenge(deps.keys.linkKey, deps.ports.url, toEnrol(official, leave), person.now);
  const name = holderName(person.roster, person.link.holder);
  const options = {
    challenge: issued.nonce,
    rp: { id: relyingParty.id, name: locale.words.site },
    user: { id: userHandle(deps, official), name: person.link.holder, displayName: name },
    pubKeyCredParams: COSE_ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    excludeCredentials: descriptors(owned),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    attestation: 'none',
  };
  return passkeyForm(locale, {
    action: `${passkeyPath(context)}/enrol${linkIn(context, '')}`,
    kind: 'create',
    options,
    issued,
    button: locale.words.passkeys.addButton,
    fields: hidden('leave', leave),
    quiet: owned.length > 0,
  });
};
