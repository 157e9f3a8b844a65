import type { Context } from 'hono';
import type * as z from 'zod';
import { PASSKEYS_MAX } from '../../../domain/access/decide.ts';
import { issueChallenge } from '../../gate/challenges.ts';
import { addPasskey, Passkey } from '../../gate/passkeys.ts';
import { hidden } from '../site/forms/field.ts';
import { oneOf } from '../site/forms/input.ts';
import { html } from '../site/html.ts';
import { linkIn, render } from '../site/page.ts';
import { getOptions, passkeyForm } from '../site/parts/passkeyForm.ts';
import { enrolForm, toEnrol, toPermit, toProve } from './enrolForm.ts';
import { type Leave, type PasskeyDeps, type PasskeyHolder, passkeyPath, readPasskeyHolder, seePasskeys } from './holder.ts';
import { notDone } from './listPage.ts';
import { mailPasskeyChange } from './mail.ts';
import { countTry, isCurrent, issuedIn, readPasskeyForm, verifySignature } from './signature.ts';
import { readRegistration } from './webauthn.ts';

const Made = Passkey.omit({ enrolled: true });
const LEAVES = ['link', 'passkey', 'reset'] as const;

const leaveIn = (text: string): Leave | undefined => LEAVES.find((leave) => leave === text);

/** Renders the page on which a person who proved one passkey makes another. */
export const postPermit = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const input = await readPasskeyForm(deps, context);
  const official = await readPasskeyHolder(deps, context);
  const { owned, relyingParty, owner, locale } = official;
  await countTry(deps, context, owner.holder);
  const issued = issuedIn(deps, input);
  const asked = { owned, relyingParty, purpose: toPermit(official), issued, challenge: issued.nonce };
  const proven = await verifySignature(deps, oneOf(input, 'passkey'), asked);
  if (relyingParty === undefined || proven === undefined || official.leave !== 'passkey' || !(await proven.first()))
    return notDone(deps, context, official);
  const { passkeys } = locale.words;
  const body = html`
<h1>${passkeys.addHeading}</h1><p class="lead">${passkeys.addNow}</p><p>${passkeys.addFirst}</p>
${enrolForm(deps, context, official, relyingParty, 'passkey')}<p><a href="${linkIn(context, passkeyPath(context))}">${passkeys.title}</a></p>`;
  return render(context, locale, { title: passkeys.addHeading, body, scripted: true });
};

const mayStill = ({ leave, owned }: PasskeyHolder, by: Leave): boolean => leave === by && owned.length < PASSKEYS_MAX;

/** Reads the key a browser made and asks it to sign once. Until it has signed, it does not belong to the person. */
export const postEnrol = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const input = await readPasskeyForm(deps, context, ['leave']);
  const official = await readPasskeyHolder(deps, context);
  const { relyingParty, owner, locale, person } = official;
  await countTry(deps, context, owner.holder);
  const issued = issuedIn(deps, input);
  const leave = leaveIn(oneOf(input, 'leave'));
  if (
    relyingParty === undefined ||
    leave === undefined ||
    !mayStill(official, leave) ||
    !isCurrent(deps, toEnrol(official, leave), issued)
  )
    return notDone(deps, context, official);
  const made = await readRegistration(oneOf(input, 'passkey'), issued.nonce, relyingParty);
  if (made === undefined) return notDone(deps, context, official);
  const text = JSON.stringify(made);
  const next = issueChallenge(deps.keys.linkKey, deps.ports.url, toProve(official, leave, text), person.now);
  const { passkeys } = locale.words;
  const form = passkeyForm(locale, {
    action: `${passkeyPath(context)}/prove${linkIn(context, '')}`,
    kind: 'get',
    options: getOptions(next.nonce, relyingParty, [{ ...made, enrolled: { at: person.now, by: leave } }]),
    issued: next,
    button: passkeys.proveButton,
    fields: html`${hidden('leave', leave)}${hidden('made', text)}`,
  });
  const body = html`<h1>${passkeys.prove}</h1><p class="lead">${passkeys.proveLead}</p>${form}`;
  return render(context, locale, { title: passkeys.prove, body, scripted: true });
};

const madeIn = (text: string): z.infer<typeof Made> | undefined => {
  try {
    return Made.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

/** Adds a key that has signed to the person's passkeys. The mail about it is sent first. */
export const postProve = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const input = await readPasskeyForm(deps, context, ['leave', 'made']);
  const official = await readPasskeyHolder(deps, context);
  const { relyingParty, owner, person } = official;
  await countTry(deps, context, owner.holder);
  const [leave, text] = [leaveIn(oneOf(input, 'leave')), oneOf(input, 'made')];
  const made = madeIn(text);
  if (leave === undefined || made === undefined || !mayStill(official, leave)) return notDone(deps, context, official);
  const passkey: Passkey = { ...made, enrolled: { at: person.now, by: leave } };
  const issued = issuedIn(deps, input);
  const asked = { owned: [passkey], relyingParty, purpose: toProve(official, leave, text), issued, challenge: issued.nonce };
  const proven = await verifySignature(deps, oneOf(input, 'passkey'), asked);
  if (proven === undefined) return notDone(deps, context, official);
  await mailPasskeyChange(deps, owner.holder, 'added', passkey.credential);
  if (!(await addPasskey(deps.ports, owner, passkey))) return notDone(deps, context, official);
  await proven.first();
  deps.logger({ level: 'info', event: 'passkey set up', holder: owner.holder, by: leave });
  return seePasskeys(context);
};
