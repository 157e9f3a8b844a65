import type { Context } from 'hono';
import { challengeOf } from '../../../../../domain/kernel/assertion.ts';
import { confirmationToSign } from '../../../../../domain/roster/confirmationToSign.ts';
import { giveOccasion, type Purpose } from '../../../../gate/occasions.ts';
import type { Passkey } from '../../../../gate/passkeys.ts';
import { relyingPartyOf } from '../../../../gate/relyingParty.ts';
import type { SiteDeps } from '../../deps.ts';
import { empty, fillText, html } from '../../html.ts';
import { linkPath, type RosterLink } from '../../links/link.ts';
import type { Locale } from '../../locale.ts';
import { linkIn, render } from '../../page.ts';
import { getOptions, passkeyForm } from '../../parts/passkeyForm.ts';
import { needsOne } from './passkey.ts';

/** What is confirmed: one list of officials, by one person in one seat. */
export const rosterPurpose = ({ holder, body, seat, sha256 }: RosterLink): Purpose => ['roster', holder, body, seat, sha256];

/** Asks for a passkey under a list of officials. It confirms nothing. `refused`: one was sent and did not do. */
export const askForRosterPasskey = (
  { ports, keys }: SiteDeps,
  context: Context,
  locale: Locale,
  link: RosterLink,
  { owned, refused = false }: { readonly owned: readonly Passkey[]; readonly refused?: boolean },
): Response | Promise<Response> => {
  const relyingParty = relyingPartyOf(ports.url);
  if (relyingParty === undefined || owned.length === 0) return needsOne(context, locale);
  const { words } = locale;
  const { sign } = words.passkeys;
  const occasion = giveOccasion(keys.linkKey, ports.url, rosterPurpose(link), locale.now);
  const path = linkPath(context);
  const form = passkeyForm(locale, {
    action: `${path}/passkey/roster${linkIn(context, '')}`,
    kind: 'get',
    options: getOptions(challengeOf(confirmationToSign(link, occasion)), relyingParty, owned),
    occasion,
    button: sign.button,
  });
  const told = html`<div class="errors" role="alert" tabindex="-1" autofocus><p>${words.passkeys.refused}</p></div>`;
  const body = html`
${refused ? told : empty}<p class="eyebrow">${sign.roster}</p><h1>${sign.title}</h1>
<p class="lead">${words.decide.roster.heading}</p><p class="fine">${fillText(words.decide.roster.digest, { digest: link.sha256 })}</p>
${form}<p><a href="${linkIn(context, path)}">${sign.change}</a></p>`;
  return render(context, locale, { title: sign.title, body, scripted: true, status: refused ? 409 : 200 });
};
