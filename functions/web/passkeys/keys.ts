import { hash } from 'node:crypto';
import type { Context } from 'hono';
import type * as z from 'zod';
import { PASSKEYS_MAX, passkeyToSign } from '../../../domain/access/decide.ts';
import type { WebAuthnChallenge } from '../../../domain/feature/decisionToSign.ts';
import { type Assertion, challengeOf } from '../../../domain/kernel/assertion.ts';
import { attests } from '../../../domain/roster/bodies.ts';
import {
  addPasskey,
  issueChallenge,
  Passkey,
  type PasskeyUse,
  type Purpose,
  type RelyingParty,
  readPasskeyUse,
  removePasskey,
} from '../../gate/passkeys.ts';
import { descriptors, hidden, type Input, oneOf, passkeyForm, wantsPage } from '../site/forms.ts';
import { empty, type Html, html, visuallyHidden } from '../site/html.ts';
import { linkPath } from '../site/links.ts';
import { holderName } from '../site/locale.ts';
import { notSigned, refusedNote, type Signable, signingForm } from '../site/official/decide/review.ts';
import { render } from '../site/page.ts';
import {
  countTry,
  isCurrent,
  issuedIn,
  type Leave,
  mailPasskeyChange,
  type PasskeyDeps,
  type PasskeyHolder,
  passkeyPath,
  readPasskeyForm,
  readPasskeyHolder,
  seePasskeys,
  verifySignature,
} from './holder.ts';
import { COSE_ALGORITHMS, readRegistration } from './webauthn.ts';

const nonceOf = ({ nonce }: WebAuthnChallenge): string => nonce;

const toEnrol = ({ owner: { holder, generation } }: PasskeyHolder, leave: Leave): Purpose => ['enrol', leave, holder, generation];

const proof = ({ owner: { holder, generation } }: PasskeyHolder, { leave, text }: Attempt): Signable => ({
  purpose: ['prove', leave, holder, generation, hash('sha256', text)],
  challenge: nonceOf,
});

const permission = ({ owner }: PasskeyHolder, { text, passkey }: Attempt): Signable => ({
  purpose: ['permit', owner.holder, owner.generation, hash('sha256', text)],
  challenge: (issued) => challengeOf(passkeyToSign({ ...owner, ...passkey }, issued)),
});

const removal = ({ owner: { holder, generation } }: PasskeyHolder, credential: string): Signable => ({
  purpose: ['remove', holder, generation, credential],
  challenge: nonceOf,
});

/**
 * The user handle that authenticators store: a hash that reveals nothing about the person. It differs for each attempt, since a new key under
 * the same handle replaces the one before, and an old tab would remove the key that counts.
 */
const userHandle = ({ ports }: PasskeyDeps, { owner }: PasskeyHolder, { nonce }: WebAuthnChallenge): string =>
  hash('sha256', `${ports.url}\n${owner.holder}\n${nonce}`, 'base64url');

const enrolForm = (
  deps: PasskeyDeps,
  context: Context,
  official: PasskeyHolder,
  relyingParty: RelyingParty,
  leave: Leave,
): Html => {
  const { locale, person, owned } = official;
  const issued = issueChallenge(deps.keys.linkKey, deps.ports.url, toEnrol(official, leave), person.now);
  const name = holderName(locale, person.link.holder);
  const options = {
    challenge: issued.nonce,
    rp: { id: relyingParty.id, name: locale.words.site },
    user: { id: userHandle(deps, official, issued), name: person.link.holder, displayName: name },
    pubKeyCredParams: COSE_ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    excludeCredentials: descriptors(owned),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    attestation: 'none',
  };
  return passkeyForm(locale, {
    action: locale.href(`${passkeyPath(context)}/enrol`),
    kind: 'create',
    options,
    issued,
    button: locale.words.passkeys.addButton,
    fields: hidden('leave', leave),
    quiet: owned.length > 0,
  });
};

const keyRow = (
  context: Context,
  { locale, owned, person }: PasskeyHolder,
  key: Passkey,
  use: PasskeyUse | undefined,
  n: number,
): Html => {
  const { words, say, dateTime, number } = locale;
  const { passkeys } = words;
  const used = use === undefined ? html`${passkeys.neverUsed}` : say(passkeys.used, { when: dateTime(use.at) });
  const name = say(passkeys.listed, { n: number(n) });
  const path = locale.href(`${passkeyPath(context)}?remove=${key.credential}`);
  const remove =
    owned.length > 1 && person.holds ? html`<a href="${path}">${passkeys.removeButton}${visuallyHidden(name)}</a>` : empty;
  const since = html`${say(passkeys.since, { when: dateTime(key.enrolled.at) })} ${passkeys.by[key.enrolled.by]}`;
  return html`
<li><b>${name}</b><br><small>${since}. ${used}. <code>${key.credential.slice(0, 12)}…</code></small> ${remove}</li>`;
};

const adding = (deps: PasskeyDeps, context: Context, official: PasskeyHolder): Html => {
  const { locale, leave, owned, relyingParty, person } = official;
  const { passkeys } = locale.words;
  if (relyingParty === undefined) return html`<p class="note">${passkeys.noRelyingParty}</p>`;
  if (leave === undefined) return html`<p class="note">${person.holds ? passkeys.again : passkeys.notHolding}</p>`;
  if (owned.length >= PASSKEYS_MAX) return html`<p class="note">${passkeys.full}</p>`;
  const another = leave === 'passkey';
  return html`
<h2>${owned.length > 0 ? passkeys.addAnother : passkeys.addHeading}</h2>${another && html`<p>${passkeys.addWith}</p>`}<p>${passkeys.addFirst}</p>
${enrolForm(deps, context, official, relyingParty, leave)}${another && html`<p class="fine">${passkeys.lost}</p>`}`;
};

export const listPage = async (
  deps: PasskeyDeps,
  context: Context,
  official: PasskeyHolder,
  isRefused = false,
): Promise<Response> => {
  const { locale, owned, rule, person } = official;
  const { passkeys } = locale.words;
  const uses = await Promise.all(owned.map(({ credential }) => readPasskeyUse(deps.ports.sideStore, credential)));
  const list =
    owned.length === 0
      ? html`<p>${passkeys.none}</p>`
      : html`<ul class="plain keys">${owned.map((key, index) => keyRow(context, official, key, uses[index], index + 1))}</ul>`;
  const clerk = person.roster !== null && attests(person.roster, person.link.body) && person.live;
  const wayBack = locale.href(linkPath(context));
  const [onwards, back] =
    person.link.purpose === 'passkeys'
      ? [empty, empty]
      : owned.length > 0
        ? [html`<p><a class="go" href="${wayBack}">${passkeys.back}</a></p>`, empty]
        : [empty, html`<li><a href="${wayBack}">${passkeys.back}</a></li>`];
  const toReset = html`<li><a href="${locale.href(`${passkeyPath(context)}/reset`)}">${passkeys.reset.nav}</a></li>`;
  const body = html`
${isRefused && refusedNote(locale)}
<h1>${passkeys.title}</h1><p class="lead">${passkeys.lead}</p><p>${passkeys.rule[rule]}</p>
${list}${onwards}${adding(deps, context, official)}
<ul class="plain own">${back}${clerk && toReset}</ul>`;
  return render(context, locale, { title: passkeys.title, body, scripted: true, status: isRefused ? 409 : 200 });
};

/** Answers that nothing was changed, without a reason that could help an attacker. */
const notDone = async (deps: PasskeyDeps, context: Context, official: PasskeyHolder): Promise<Response> => {
  if (!wantsPage(context)) throw notSigned();
  return listPage(deps, context, official, true);
};

/** The last passkey can be replaced or reset, but not removed. */
export const removalPage = async (
  deps: PasskeyDeps,
  context: Context,
  official: PasskeyHolder,
  credential: string,
): Promise<Response> => {
  const { locale, owned, person } = official;
  const { passkeys } = locale.words;
  const index = owned.findIndex((key) => key.credential === credential);
  const form = signingForm(deps, locale, owned, {
    ...removal(official, credential),
    action: locale.href(`${passkeyPath(context)}/remove`),
    button: passkeys.removeConfirm,
    fields: hidden('credential', credential),
  });
  // It may have been removed in another tab.
  if (index === -1 || form === undefined || !person.holds) return seePasskeys(context);
  const back = html`<p><a href="${locale.href(passkeyPath(context))}">${passkeys.title}</a></p>`;
  const lead = locale.say(passkeys.removeLead, { n: locale.number(index + 1) });
  const content = owned.length < 2 ? html`<p class="note">${passkeys.last}</p>` : html`<p class="lead">${lead}</p>${form}`;
  const body = html`<h1>${passkeys.removeHeading}</h1>${content}${back}`;
  return render(context, locale, { title: passkeys.removeHeading, body, scripted: true });
};

/** Each counts as a try. */
const readTry = async (deps: PasskeyDeps, context: Context, fields: readonly string[]) => {
  const input = await readPasskeyForm(deps, context, fields);
  const official = await readPasskeyHolder(deps, context);
  await countTry(deps, context, official.owner.holder);
  return { input, official };
};

const isAmong = (owned: readonly Passkey[], credential: string): boolean => owned.some((key) => key.credential === credential);

/** Removes a passkey with a signature of one of the person's own. Succeeds if it is gone already. The mail about it is sent first. */
export const postRemove = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const { input, official } = await readTry(deps, context, ['credential']);
  const { owned, owner, person } = official;
  const credential = oneOf(input, 'credential');
  if (!isAmong(owned, credential)) return seePasskeys(context);
  const proven = await verifySignature(deps, input, owned, removal(official, credential));
  if (proven === undefined || owned.length < 2 || !person.holds) return notDone(deps, context, official);
  await mailPasskeyChange(deps, owner.holder, 'removed', credential);
  if (!(await proven.first())) return notDone(deps, context, official);
  await removePasskey(deps.ports, owner, credential);
  deps.logger({ level: 'info', event: 'passkey removed', holder: owner.holder });
  return seePasskeys(context);
};

const Made = Passkey.omit({ enrolled: true });

/** A passkey that a browser made, from the form, and its authorisation; not the person's until it is added. */
interface Attempt {
  readonly leave: Leave;
  readonly text: string;
  readonly passkey: Passkey;
}

const leaveIn = (input: Input, { leave, owned }: PasskeyHolder): Leave | undefined =>
  owned.length < PASSKEYS_MAX && leave === oneOf(input, 'leave') ? leave : undefined;

const attempted = ({ person }: PasskeyHolder, leave: Leave, made: z.infer<typeof Made>, text: string): Attempt => ({
  leave,
  text,
  passkey: { ...made, enrolled: { at: person.now, by: leave } },
});

/** `added`: the form was sent again, such as after a lost answer, and the key is already the person's. */
const readAttempt = (input: Input, official: PasskeyHolder): Attempt | 'added' | undefined => {
  const [leave, text] = [leaveIn(input, official), oneOf(input, 'made')];
  try {
    const made = Made.parse(JSON.parse(text));
    if (isAmong(official.owned, made.credential)) return 'added';
    return leave && attempted(official, leave, made, text);
  } catch {
    return undefined;
  }
};

/** Who signs: the key just made (`prove`), or one that the person had before (`permit`). */
const signPage = async (
  deps: PasskeyDeps,
  context: Context,
  official: PasskeyHolder,
  step: 'prove' | 'permit',
  attempt: Attempt,
): Promise<Response> => {
  const { locale, owned } = official;
  const { title, lead, button } = locale.words.passkeys[step];
  const form = signingForm(deps, locale, step === 'prove' ? [attempt.passkey] : owned, {
    ...(step === 'prove' ? proof : permission)(official, attempt),
    action: locale.href(`${passkeyPath(context)}/${step}`),
    button,
    fields: html`${hidden('leave', attempt.leave)}${hidden('made', attempt.text)}`,
  });
  if (form === undefined) return notDone(deps, context, official);
  const body = html`<h1>${title}</h1><p class="lead">${lead}</p>${form}`;
  return render(context, locale, { title, body, scripted: true });
};

/** A key does not belong to the person until it has signed. */
export const postEnrol = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const { input, official } = await readTry(deps, context, ['leave']);
  const { relyingParty } = official;
  const issued = issuedIn(deps, input);
  const leave = leaveIn(input, official);
  if (relyingParty === undefined || leave === undefined || !isCurrent(deps, toEnrol(official, leave), issued))
    return notDone(deps, context, official);
  const made = await readRegistration(oneOf(input, 'passkey'), issued.nonce, relyingParty);
  if (made === undefined) return notDone(deps, context, official);
  return signPage(deps, context, official, 'prove', attempted(official, leave, made, JSON.stringify(made)));
};

const add = async (deps: PasskeyDeps, { owner }: PasskeyHolder, passkey: Passkey, assertion?: Assertion): Promise<boolean> => {
  if (!(await addPasskey(deps.ports, owner, passkey, assertion))) return false;
  deps.logger({ level: 'info', event: 'passkey set up', holder: owner.holder, by: passkey.enrolled.by });
  return true;
};

/** Adds a first key; a further key still needs a signature of one that the person had before. */
export const postProve = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const { input, official } = await readTry(deps, context, ['leave', 'made']);
  const attempt = readAttempt(input, official);
  if (attempt === 'added') return seePasskeys(context);
  if (attempt === undefined) return notDone(deps, context, official);
  const { leave, passkey } = attempt;
  const proven = await verifySignature(deps, input, [passkey], proof(official, attempt));
  if (proven === undefined) return notDone(deps, context, official);
  if (leave === 'passkey') return signPage(deps, context, official, 'permit', attempt);
  await mailPasskeyChange(deps, official.owner.holder, 'added', passkey.credential);
  if (!(await add(deps, official, passkey))) return notDone(deps, context, official);
  await proven.first();
  return seePasskeys(context);
};

export const postPermit = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const { input, official } = await readTry(deps, context, ['leave', 'made']);
  const { owned, owner } = official;
  const attempt = readAttempt(input, official);
  if (attempt === 'added') return seePasskeys(context);
  if (attempt?.leave !== 'passkey') return notDone(deps, context, official);
  const { passkey } = attempt;
  const proven = await verifySignature(deps, input, owned, permission(official, attempt));
  if (proven === undefined) return notDone(deps, context, official);
  await mailPasskeyChange(deps, owner.holder, 'added', passkey.credential);
  // The challenge is spent before the key is added: the same signature must not add a key again that was removed meanwhile.
  const added = (await proven.first()) && (await add(deps, official, passkey, proven.assertion));
  return added ? seePasskeys(context) : notDone(deps, context, official);
};
