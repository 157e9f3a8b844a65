import type { Context } from 'hono';
import { issueChallenge, type Purpose } from '../../gate/challenges.ts';
import { removePasskey } from '../../gate/passkeys.ts';
import { refused } from '../http/refused.ts';
import { hidden } from '../site/forms/field.ts';
import { oneOf } from '../site/forms/input.ts';
import { html } from '../site/html.ts';
import { linkIn, render } from '../site/page.ts';
import { getOptions, passkeyForm } from '../site/parts/passkeyForm.ts';
import { type PasskeyDeps, type PasskeyHolder, passkeyPath, readPasskeyHolder, seePasskeys } from './holder.ts';
import { notDone } from './listPage.ts';
import { mailPasskeyChange } from './mail.ts';
import { countTry, issuedIn, readPasskeyForm, verifySignature } from './signature.ts';

const toRemove = ({ owner }: PasskeyHolder, credential: string): Purpose => [
  'remove',
  owner.holder,
  owner.generation,
  credential,
];

/**
 * Renders the page that asks for a passkey to remove the `n`th one. Removes nothing. The last passkey can be replaced or reset,
 * but not removed.
 */
export const removalPage = async (deps: PasskeyDeps, context: Context, official: PasskeyHolder, n: string): Promise<Response> => {
  const { locale, owned, relyingParty, person } = official;
  const key = owned[Number(n) - 1];
  if (key === undefined || relyingParty === undefined || !person.holds)
    throw refused('not-found', { detail: 'there is no such passkey' });
  const { passkeys } = locale.words;
  const back = html`<p><a href="${linkIn(context, passkeyPath(context))}">${passkeys.title}</a></p>`;
  const issued = issueChallenge(deps.keys.linkKey, deps.ports.url, toRemove(official, key.credential), person.now);
  const form = passkeyForm(locale, {
    action: `${passkeyPath(context)}/remove${linkIn(context, '')}`,
    kind: 'get',
    options: getOptions(issued.nonce, relyingParty, owned),
    issued,
    button: passkeys.removeConfirm,
    fields: hidden('credential', key.credential),
  });
  const body =
    owned.length < 2
      ? html`<h1>${passkeys.removeHeading}</h1><p class="note">${passkeys.last}</p>${back}`
      : html`<h1>${passkeys.removeHeading}</h1><p class="lead">${locale.say(passkeys.removeLead, { n: locale.number(Number(n)) })}</p>${form}${back}`;
  return render(context, locale, { title: passkeys.removeHeading, body, scripted: true });
};

/** Removes a passkey by the signature of one of the person's own. The mail about it is sent first. */
export const postRemove = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const input = await readPasskeyForm(deps, context, ['credential']);
  const official = await readPasskeyHolder(deps, context);
  const { owned, owner, relyingParty, person } = official;
  await countTry(deps, context, owner.holder);
  const credential = oneOf(input, 'credential');
  const issued = issuedIn(deps, input);
  const asked = { owned, relyingParty, purpose: toRemove(official, credential), issued, challenge: issued.nonce };
  const proven = await verifySignature(deps, oneOf(input, 'passkey'), asked);
  const known = owned.some((key) => key.credential === credential);
  if (proven === undefined || !known || owned.length < 2 || !person.holds || !(await proven.first()))
    return notDone(deps, context, official);
  await mailPasskeyChange(deps, owner.holder, 'removed', credential);
  await removePasskey(deps.ports, owner, credential);
  deps.logger({ level: 'info', event: 'passkey removed', holder: owner.holder });
  return seePasskeys(context);
};
