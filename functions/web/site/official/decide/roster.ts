import type { Context } from 'hono';
import { localMoment } from '../../../../../domain/kernel/zone.ts';
import { changesEveryBody, confirmerProblem, hasConfirmed } from '../../../../../domain/roster/confirm.ts';
import type { Proposal, RosterState, RosterVersion } from '../../../../../domain/roster/state.ts';
import { readRosters } from '../../../../gate/aggregates.ts';
import { type AddressChange, addressChanges } from '../../../../gate/handovers.ts';
import { type BrokenPin, brokenPins } from '../../../../register/brokenPins.ts';
import type { LinkDeps } from '../../deps.ts';
import { empty, fillText, type Html, html } from '../../html.ts';
import { linkPath, type RosterLink } from '../../links/link.ts';
import type { Locale } from '../../locale.ts';
import { holderName, languageOfHolder, seatName } from '../../names.ts';
import { linkIn, localeFor, render } from '../../page.ts';
import { type OfficialTexts, officialText, officialTextsAt } from '../../parts/officialTexts.ts';
import { rosterDifferences } from './rosterDifferences.ts';

interface ProposedRoster {
  readonly inForce: RosterVersion;
  readonly proposal: Proposal;
  readonly broken: readonly BrokenPin[];
  readonly addresses: readonly AddressChange[];
  readonly texts: OfficialTexts;
}

/** Renders how far the confirmation is: who has confirmed, who objects and why, and what it still needs. */
const progress = (locale: Locale, { inForce, proposal, texts }: ProposedRoster): Html => {
  const { words, say, dateTime } = locale;
  const { roster: said } = words.decide;
  const { roster } = inForce;
  const { effectiveAt, confirmations = [], objections = [] } = proposal;
  const needs =
    effectiveAt === undefined
      ? empty
      : html`<p class="note">${said.handover} ${say(said.takesEffect, { when: dateTime(effectiveAt) })}</p>`;
  const everyBody = changesEveryBody(inForce, proposal) ? html`<p class="note">${said.everyBody}</p>` : empty;
  return html`${needs}${everyBody}${objections.map(({ holder, reason }) => {
    const why = reason === null ? html`–` : officialText(locale, texts.get(reason));
    return html`<p class="note">${say(said.objection, { who: holderName(roster, holder), reason: why })}</p>`;
  })}${confirmations.map(({ holder }) => html`<p>${say(said.confirmedBy, { who: holderName(roster, holder) })}</p>`)}`;
};

const rosterBody = (
  context: Context,
  locale: Locale,
  link: RosterLink,
  inForce: RosterVersion | null,
  shown: ProposedRoster | undefined,
): Html => {
  const { words, say, dateTime } = locale;
  const { roster: texts } = words.decide;
  if (inForce?.sha256 === link.sha256)
    return html`<h1>${texts.title}</h1><p class="lead">${say(texts.done, { n: inForce.number })}</p>`;
  if (shown === undefined) return html`<h1>${texts.title}</h1><p class="lead">${texts.gone}</p>`;
  const { proposal } = shown;
  const who = { holder: link.holder, body: link.body, seat: link.seat, when: localMoment(locale.now, locale.zone) };
  const problem = confirmerProblem(shown.inForce, proposal, who);
  const form = html`
<form class="card" method="post" action="${linkIn(context, linkPath(context))}"><button type="submit">${texts.confirm}</button></form>`;
  const confirmed = hasConfirmed(proposal, link.holder);
  const action = problem === undefined ? (confirmed ? empty : form) : html`<p class="note">${texts.may[problem]}</p>`;
  const asked = confirmed ? texts.mine : say(texts.lead, { n: proposal.number, when: dateTime(proposal.since) });
  return html`
<p class="eyebrow">${seatName(shown.inForce.roster, link.body, link.seat, who.when)}</p>
<h1>${texts.heading}</h1><p class="lead">${asked}</p>
${progress(locale, shown)}${rosterDifferences(locale, shown)}${action}
<p class="fine">${fillText(texts.digest, { digest: proposal.sha256 })}</p>`;
};

/** Reads all that a confirmer compares; undefined if the proposal is not the one that waits. */
const readProposed = async ({ ports }: LinkDeps, state: RosterState, sha256: string): Promise<ProposedRoster | undefined> => {
  const { inForce, proposal } = state;
  if (inForce === null || proposal?.sha256 !== sha256) return undefined;
  const place = { key: null, change: null, revision: null };
  const reasons = (proposal.objections ?? []).flatMap(({ reason }) =>
    reason === null ? [] : [{ ...place, commitment: reason }],
  );
  const [broken, addresses, texts] = await Promise.all([
    brokenPins(ports, proposal.roster),
    addressChanges(ports, state),
    officialTextsAt({ ports }, reasons, 'officials'),
  ]);
  return { inForce, proposal, broken, addresses, texts };
};

/** Renders the page on which an office-holder confirms a proposed roster. Opening it confirms nothing. */
export const rosterPage = async (deps: LinkDeps, context: Context, link: RosterLink): Promise<Response> => {
  const { ports } = deps;
  const state = await readRosters(ports);
  const own = languageOfHolder(state.inForce?.roster ?? null, link.holder);
  const locale = localeFor(context, ports.zone, ports.clock(), own);
  const body = rosterBody(context, locale, link, state.inForce, await readProposed(deps, state, link.sha256));
  return render(context, locale, { title: locale.words.decide.roster.title, body });
};
