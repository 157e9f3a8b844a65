import type { Context } from 'hono';
import { type Assertion, challengeOf } from '../../../../../domain/kernel/assertion.ts';
import { confirmationToSign } from '../../../../../domain/roster/confirmationToSign.ts';
import { issueChallenge, type Purpose } from '../../../../gate/challenges.ts';
import type { Passkey } from '../../../../gate/passkeys.ts';
import { confirmProposal, refuseProposal } from '../../../../gate/proposals.ts';
import { relyingPartyOf } from '../../../../gate/relyingParty.ts';
import { confirmationPasskeys } from '../../../../gate/rosters.ts';
import { readRules } from '../../../../gate/rules.ts';
import { refused, refusedBy } from '../../../http/refused.ts';
import type { LinkDeps } from '../../deps.ts';
import { readOwnForm, wantsPage } from '../../forms/guard.ts';
import { readForm, sentForm } from '../../forms/input.ts';
import { faultsProblem } from '../../forms/rejection.ts';
import { empty, fillText, html } from '../../html.ts';
import { linkPath, type RosterLink } from '../../links/link.ts';
import { languageOfHolder } from '../../names.ts';
import { linkIn, localeFor, render } from '../../page.ts';
import { getOptions, passkeyForm } from '../../parts/passkeyForm.ts';
import { seeReceipt } from './answers.ts';
import { readAnswer } from './form/read.ts';
import { needsOne } from './passkey.ts';
import { ANSWER_FIELDS, rosterPage } from './roster.ts';

/** The purpose of a challenge to confirm: what is proposed, by one person in one seat. */
export const confirmationPurpose = ({ purpose, holder, body, seat, sha256 }: RosterLink): Purpose => [
  purpose,
  holder,
  body,
  seat,
  sha256,
];

/** Confirms what the link names, and redirects to its page. Rejects if it no longer waits. `assertion`: the person's passkey signed it. */
export const confirmByLink = async (
  deps: LinkDeps,
  context: Context,
  link: RosterLink,
  assertion?: Assertion,
): Promise<Response> => {
  const { holder, body, seat, sha256 } = link;
  const done = await confirmProposal(deps.ports, { holder, body, seat, sha256, ...(assertion !== undefined && { assertion }) });
  if (!done.ok) throw refusedBy(done.rejection, { status: done.rejection.code === 'contended' ? 503 : 409 });
  return seeReceipt(context);
};

/** Renders the page that asks for a passkey to confirm. Confirms nothing. `refused`: the last signature was rejected. */
export const askForConfirmationPasskey = async (
  { ports, keys }: LinkDeps,
  context: Context,
  link: RosterLink,
  { owned, refused: isAgain = false }: { readonly owned: readonly Passkey[]; readonly refused?: boolean },
): Promise<Response> => {
  const { roster } = await readRules(ports);
  const locale = localeFor(context, ports.zone, ports.clock(), languageOfHolder(roster?.roster ?? null, link.holder));
  const relyingParty = relyingPartyOf(ports.url);
  if (relyingParty === undefined || owned.length === 0) return needsOne(context, locale);
  const { words } = locale;
  const { sign } = words.passkeys;
  const issued = issueChallenge(keys.linkKey, ports.url, confirmationPurpose(link), locale.now);
  const path = linkPath(context);
  const form = passkeyForm(locale, {
    action: `${path}/passkey/confirm${linkIn(context, '')}`,
    kind: 'get',
    options: getOptions(challengeOf(confirmationToSign(link, issued)), relyingParty, owned),
    issued,
    button: sign.button,
  });
  const note = html`<div class="errors" role="alert" tabindex="-1" autofocus><p>${words.passkeys.refused}</p></div>`;
  const body = html`
${isAgain ? note : empty}<p class="eyebrow">${sign.confirm}</p><h1>${sign.title}</h1>
<p class="lead">${words.decide.roster.title}</p><p class="fine">${fillText(words.decide.roster.digest, { digest: link.sha256 })}</p>
${form}<p><a href="${linkIn(context, path)}">${sign.change}</a></p>`;
  return render(context, locale, { title: sign.title, body, scripted: true, status: isAgain ? 409 : 200 });
};

/** Refuses what is proposed. It needs no passkey: one person is enough to keep things as they are. */
const refuse = async ({ ports, keys }: LinkDeps, context: Context, link: RosterLink, reason: string): Promise<Response> => {
  const { sha256, holder, body, seat } = link;
  const done = await refuseProposal(ports, { sha256, holder, body, seat, reason }, keys.textKey);
  if (!done.ok) throw refusedBy(done.rejection);
  return seeReceipt(context);
};

/** Answers what is proposed: refuses it, or confirms it by a passkey if the policy wants one. */
export const postAnswer = async (deps: LinkDeps, context: Context, link: RosterLink): Promise<Response> => {
  const form = readForm(await readOwnForm(context, deps.ports.url), (name) => ANSWER_FIELDS.includes(name));
  const sent = sentForm(form, readAnswer);
  if (!sent.ok) {
    const { input, faults } = sent;
    return wantsPage(context) ? rosterPage(deps, context, link, { input, faults, prefix: 'f' }) : faultsProblem(faults);
  }
  const { refuses, reason } = sent.value;
  return refuses ? refuse(deps, context, link, reason) : confirmed(deps, context, link);
};

/** Confirms what is proposed, or asks for the passkey that the policy wants. */
const confirmed = async (deps: LinkDeps, context: Context, link: RosterLink): Promise<Response> => {
  const { ports } = deps;
  const owned = await confirmationPasskeys(ports, link.holder);
  if (owned === undefined) return confirmByLink(deps, context, link);
  if (!wantsPage(context)) throw refused('passkey-required', { detail: 'this is confirmed with a passkey' });
  return askForConfirmationPasskey(deps, context, link, { owned });
};
