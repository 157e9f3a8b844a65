import { canonical } from '../../../../../domain/kernel/canonical.ts';
import type { Holder } from '../../../../../domain/roster/schema.ts';
import type { RosterVersion } from '../../../../../domain/roster/state.ts';
import type { AddressChange } from '../../../../gate/proposals.ts';
import { empty, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { bodyName } from '../../names.ts';
import { termText } from '../../parts/termText.ts';

/** Returns the bodies whose seats, names or certifying body the proposal changes. */
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

/**
 * Renders what a proposed roster changes: terms of office that are new or gone, the addresses that links go to, old and new, and the
 * bodies it touches. For its confirmers alone.
 */
export const rosterDifferences = (
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
