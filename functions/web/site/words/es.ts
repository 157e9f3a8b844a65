import type { Catalogue } from './en.ts';
import { checkEs } from './es/check.ts';
import { decideEs } from './es/decide.ts';
import { deskEs } from './es/desk.ts';
import { inboxEs } from './es/inbox.ts';
import { packetEs } from './es/packet.ts';
import { passkeyEs } from './es/passkeys.ts';
import { problemEs } from './es/problems.ts';
import { publicEs } from './es/public.ts';
import { recordEs } from './es/record.ts';
import { registerEs } from './es/register.ts';
import { rosterEs } from './es/rosters.ts';
import { termsEs } from './es/terms.ts';
import { vendorFormEs } from './es/vendorForm.ts';
import { weeklyEs } from './es/weekly.ts';
import { worklistEs } from './es/worklist.ts';

/** The Spanish catalogue. */
export const siteEs: Catalogue = {
  ...publicEs,
  ...recordEs,
  ...registerEs,
  check: checkEs,
  decide: { ...decideEs, ...rosterEs, ...termsEs },
  desk: deskEs,
  inbox: inboxEs,
  packet: packetEs,
  passkeys: passkeyEs,
  problem: problemEs,
  vendorForm: vendorFormEs,
  worklist: worklistEs,
  weekly: weeklyEs,
};
