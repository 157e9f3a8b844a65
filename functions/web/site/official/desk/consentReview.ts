import type { Context } from 'hono';
import { changeId } from '../../../../../domain/feature/keys.ts';
import type { Input } from '../../forms/input.ts';
import { empty, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { type HtmlPage, linkIn } from '../../page.ts';
import { termsList } from '../../parts/terms.ts';
import { backToForm, certificateRows, certificateSentence, hiddenFields } from '../decide/review.ts';
import { withVotes } from '../decide/rollCall.ts';
import type { Situation } from '../decide/situation.ts';
import type { ConsentCertificate } from './consentForm.ts';
import { deskPath } from './page.ts';

/** One change of a consent agenda, with the certificate that was filled in for it. */
type FilledIn = ConsentCertificate & { readonly situation: Situation };

const change = ({ say, words }: Locale, terms: Html, { situation: { link, latest }, read }: FilledIn): Html => html`
<li class="card"><h3>${foreign(latest.notice.title)}</h3>
<p class="fine"><code>${changeId(link.key, link.n)}</code> · ${say(words.change.revision, { n: read.revision })} · <code>${read.digest}</code></p>${terms}</li>`;

/** Returns the page that shows one vote on several changes, with one button that sends it. It records nothing. */
export const consentReviewPage = (
  context: Context,
  locale: Locale,
  input: Input,
  certificates: readonly [FilledIn, ...FilledIn[]],
): HtmlPage => {
  const { words, count } = locale;
  const { certify } = words.decide;
  const texts = words.desk.consent;
  const [first] = certificates;
  const { comment, votes } = first.read;
  const path = deskPath(context);
  const message = comment === '' ? empty : html`<p class="says words">${foreign(comment)}</p>`;
  return {
    title: certify.reviewTitle,
    body: html`
<p class="eyebrow">${words.passkeys.sign.eyebrow}</p><h1>${count(texts, 'heading', certificates.length)}</h1>
<p class="lead"><b>${certificateSentence(locale, first.situation, first.read)}</b></p><p>${texts.swear}</p>
<dl class="facts">${certificateRows(locale, first.situation, first.read)}</dl>${message}
<h2>${texts.changes}</h2><ul class="plain waits">${certificates.map((each) => change(locale, termsList(locale, each.read.terms), each))}</ul>
<form method="post" action="${linkIn(context, `${path}/consent`)}">${hiddenFields(withVotes(input, votes))}<p><button type="submit">${texts.submit}</button></p></form>
${backToForm(locale, linkIn(context, `${path}/review`), input)}`,
  };
};
