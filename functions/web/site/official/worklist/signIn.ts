import type { Context } from 'hono';
import { empty, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { type HtmlPage, linkIn } from '../../page.ts';

/**
 * Renders the field for the token. The token is sent in the body of each form to the site alone: no cookie that another page
 * could use, nothing in an address that a log would keep, nothing on the page that could be read from it.
 */
export const tokenField = (
  { words }: Locale,
  { id, fault }: { readonly id: string; readonly fault?: string | undefined },
): Html => {
  const { token, hint } = words.worklist.signIn;
  const described = fault === undefined ? `${id}-hint` : `${id}-hint ${id}-fault`;
  return html`
<div class="field"><label for="${id}">${token}</label><p class="hint" id="${id}-hint">${hint}</p>${
    fault === undefined ? empty : html`<p class="fault" id="${id}-fault">${fault}</p>`
  }
<input type="password" id="${id}" name="token" required autocomplete="current-password" spellcheck="false" aria-describedby="${described}"${fault === undefined ? empty : html` aria-invalid="true" autofocus`}></div>`;
};

interface SignIn {
  readonly status: NonNullable<HtmlPage['status']>;
  readonly fault?: string | undefined;
  readonly receipt?: Html;
}

/** Renders the page that asks for a token, with the receipt of what was recorded before. */
export const signInPage = (context: Context, locale: Locale, { status, fault, receipt = empty }: SignIn): HtmlPage => {
  const { heading, lead, submit } = locale.words.worklist.signIn;
  return {
    title: fault === undefined ? heading : `${fault} ${heading}`,
    status,
    body: html`<h1>${heading}</h1>${receipt}<p class="lead">${lead}</p>
<form class="card" method="post" action="${linkIn(context, '/worklist')}">${tokenField(locale, { id: 'token', fault })}<button type="submit">${submit}</button></form>`,
  };
};
