import * as z from 'zod';
import { canonical, digestOf } from '../kernel/canonical.ts';
import { Digest, Instant, strictObject } from '../kernel/zodTypes.ts';
import { LinkGeneration, Officer, PasskeyReset, type ProposalAnswered, Restored, type RosterEvent } from './events.ts';
import { Contacts, HolderId, Roster } from './schema.ts';

/**
 * `generation`: of the newest links. `floor`: links of an earlier generation do nothing; those from it on that are not the newest were cut
 * off but can still switch off. `revoked`: the last time they were cut off without new ones.
 */
export const PersonLinks = strictObject(() => ({
  generation: LinkGeneration,
  floor: LinkGeneration,
  revoked: z.literal(true).exactOptional(),
}));
export type PersonLinks = z.infer<typeof PersonLinks>;

const FIRST: PersonLinks = { generation: 1, floor: 1 };

/** Holds only persons whose links were ever cut off. */
type LinksByHolder = Readonly<Record<string, PersonLinks>>;

/** Reads own properties only, because a holder's id can be the name of an inherited one. */
export const personLinks = ({ links = {} }: { readonly links?: LinksByHolder | undefined }, holder: string): PersonLinks =>
  Object.hasOwn(links, holder) ? (links[holder] ?? FIRST) : FIRST;

/** Reports whether all links of a person were cut off and none made since was used. */
export const isCutOff = ({ generation, floor }: PersonLinks): boolean => generation > floor;

/** `reissued`: new ones are mailed. */
const cutOff = ({ generation, floor }: PersonLinks, reissued: boolean): PersonLinks => ({
  generation: generation + 1,
  floor,
  ...(!reissued && { revoked: true }),
});

/**
 * Reports whether a person's links were cut off without new ones, none have been mailed since, and the address has not changed.
 */
export const isRevoked = (state: { readonly links?: LinksByHolder | undefined }, holder: string): boolean =>
  personLinks(state, holder).revoked === true;

const usedOne = (known: PersonLinks, generation: number): PersonLinks => ({ ...known, floor: generation });

type Addresses = { readonly contacts: Contacts };

export const holdersWithNewAddress = (before: Addresses | null, { contacts }: Addresses): readonly string[] =>
  Object.entries(before?.contacts ?? {}).flatMap(([holder, known]) => {
    const next = Object.hasOwn(contacts, holder) ? contacts[holder] : undefined;
    return next === undefined || next === known ? [] : [holder];
  });

/** Returns the links after a roster came into force: those of a holder whose address it changes no longer do anything. */
export const linksAfter = (
  { links = {}, inForce }: { readonly links?: LinksByHolder | undefined; readonly inForce: Addresses | null },
  next: Addresses,
): { readonly links?: LinksByHolder } => {
  const moved = holdersWithNewAddress(inForce, next).map((holder) => {
    const known = cutOff(personLinks({ links }, holder), true);
    return [holder, usedOne(known, known.generation)] as const;
  });
  return moved.length === 0 ? {} : { links: { ...links, ...Object.fromEntries(moved) } };
};

/** The version of the state stored with each commit, a cache of the fold. Raise it when its shape or the result of `evolve` changes. */
export const ROSTER_STATE_VERSION = 8;

export const ROSTER_STREAM = 'roster';

const Version = strictObject(() => ({
  number: z.int().min(1),
  sha256: Digest,
  since: Instant,
  roster: Roster,
  contacts: Contacts,
}));
/** In force since, or proposed at, the instant `since`. */
export type RosterVersion = z.infer<typeof Version>;

const Refusal = Officer.extend({ at: Instant, reason: Digest.nullable() });

const acts = { confirmations: z.array(Officer), refusals: z.array(Refusal) };

const ProposedRoster = Version.extend(acts);
type ProposedRoster = z.infer<typeof ProposedRoster>;

const ProposedReset = PasskeyReset.extend({ sha256: Digest, since: Instant, ...acts });

const ProposedRestored = Restored.extend({ sha256: Digest, since: Instant, ...acts });

/** What has waited for two persons since `since`: a roster, a reset of one person's passkeys, or a restored gate. */
const Proposed = z.union([ProposedRoster, ProposedReset, ProposedRestored]);
export type Proposal = z.infer<typeof Proposed>;

/** The most refusals kept in the state; the stream's history holds all. */
const REFUSALS_MAX = 8;

/**
 * `follows`: the newest policy whose bodies a roster followed. `resets`: the number of resets of each person's passkeys; those enrolled
 * earlier are invalid. `links`: of each person whose links were ever cut off. `restored`: the digest of the restored gate for which two
 * persons last confirmed that nothing newer is missing.
 */
export const RosterState = strictObject(() => ({
  inForce: Version.nullable(),
  proposal: Proposed.nullable(),
  follows: z.int().min(1).exactOptional(),
  resets: z.record(HolderId, z.int().min(1)).exactOptional(),
  links: z.record(HolderId, PersonLinks).exactOptional(),
  restored: Digest.exactOptional(),
}));
export type RosterState = z.infer<typeof RosterState>;

/** Reads own properties only, because a holder's id can be the name of an inherited one. */
export const resetsOf = ({ resets = {} }: Pick<RosterState, 'resets'>, holder: string): number =>
  Object.hasOwn(resets, holder) ? (resets[holder] ?? 0) : 0;

export const linkGenerationOf = ({ links }: Pick<RosterState, 'links'>, holder: string): number =>
  personLinks({ links }, holder).generation;

export const resetDigest = (holder: string, generation: number): string =>
  digestOf(canonical({ passkeys: { holder, generation } }));

export const restoredDigest = (size: number, root: string): string => digestOf(canonical({ restored: { size, root } }));

export const proposedRoster = ({ proposal }: Pick<RosterState, 'proposal'>): ProposedRoster | null =>
  proposal !== null && 'roster' in proposal ? proposal : null;

export const resetIn = ({ proposal }: Pick<RosterState, 'proposal'>): z.infer<typeof ProposedReset> | null =>
  proposal !== null && 'generation' in proposal ? proposal : null;

export const isActOf = (act: Officer, { holder, body }: Pick<Officer, 'holder' | 'body'>): boolean =>
  act.holder === holder && act.body === body;

export const initialRosterState: RosterState = { inForce: null, proposal: null };

const withLinks = (state: RosterState, holder: string, links: PersonLinks): RosterState => ({
  ...state,
  links: { ...state.links, [holder]: links },
});

export const evolveRoster = (state: RosterState, event: RosterEvent): RosterState => {
  switch (event.type) {
    case 'RosterAdopted': {
      const { number, sha256, at, roster, contacts, policy } = event;
      const inForce = { number, sha256, since: at, roster, contacts };
      return {
        ...state,
        inForce,
        proposal: null,
        ...(policy !== undefined && { follows: policy }),
        ...linksAfter(state, inForce),
      };
    }
    case 'ProposalMade': {
      const { at: since, sha256, subject } = event;
      return { ...state, proposal: { ...subject, sha256, since, confirmations: [], refusals: [] } };
    }
    case 'PasskeysReset': {
      const { holder, generation } = event;
      const waits = resetIn(state)?.holder === holder ? null : state.proposal;
      return { ...state, resets: { ...state.resets, [holder]: generation }, proposal: waits };
    }
    case 'LinksCutOff':
      return withLinks(state, event.holder, cutOff(personLinks(state, event.holder), event.reissued));
    case 'LinksUsed':
      return withLinks(state, event.holder, usedOne(personLinks(state, event.holder), event.generation));
    case 'ProposalAnswered':
      return answered(state, event);
    case 'ProposalEnded':
      return { ...state, proposal: null, ...(event.because === 'confirmed' && { restored: event.sha256 }) };
  }
};

/** Records an answer, which replaces an earlier one of the same person in the same body. */
const answered = (state: RosterState, { decision, holder, body, seat, at, reason }: ProposalAnswered): RosterState => {
  const { proposal } = state;
  if (proposal === null) return state;
  const who = { holder, body, seat };
  const confirmations = proposal.confirmations.filter((act) => !isActOf(act, who));
  const refusals = proposal.refusals.filter((act) => !isActOf(act, who));
  if (decision === 'confirm') confirmations.push(who);
  else refusals.push({ ...who, at, reason });
  return { ...state, proposal: { ...proposal, confirmations, refusals: refusals.slice(-REFUSALS_MAX) } };
};
