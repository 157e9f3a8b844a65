import type { Context } from 'hono';
import { challengeOf } from '../../../../../domain/kernel/assertion.ts';
import { localDateOf } from '../../../../../domain/kernel/zone.ts';
import { changedBodies, confirmerProblem } from '../../../../../domain/roster/confirm.ts';
import { confirmationToSign } from '../../../../../domain/roster/confirmationToSign.ts';
import type { Holder } from '../../../../../domain/roster/schema.ts';
import { ROSTER_STREAM, type RosterVersion } from '../../../../../domain/roster/state.ts';
import { rosterAggregate } from '../../../../gate/aggregates.ts';
import { issueChallenge, type Purpose } from '../../../../gate/challenges.ts';
import type { Passkey } from '../../../../gate/passkeys.ts';
import { relyingPartyOf } from '../../../../gate/relyingParty.ts';
import { confirmationPasskeys, confirmRoster } from '../../../../gate/rosters.ts';
import { load } from '../../../../platform/store/load.ts';
import { type BrokenPin, brokenPins } from '../../../../register/brokenPins.ts';
import { problemAnswer } from '../../../http/problems.ts';
import { refused, refusedBy } from '../../../http/refused.ts';
import { toResponse } from '../../../http/respond.ts';
import type { LinkDeps } from '../../deps.ts';
import { readOwnForm, wantsPage } from '../../forms/guard.ts';
import { readForm } from '../../forms/input.ts';
import { empty, fillText, type Html, html } from '../../html.ts';
import { linkPath, type RosterLink } from '../../links/link.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, languageOfHolder, seatName } from '../../names.ts';
import { linkIn, localeFor, render } from '../../page.ts';
import { getOptions, passkeyForm } from '../../parts/passkeyForm.ts';
import { needsOne } from './passkey.ts';

/** The purpose of a challenge to confirm: one roster, by one person in one seat. */
export const rosterPurpose = ({ holder, body, seat, sha256 }: RosterLink): Purpose => ['roster', holder, body, seat, sha256];

/** Renders the page that asks for a passkey to confirm a roster. Confirms nothing. `refused`: the last signature was rejected. */
export const askForRosterPasskey = (
  { ports, keys }: LinkDeps,
  context: Context,
  locale: Locale,
  link: RosterLink,
  { owned, refused = false }: { readonly owned: readonly Passkey[]; readonly refused?: boolean },
): Response | Promise<Response> => {
  const relyingParty = relyingPartyOf(ports.url);
  if (relyingParty === undefined || owned.length === 0) return needsOne(context, locale);
  const { words } = locale;
  const { sign } = words.passkeys;
  const issued = issueChallenge(keys.linkKey, ports.url, rosterPurpose(link), locale.now);
  const path = linkPath(context);
  const form = passkeyForm(locale, {
    action: `${path}/passkey/roster${linkIn(context, '')}`,
    kind: 'get',
    options: getOptions(challengeOf(confirmationToSign(link, issued)), relyingParty, owned),
    issued,
    button: sign.button,
  });
  const note = html`<div class="errors" role="alert" tabindex="-1" autofocus><p>${words.passkeys.refused}</p></div>`;
  const body = html`
${refused ? note : empty}<p class="eyebrow">${sign.roster}</p><h1>${sign.title}</h1>
<p class="lead">${words.decide.roster.heading}</p><p class="fine">${fillText(words.decide.roster.digest, { digest: link.sha256 })}</p>
${form}<p><a href="${linkIn(context, path)}">${sign.change}</a></p>`;
  return render(context, locale, { title: sign.title, body, scripted: true, status: refused ? 409 : 200 });
};

const termText = ({ words, say, day }: Locale, { roster }: RosterVersion, { name, body, seat, from, to }: Holder): Html => {
  const place = `${bodyName(roster, body)}, ${roster.bodies[body]?.seatLabels?.[seat] ?? seat}`;
  const slots = { seat: place, holder: name, from: day(from) };
  return to === undefined ? say(words.decide.roster.term, slots) : say(words.decide.roster.termTo, { ...slots, to: day(to) });
};

const same = (one: Holder, other: Holder): boolean =>
  one.id === other.id &&
  one.body === other.body &&
  one.seat === other.seat &&
  one.from === other.from &&
  one.to === other.to &&
  one.name === other.name;

const section = (heading: string, items: readonly Html[]): Html =>
  items.length === 0 ? empty : html`<h2>${heading}</h2><ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;

/**
 * Renders what a proposed roster changes: terms of office that are new or gone, and the bodies it touches, addresses included.
 */
const differences = (locale: Locale, inForce: RosterVersion, proposal: RosterVersion, broken: readonly BrokenPin[]): Html => {
  const { words } = locale;
  const added = proposal.roster.holders.filter((holder) => !inForce.roster.holders.some((known) => same(known, holder)));
  const removed = inForce.roster.holders.filter((holder) => !proposal.roster.holders.some((known) => same(known, holder)));
  const bodies = changedBodies(inForce, proposal).map((body) => html`${bodyName(proposal.roster, body)}`);
  return html`
${added.length + removed.length === 0 ? html`<p>${words.decide.roster.same}</p>` : empty}
${section(
  words.decide.roster.added,
  added.map((holder) => termText(locale, proposal, holder)),
)}
${section(
  words.decide.roster.removed,
  removed.map((holder) => termText(locale, inForce, holder)),
)}
${section(words.decide.roster.bodies, bodies)}${section(
  words.decide.roster.broken,
  broken.map(({ change }) => html`<code>${change}</code>`),
)}`;
};

const rosterBody = (
  context: Context,
  locale: Locale,
  link: RosterLink,
  state: { inForce: RosterVersion | null; proposal: RosterVersion | null; broken: readonly BrokenPin[] },
): Html => {
  const { words, say, dateTime } = locale;
  const { roster: texts } = words.decide;
  const { inForce, proposal, broken } = state;
  if (inForce?.sha256 === link.sha256)
    return html`<h1>${texts.title}</h1><p class="lead">${say(texts.done, { n: inForce.number })}</p>`;
  if (inForce === null || proposal?.sha256 !== link.sha256) return html`<h1>${texts.title}</h1><p class="lead">${texts.gone}</p>`;
  const who = { holder: link.holder, body: link.body, seat: link.seat, localDate: localDateOf(locale.now, locale.zone) };
  const problem = confirmerProblem(inForce, proposal, who);
  const action =
    problem === undefined
      ? html`
<form class="card" method="post" action="${linkIn(context, linkPath(context))}"><button type="submit">${texts.confirm}</button></form>`
      : html`<p class="note">${texts.may[problem]}</p>`;
  return html`
<p class="eyebrow">${seatName(inForce.roster, link.body, link.seat, who.localDate)}</p>
<h1>${texts.heading}</h1><p class="lead">${say(texts.lead, { n: proposal.number, when: dateTime(proposal.since) })}</p>
${differences(locale, inForce, proposal, broken)}${action}
<p class="fine">${fillText(texts.digest, { digest: proposal.sha256 })}</p>`;
};

/** Renders the page on which an office-holder confirms a proposed roster. Opening it confirms nothing. */
export const rosterPage = async ({ ports }: LinkDeps, context: Context, link: RosterLink): Promise<Response> => {
  const { state } = await load(ports.store, rosterAggregate, ROSTER_STREAM);
  const own = languageOfHolder(state.inForce?.roster ?? null, link.holder);
  const locale = localeFor(context, ports.zone, ports.clock(), own);
  const broken = state.proposal?.sha256 === link.sha256 ? await brokenPins(ports, state.proposal.roster) : [];
  const body = rosterBody(context, locale, link, { ...state, broken });
  return render(context, locale, { title: locale.words.decide.roster.title, body });
};

/** Confirms the roster the link names. Rejects if another proposal has replaced it. */
export const postRoster = async (deps: LinkDeps, context: Context, link: RosterLink): Promise<Response> => {
  const { ports } = deps;
  const { faults } = readForm(await readOwnForm(context, ports.url), () => false);
  const [fault] = faults;
  if (fault !== undefined)
    return toResponse(
      problemAnswer('invalid-form', {
        detail: 'this form has no fields',
        errors: [{ pointer: `/${fault.name}`, detail: 'is not known here' }],
      }),
    );
  const owned = await confirmationPasskeys(ports, link.holder);
  if (owned !== undefined) {
    if (!wantsPage(context)) throw refused('passkey-required', { detail: 'a list of officials is confirmed with a passkey' });
    return askForRosterPasskey(deps, context, localeFor(context, ports.zone, ports.clock()), link, { owned });
  }
  const done = await confirmRoster(ports, { sha256: link.sha256, holder: link.holder, body: link.body, seat: link.seat });
  if (!done.ok) throw refusedBy(done.rejection, { status: done.rejection.code === 'contended' ? 503 : 409 });
  return context.redirect(linkIn(context, linkPath(context)), 303);
};
