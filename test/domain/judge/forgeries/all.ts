import { APPROVALS, TIME } from './approvals.ts';
import type { Forgery } from './base.ts';
import { DOCUMENTS } from './documents.ts';
import { HANDOVERS } from './handovers.ts';
import { NOTICES } from './notices.ts';
import { PASSKEYS, PERSONS, RECORDED } from './persons.ts';
import { RECORDS } from './records.ts';
import { RULES } from './rules.ts';
import { CONFIRMATIONS, SIGNATURES } from './seconds.ts';
import { SIGNED_TERMS, VOTES } from './votes.ts';

/** Every forgery. */
export const FORGERIES: readonly Forgery[] = [
  ...APPROVALS,
  ...PERSONS,
  ...PASSKEYS,
  ...SIGNATURES,
  ...CONFIRMATIONS,
  ...RECORDED,
  ...VOTES,
  SIGNED_TERMS,
  ...NOTICES,
  ...DOCUMENTS,
  ...TIME,
  ...RULES,
  ...HANDOVERS,
  ...RECORDS,
];
