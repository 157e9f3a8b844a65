/**
 * Returns text that is safe for a terminal. Text of a gate or log is attacker-controlled, and a control character could repaint the screen:
 * all but line breaks and tabs are replaced by U+FFFD.
 */
export const printable = (text: string): string => text.replaceAll(/(?![\n\t])\p{Cc}/gu, '\uFFFD');
