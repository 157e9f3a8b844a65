import type { Context } from 'hono';
import type { WebAuthnChallenge } from '../../../../../domain/feature/decisionToSign.ts';
import { type Assertion, challengeOf } from '../../../../../domain/kernel/assertion.ts';
import type { JsonObject } from '../../../../../domain/kernel/json.ts';
import { confirmationToSign } from '../../../../../domain/roster/confirm.ts';
import { issueChallenge, type Purpose, relyingPartyOf } from '../../../../gate/challenges.ts';
import type { Passkey } from '../../../../gate/passkeys.ts';
import { confirmProposal, refuseProposal } from '../../../../gate/proposals.ts';
import { confirmationPasskeys } from '../../../../gate/rosters.ts';
import { readRules } from '../../../../gate/rules.ts';
import { refused, refusedBy } from '../../../http/refused.ts';
import type { LinkDeps } from '../../deps.ts';
import { faultsProblem, readForm, readOwnForm, sentForm, wantsPage } from '../../forms.ts';
import { empty, fillText, type Html, html } from '../../html.ts';
import { linkPath, noteLinkUse, type RosterLink } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { languageOfHolder } from '../../names.ts';
import { linkIn, localeFor, render } from '../../page.ts';
import { getOptions, passkeyForm } from '../../parts/passkeyForm.ts';
import { seeReceipt } from './answers.ts';
import { readProposalAnswer } from './form/read.ts';
import { needsOne } from './passkey.ts';
import { ANSWER_FIELDS, rosterPage } from './roster.ts';

/**
 * What one person confirms by an own link, beside the rules of the policy, and their passkey signs. `purpose`: of the challenge; `inWords`:
 * what is signed; `fields`: those of the form, to be sent again. `confirm` redirects to the link's page, and rejects if it no longer waits.
 */
export interface Confirming {
  readonly holder: string;
  readonly purpose: Purpose;
  readonly toSign: (issued: WebAuthnChallenge) => JsonObject;
  readonly inWords: (locale: Locale) => Html;
  readonly fields: Html;
  readonly confirm: (assertion?: Assertion) => Promise<Response>;
}

/** Returns what the person of a link confirms: what is proposed, by its digest. */
export const proposalConfirming = (deps: LinkDeps, context: Context, link: RosterLink): Confirming => {
  const { purpose, holder, body, seat, sha256 } = link;
  return {
    holder,
    purpose: [purpose, holder, body, seat, sha256],
    toSign: (issued) => confirmationToSign(link, issued),
    inWords: ({ words: { decide } }) =>
      html`<p class="lead">${decide.roster.title}</p><p class="fine">${fillText(decide.roster.digest, { digest: sha256 })}</p>`,
    fields: empty,
    confirm: async (assertion) => {
      const by = { holder, body, seat, ...(assertion !== undefined && { assertion }) };
      const done = await noteLinkUse(deps, link, confirmProposal(deps.ports, { ...by, sha256 }));
      if (!done.ok) throw refusedBy(done.rejection, { status: done.rejection.code === 'contended' ? 503 : 409 });
      return seeReceipt(context);
    },
  };
};

/** Renders the page that asks for a passkey to confirm. Confirms nothing. `refused`: the last signature was rejected. */
export const askForConfirmationPasskey = async (
  { ports, keys }: LinkDeps,
  context: Context,
  { holder, purpose, toSign, inWords, fields }: Confirming,
  { owned, refused: isAgain = false }: { readonly owned: readonly Passkey[]; readonly refused?: boolean },
): Promise<Response> => {
  const { roster } = await readRules(ports);
  const locale = localeFor(context, ports.zone, ports.clock(), languageOfHolder(roster?.roster ?? null, holder));
  const relyingParty = relyingPartyOf(ports.url);
  if (relyingParty === undefined || owned.length === 0) return needsOne(context, locale);
  const { words } = locale;
  const { sign } = words.passkeys;
  const issued = issueChallenge(keys.linkKey, ports.url, purpose, locale.now);
  const path = linkPath(context);
  const form = passkeyForm(locale, {
    action: `${path}/passkey/confirm${linkIn(context, '')}`,
    kind: 'get',
    options: getOptions(challengeOf(toSign(issued)), relyingParty, owned),
    issued,
    button: sign.button,
    fields,
  });
  const note = html`<div class="errors" role="alert" tabindex="-1" autofocus><p>${words.passkeys.refused}</p></div>`;
  const body = html`
${isAgain ? note : empty}<p class="eyebrow">${sign.confirm}</p><h1>${sign.title}</h1>
${inWords(locale)}${form}<p><a href="${linkIn(context, path)}">${sign.change}</a></p>`;
  return render(context, locale, { title: sign.title, body, scripted: true, status: isAgain ? 409 : 200 });
};

/** Refuses what is proposed. It needs no passkey: one person is enough to keep things as they are. */
const refuse = async (deps: LinkDeps, context: Context, link: RosterLink, reason: string): Promise<Response> => {
  const { sha256, holder, body, seat } = link;
  const answer = refuseProposal(deps.ports, { sha256, holder, body, seat, reason }, deps.keys.textKey);
  const done = await noteLinkUse(deps, link, answer);
  if (!done.ok) throw refusedBy(done.rejection);
  return seeReceipt(context);
};

/** Answers what is proposed: refuses it, or confirms it by a passkey if the policy wants one. */
export const postAnswer = async (deps: LinkDeps, context: Context, link: RosterLink): Promise<Response> => {
  const form = readForm(await readOwnForm(context, deps.ports.url), (name) => ANSWER_FIELDS.includes(name));
  const sent = sentForm(form, readProposalAnswer);
  if (!sent.ok) {
    const { input, faults } = sent;
    return wantsPage(context) ? rosterPage(deps, context, link, { input, faults, prefix: 'f' }) : faultsProblem(faults);
  }
  const { refuses, reason } = sent.value;
  return refuses ? refuse(deps, context, link, reason) : confirmOrAsk(deps, context, proposalConfirming(deps, context, link));
};

/** Confirms, or asks for the passkey that the policy wants. */
export const confirmOrAsk = async (deps: LinkDeps, context: Context, confirming: Confirming): Promise<Response> => {
  const owned = await confirmationPasskeys(deps.ports, confirming.holder);
  if (owned === undefined) return confirming.confirm();
  if (!wantsPage(context)) throw refused('passkey-required', { detail: 'this is confirmed with a passkey' });
  return askForConfirmationPasskey(deps, context, confirming, { owned });
};
