import { checkEn } from './en/check.ts';
import { decideEn } from './en/decide.ts';
import { deskEn } from './en/desk.ts';
import { inboxEn } from './en/inbox.ts';
import { packetEn } from './en/packet.ts';
import { passkeyEn } from './en/passkeys.ts';
import { problemEn } from './en/problems.ts';
import { publicEn } from './en/public.ts';
import { recordEn } from './en/record.ts';
import { registerEn } from './en/register.ts';
import { rosterEn } from './en/rosters.ts';
import { termsEn } from './en/terms.ts';
import { vendorFormEn } from './en/vendorForm.ts';
import { weeklyEn } from './en/weekly.ts';
import { worklistEn } from './en/worklist.ts';

/** The English catalogue; its shape is the shape of every other. */
export const siteEn = {
  ...publicEn,
  ...recordEn,
  ...registerEn,
  check: checkEn,
  decide: { ...decideEn, ...rosterEn, ...termsEn },
  desk: deskEn,
  inbox: inboxEn,
  packet: packetEn,
  passkeys: passkeyEn,
  problem: problemEn,
  vendorForm: vendorFormEn,
  worklist: worklistEn,
  weekly: weeklyEn,
};

/** All strings of the site. A language that lacks one does not compile. */
export type Catalogue = typeof siteEn;
