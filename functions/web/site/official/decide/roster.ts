import type { Context } from 'hono';
import { canonical } from '../../../../../domain/kernel/canonical.ts';
import { localMoment } from '../../../../../domain/kernel/zone.ts';
import {
  type ConfirmerRules,
  canConfirm,
  hasConfirmed,
  isInEffect,
  proposalLapses,
} from '../../../../../domain/roster/confirm.ts';
import type { Holder } from '../../../../../domain/roster/schema.ts';
import { isBy, type Proposal, type RosterState, type RosterVersion } from '../../../../../domain/roster/state.ts';
import { readRosters } from '../../../../gate/aggregates.ts';
import { type AddressChange, addressChanges } from '../../../../gate/proposals.ts';
import { readRules } from '../../../../gate/rules.ts';
import type { LinkDeps } from '../../deps.ts';
import { errorSummary, type FormState, hidden, textArea } from '../../forms.ts';
import { empty, fillText, type Html, html } from '../../html.ts';
import { linkPath, type RosterLink } from '../../links.ts';
import type { Locale } from '../../locale.ts';
import { bodyName, holderName, languageOfHolder, seatName } from '../../names.ts';
import { linkIn, localeFor, render } from '../../page.ts';
import { type OfficialTexts, officialText, officialTextsAt } from '../../parts/officialTexts.ts';
import { termText } from '../../parts/terms.ts';

const changedBodies = ({ roster: { bodies } }: RosterVersion, { roster: next }: RosterVersion): readonly string[] =>
  [...new Set([...Object.keys(bodies), ...Object.keys(next.bodies)])].filter(
    (body) => canonical(bodies[body] ?? null) !== canonical(next.bodies[body] ?? null),
  );

const same = (one: Holder, other: Holder): boolean =>
  one.id === other.id &&
  one.body === other.body &&
  one.seat === other.seat &&
  one.from === other.from &&
  one.to === other.to &&
  one.acting === other.acting &&
  one.name === other.name;

const section = (heading: string, items: readonly Html[]): Html =>
  items.length === 0 ? empty : html`<h2>${heading}</h2><ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;

const addressText = (
  { words, say }: Locale,
  inForce: RosterVersion,
  proposal: RosterVersion,
  { holder, before, after }: AddressChange,
): Html => {
  const { moved, starts, stops, noAddress } = words.decide.roster;
  const nameIn = ({ roster }: RosterVersion) => roster.holders.find(({ id }) => id === holder)?.name;
  const slots = { holder: nameIn(proposal) ?? nameIn(inForce) ?? holder, before: before ?? noAddress, after: after ?? noAddress };
  if (before === undefined && !Object.hasOwn(inForce.contacts, holder)) return say(starts, slots);
  return say(Object.hasOwn(proposal.contacts, holder) ? moved : stops, slots);
};

const rosterDifferences = (
  locale: Locale,
  {
    inForce,
    proposal,
    addresses,
  }: {
    readonly inForce: RosterVersion;
    readonly proposal: RosterVersion;
    readonly addresses: readonly AddressChange[];
  },
): Html => {
  const { roster: texts } = locale.words.decide;
  const added = proposal.roster.holders.filter((holder) => !inForce.roster.holders.some((known) => same(known, holder)));
  const removed = inForce.roster.holders.filter((holder) => !proposal.roster.holders.some((known) => same(known, holder)));
  const lists = [
    section(
      texts.added,
      added.map((holder) => termText(locale, proposal.roster, holder)),
    ),
    section(
      texts.removed,
      removed.map((holder) => termText(locale, inForce.roster, holder)),
    ),
    section(
      texts.addresses,
      addresses.map((each) => addressText(locale, inForce, proposal, each)),
    ),
    section(
      texts.bodies,
      changedBodies(inForce, proposal).map((body) => html`${bodyName(proposal.roster, body)}`),
    ),
  ];
  return html`
${added.length + removed.length === 0 ? html`<p>${texts.same}</p>` : empty}
${lists}`;
};

interface Proposed {
  readonly rules: ConfirmerRules;
  readonly proposal: Proposal;
  readonly addresses: readonly AddressChange[];
  readonly texts: OfficialTexts;
}

/** The fields of the form by which a person answers a proposal. */
export const ANSWER_FIELDS: readonly string[] = ['decision', 'reason'];
const BLANK: FormState = { input: new Map(), faults: [], prefix: 'f' };

const progress = (locale: Locale, { rules, proposal, texts }: Proposed): Html => {
  const { words, say, dateTime, zone } = locale;
  const { roster: said } = words.decide;
  const { roster } = rules.inForce;
  const until = say(rules.policy === null ? said.needsOne : said.needsTwo, { when: dateTime(proposalLapses(proposal, zone)) });
  const slots = ({ holder, body }: { readonly holder: string; readonly body: string }) => ({
    who: holderName(roster, holder),
    body: bodyName(roster, body),
  });
  return html`<p class="note">${until}</p>${proposal.confirmations.map((act) => html`<p>${say(said.confirmedBy, slots(act))}</p>`)}${proposal.refusals.map(
    (act) => {
      const reason = act.reason === null ? html`–` : officialText(locale, texts.get(act.reason));
      return html`<p class="note">${say(said.refusedBy, { ...slots(act), reason })}</p>`;
    },
  )}`;
};

const answerForms = (context: Context, locale: Locale, link: RosterLink, proposal: Proposal, form: FormState): Html => {
  const { roster: texts } = locale.words.decide;
  const action = linkIn(context, linkPath(context));
  const confirm = html`
<form class="card" method="post" action="${action}">${hidden('decision', 'confirm')}<button type="submit">${texts.confirm}</button></form>`;
  const refuse = html`
<form class="card" method="post" action="${action}">${hidden('decision', 'refuse')}${textArea(locale, form, 'reason', { label: texts.reason, hint: texts.reasonHint })}<button type="submit" class="danger">${texts.refuse}</button></form>`;
  const refused = proposal.refusals.some((act) => isBy(act, link));
  return html`${hasConfirmed(proposal, link) ? html`<p class="note">${texts.mine}</p>` : confirm}${refused ? empty : refuse}`;
};

const subject = (locale: Locale, { rules, proposal, addresses }: Proposed): { heading: string; lead: Html; detail: Html } => {
  const { words, say, dateTime } = locale;
  const { roster: texts } = words.decide;
  const when = dateTime(proposal.since);
  const { inForce } = rules;
  if ('roster' in proposal) {
    const lead = say(texts.lead, { n: proposal.number, when });
    return { heading: texts.heading, lead, detail: rosterDifferences(locale, { inForce, proposal, addresses }) };
  }
  const lead = say(texts.resetLead, { who: holderName(inForce.roster, proposal.holder), when });
  return { heading: texts.resetHeading, lead, detail: html`<p>${texts.resetMeans}</p>` };
};

const proposalBody = (context: Context, locale: Locale, link: RosterLink, shown: Proposed, form: FormState): Html => {
  const { roster: texts } = locale.words.decide;
  const { rules, proposal } = shown;
  const { roster } = rules.inForce;
  const who = { holder: link.holder, body: link.body, seat: link.seat, when: localMoment(locale.now, locale.zone) };
  const { heading, lead, detail } = subject(locale, shown);
  const action = canConfirm(rules, proposal, who)
    ? answerForms(context, locale, link, proposal, form)
    : html`<p class="note">${texts.mayNot}</p>`;
  return html`${errorSummary(locale, form, ANSWER_FIELDS, [])}
<p class="eyebrow">${seatName(roster, link.body, link.seat, who.when)}</p>
<h1>${heading}</h1><p class="lead">${lead}</p>
${progress(locale, shown)}${detail}${action}
<p class="fine">${fillText(texts.digest, { digest: proposal.sha256 })}</p>`;
};

const readProposed = async ({ ports }: LinkDeps, state: RosterState, sha256: string): Promise<Proposed | undefined> => {
  const { inForce, proposal } = state;
  if (inForce === null || proposal?.sha256 !== sha256 || ports.clock() >= proposalLapses(proposal, ports.zone)) return undefined;
  const place = { key: null, change: null, revision: null };
  const reasons = proposal.refusals.flatMap(({ reason }) => (reason === null ? [] : [{ ...place, commitment: reason }]));
  const [{ policy }, addresses, texts] = await Promise.all([
    readRules(ports),
    addressChanges(ports, state),
    officialTextsAt({ ports }, reasons, 'officials'),
  ]);
  return { rules: { policy: policy?.policy ?? null, inForce }, proposal, addresses, texts };
};

/** Renders the page on which a person in office confirms or refuses what is proposed. Opening it does neither. */
export const rosterPage = async (
  deps: LinkDeps,
  context: Context,
  link: RosterLink,
  form: FormState = BLANK,
): Promise<Response> => {
  const { ports } = deps;
  const state = await readRosters(ports);
  const own = languageOfHolder(state.inForce?.roster ?? null, link.holder);
  const locale = localeFor(context, ports.zone, ports.clock(), own);
  const { roster: texts } = locale.words.decide;
  const shown = await readProposed(deps, state, link.sha256);
  const lead = isInEffect(state, link.sha256) ? texts.done : texts.gone;
  const body =
    shown === undefined
      ? html`<h1>${texts.title}</h1><p class="lead">${lead}</p>`
      : proposalBody(context, locale, link, shown, form);
  return render(context, locale, { title: texts.title, body, status: form.faults.length === 0 ? 200 : 422 });
};
