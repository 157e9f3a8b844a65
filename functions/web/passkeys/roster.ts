import type { Context } from 'hono';
import { challengeOf } from '../../../domain/kernel/assertion.ts';
import { confirmationToSign } from '../../../domain/roster/confirmationToSign.ts';
import { relyingPartyOf } from '../../gate/relyingParty.ts';
import { confirmationPasskeys, confirmRoster } from '../../gate/rosters.ts';
import { problemAnswer } from '../http/problems.ts';
import { refused, refusedBy } from '../http/refused.ts';
import { toResponse } from '../http/respond.ts';
import { wantsPage } from '../site/forms/guard.ts';
import { oneOf } from '../site/forms/input.ts';
import { anyLinkOf, linkPath } from '../site/links/link.ts';
import { askForRosterPasskey, rosterPurpose } from '../site/official/decide/roster.ts';
import { linkIn, localeFor } from '../site/page.ts';
import type { PasskeyDeps } from './holder.ts';
import { assertionOf, countTry, issuedIn, readPasskeyForm, verifySignature } from './signature.ts';

/** Confirms the roster that the link names, by a passkey of its person. */
export const confirmWithPasskey = async (deps: PasskeyDeps, context: Context): Promise<Response> => {
  const { ports } = deps;
  const input = await readPasskeyForm(deps, context);
  const link = await anyLinkOf(deps, context);
  if (link.purpose !== 'confirm-roster') throw refused('not-found', { detail: 'this link is for something else' });
  await countTry(deps, context, link.holder);
  const owned = (await confirmationPasskeys(ports, link.holder)) ?? [];
  const issued = issuedIn(deps, input);
  const asked = {
    owned,
    relyingParty: relyingPartyOf(ports.url),
    purpose: rosterPurpose(link),
    issued,
    challenge: challengeOf(confirmationToSign(link, issued)),
  };
  const proven = await verifySignature(deps, oneOf(input, 'passkey'), asked);
  if (proven === undefined || !(await proven.first())) {
    if (!wantsPage(context))
      return toResponse(problemAnswer('passkey-refused', { detail: 'no passkey of this person has signed this now' }));
    const locale = localeFor(context, ports.zone, ports.clock());
    return askForRosterPasskey(deps, context, locale, link, { owned, refused: true });
  }
  const { sha256, holder, body, seat } = link;
  const done = await confirmRoster(ports, { sha256, holder, body, seat, assertion: assertionOf(proven, issued) });
  if (!done.ok) throw refusedBy(done.rejection, { status: done.rejection.code === 'contended' ? 503 : 409 });
  return context.redirect(linkIn(context, linkPath(context)), 303);
};
