import { decideWords } from './en/decide.ts';
import { problemWords } from './en/problems.ts';
import { publicWords } from './en/public.ts';

/** The English catalogue; its shape is the shape of every other. */
export const en = { ...publicWords, decide: decideWords, problem: problemWords };

/** All strings of the site. A language that lacks one does not compile. */
export type Words = typeof en;
