/** Strict readers of what the site writes beside its pages: each throws on what its format does not allow. */

const fail = (why: string) => {
  throw new Error(why);
};

/** RFC 4180, every line ended by CRLF. */
export const readCsv = (text: string): readonly (readonly string[])[] => {
  if (!text.endsWith('\r\n')) fail('the last line is not ended by CRLF');
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const found = /"((?:[^"]|"")*)"(,|\r\n)/y;
    found.lastIndex = at;
    const [whole, value = '', end] = found.exec(text) ?? fail(`no quoted cell at ${at}`);
    row.push(value.replaceAll('""', '"'));
    if (end === '\r\n') {
      rows.push(row);
      row = [];
    }
    at += whole.length;
  }
  return rows;
};

const NAMES = /^(BEGIN|END|VERSION|PRODID|CALSCALE|X-WR-CALNAME|UID|DTSTAMP|DTSTART|SUMMARY|DESCRIPTION|URL|TRANSP)$/;

/** RFC 5545: lines of at most 75 octets ended by CRLF, unfolded; properties the site writes and no others, values unescaped. */
export const readCalendar = (text: string): readonly (readonly [string, string])[] => {
  if (!text.endsWith('\r\n') || /[^\r]\n|\r[^\n]/.test(text)) fail('a line is not ended by CRLF');
  const physical = text.slice(0, -2).split('\r\n');
  for (const line of physical) if (Buffer.byteLength(line) > 75) fail(`longer than 75 octets: ${line}`);
  const open: string[] = [];
  const lines = physical
    .join('\r\n')
    .replaceAll('\r\n ', '')
    .split('\r\n')
    .map((line): readonly [string, string] => {
      const [, name = '', raw = ''] = /^([A-Z-]+)(?:;VALUE=DATE)?:(.*)$/u.exec(line) ?? fail(`no property: ${line}`);
      if (!NAMES.test(name)) fail(`not a property that the site has: ${line}`);
      if (name === 'BEGIN') open.push(raw);
      if (name === 'END' && open.pop() !== raw) fail(`${raw} ends where it is not open`);
      if (name.startsWith('DT') && !/^\d{8}(T\d{6}Z)?$/.test(raw)) fail(`neither an instant nor a day: ${line}`);
      const isText = name === 'SUMMARY' || name === 'DESCRIPTION' || name === 'UID';
      if (isText && /(?<!\\)(?:\\\\)*[;,]/.test(raw)) fail(`not escaped: ${line}`);
      return [name, isText ? raw.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)) : raw];
    });
  if (open.length > 0) fail(`${open.join()} is not closed`);
  return lines;
};

const REFERENCES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" };

export const readReferences = (text: string): string =>
  text.replaceAll(
    /&([^;]*;?)/g,
    (whole, name: string) => REFERENCES[name.replace(/;$/, '')] ?? fail(`not a reference of XML: ${whole}`),
  );

/** XML of elements, attributes and text alone, well nested: the names of all elements, and all texts. */
export const readXml = (text: string): { readonly elements: readonly string[]; readonly texts: readonly string[] } => {
  const [declaration = ''] = /^<\?xml version="1\.0" encoding="utf-8"\?>\n/.exec(text) ?? fail('no declaration');
  const open: string[] = [];
  const elements: string[] = [];
  const texts: string[] = [];
  const token = /<(\/?)([a-z]+)((?: [a-z:]+="[^"<]*")*)(\/?)>|([^<]+)/y;
  token.lastIndex = declaration.length;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text) ?? fail(`not well formed at ${at}: ${text.slice(at, at + 40)}`);
    const [, closing, name = '', attributes = '', empty, words] = found;
    if (words !== undefined) texts.push(readReferences(words));
    else if (closing === '/') {
      if (open.pop() !== name) fail(`${name} closes what is not open`);
    } else {
      readReferences(attributes);
      elements.push(name);
      if (empty !== '/') open.push(name);
    }
  }
  if (open.length > 0) fail(`${open.join()} is not closed`);
  return { elements, texts };
};

/** The text of a page as it is read, without its elements. */
export const plainOf = (page: string): string => page.replaceAll(/<[^>]+>/g, '');

/** The text of a page: each element a space, references read. */
export const textOf = (page: string): string => readReferences(page.replaceAll(/<[^>]*>/g, ' ')).replaceAll(/\s+/g, ' ');
