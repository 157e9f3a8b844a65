import { checkWords } from './en/check.ts';
import { decideWords } from './en/decide.ts';
import { deskWords } from './en/desk.ts';
import { inboxWords } from './en/inbox.ts';
import { packetWords } from './en/packet.ts';
import { passkeyWords } from './en/passkeys.ts';
import { problemWords } from './en/problems.ts';
import { publicWords } from './en/public.ts';
import { recordWords } from './en/record.ts';
import { registerWords } from './en/register.ts';
import { vendorFormWords } from './en/vendorForm.ts';
import { weeklyWords } from './en/weekly.ts';
import { worklistWords } from './en/worklist.ts';

/** The English catalogue; its shape is the shape of every other. */
export const en = {
  ...publicWords,
  ...recordWords,
  ...registerWords,
  check: checkWords,
  decide: decideWords,
  desk: deskWords,
  inbox: inboxWords,
  packet: packetWords,
  passkeys: passkeyWords,
  problem: problemWords,
  vendorForm: vendorFormWords,
  worklist: worklistWords,
  weekly: weeklyWords,
};

/** All strings of the site. A language that lacks one does not compile. */
export type Words = typeof en;
