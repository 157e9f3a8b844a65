/** A mail read back from its file: its headers, by lower-case name and decoded, and its plain text. */
export interface Eml {
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** Decodes `=C3=A9` to bytes. The rest of such text is ASCII. */
const unescaped = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

const ENCODED_WORD = /=\?utf-8\?([QB])\?([^?]*)\?=/gi;

/** Decodes a header value (RFC 2047): drops white space between two encoded words, and joins a character split between them. */
const decodeHeader = (value: string): string => {
  const joined = value.replaceAll(/(\?=)\s+(=\?utf-8\?)/gi, '$1$2');
  return joined.replaceAll(/(?:=\?utf-8\?[QB]\?[^?]*\?=)+/gi, (run) =>
    Buffer.concat(
      [...run.matchAll(ENCODED_WORD)].map(([, kind = '', content = '']) =>
        kind.toUpperCase() === 'B' ? Buffer.from(content, 'base64') : unescaped(content.replaceAll('_', ' ')),
      ),
    ).toString('utf8'),
  );
};

const decodeBody = (body: string, encoding: string): string => {
  if (encoding === 'quoted-printable') return unescaped(body.replaceAll('=\n', '')).toString('utf8');
  return encoding === 'base64' ? Buffer.from(body, 'base64').toString('utf8') : body;
};

const headersOf = (head: string): ReadonlyMap<string, string> =>
  new Map(
    head
      .replaceAll(/\n[ \t]+/g, ' ')
      .split('\n')
      .flatMap((line): [string, string][] => {
        const colon = line.indexOf(':');
        return colon < 1 ? [] : [[line.slice(0, colon).toLowerCase(), decodeHeader(line.slice(colon + 1).trim())]];
      }),
  );

/** Returns the plain-text part of a multipart body, nested parts included. */
const textPart = (body: string, boundary: string): Eml | undefined => {
  const [, ...parts] = `\n${body}`.split(`\n--${boundary}`);
  return parts
    .filter((part) => !part.startsWith('--'))
    .map((part) => parseEml(part.replace(/^[ \t]*\n/, '')))
    .find(({ headers, text }) => text !== '' && /^(?:text\/plain|multipart\/)|^$/i.test(headers.get('content-type') ?? ''));
};

/** Parses a mail written by the outbox, in UTF-8. Not a general MIME parser. */
export const parseEml = (source: string): Eml => {
  const unix = source.replaceAll('\r\n', '\n');
  const cut = unix.indexOf('\n\n');
  const [head, body] = cut < 0 ? [unix, ''] : [unix.slice(0, cut), unix.slice(cut + 2)];
  const headers = headersOf(head);
  const boundary = /^multipart\/[^;]+;.*\bboundary="?([^";]+)"?/i.exec(headers.get('content-type') ?? '')?.[1];
  if (boundary !== undefined) return { headers, text: textPart(body, boundary)?.text ?? '' };
  const encoding = (headers.get('content-transfer-encoding') ?? '').toLowerCase();
  return { headers, text: decodeBody(body, encoding).replaceAll('\r\n', '\n') };
};
