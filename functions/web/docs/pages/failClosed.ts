import { type Html, html } from '../../site/html.ts';
import { askExamples } from '../examples.ts';
import { code, program } from '../parts.ts';
import type { Speech } from '../speak.ts';
import type { DocsWords } from '../words/en.ts';

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
<ol>${closed.steps.map((step) => html`<li>${step}</li>`)}</ol>`;
};
