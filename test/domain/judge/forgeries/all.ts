import { APPROVALS, TIME } from './approvals.ts';
import { ARRIVALS } from './arrivals.ts';
import type { Forgery } from './base.ts';
import { DOCUMENTS } from './documents.ts';
import { LEAVES } from './leaves.ts';
import { LINKS } from './links.ts';
import { NOTICES } from './notices.ts';
import { PASSKEYS, PERSONS, RECORDED } from './persons.ts';
import { PROPOSALS } from './proposals.ts';
import { RECORDS } from './records.ts';
import { REDACTIONS } from './redactions.ts';
import { RULES } from './rules.ts';
import { SEATS } from './seats.ts';
import { CONFIRMATIONS, SIGNATURES } from './seconds.ts';
import { SECOND_VOTES } from './secondVotes.ts';
import { TERMS, VOTES } from './votes.ts';

/** Every forgery. */
export const FORGERIES: readonly Forgery[] = [
  ...APPROVALS,
  ...ARRIVALS,
  ...PERSONS,
  ...PASSKEYS,
  ...SIGNATURES,
  ...LEAVES,
  ...CONFIRMATIONS,
  ...RECORDED,
  ...LINKS,
  ...VOTES,
  ...SECOND_VOTES,
  ...TERMS,
  ...NOTICES,
  ...DOCUMENTS,
  ...TIME,
  ...RULES,
  ...SEATS,
  ...PROPOSALS,
  ...RECORDS,
  ...REDACTIONS,
];
