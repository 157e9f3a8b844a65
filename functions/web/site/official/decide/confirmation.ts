import type { Context } from 'hono';
import type { WebAuthnChallenge } from '../../../../../domain/feature/decisionToSign.ts';
import { type Assertion, challengeOf } from '../../../../../domain/kernel/assertion.ts';
import type { Rejection } from '../../../../../domain/kernel/decider.ts';
import type { JsonObject } from '../../../../../domain/kernel/json.ts';
import { disposalToSign } from '../../../../../domain/redaction/disposal.ts';
import { confirmationToSign } from '../../../../../domain/roster/confirmationToSign.ts';
import { issueChallenge, type Purpose } from '../../../../gate/challenges.ts';
import type { Passkey } from '../../../../gate/passkeys.ts';
import { confirmDisposal } from '../../../../gate/redactions.ts';
import { relyingPartyOf } from '../../../../gate/relyingParty.ts';
import { confirmationPasskeys, confirmRoster } from '../../../../gate/rosters.ts';
import { readRules } from '../../../../gate/rules.ts';
import type { ProblemCode } from '../../../http/problems.ts';
import { refused, refusedBy } from '../../../http/refused.ts';
import type { LinkDeps } from '../../deps.ts';
import { wantsPage } from '../../forms/guard.ts';
import { readFields } from '../../forms/rejection.ts';
import { empty, fillText, html } from '../../html.ts';
import { type ActingLink, type DisposalLink, linkPath, type RosterLink } from '../../links/link.ts';
import { languageOfHolder } from '../../names.ts';
import { linkIn, localeFor, render } from '../../page.ts';
import { getOptions, passkeyForm } from '../../parts/passkeyForm.ts';
import { seeReceipt } from './answers.ts';
import { needsOne } from './passkey.ts';

/** A link by which one person confirms what another proposed or asked for. It changes no decision on a change. */
export type ConfirmingLink = RosterLink | DisposalLink;

/** Reports whether a link confirms something. */
export const isConfirming = (link: ActingLink): link is ConfirmingLink =>
  link.purpose === 'confirm-roster' || link.purpose === 'confirm-disposal';

/** What a link names: a proposed roster, or a request to dispose of a text. */
const nameOf = (link: ConfirmingLink): string => (link.purpose === 'confirm-roster' ? link.sha256 : link.request);

/** The purpose of a challenge to confirm: one thing, by one person in one seat. */
export const confirmationPurpose = (link: ConfirmingLink): Purpose => [
  link.purpose,
  link.holder,
  link.body,
  link.seat,
  nameOf(link),
];

/** Returns what a passkey signs to confirm. */
export const toConfirm = (link: ConfirmingLink, issued: WebAuthnChallenge): JsonObject =>
  link.purpose === 'confirm-roster' ? confirmationToSign(link, issued) : disposalToSign(link, issued);

const ordered = (
  { ports }: LinkDeps,
  link: ConfirmingLink,
  assertion: Assertion | undefined,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly rejection: Rejection<ProblemCode> }> => {
  const { holder, body, seat } = link;
  const who = { holder, body, seat, ...(assertion !== undefined && { assertion }) };
  if (link.purpose === 'confirm-roster') return confirmRoster(ports, { ...who, sha256: link.sha256 });
  return confirmDisposal(ports, { ...who, commitment: link.commitment, request: link.request });
};

/** Confirms what the link names, and redirects to its page. Rejects if it no longer waits. `assertion`: the person's passkey signed it. */
export const confirmByLink = async (
  deps: LinkDeps,
  context: Context,
  link: ConfirmingLink,
  assertion?: Assertion,
): Promise<Response> => {
  const done = await ordered(deps, link, assertion);
  if (!done.ok) throw refusedBy(done.rejection, { status: done.rejection.code === 'contended' ? 503 : 409 });
  return seeReceipt(context);
};

/** Renders the page that asks for a passkey to confirm. Confirms nothing. `refused`: the last signature was rejected. */
export const askForConfirmationPasskey = async (
  { ports, keys }: LinkDeps,
  context: Context,
  link: ConfirmingLink,
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
    options: getOptions(challengeOf(toConfirm(link, issued)), relyingParty, owned),
    issued,
    button: sign.button,
  });
  const note = html`<div class="errors" role="alert" tabindex="-1" autofocus><p>${words.passkeys.refused}</p></div>`;
  const { heading } = link.purpose === 'confirm-roster' ? words.decide.roster : words.decide.disposal;
  const body = html`
${isAgain ? note : empty}<p class="eyebrow">${sign.confirm}</p><h1>${sign.title}</h1>
<p class="lead">${heading}</p><p class="fine">${fillText(words.decide.roster.digest, { digest: nameOf(link) })}</p>
${form}<p><a href="${linkIn(context, path)}">${sign.change}</a></p>`;
  return render(context, locale, { title: sign.title, body, scripted: true, status: isAgain ? 409 : 200 });
};

/** Confirms what the link names, or asks for the passkey that the policy wants. */
export const postConfirmation = async (deps: LinkDeps, context: Context, link: ConfirmingLink): Promise<Response> => {
  const { ports } = deps;
  await readFields(context, ports.url, []);
  const owned = await confirmationPasskeys(ports, link.holder);
  if (owned === undefined) return confirmByLink(deps, context, link);
  if (!wantsPage(context)) throw refused('passkey-required', { detail: 'this is confirmed with a passkey' });
  return askForConfirmationPasskey(deps, context, link, { owned });
};
