import type { Context } from 'hono';
import { type DecisionRequest, decisionToSign } from '../../../../../domain/feature/decisionToSign.ts';
import { challengeOf } from '../../../../../domain/kernel/assertion.ts';
import { issueChallenge, type Purpose, relyingPartyOf } from '../../../../gate/challenges.ts';
import { type Enrolment, enrolmentOf, ownerOf, type Passkey } from '../../../../gate/passkeys.ts';
import type { LinkDeps } from '../../deps.ts';
import type { SentForm } from '../../forms.ts';
import { empty, type Html, html } from '../../html.ts';
import { type DecideLink, linkPath } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { linkIn, render } from '../../page.ts';
import { getOptions, passkeyForm } from '../../parts/passkeyForm.ts';
import { decisionRequestFor } from './form/order.ts';
import type { OfficialForm } from './form/read.ts';
import { backToForm, decisionText, sentFields } from './review.ts';
import { localeOfSituation, type Situation } from './situation.ts';

/** Reads the passkeys this person must decide with; none if the rule asks for none. */
export const passkeysFor = async (
  { ports }: Pick<LinkDeps, 'ports'>,
  { passkeys, link }: Pick<Situation, 'passkeys' | 'link'>,
): Promise<Enrolment> =>
  passkeys === 'off' ? { owned: [], enrolled: false } : enrolmentOf(ports, await ownerOf(ports, link.holder));

/** The purpose of a challenge to decide: one person, one requirement of one revision. */
export const purposeOf = ({ holder, seat, requirement, key, n, revision }: DecideLink): Purpose => [
  'decide',
  holder,
  seat,
  requirement,
  key,
  n,
  revision,
];

/** Renders where to set up a passkey, for a person who needs one and has none. `back`: the way back to what was sent. */
export const needsOne = (context: Context, locale: Locale, back?: Html): Response | Promise<Response> => {
  const { sign } = locale.words.passkeys;
  const path = linkPath(context);
  const body = html`
<p class="eyebrow">${sign.eyebrow}</p><h1>${sign.none}</h1><p class="lead">${sign.noneLead}</p>
<p><a class="go" href="${linkIn(context, `${path}/passkey`)}">${sign.setUp}</a></p>
${back ?? html`<p><a href="${linkIn(context, path)}">${sign.change}</a></p>`}`;
  return render(context, locale, { title: sign.none, body, status: 409 });
};

/** Computes the WebAuthn challenge for a request by the person behind a link. */
export const challengeFor = (link: DecideLink, request: DecisionRequest, issued: Parameters<typeof decisionToSign>[3]): string =>
  challengeOf(decisionToSign(link.key, link.seat, request, issued));

/**
 * Renders the second step of a decision that needs a passkey: the whole decision in words, and a button. It decides nothing and
 * stores nothing but the message; the form sends everything again with the signature. `refused`: why the last attempt failed.
 */
export const askForPasskey = async (
  deps: LinkDeps,
  context: Context,
  situation: Situation,
  sent: Extract<SentForm<OfficialForm>, { ok: true }>,
  owned: readonly Passkey[],
  refused?: Html,
): Promise<Response> => {
  const { ports, keys } = deps;
  const { link } = situation;
  const locale = localeOfSituation(context, situation);
  const relyingParty = relyingPartyOf(ports.url);
  const request = await decisionRequestFor(deps, situation, sent.value);
  const { sign } = locale.words.passkeys;
  const back = backToForm(locale, linkIn(context, linkPath(context)), sent.input);
  if (relyingParty === undefined || owned.length === 0 || request === undefined) return needsOne(context, locale, back);
  const issued = issueChallenge(keys.linkKey, ports.url, purposeOf(link), situation.now);
  const form = passkeyForm(locale, {
    action: `${linkPath(context)}/passkey/decide${linkIn(context, '')}`,
    kind: 'get',
    options: getOptions(challengeFor(link, request, issued), relyingParty, owned),
    issued,
    button: sign.button,
    fields: sentFields(sent),
  });
  const body = html`
${refused === undefined ? empty : html`<div class="errors" role="alert" tabindex="-1" autofocus><p>${refused}</p></div>`}
${decisionText(locale, situation, sent.value, sign.lead)}${form}${back}`;
  return render(context, locale, { title: sign.title, body, scripted: true, status: refused === undefined ? 200 : 409 });
};
