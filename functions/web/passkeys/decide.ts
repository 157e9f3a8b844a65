import type { Context } from 'hono';
import { challengeOf } from '../../../domain/kernel/assertion.ts';
import { relyingPartyOf } from '../../gate/challenges.ts';
import { confirmationPasskeys } from '../../gate/rosters.ts';
import { problemAnswer } from '../http/problems.ts';
import { refused } from '../http/refused.ts';
import { toResponse } from '../http/respond.ts';
import { oneOf, PASSKEY_FIELDS, readOwnForm, wantsPage } from '../site/forms.ts';
import { html } from '../site/html.ts';
import { anyLinkOf, decideLinkOf } from '../site/links.ts';
import { ANSWER_FIELDS, askForConfirmationPasskey, confirmingOf } from '../site/official/decide/confirm.ts';
import { type DecisionProof, decisionRequestFor, orderDecision } from '../site/official/decide/order.ts';
import { answered, seeReceipt, unreadable } from '../site/official/decide/page.ts';
import { challengeFor, passkeysFor, purposeOf, reviewPage } from '../site/official/decide/review.ts';
import {
  confirmableIn,
  localeOfSituation,
  readMessage,
  readOfficialForm,
  readSituation,
} from '../site/official/decide/situation.ts';
import {
  answerEach,
  orderEach,
  readSent,
  signTogetherAgain,
  togetherChallenge,
  togetherPurpose,
} from '../site/official/decide/together.ts';
import { assertionOf, countTry, issuedIn, type PasskeyDeps, readPasskeyForm, verifySignature } from './holder.ts';

/**
 * Carries out a decision that a passkey signed. Everything is read again and the message to sign is computed again; only a
 * signature under exactly that message, by a key the person has now, decides. A signature counts once: used again, it finds only
 * what it did.
 */
export const decideWithPasskey = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const body = await readOwnForm(context, deps.ports.url);
  const link = await decideLinkOf(deps, context);
  const situation = await readSituation(deps, link);
  const sent = readOfficialForm(situation, body, PASSKEY_FIELDS);
  const from = { situation, which: 'decision' } as const;
  const { input } = sent;
  if (!sent.ok) return unreadable(deps, context, from, sent);
  await countTry(deps, context, link.holder);
  const request = await decisionRequestFor(deps, situation, sent.value);
  if (request === undefined) return seeReceipt(context);
  const { owned } = await passkeysFor(deps, situation);
  const issued = issuedIn(deps, input);
  const proven = await verifySignature(deps, oneOf(input, 'passkey'), {
    owned,
    relyingParty: relyingPartyOf(deps.ports.url),
    purpose: purposeOf(link),
    issued,
    challenge: challengeFor(link, request, issued),
  });
  const counts = proven !== undefined && (await proven.first());
  const proof: DecisionProof = counts ? { assertion: assertionOf(proven, issued) } : { enrolled: true };
  const result = proven === undefined ? undefined : await orderDecision(deps, situation, sent.value, proof);
  if (result?.ok === true) return seeReceipt(context);
  if (result !== undefined && result.rejection.code !== 'passkey-required' && result.rejection.code !== 'passkey-refused')
    return answered(deps, context, from, { input, result });
  if (!wantsPage(context))
    return toResponse(problemAnswer('passkey-refused', { detail: 'no passkey of this person has signed this decision now' }));
  const { words } = localeOfSituation(context, situation);
  return reviewPage(deps, context, situation, sent, { owned, refused: html`${words.passkeys.refused}` });
};

/** Carries out one decision on several changes that a passkey signed: one signature over the whole list, which counts once for each of them. */
export const decideTogetherWithPasskey = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const sent = await readSent(deps, context, PASSKEY_FIELDS);
  if (sent instanceof Response) return sent;
  await countTry(deps, context, sent.link.holder);
  const issued = issuedIn(deps, sent.input);
  const proven = await verifySignature(deps, oneOf(sent.input, 'passkey'), {
    owned: sent.owned,
    relyingParty: relyingPartyOf(deps.ports.url),
    purpose: togetherPurpose(sent.link),
    issued,
    challenge: togetherChallenge(sent, issued),
  });
  if (proven === undefined) return signTogetherAgain(deps, context, sent);
  const proof: DecisionProof = (await proven.first()) ? { assertion: assertionOf(proven, issued) } : { enrolled: true };
  return answerEach(deps, context, sent, await orderEach(deps, sent, proof));
};

export const confirmWithPasskey = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const { ports } = deps;
  const input = await readPasskeyForm(deps, context, ANSWER_FIELDS);
  const link = await anyLinkOf(deps, context);
  if (link.purpose !== 'confirm-roster' && link.purpose !== 'confirm-rollback')
    throw refused('not-found', { detail: 'this link is for something else' });
  await countTry(deps, context, link.holder);
  const owned = (await confirmationPasskeys(ports, link.holder)) ?? [];
  const confirming = await confirmingOf(deps, context, link, {
    of: confirmableIn(input),
    reason: readMessage(input, 'reason', []),
  });
  const issued = issuedIn(deps, input);
  const asked = {
    owned,
    relyingParty: relyingPartyOf(ports.url),
    purpose: confirming.purpose,
    issued,
    challenge: challengeOf(confirming.toSign(issued)),
  };
  const proven = await verifySignature(deps, oneOf(input, 'passkey'), asked);
  if (proven !== undefined && (await proven.first())) return confirming.confirm(assertionOf(proven, issued));
  if (!wantsPage(context))
    return toResponse(problemAnswer('passkey-refused', { detail: 'no passkey of this person has signed this now' }));
  return askForConfirmationPasskey(deps, context, link, confirming, owned, true);
};
