import { type Html, html } from '../../site/html.ts';
import type { Description } from '../description.ts';
import { askExamples, noticeExamples, observationExample } from '../examples.ts';
import type { Speech } from '../parts.ts';
import { code, english, program, programs } from '../parts.ts';
import type { DocsWords } from '../words.ts';

/** Renders how to ask, to send and to report, with programs to copy. */
export const startPage = (speech: Speech, url: string): Html => {
  const { locale, words } = speech;
  const token = code('node infra/cli/aldergate.js token create --name city-it --scope state:read,observe');
  const [variable, on, off] = [code('TOKEN'), code('on'), code('off')];
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
<p>${locale.say(words.machine, { openapi: html`<a href="/openapi.json">openapi.json</a>`, events: html`<a href="/events.schema.json">events.schema.json</a>` })}</p>`;
};

type Case = keyof DocsWords['closed']['cases'];
type Says = keyof DocsWords['closed']['says'];

/**
 * The answer of each client when the gate fails: the project's own, then OpenFeature's for servers, browsers and Python. See
 * docs/fail-closed-clients.md.
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

/** Renders what a program must do so that a failure means no. */
export const failClosedPage = (speech: Speech, url: string): Html => {
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
<table class="stack"><thead><tr><th scope="col">${closed.gate}</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${MEASURED.map(row)}</tbody></table>
<h2>${closed.do}</h2>
<ol>${STEPS.map((step) => html`<li>${closed.steps[step]}</li>`)}</ol>`;
};

/** Renders every problem that the API can answer with. */
export const problemsPage = (speech: Speech, description: Description): Html => {
  const { locale, words } = speech;
  const row = ({ type, status, title }: Description['x-problems'][number]): Html =>
    html`<tr><th scope="row" data-label="${words.problemType}">${code(type)}</th><td data-label="${words.status}">${status}</td><td data-label="${words.problemTitle}">${english(speech, title)}</td></tr>
`;
  return html`<p class="lead">${locale.say(words.problemLead, { type: code('type'), errors: code('errors') })}</p>
<table class="stack"><thead><tr><th scope="col">${words.problemType}</th><th scope="col">${words.status}</th><th scope="col">${words.problemTitle}</th></tr></thead>
<tbody>${description['x-problems'].map(row)}</tbody></table>`;
};
