import { decideWords } from './en/decide.ts';
import { inboxWords } from './en/inbox.ts';
import { problemWords } from './en/problems.ts';
import { publicWords } from './en/public.ts';
import { recordWords } from './en/record.ts';

/** The English catalogue; its shape is the shape of every other. */
export const en = { ...publicWords, ...recordWords, decide: decideWords, inbox: inboxWords, problem: problemWords };

/** All strings of the site. A language that lacks one does not compile. */
export type Words = typeof en;
