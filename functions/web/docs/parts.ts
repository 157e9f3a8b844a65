import type { Context } from 'hono';
import { type Language, languageOf } from '../../platform/catalogue.ts';
import developersEn from '../../platform/words/en/developers.json' with { type: 'json' };
import developersEs from '../../platform/words/es/developers.json' with { type: 'json' };
import { TAGS } from '../routes/route.ts';
import { empty, type Html, html, join } from '../site/html.ts';
import type { Locale } from '../site/locale.ts';
import { linkIn, localeFor } from '../site/page.ts';

/** The texts of the developers' pages in one language. Names of fields, routes and programs are the same in every language. */
export type DocsWords = typeof developersEn;

const DOCS_WORDS: Readonly<Record<Language, DocsWords>> = { en: developersEn, es: developersEs };

/** The reader's locale, with the words of these pages in its language. */
export interface Speech {
  readonly locale: Locale;
  readonly words: DocsWords;
}

export const speechFor = (context: Context, zone: string, now: string): Speech => {
  const locale = localeFor(context, zone, now);
  return { locale, words: DOCS_WORDS[languageOf(locale.language) ?? 'en'] };
};

/** The developers' pages, by the last segment of their address; it is empty for the first. */
export const PAGES = ['', 'fail-closed', ...TAGS, 'problems'] as const;
export type PageId = (typeof PAGES)[number];

export const titleOf = ({ words }: Speech, page: PageId): string => {
  if (page === '') return words.pages.index;
  return page === 'fail-closed' ? words.pages.failClosed : words.pages[page];
};

/** Returns the links to these pages, with the current one marked. */
export const pagesNav = (context: Context, speech: Speech, here: PageId): Html => {
  const link = (page: PageId): Html => {
    const path = linkIn(context, page === '' ? '/docs' : `/docs/${page}`);
    return html`<li><a href="${path}"${page === here ? html` aria-current="page"` : empty}>${titleOf(speech, page)}</a></li>`;
  };
  return html`<nav class="tabs" aria-label="${speech.words.pagesLabel}"><ul>${PAGES.map(link)}</ul></nav>`;
};

/** Returns a name or a line of a program. */
export const code = (text: string): Html => html`<code>${text}</code>`;

/** Returns a program to copy. Its lines wrap, so that no page scrolls sideways. */
export const program = ({ locale, words }: Speech, { id, name, lang, install, code: text }: Example): Html =>
  html`<div class="example"><h3 id="${id}" translate="no">${name}</h3>
${install === undefined ? empty : html`<p>${locale.say(words.install, { command: code(install) })}</p>`}
<pre class="program" translate="no" dir="ltr"><code class="language-${lang}">${text}</code></pre></div>
`;

export const programs = (speech: Speech, examples: readonly Example[]): Html =>
  join(examples.map((example) => program(speech, example)));

/** Returns a text of the description, which is English on every page, marked as such. */
export const english = ({ locale }: Speech, text: string): Html =>
  locale.language === 'en' ? html`${text}` : html`<span lang="en">${text}</span>`;

/** A program to copy. `name`: the language and its library, which is not translated. */
export interface Example {
  readonly id: string;
  readonly name: string;
  readonly lang: 'bash' | 'js' | 'python';
  readonly install?: string;
  readonly code: string;
}
