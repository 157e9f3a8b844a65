import type { Context } from 'hono';
import type * as z from 'zod';
import { PASSKEYS_MAX } from '../../../domain/access/decide.ts';
import { passkeyToSign } from '../../../domain/access/passkeyToSign.ts';
import { type Assertion, challengeOf } from '../../../domain/kernel/assertion.ts';
import { issueChallenge, type RelyingParty } from '../../gate/challenges.ts';
import { addPasskey, Passkey } from '../../gate/passkeys.ts';
import { hidden, type Input, oneOf } from '../site/forms.ts';
import { html } from '../site/html.ts';
import { linkIn, render } from '../site/page.ts';
import { getOptions, passkeyForm } from '../site/parts/passkeyForm.ts';
import {
  type Leave,
  mailPasskeyChange,
  type PasskeyDeps,
  type PasskeyHolder,
  passkeyPath,
  readPasskeyHolder,
  seePasskeys,
} from './holder.ts';
import { notDone, toEnrol, toPermit, toProve } from './list.ts';
import { assertionOf, countTry, isCurrent, issuedIn, readPasskeyForm, verifySignature } from './signature.ts';
import { readRegistration } from './webauthn.ts';

const Made = Passkey.omit({ enrolled: true });
const LEAVES = ['link', 'passkey', 'reset'] as const;

const leaveIn = (text: string): Leave | undefined => LEAVES.find((leave) => leave === text);

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

interface Attempt {
  readonly leave: Leave;
  readonly text: string;
  readonly passkey: Passkey;
}

const readAttempt = (input: Input, official: PasskeyHolder): Attempt | undefined => {
  const [leave, text] = [leaveIn(oneOf(input, 'leave')), oneOf(input, 'made')];
  const made = madeIn(text);
  if (leave === undefined || made === undefined || !mayStill(official, leave)) return undefined;
  return { leave, text, passkey: { ...made, enrolled: { at: official.person.now, by: leave } } };
};

const add = async (deps: PasskeyDeps, { owner }: PasskeyHolder, passkey: Passkey, assertion?: Assertion): Promise<boolean> => {
  if (!(await addPasskey(deps.ports, owner, passkey, assertion))) return false;
  deps.logger({ level: 'info', event: 'passkey set up', holder: owner.holder, by: passkey.enrolled.by });
  return true;
};

const permitPage = async (
  deps: PasskeyDeps,
  context: Context,
  official: PasskeyHolder,
  relyingParty: RelyingParty,
  { leave, text, passkey }: Attempt,
): Promise<Response> => {
  const { owned, owner, locale, person } = official;
  const { passkeys } = locale.words;
  const issued = issueChallenge(deps.keys.linkKey, deps.ports.url, toPermit(official, text), person.now);
  const challenge = challengeOf(passkeyToSign({ ...owner, ...passkey }, issued));
  const form = passkeyForm(locale, {
    action: `${passkeyPath(context)}/permit${linkIn(context, '')}`,
    kind: 'get',
    options: getOptions(challenge, relyingParty, owned),
    issued,
    button: passkeys.permitButton,
    fields: html`${hidden('leave', leave)}${hidden('made', text)}`,
  });
  const body = html`<h1>${passkeys.permit}</h1><p class="lead">${passkeys.permitLead}</p>${form}`;
  return render(context, locale, { title: passkeys.permit, body, scripted: true });
};

/** Takes the signature of the key that was just made. A first key is added; another still needs one that the person had before. */
export const postProve = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const input = await readPasskeyForm(deps, context, ['leave', 'made']);
  const official = await readPasskeyHolder(deps, context);
  const { relyingParty, owner } = official;
  await countTry(deps, context, owner.holder);
  const attempt = readAttempt(input, official);
  if (attempt === undefined || relyingParty === undefined) return notDone(deps, context, official);
  const { leave, text, passkey } = attempt;
  const issued = issuedIn(deps, input);
  const asked = { owned: [passkey], relyingParty, purpose: toProve(official, leave, text), issued, challenge: issued.nonce };
  const proven = await verifySignature(deps, oneOf(input, 'passkey'), asked);
  if (proven === undefined) return notDone(deps, context, official);
  if (leave === 'passkey') return permitPage(deps, context, official, relyingParty, attempt);
  await mailPasskeyChange(deps, owner.holder, 'added', passkey.credential);
  if (!(await add(deps, official, passkey))) return notDone(deps, context, official);
  await proven.first();
  return seePasskeys(context);
};

/** Adds a key that has signed, by the signature over it of one that the person had before. */
export const postPermit = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const input = await readPasskeyForm(deps, context, ['leave', 'made']);
  const official = await readPasskeyHolder(deps, context);
  const { owned, relyingParty, owner } = official;
  await countTry(deps, context, owner.holder);
  const attempt = readAttempt(input, official);
  if (attempt?.leave !== 'passkey') return notDone(deps, context, official);
  const { text, passkey } = attempt;
  const issued = issuedIn(deps, input);
  const challenge = challengeOf(passkeyToSign({ ...owner, ...passkey }, issued));
  const asked = { owned, relyingParty, purpose: toPermit(official, text), issued, challenge };
  const proven = await verifySignature(deps, oneOf(input, 'passkey'), asked);
  if (proven === undefined) return notDone(deps, context, official);
  await mailPasskeyChange(deps, owner.holder, 'added', passkey.credential);
  // Spent before the key is added: the same signature must not let in again a key that was removed meanwhile.
  const added = (await proven.first()) && (await add(deps, official, passkey, assertionOf(proven, issued)));
  return added ? seePasskeys(context) : notDone(deps, context, official);
};
