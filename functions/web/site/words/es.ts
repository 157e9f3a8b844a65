import type { Words } from './en.ts';
import { checkWords } from './es/check.ts';
import { decideWords } from './es/decide.ts';
import { deskWords } from './es/desk.ts';
import { inboxWords } from './es/inbox.ts';
import { packetWords } from './es/packet.ts';
import { passkeyWords } from './es/passkeys.ts';
import { problemWords } from './es/problems.ts';
import { publicWords } from './es/public.ts';
import { recordWords } from './es/record.ts';
import { registerWords } from './es/register.ts';
import { vendorFormWords } from './es/vendorForm.ts';
import { weeklyWords } from './es/weekly.ts';
import { worklistWords } from './es/worklist.ts';

/** The Spanish catalogue. */
export const es: Words = {
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
