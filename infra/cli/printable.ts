/**
 * Text for a terminal. What a gate or a log elsewhere says may be anybody's: a control character in it could repaint the screen, so all
 * but line breaks and tabs are shown as what they are, characters that have no place there.
 */
export const printable = (text: string): string => text.replaceAll(/(?![\n\t])\p{Cc}/gu, '\uFFFD');
