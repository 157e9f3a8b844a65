import type { Context } from 'hono';
import { raw } from 'hono/html';
import { WORDS, type Words } from '../../platform/catalogue.ts';
import { languageOf } from '../../platform/words/tags.ts';
import { TAGS, type Tag } from '../routes/route.ts';
import { empty, type Html, html, join, tableHead } from '../site/html.ts';
import type { Locale } from '../site/locale.ts';
import { linkIn, localeFor } from '../site/page.ts';
import {
  bodiesOf,
  type Content,
  type Described,
  type DescribedOperation,
  type Description,
  type Example,
  exampleText,
  type Field,
  fieldsOf,
  namedSchemaOf,
  nestedSchema,
  operationsFor,
  type Parameter,
  type Schemas,
  schemaPages,
  sentContent,
  sharedIn,
  successResponse,
  typeInWords,
} from './description.ts';
import { askExamples, noticeExamples, observationExample } from './examples.ts';

/** The texts of the developers' pages in one language. Names of fields, routes and programs are not translated. */
type DocsWords = Words['developers'];

export interface DocsLocale {
  readonly locale: Locale;
  readonly words: DocsWords;
}

export const docsLocaleFor = (context: Context, zone: string, now: string): DocsLocale => {
  const locale = localeFor(context, zone, now);
  return { locale, words: WORDS[languageOf(locale.language) ?? 'en'].developers };
};

/** The developers' pages by the last segment of their address, empty for the start page. */
export const PAGES = ['', 'fail-closed', ...TAGS] as const;
export type PageId = (typeof PAGES)[number];

export const titleOf = ({ words }: DocsLocale, page: PageId): string => {
  if (page === '') return words.pages.index;
  return page === 'fail-closed' ? words.pages.failClosed : words.pages[page];
};

export const pagesNav = (context: Context, speech: DocsLocale, here: PageId): Html => {
  const link = (page: PageId): Html => {
    const path = linkIn(context, page === '' ? '/docs' : `/docs/${page}`);
    return html`<li><a href="${path}"${page === here ? html` aria-current="page"` : empty}>${titleOf(speech, page)}</a></li>`;
  };
  return html`<nav class="tabs" aria-label="${speech.words.pagesLabel}"><ul>${PAGES.map(link)}</ul></nav>`;
};

const code = (text: string): Html => html`<code>${text}</code>`;

/** Code whose lines wrap, so that no page scrolls sideways. */
const program = ({ locale, words }: DocsLocale, { id, name, lang, install, code: text }: Example): Html =>
  html`<div class="example"><h3 id="${id}" translate="no">${name}</h3>
${install === undefined ? empty : html`<p>${locale.say(words.install, { command: code(install) })}</p>`}
<pre class="program" translate="no" dir="ltr"><code class="language-${lang}">${text}</code></pre></div>
`;

const programs = (speech: DocsLocale, examples: readonly Example[]): Html =>
  join(examples.map((example) => program(speech, example)));

/** Marks text of the description as English on every page. */
const english = ({ locale }: DocsLocale, text: string): Html =>
  locale.language === 'en' ? html`${text}` : html`<span lang="en">${text}</span>`;

export const startPage = (speech: DocsLocale, url: string): Html => {
  const { locale, words } = speech;
  const token = code('node infra/cli/aldergate.js token create --name city-it --scope state:read,observe');
  const [variable, on, off] = [code('TOKEN'), code('on'), code('off')];
  const openapi = html`<a href="/openapi.json">openapi.json</a>`;
  const events = html`<a href="/events.schema.json">events.schema.json</a>`;
  return html`<p class="lead">${words.lead}</p>
<p class="note">${locale.say(words.rule, { no: code('false') })}</p>
<h2>${words.askHeading}</h2>
<p>${locale.say(words.ask, { command: token, variable, on, off })}</p>
${programs(speech, askExamples(url))}
<h2>${words.noticeHeading}</h2>
<p>${locale.say(words.notice, { variable: code('SECRET'), file: code('notice.json') })}</p>
${programs(speech, noticeExamples(url))}
<h2>${words.observeHeading}</h2>
<p>${words.observe}</p>
${program(speech, observationExample(url))}
<h2>${words.more}</h2>
<p>${locale.say(words.problem, { type: code('type'), list: code('x-problems'), errors: code('errors') })}</p>
<p>${locale.say(words.machine, { openapi, events })}</p>`;
};

type Case = keyof DocsWords['closed']['cases'];
type Says = keyof DocsWords['closed']['says'];

/**
 * What each client answers if the gate fails: the project's own, then OpenFeature's for servers, browsers and Python
 * (docs/fail-closed-clients.md).
 */
const MEASURED: readonly (readonly [Case, Says, Says, Says, Says])[] = [
  ['down', 'no', 'default', 'last', 'default'],
  ['refuses', 'no', 'default', 'last', 'default'],
  ['garbage', 'no', 'default', 'last', 'default'],
  ['hangs', 'timed', 'forever', 'last', 'timedDefault'],
  ['start', 'no', 'default', 'default', 'default'],
  ['unknown', 'no', 'no', 'default', 'no'],
];

const STEPS = ['falseDefault', 'timeLimit', 'browser', 'store', 'log'] as const;

export const failClosedPage = (speech: DocsLocale, url: string): Html => {
  const { locale, words } = speech;
  const { closed } = words;
  const heads = [closed.ours, closed.server, closed.web, closed.python];
  const row = ([which, ...says]: (typeof MEASURED)[number]): Html =>
    html`<tr><th scope="row">${closed.cases[which]}</th>${says.map(
      (each, i) => html`<td data-label="${heads[i] ?? ''}">${closed.says[each]}</td>`,
    )}</tr>`;
  const own = askExamples(url).find(({ id }) => id === 'ask-client');
  return html`<p class="lead">${locale.say(closed.lead, { no: code('false') })}</p>
<p class="note">${locale.say(words.rule, { no: code('false') })}</p>
<h2>${closed.clientHeading}</h2>
<p>${closed.client}</p>
${own === undefined ? html`` : program(speech, own)}
<h2>${closed.tableHeading}</h2>
<p>${closed.tableLead}</p>
<table class="stack">${tableHead(closed.gate, ...heads)}
<tbody>${MEASURED.map(row)}</tbody></table>
<h2>${closed.do}</h2>
<ol>${STEPS.map((step) => html`<li>${closed.steps[step]}</li>`)}</ol>`;
};

const shapeLink = (id: string): Html => html`<a href="#${id}">${code(id)}</a>`;

const englishCell = ({ locale }: DocsLocale, text: string): Html =>
  locale.language === 'en' ? html`<td>${text}</td>` : html`<td lang="en">${text}</td>`;

const rows = (speech: DocsLocale, fields: readonly (Field & { readonly where?: string })[]): Html => {
  const { words } = speech;
  const row = ({ name, type, required, description, where, shape }: (typeof fields)[number]): Html => {
    const holds = [
      html`${type}`,
      ...(shape === undefined ? [] : [shapeLink(shape)]),
      ...(where === undefined ? [] : [html`${where}`]),
      ...(required ? [] : [html`<i>${words.optional}</i>`]),
    ];
    const meaning = englishCell(speech, (description ?? '').replaceAll('`', ''));
    return html`<tr><th scope="row">${code(name)}</th><td>${join(holds, ' · ')}</td>${meaning}</tr>`;
  };
  return html`<table class="stack">${tableHead(words.field, words.type, words.meaning)}<tbody>${fields.map(row)}</tbody></table>`;
};

const placeOf = ({ words }: DocsLocale, { in: where }: Parameter): string =>
  Object.hasOwn(words.where, where) ? words.where[where as keyof typeof words.where] : where;

/** The components of the description and those that this page describes separately. */
interface Shapes {
  readonly schemas: Schemas;
  readonly shared: ReadonlySet<string>;
  readonly elsewhere: ReadonlyMap<string, string>;
}

/** Renders the fields and an example, or the name of a component that the page describes separately. */
const part = (speech: DocsLocale, heading: string, content: Content | undefined, shapes: Shapes): Html => {
  const { schemas, shared, elsewhere } = shapes;
  const child = content && nestedSchema(content.schema, schemas);
  if (content === undefined || child === undefined) return empty;
  const { id = '' } = child;
  const address = elsewhere.get(id);
  if (address !== undefined) return html`<p>${heading}: <a href="${address}">${code(id)}</a></p>`;
  if (shared.has(id)) return html`<p>${heading}: ${shapeLink(id)}</p>`;
  const fields = fieldsOf(content.schema, schemas, shared);
  // For a list the example is enough: its items have a heading of their own.
  const isList = fields.length === 2 && fields[1]?.name === 'next';
  const example = sample(exampleText(content.schema, shapes));
  return html`<details><summary>${heading}</summary>${isList ? empty : rows(speech, fields)}${example}</details>`;
};

/** Escapes only what text needs: escaping the many quotes as well would double its size. */
const sample = (json: string): Html =>
  html`<pre class="program" translate="no" dir="ltr"><code>${raw(json.replaceAll('&', '&amp;').replaceAll('<', '&lt;'))}</code></pre>`;

const statusesOf = (speech: DocsLocale, { responses }: Described): Html => {
  const said = Object.entries(responses).filter(([, { content }]) => content?.['text/plain'] !== undefined);
  const items = said.map(
    ([status, { description }]) => html`<li>${code(status)} ${english(speech, description.replaceAll('`', ''))}</li>`,
  );
  return items.length === 0 ? empty : html`<ul>${items}</ul>`;
};

const operationPart = (speech: DocsLocale, operation: DescribedOperation, shapes: Shapes): Html => {
  const { locale, words } = speech;
  const { operationId, method, path, summary, description, parameters = [], requestBody, responses } = operation;
  const good = successResponse(operation);
  const bad = Object.keys(responses).filter((status) => Number(status) >= 400);
  const named = parameters.map((parameter) => ({
    name: parameter.name,
    type: typeInWords(parameter.schema, shapes.schemas),
    required: parameter.required,
    description: parameter.description,
    shape: undefined,
    where: placeOf(speech, parameter),
  }));
  const more = description === undefined ? empty : html`<br><small>${english(speech, description.replaceAll('`', ''))}</small>`;
  return html`<section class="operation" aria-labelledby="${operationId}"><h2 id="${operationId}">${code(`${method} ${path}`)}</h2>
<p>${english(speech, summary)}${more}</p>
${named.length === 0 ? empty : html`<details><summary>${words.parameters}</summary>${rows(speech, named)}</details>`}
${part(speech, words.sends, sentContent(requestBody), shapes)}
${good === undefined ? empty : part(speech, `${words.answers}: ${good.status}`, good.content, shapes)}${statusesOf(speech, operation)}
<p class="fine">${words.saysNo} ${locale.list(bad)}</p>
</section>
`;
};

const shapePart = (speech: DocsLocale, id: string, shapes: Shapes): Html => {
  const schema = shapes.schemas[id] ?? {};
  const fields = rows(speech, fieldsOf(schema, shapes.schemas, shapes.shared));
  return html`<section class="operation" aria-labelledby="${id}"><h2 id="${id}">${code(id)}</h2>
<details><summary>${speech.words.shape}</summary>${fields}${sample(exampleText(schema, shapes, id))}</details></section>
`;
};

/** `pathOf`: the address of another of these pages. */
export const referencePage = (
  speech: DocsLocale,
  description: Description,
  tag: Tag,
  pathOf: (page: Exclude<PageId, ''>) => string,
): Html => {
  const { locale, words } = speech;
  const operations = operationsFor(description, tag);
  const { schemas } = description.components;
  const homes = [...schemaPages(description)];
  const elsewhere = new Map(homes.flatMap(([id, home]) => (home === tag ? [] : [[id, `${pathOf(home)}#${id}`] as const])));
  const bodies = operations.flatMap(bodiesOf).filter((body) => !elsewhere.has(namedSchemaOf(body, schemas) ?? ''));
  const shared = new Set([
    ...sharedIn(
      bodies.map(({ schema }) => schema),
      schemas,
    ),
    ...homes.flatMap(([id, home]) => (home === tag ? [id] : [])),
  ]);
  const shapes = {
    schemas,
    shared,
    elsewhere,
  };
  const slots = { header: code('Authorization: Bearer …'), scope: code('admin') };
  return html`<p class="lead">${locale.say(words.groupLead[tag], slots)}</p>
<nav class="contents" aria-label="${words.contents}"><ul>${operations.map(
    ({ operationId, method, path }) => html`<li><a href="#${operationId}">${code(`${method} ${path}`)}</a></li>`,
  )}</ul></nav>
${operations.map((operation) => operationPart(speech, operation, shapes))}
${[...shapes.shared].sort().map((id) => shapePart(speech, id, shapes))}`;
};
