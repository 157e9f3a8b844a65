import type { WebAuthnChallenge } from '../../../../domain/feature/decisionToSign.ts';
import type { RelyingParty } from '../../../gate/challenges.ts';
import type { Passkey } from '../../../gate/passkeys.ts';
import { hidden } from '../forms.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

/** After this time the browser gives up; the gate allows slightly more. */
const TIMEOUT_MS = 9 * 60_000;

export const PASSKEY_FIELDS = ['nonce', 'expiresAt', 'passkey'] as const;

export const descriptors = (keys: readonly Passkey[]) =>
  keys.map(({ credential, transports }) => ({ type: 'public-key', id: credential, transports }));

/** Returns the options for a browser to sign `challenge` with one of these keys and its user verified. */
export const getOptions = (challenge: string, relyingParty: RelyingParty, keys: readonly Passkey[]) => ({
  challenge,
  rpId: relyingParty.id,
  timeout: TIMEOUT_MS,
  userVerification: 'required',
  allowCredentials: descriptors(keys),
});

interface PasskeyForm {
  readonly action: string;
  readonly kind: 'get' | 'create';
  readonly options: object;
  readonly issued: WebAuthnChallenge;
  readonly button: string;
  readonly quiet?: boolean;
  readonly fields?: Html;
}

/**
 * Renders a form that sends a passkey's signature. The button shows only where the script runs; without scripts the form explains that. The
 * texts of the browser's errors stand in it, hidden.
 */
export const passkeyForm = (
  locale: Locale,
  { action, kind, options, issued, button, quiet = false, fields = empty }: PasskeyForm,
): Html => {
  const { words, say, dateTime } = locale;
  const notes = (['unable', 'failed', 'known'] as const).map(
    (name) => html`<p class="fault" data-note="${name}" tabindex="-1" hidden>${words.passkeys[name]}</p>`,
  );
  return html`
<form class="passkey" method="post" action="${action}" data-options="${JSON.stringify(options)}">
${fields}${hidden('nonce', issued.nonce)}${hidden('expiresAt', issued.expiresAt)}${hidden('passkey', '')}
<p class="note unscripted">${words.passkeys.noScript}</p>
<div aria-live="polite">${notes}</div>
<p><button type="button"${quiet ? html` class="quiet"` : empty} data-passkey="${kind}">${button}</button></p>
<p class="fine">${say(words.passkeys.until, { when: dateTime(issued.expiresAt) })}</p>
</form>`;
};
