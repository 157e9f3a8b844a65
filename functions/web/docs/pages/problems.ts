import { type Html, html } from '../../site/html.ts';
import type { Description } from '../description.ts';
import { code, english } from '../parts.ts';
import type { Speech } from '../speak.ts';

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
