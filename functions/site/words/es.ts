import type { Words } from './en.ts';
import { decideWords } from './es/decide.ts';
import { inboxWords } from './es/inbox.ts';
import { problemWords } from './es/problems.ts';
import { publicWords } from './es/public.ts';
import { recordWords } from './es/record.ts';

/** The Spanish catalogue. */
export const es: Words = { ...publicWords, ...recordWords, decide: decideWords, inbox: inboxWords, problem: problemWords };
