import { blockProblem } from './text.ts';

// The host must be written in ASCII (an international name as xn--…): a look-alike letter there would lead people elsewhere.
const HOST = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]+\])`;
const ADDRESS = new RegExp(String.raw`^https?://${HOST}(?::[0-9]{1,5})?(?:[/?#][^\s\\<>"\x60]*)?$`, 'i');

/**
 * Returns why a web address cannot be shown as a link, or undefined. Only http and https with an ASCII host, no user name or
 * password, no spaces, backslashes, quotes or angle brackets, and no character that is invisible or reorders text.
 */
export const urlProblem = (text: string): string | undefined => {
  if (!/^https?:\/\//i.test(text)) return 'is not an http or https address';
  if (/^[^/]*\/\/[^/?#\\]*@/.test(text)) return 'has a user name or password in it';
  const problem = blockProblem(text);
  if (problem !== undefined) return problem;
  return ADDRESS.test(text) && URL.canParse(text)
    ? undefined
    : 'is not a web address with a plain ASCII host and no spaces, backslashes, quotes or angle brackets';
};
