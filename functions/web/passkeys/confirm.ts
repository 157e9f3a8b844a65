import type { Context } from 'hono';
import { challengeOf } from '../../../domain/kernel/assertion.ts';
import { relyingPartyOf } from '../../gate/relyingParty.ts';
import { confirmationPasskeys } from '../../gate/rosters.ts';
import { problemAnswer } from '../http/problems.ts';
import { refused } from '../http/refused.ts';
import { toResponse } from '../http/respond.ts';
import { wantsPage } from '../site/forms/guard.ts';
import { oneOf } from '../site/forms/input.ts';
import { anyLinkOf } from '../site/links/link.ts';
import { askForConfirmationPasskey, proposalConfirming } from '../site/official/decide/confirmation.ts';
import { readReason } from '../site/official/decide/form/read.ts';
import { rollbackConfirming } from '../site/official/decide/rollback.ts';
import { ANSWER_FIELDS } from '../site/official/decide/roster.ts';
import type { PasskeyDeps } from './holder.ts';
import { assertionOf, countTry, issuedIn, readPasskeyForm, verifySignature } from './signature.ts';

/** Confirms what the link is for, by a passkey of its person. */
export const confirmWithPasskey = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const { ports } = deps;
  const input = await readPasskeyForm(deps, context, ANSWER_FIELDS);
  const link = await anyLinkOf(deps, context);
  if (link.purpose !== 'confirm-roster' && link.purpose !== 'confirm-rollback')
    throw refused('not-found', { detail: 'this link is for something else' });
  await countTry(deps, context, link.holder);
  const owned = (await confirmationPasskeys(ports, link.holder)) ?? [];
  const confirming =
    link.purpose === 'confirm-roster'
      ? proposalConfirming(deps, context, link)
      : await rollbackConfirming(deps, context, link, readReason(input, []));
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
  return askForConfirmationPasskey(deps, context, confirming, { owned, refused: true });
};
