import type { PasskeyView } from '../../../../domain/feature/actView.ts';
import { empty, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

/** Enough of a key's id to tell one from another; all of it is in the record. */
const SHOWN_CHARS = 12;

/** The passkey under an act: which, and how it came to be its holder's. A key set up after a reset is told so for ever. */
export const signedWith = ({ words, say, dateTime }: Locale, passkey: PasskeyView | undefined): Html => {
  if (passkey === undefined) return empty;
  const { credential, enrolled } = passkey;
  const slots = {
    id: html`<code>${credential.slice(0, SHOWN_CHARS)}…</code>`,
    when: dateTime(enrolled.at),
    by: words.passkeys.by[enrolled.by],
  };
  return html`${words.passkeys.receipt} <small>(${say(words.passkeys.receiptKey, slots)})</small>`;
};
